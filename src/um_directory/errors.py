"""What can go wrong, by name. Every message says where and what to do next.

`UmError` and its children are what the command line shows as one line and exit status 1; anything else
that reaches the top is a bug and shows its traceback.
"""

from __future__ import annotations

import re

_RULE_ID = re.compile(r"([A-Z]{1,2}\d{0,2}): ")


class UmError(Exception):
    """The base of all errors that a person can do something about."""


class SettingsError(UmError):
    """A setting or a configuration file is wrong."""


class MalformedName(UmError):
    """A DN that names nothing in this directory's tree."""

    def __init__(self, dn: str) -> None:
        super().__init__(f"not a name of this directory: {dn!r}")
        self.dn = dn


class StateDirectoryError(UmError):
    """The state directory cannot be used: locked, full, not ours, or of another suffix."""


class SlapdError(UmError):
    """The embedded slapd cannot start or has died."""


class DirectoryUnavailable(UmError):
    """No LDAP server answers at the URL, or the connection was lost: the outcome is not known."""


class OperationRefused(UmError):
    """The directory refused an operation.

    `code` is the LDAP result code (RFC 4511 Appendix A), `diagnostic` the server's text, which starts with the
    rule id when the guard refused.
    """

    def __init__(self, dn: str, code: int, name: str, diagnostic: str) -> None:
        super().__init__(f"{dn}: {diagnostic or name} ({name}, {code})")
        self.dn = dn
        self.code = code
        self.name = name
        self.diagnostic = diagnostic

    @property
    def rule(self) -> str | None:
        """The id of the rule that refused, if the guard did."""
        match = _RULE_ID.match(self.diagnostic)
        return match[1] if match else None
