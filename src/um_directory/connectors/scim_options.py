"""The keys of a SCIM target, apart from what speaks to it: checking them must not cost loading that."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from um_directory.connectors.interface import Context, Options
from um_directory.connectors.secret import read_token


def _safe_url(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host or parts.query or parts.fragment:
        raise ValueError("must be https://HOST/PATH")
    if parts.username or parts.password:
        raise ValueError("must not hold credentials; use token_file")
    if parts.scheme == "http" and not _is_loopback(host):
        raise ValueError("must be https: personal data and the token would travel in clear")
    return url.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class ScimOptions(Options):
    """`url`: the SCIM base URL. `token_file`: an OAuth bearer token, mode 0600, below the state directory."""

    url: Annotated[str, AfterValidator(_safe_url)]
    token_file: Path | None = None
    timeout_seconds: float = Field(10.0, gt=0, le=120)

    def check(self, context: Context) -> None:
        """See `Options.check`."""
        if self.token_file is not None:
            try:
                read_token(context.path(self.token_file))
            except ValueError as error:
                raise ValueError(f"token_file: {error}") from error
