"""The first start: secrets, the base tree and the catalogue."""

from __future__ import annotations

import secrets
import string
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from um_directory.errors import SlapdError, StateDirectoryError
from um_directory.model import dn as names
from um_directory.resources import resource
from um_directory.settings import Settings

OPERATORS = ("contact-center", "registrar")
DEFAULT_SUFFIX = "dc=um,dc=example"
_PASSWORD_LENGTH = 32
_DONE = "suffix"  # marks complete first data, and says of which suffix they are


def load_first_data(settings: Settings, slapadd: Callable[[str], None]) -> None:
    """Load base tree, catalogue and operators into an empty state directory; later starts only check.

    An interrupted first start leaves no marker, so the next one begins again from nothing.

    :raises StateDirectoryError: the data there have another suffix.
    """
    state = settings.state_dir.absolute()
    marker = state / _DONE
    if marker.is_file():
        stored = marker.read_text("utf-8").strip()
        if stored != settings.suffix:
            raise StateDirectoryError(
                f"{state}: holds data of suffix {stored}, not {settings.suffix}; choose another UM_STATE_DIR"
            )
        return
    for leftover in (state / "data").iterdir():
        leftover.unlink()
    passwords = [(name, _new_secret(settings.secrets_dir / name)) for name in OPERATORS]
    hashes = {name: _hash(settings, path) for name, path in passwords}
    slapadd(_first_ldif(settings.suffix, hashes))
    temporary = marker.with_suffix(".new")
    temporary.write_text(settings.suffix + "\n", "utf-8")
    temporary.replace(marker)


def _new_secret(path: Path) -> Path:
    """Write a random password, readable by its owner only, as slappasswd wants it: without a newline."""
    alphabet = string.ascii_letters + string.digits
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text("".join(secrets.choice(alphabet) for _ in range(_PASSWORD_LENGTH)), "ascii")
    return path


def _hash(settings: Settings, secret: Path) -> str:
    options = ["-o", f"module-path={settings.slapd_modules}", "-o", "module-load=argon2 m=19456 t=2 p=1"]
    result = subprocess.run(
        [str(settings.slapd), "-Tpasswd", "-T", str(secret), "-h", "{ARGON2}", "-n", *options],
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise SlapdError(f"slappasswd: {result.stderr.strip()}")
    return result.stdout


def _first_ldif(suffix: str, hashes: dict[str, str]) -> str:
    parts = [_suffix_entry(suffix)]
    for name in ("ldif/base.ldif", "ldif/catalogue.ldif"):
        parts.append(_with_suffix(resource(name).read_text("utf-8"), suffix).strip())
    text = "\n\n".join(parts) + "\n"
    for name, hashed in hashes.items():
        head = f"dn: cn={name},ou=operators,{suffix}\n"
        if head not in text:
            raise SlapdError(f"ldif/base.ldif has no operator {name}")
        text = text.replace(head, f"{head}userPassword: {hashed}\n", 1)
    return text


def _with_suffix(ldif: str, suffix: str) -> str:
    in_url = quote(suffix, safe="=,")
    return "\n".join(
        line.replace(DEFAULT_SUFFIX, in_url if line.startswith("memberURL:") else suffix)
        for line in ldif.splitlines()
    )


def _suffix_entry(suffix: str) -> str:
    kind, value = names.parse(suffix)[0]
    classes = {"dc": ["dcObject", "organization"], "o": ["organization"], "ou": ["organizationalUnit"]}
    if kind not in classes:
        raise StateDirectoryError(f"suffix {suffix}: must begin with dc=, o= or ou=")
    lines = [f"dn: {suffix}", *(f"objectClass: {name}" for name in classes[kind]), f"{kind}: {value}"]
    return "\n".join([*lines, f"o: {value}"] if kind == "dc" else lines)
