"""The guard's control socket: questions about the guard itself, from this machine and this user only.

A request is one JSON object and an empty line, an answer one JSON object: `{"table": "accounts", "start": 0,
"count": 1000}` or `{"table": "accounts", "keys": […]}` gives `{"total": …, "rows": {key: digest}}` (view/digest.py);
an answer with `error` says why there is none.
"""

from __future__ import annotations

import json
import socket
from typing import Any

from um_directory.errors import UmError
from um_directory.settings import Settings
from um_directory.view import View
from um_directory.view.digest import page, rows_of

_MOST_ROWS = 5000
_SECONDS = 30.0


def answer(raw: bytes, view: View | None) -> bytes:
    """Answer one question. Never raises."""
    try:
        reply = _reply(json.loads(raw), view)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        reply = {"error": f"not a question that the guard knows: {type(error).__name__}"}
    return json.dumps(reply).encode() + b"\n"


def _reply(request: dict[str, Any], view: View | None) -> dict[str, Any]:
    if view is None:
        return {"error": "the guard is loading its view"}
    table = request["table"]
    if "keys" in request:
        rows = rows_of(view, table, [str(key) for key in request["keys"][:_MOST_ROWS]])
        return {"total": len(rows), "rows": rows}
    total, rows = page(view, table, max(0, int(request["start"])), min(_MOST_ROWS, int(request["count"])))
    return {"total": total, "rows": rows}


def ask(settings: Settings, request: dict[str, Any]) -> dict[str, Any]:
    """Ask the guard that runs on this state directory.

    :raises UmError: it does not run, or cannot answer now.
    """
    chunks = []
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_SECONDS)
            connection.connect(str(settings.control_socket))
            connection.sendall(json.dumps(request).encode() + b"\n\n")
            while chunk := connection.recv(1 << 16):
                chunks.append(chunk)
        reply = json.loads(b"".join(chunks))
    except (OSError, ValueError) as error:
        raise UmError(f"{settings.control_socket}: the guard does not answer: {error}") from error
    if not isinstance(reply, dict) or "error" in reply:
        raise UmError(f"the guard: {reply['error'] if isinstance(reply, dict) else 'not an answer'}")
    return reply
