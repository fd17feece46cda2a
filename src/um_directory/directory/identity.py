"""Who we are towards the directory: the service over ldapi, an operator with its generated password, a person."""

from __future__ import annotations

from pathlib import Path

from um_directory.directory.bootstrap import OPERATORS
from um_directory.directory.client import DirectoryClient
from um_directory.errors import UmError
from um_directory.model.tree import Tree
from um_directory.settings import Settings

SERVICE = "service"


def read_secret(path: Path) -> str:
    """Read a password file: its first line.

    :raises UmError: it cannot be read, is empty, or others may read it.
    """
    try:
        if path.stat().st_mode & 0o077:
            raise UmError(f"{path}: others may read this password file; make it mode 0600")
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UmError(f"{path}: cannot read the password: {error}") from error
    if not lines or not lines[0]:
        raise UmError(f"{path}: the password file is empty")
    return lines[0]


def dn_of(settings: Settings, name: str) -> str:
    """The DN of an operator (`registrar`, `contact-center`); any other name is a DN itself."""
    return Tree(settings.suffix).operator(name) if name in OPERATORS else name


def connect_as(settings: Settings, name: str, password_file: Path | None = None) -> DirectoryClient:
    """Connect as `service`, as an operator (`registrar`, `contact-center`) or as the account `name` (a DN).

    :raises UmError: no password to be had.
    :raises OperationRefused: it is wrong.
    :raises DirectoryUnavailable: no server.
    """
    if name == SERVICE:
        return DirectoryClient.bind_external(settings.url)
    if name in OPERATORS:
        secret = read_secret(password_file or settings.secrets_dir / name)
        return DirectoryClient.bind_simple(settings.url, dn_of(settings, name), secret)
    if password_file is None:
        raise UmError(f"{name}: give the file that holds its password (--password-file)")
    return DirectoryClient.bind_simple(settings.url, name, read_secret(password_file))
