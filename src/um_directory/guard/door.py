"""The door: bytes from slapd in, bytes for slapd out. Decides from memory and never waits.

Whatever happens, the answer is whole: slapd takes a missing or broken answer for success (docs/explanation/slapd.md).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import structlog

from um_directory.guard import messages
from um_directory.guard.actor import actor_for
from um_directory.guard.ber import PASSWORD_MODIFY, password_modify
from um_directory.guard.commits import Commit, committed
from um_directory.guard.evaluate import UNCLAIMED, Refusal, evaluate
from um_directory.guard.messages import CONTINUE, Extended, Request
from um_directory.model.operation import Modify, Operation, SetPassword, base_name
from um_directory.view import View

NOT_READY = "G0"
"""The id of refusals that come from the guard's own state, not from a rule."""

_HARMLESS_EXTENSIONS = frozenset(
    {
        "1.3.6.1.4.1.1466.20037",  # StartTLS
        "1.3.6.1.4.1.4203.1.11.3",  # Who am I?
        "1.3.6.1.1.8",  # Cancel
    }
)
# What slapd writes on an account by itself (slapo-ppolicy(5)), under nobody's name, when somebody binds.
_BOOKKEEPING = frozenset(
    {"pwdfailuretime", "pwdaccountlockedtime", "pwdgraceusetime", "pwdlastsuccess", "authtimestamp"}
)
_CODES = {"C1": 19, "C2": 19, "N1": 19, "N2": 19, "N3": 19, NOT_READY: 52}
_REMEMBERED = 1000


class Door:
    """Answers requests against one view; without a view everything is refused."""

    def __init__(
        self, on_touched: Callable[[set[str]], None], translate: Callable[[Refusal, str], str]
    ) -> None:
        self.view: View | None = None
        self.suspect = False
        """Set when a notification could not be followed: the view must be loaded anew."""
        self._on_touched = on_touched
        self._translate = translate
        self._missed: list[Operation] | None = None
        self._passwords: OrderedDict[tuple[int, int], str] = OrderedDict()
        self._approved: OrderedDict[tuple[int, str], Commit | None] = OrderedDict()
        self._log = structlog.get_logger()

    # --- the view's life ---

    def begin_load(self) -> None:
        """Refuse writes from here on, and keep the notifications that arrive meanwhile."""
        self.view = None
        self.suspect = False
        self._missed = []

    def finish_load(self, view: View) -> bool:
        """Take a loaded view into use, after what was committed while it loaded; False when it must be loaded anew."""
        if self.suspect:
            return False
        for operation in self._missed or ():
            view.apply(operation)
        self._missed = None
        self.view = view
        self._on_touched(set(view.accounts))
        return True

    # --- questions ---

    def answer_write(self, raw: bytes) -> bytes:
        """Answer a question about a write."""
        try:
            request = messages.parse(raw)
            reply = self._decide(request)
            if reply is CONTINUE and not isinstance(request.operation, Extended):
                self._approve(request.connection, request.operation.dn)
            return reply
        except messages.MalformedRequest as error:
            self._log.warning("malformed request refused", reason=str(error))
            return messages.refusal(messages.CONSTRAINT_VIOLATION, f"{UNCLAIMED}: malformed: {error}")
        except Exception:  # noqa: BLE001 - no failure of a rule may become slapd's success
            self._log.exception("a rule failed; refused")
            return messages.refusal(
                messages.UNAVAILABLE, f"{NOT_READY}: the guard failed; nothing was written"
            )

    def _decide(self, request: Request) -> bytes:
        operation = request.operation
        if self._is_slapds_own(request):
            return CONTINUE
        if isinstance(operation, Extended):
            if operation.oid in _HARMLESS_EXTENSIONS:
                return CONTINUE
            if operation.oid != PASSWORD_MODIFY:
                return self._refuse(
                    request,
                    Refusal(UNCLAIMED, "extended operation {oid} is not allowed", {"oid": operation.oid}),
                )
            return self._password_modify(request, operation)
        if self._passwords and self._follows_password_modify(request):
            return CONTINUE
        return self._evaluate(request, operation) or CONTINUE

    def _is_slapds_own(self, request: Request) -> bool:
        """Internal writes: refint and replication from slapd itself, ppolicy's notes on a failed bind."""
        if request.bind_dn:
            return False
        if request.connection == messages.INTERNAL_CONNECTION:
            return True
        operation = request.operation
        return isinstance(operation, Modify) and all(
            base_name(change.attribute) in _BOOKKEEPING for change in operation.modifications
        )

    def _evaluate(self, request: Request, operation: Operation) -> bytes | None:
        if self.view is None:
            refusal = Refusal(NOT_READY, "the guard is loading its view; try again in a moment")
            return self._refuse(request, refusal)
        refusal_or_none = evaluate(operation, actor_for(request.bind_dn, self.view), self.view)
        return self._refuse(request, refusal_or_none, operation.dn) if refusal_or_none else None

    def _refuse(self, request: Request, refusal: Refusal, dn: str = "") -> bytes:
        language = actor_for(request.bind_dn, self.view).language if self.view and request.bind_dn else ""
        text = self._translate(refusal, language)
        self._log.info("refused", rule=refusal.rule, actor=request.bind_dn, dn=dn, reason=refusal.text)
        return messages.refusal(_CODES.get(refusal.rule, messages.INSUFFICIENT_ACCESS), text)

    def _password_modify(self, request: Request, operation: Extended) -> bytes:
        try:
            identity, new = password_modify(operation.value)
        except ValueError:
            refusal = Refusal(UNCLAIMED, "this is not a Password Modify request (RFC 3062)")
            return self._refuse(request, refusal)
        dn = identity.decode("utf-8", "replace") if identity is not None else request.bind_dn
        refused = self._evaluate(request, SetPassword(dn, new))
        if refused is not None:
            return refused
        # slapd's own Modify with the hash comes next, as the same message of the same connection.
        self._passwords[request.connection, request.message] = self._normal(dn)
        while len(self._passwords) > _REMEMBERED:
            self._passwords.popitem(last=False)
        return CONTINUE

    def _normal(self, dn: str) -> str:
        assert self.view is not None
        return self.view.place(dn).dn

    def _follows_password_modify(self, request: Request) -> bool:
        operation = request.operation
        if not isinstance(operation, Modify) or self.view is None:
            return False
        expected = self._passwords.get((request.connection, request.message))
        if expected is None or expected != self._normal(operation.dn):
            return False
        del self._passwords[request.connection, request.message]
        return all(base_name(change.attribute) == "userpassword" for change in operation.modifications)

    # --- commits ---

    def answer_commit(self, raw: bytes) -> bytes:
        """Follow a commit; the write itself has already happened.

        Only the log's own root entry is refused: without it slapd keeps none of these records, which nobody would
        read again.
        """
        try:
            commit = committed(messages.parse(raw))
            if commit is None:
                return messages.refusal(messages.INSUFFICIENT_ACCESS, f"{UNCLAIMED}: this log keeps nothing")
            self._follow(commit)
        except Exception:  # noqa: BLE001 - whatever it was, the view may now differ from the directory
            self._log.exception("a commit could not be followed; the view is loaded anew")
            self.suspect = True
        return CONTINUE

    def _follow(self, commit: Commit) -> None:
        if self._approved.pop((commit.connection, commit.operation.dn.lower()), commit) is commit:
            # An answer of an earlier guard. If it died before it gave one, slapd tells of a write that never was.
            self._log.warning("a commit this guard was not asked about; the view is loaded anew")
            self.suspect = True
        elif self.view is not None:
            touched = self.view.apply(commit.operation)
            if touched:
                self._on_touched(touched)
        elif self._missed is not None:
            self._missed.append(commit.operation)

    def _approve(self, connection: int, dn: str) -> None:
        self._approved[connection, dn.lower()] = None
        while len(self._approved) > _REMEMBERED:
            self._approved.popitem(last=False)
