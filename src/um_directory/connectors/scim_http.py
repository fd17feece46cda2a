"""scim2-client over httpx, with bounds: a target that is slow, endless or wrong hurts only itself."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from scim2_client import (
    BaseSyncSCIMClient,
    RequestNetworkException,
    SCIMClientException,
    UnexpectedStatusCodeException,
)
from scim2_models import SCIMException, ScimProvider, User

from um_directory.connectors.interface import RecordRefused, TargetUnavailable

_LARGEST_ANSWER = 16 << 20  # bytes
_RECORD_STATUSES = {400, 403, 409, 413, 422}
"""HTTP statuses that are about the one record; any other failure is about the target as a whole."""
_TRANSPORT = {"content-encoding", "content-length", "transfer-encoding"}
_EXPLANATIONS = {
    401: "the credentials are refused; look at token_file",
    404: "no such endpoint; look at url",
    405: "no such method; look at url",
    429: "too many requests",
}


class HttpxClient(BaseSyncSCIMClient):
    """Sends scim2-client's requests with httpx. `deadline` bounds a whole answer, in seconds."""

    def __init__(self, client: httpx.Client, deadline: float) -> None:
        super().__init__(provider=ScimProvider(models=[User]))
        self._client = client
        self._deadline = deadline

    def request(self, method: str, url: str, **kwargs: Any) -> httpx.Response:
        """See `BaseSyncSCIMClient.request`; redirects are not followed.

        :raises TargetUnavailable: the answer is larger or slower than any honest one.
        """
        until = time.monotonic() + self._deadline
        try:
            with self._client.stream(method, url, **kwargs) as response:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > _LARGEST_ANSWER or time.monotonic() > until:
                        raise TargetUnavailable(
                            f"the answer is larger than {_LARGEST_ANSWER >> 20} MiB "
                            f"or takes longer than {self._deadline:.0f} s"
                        )
        except httpx.HTTPError as error:
            raise RequestNetworkException(message=_network_words(error)) from error
        headers = [(key, value) for key, value in response.headers.items() if key not in _TRANSPORT]
        return httpx.Response(response.status_code, headers=headers, content=bytes(body))


@contextmanager
def translated() -> Iterator[None]:
    """Turn what scim2-client raises into the two errors of the connector interface."""
    try:
        yield
    except UnexpectedStatusCodeException as error:
        raise _failure(error.source) from error
    except (SCIMClientException, SCIMException) as error:
        raise TargetUnavailable(str(error)) from error


def status_of(error: UnexpectedStatusCodeException) -> int:
    """The HTTP status that was not expected."""
    status: int = error.source.status_code
    return status


def _failure(response: httpx.Response) -> TargetUnavailable | RecordRefused:
    status = response.status_code
    words = f"{status}: {_detail(response) or _EXPLANATIONS.get(status) or response.reason_phrase}"
    if status in _RECORD_STATUSES:
        return RecordRefused(words)
    if status in _EXPLANATIONS:
        words = f"{words} ({_EXPLANATIONS[status]})"
    return TargetUnavailable(words, _retry_after(response))


def _detail(response: httpx.Response) -> str:
    """The `detail` of a SCIM error (RFC 7644 §3.12), with its scimType."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return ""
    if not isinstance(body, dict):
        return ""
    parts = [body.get("scimType"), body.get("detail")]
    return ": ".join(part for part in parts if isinstance(part, str) and part)


def _retry_after(response: httpx.Response) -> float | None:
    """Seconds to wait (RFC 9110 §10.2.3: a number, or a date)."""
    value = response.headers.get("retry-after", "")
    if value.isdecimal():
        return float(value[:6])
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _network_words(error: httpx.HTTPError) -> str:
    return str(error) or type(error).__name__
