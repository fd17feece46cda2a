"""The embedded slapd: Debian's binary as a child process, with private configuration and data.

Life: `prepare` (lock, directories, secrets, first data, configuration), `start`, `wait_ready`, `stop`. Whoever
runs it watches `poll()`; a slapd that died explains itself in `last_words()`.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO

import structlog

from um_directory.directory import bootstrap
from um_directory.directory.slapd_config import OWN_SCHEMAS, render
from um_directory.errors import SlapdError, StateDirectoryError
from um_directory.resources import resource
from um_directory.settings import Settings

_LEAST_FREE_BYTES = 64 << 20
_START_SECONDS = 30.0
_STOP_SECONDS = 20.0
_LAST_WORDS_BYTES = 4000
_LARGEST_LOG_BYTES = 16 << 20
_WITH_PARENT = ("setpriv", "--pdeathsig", "TERM")


class EmbeddedSlapd:
    """One slapd on one state directory. Not thread-safe.

    Only the bench leaves something out: see `slapd_config.render`.
    """

    def __init__(self, settings: Settings, guarded: bool = True, durable: bool = True) -> None:
        self.settings = settings
        self._guarded = guarded
        self._durable = durable
        self.state = settings.state_dir.absolute()
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._log_path = self.state / "log" / "slapd.log"
        self._log = structlog.get_logger()

    def prepare(self) -> None:
        """Take the state directory, and make in it whatever a start needs.

        :raises StateDirectoryError: in use, full, of another suffix, or not writable.
        :raises SlapdError: the binary or a module is missing, or slapd refuses the configuration or the data.
        """
        try:
            self._prepare()
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise StateDirectoryError(f"{self.state}: the disk is full") from error
            raise StateDirectoryError(
                f"{error.filename or self.state}: {error.strerror}; the state directory must be writable"
            ) from error

    def _prepare(self) -> None:
        self._require_binaries()
        for name in ("", "run", "secrets", "data", "accesslog", "commits", "log"):
            directory = self.state / name
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            directory.chmod(0o700)
        self._take_lock()
        free = shutil.disk_usage(self.state).free
        if free < _LEAST_FREE_BYTES:
            raise StateDirectoryError(
                f"{self.state}: only {free >> 20} MiB free, {_LEAST_FREE_BYTES >> 20} MiB needed: the disk is full"
            )
        self._write_configuration()
        bootstrap.load_first_data(self.settings, self.slapadd)
        for path in (self.settings.run_dir / "ldapi",):
            path.unlink(missing_ok=True)

    def _require_binaries(self) -> None:
        slapd = self.settings.slapd
        if not os.access(slapd, os.X_OK):
            raise SlapdError(
                f"{slapd}: no slapd there; install it (Debian: apt-get install slapd) or set UM_SLAPD"
            )
        missing = [
            name
            for name in ("back_mdb.so", "back_sock.so", "argon2.so")
            if not (self.settings.slapd_modules / name).exists()
        ]
        if missing:
            raise SlapdError(f"{self.settings.slapd_modules}: slapd modules missing: {', '.join(missing)}")

    def _take_lock(self) -> None:
        lock = (self.state / "um.lock").open("a+", encoding="ascii")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            lock.close()
            raise StateDirectoryError(
                f"{self.state}: already in use by process {holder}; stop it or choose another UM_STATE_DIR"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock

    def _write_configuration(self) -> None:
        schemas = [self.settings.slapd_schema / f"{name}.ldif" for name in OWN_SCHEMAS]
        schemas.append(resource("schema/um-directory.ldif"))
        missing = [str(path) for path in schemas if not path.is_file()]
        if missing:
            raise SlapdError(f"schema files missing: {', '.join(missing)}")
        text = "\n\n".join(path.read_text("utf-8").strip() for path in schemas) + "\n"
        configuration = render(self.settings, text, self._guarded, self._durable)
        new = Path(tempfile.mkdtemp(prefix="slapd.d.", dir=self.state))
        try:
            self._run_slapadd(["-n", "0", "-F", str(new)], configuration)
            current = self.state / "slapd.d"
            shutil.rmtree(current, ignore_errors=True)
            new.rename(current)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            raise

    def slapadd(self, ldif: str) -> None:
        """Load LDIF into the main database while slapd does not run.

        :raises SlapdError: with slapadd's own words.
        """
        self._run_slapadd(["-F", str(self.state / "slapd.d"), "-b", self.settings.suffix], ldif)

    def _run_slapadd(self, arguments: list[str], ldif: str) -> None:
        # slapd answers to several names; as `-T add` the one binary of the settings does it all.
        result = subprocess.run(
            [str(self.settings.slapd), "-Tadd", *arguments],
            input=ldif.encode(),
            capture_output=True,
            check=False,
        )
        if result.returncode != 0:
            words = result.stderr.decode("utf-8", "replace").strip()
            if "No space left" in words or "MDB_MAP_FULL" in words:
                raise StateDirectoryError(f"{self.state}: the disk is full")
            raise SlapdError(f"slapadd refused the data: {words[-_LAST_WORDS_BYTES:]}")

    def start(self) -> None:
        """Start slapd; call `wait_ready` next.

        :raises SlapdError: the port is taken.
        """
        self._require_free_port()
        url = f"ldap://127.0.0.1:{self.settings.ldap_port} {self.settings.ldapi_url}"
        configuration = str(self.state / "slapd.d")
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                # slapd must not outlive a killed parent: it would hold the port and the data.
                # -d none: in the foreground, saying what goes wrong and nothing else.
                [*_WITH_PARENT, str(self.settings.slapd), "-F", configuration, "-h", url, "-d", "none"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._log.info("slapd started", pid=self._process.pid, port=self.settings.ldap_port)

    def _require_free_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.settings.ldap_port))
            except OSError as error:
                raise SlapdError(
                    f"port {self.settings.ldap_port} on 127.0.0.1 is taken ({error.strerror}); "
                    "set UM_LDAP_PORT to another"
                ) from error

    def wait_ready(self) -> None:
        """Wait until slapd accepts connections.

        :raises SlapdError: it died, or took too long.
        """
        path = str(self.settings.run_dir / "ldapi")
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            if self.poll() is not None:
                raise SlapdError(f"slapd ended at its start: {self.last_words()}")
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(path) == 0:
                    return
            time.sleep(0.02)
        raise SlapdError(f"slapd did not answer within {_START_SECONDS:.0f} s; see {self._log_path}")

    @property
    def pid(self) -> int | None:
        """Process id of the running slapd."""
        return self._process.pid if self._process else None

    def poll(self) -> int | None:
        """Exit status when slapd has ended (negative: the signal), None while it runs."""
        return self._process.poll() if self._process else None

    def last_words(self) -> str:
        """The end of slapd's log, on one line."""
        try:
            text = self._log_path.read_bytes()[-_LAST_WORDS_BYTES:].decode("utf-8", "replace")
        except OSError:
            return f"see {self._log_path}"
        return "; ".join(text.strip().splitlines()[-3:]) or f"it said nothing in {self._log_path}"

    def trim_log(self) -> None:
        """Keep slapd's log from filling the disk: it has a line or two for every write, with the names in them."""
        with suppress(OSError):
            if self._log_path.stat().st_size > _LARGEST_LOG_BYTES:
                shutil.copyfile(self._log_path, self._log_path.with_suffix(".log.1"))
                os.truncate(self._log_path, 0)  # slapd appends: it goes on from the beginning

    def stop(self) -> None:
        """End slapd cleanly and let go of the state directory. Safe to call twice."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._log.warning("slapd did not stop in time; killed", seconds=_STOP_SECONDS)
                self._process.kill()
                self._process.wait()
        if self._lock is not None:
            self._lock.close()
            self._lock = None
