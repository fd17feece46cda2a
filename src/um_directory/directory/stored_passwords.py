"""Stored passwords, which slapd shows to nobody: read from the embedded slapd's database itself (slapcat(8))."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator

from um_directory.errors import SlapdError
from um_directory.settings import Settings

_PASSWORD = b"userpassword:"


def stored_passwords(settings: Settings) -> Iterator[tuple[str, tuple[bytes, ...]]]:
    """DN and values of userPassword of every entry that has any; slapd may run or not.

    :raises SlapdError: there is no database here, or it cannot be read.
    """
    state = settings.state_dir.absolute()
    command = [str(settings.slapd), "-Tcat", "-F", str(state / "slapd.d"), "-b", settings.suffix]
    options = ["-a", "(userPassword=*)", "-o", "ldif-wrap=no"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        dn, values = "", list[bytes]()
        for line in process.stdout:
            if line.startswith(b"dn:"):
                dn, values = _value(line).decode("utf-8", "replace"), []
            elif line.lower().startswith(_PASSWORD):
                values.append(_value(line))
            elif line == b"\n" and values:
                yield dn, tuple(values)
                values = []
        words = process.stderr.read().decode("utf-8", "replace").strip()
    if process.returncode != 0:
        raise SlapdError(f"{state}: the stored passwords cannot be read: {words[-500:]}")


def _value(line: bytes) -> bytes:
    value = line.rstrip(b"\n").partition(b":")[2]
    return base64.b64decode(value[1:]) if value.startswith(b":") else value.removeprefix(b" ")
