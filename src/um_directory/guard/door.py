"""The door: bytes from slapd in, bytes for slapd out. Decides from memory and never waits.

Whatever happens, the answer is whole: slapd takes a missing or broken answer for success (docs/explanation/slapd.md).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import structlog

from um_directory.guard import messages
from um_directory.guard.actor import SERVICE_NAME, Actor
from um_directory.guard.ber import PASSWORD_MODIFY, password_modify
from um_directory.guard.change import SessionDeclared, decompose
from um_directory.guard.commits import Told, told
from um_directory.guard.evaluate import UNCLAIMED, Refusal, evaluate
from um_directory.guard.hashes import is_own_hash
from um_directory.guard.messages import CONTINUE, Extended, Request
from um_directory.guard.record import Record
from um_directory.guard.rules.a06_session import chosen
from um_directory.guard.rules.terms import ROLES
from um_directory.guard.session import Declared, Sessions
from um_directory.guard.withdrawn import resting_on, touches_facts, ungrounded_by
from um_directory.model.operation import Add, Delete, Modify, Operation, SetPassword, base_name
from um_directory.model.tree import Kind
from um_directory.model.values import value_type
from um_directory.view import View

NOT_READY = "G0"
"""The id of refusals that come from the guard's own state, not from a rule."""

_SERVICE = f"cn={SERVICE_NAME},ou=services,"
WHO_AM_I = "1.3.6.1.4.1.4203.1.11.3"
_HARMLESS_EXTENSIONS = frozenset(
    {
        "1.3.6.1.4.1.1466.20037",  # StartTLS
        WHO_AM_I,
        "1.3.6.1.1.8",  # Cancel
    }
)
# What slapd writes on an account by itself (slapo-ppolicy(5)), under nobody's name, when somebody binds.
_BOOKKEEPING = frozenset(
    {"pwdfailuretime", "pwdaccountlockedtime", "pwdgraceusetime", "pwdlastsuccess", "authtimestamp"}
)
_CODES = {"C1": 19, "C2": 19, "C5": 19, "N1": 19, "N2": 19, "N3": 19, NOT_READY: 52}
_REMEMBERED = 1000
_KINDS: dict[type, str] = {Add: "add", Modify: "modify", Delete: "delete"}


@value_type
class _Approved:
    """A write that the guard let pass, until slapd tells that it was done."""

    request: Request
    actor: Actor | None


@dataclass(frozen=True, slots=True)
class _Allowed:
    """A Password Modify that the guard let pass, until slapd's own Modify with the hash comes."""

    dn: str
    password: bytes = field(repr=False)
    actor: Actor


class Door:
    """Answers requests against one view; without a view everything is refused."""

    def __init__(
        self,
        on_touched: Callable[[set[str]], None],
        translate: Callable[[Refusal, str], str],
        record: Record,
    ) -> None:
        self.view: View | None = None
        self.suspect = False
        """Set when a notification could not be followed: the view must be loaded anew."""
        self.sessions = Sessions()
        self._on_touched = on_touched
        self._translate = translate
        self._record = record
        self._missed: list[tuple[Operation, int]] | None = None
        self._passwords: OrderedDict[tuple[int, int], _Allowed] = OrderedDict()
        self._approved: OrderedDict[tuple[int, str], _Approved] = OrderedDict()
        self._noted: tuple[Operation, int] | None = None
        self._log = structlog.get_logger()

    # --- the view's life ---

    def begin_load(self) -> None:
        """Refuse writes from here on, and keep the notifications that arrive meanwhile."""
        self.view = None
        self.suspect = False
        self._missed = []

    def finish_load(self, view: View) -> set[str] | None:
        """Take a loaded view into use, after what was committed while it loaded.

        Returns the accounts that this touched; None when the view must be loaded anew.
        """
        if self.suspect:
            return None
        touched: set[str] = set()
        for operation, connection in self._missed or ():
            touched |= self._apply(operation, connection, view)
        self._missed = None
        self.view = view
        self.sessions.settle()
        return touched

    # --- questions ---

    def answer_write(self, raw: bytes) -> bytes:
        """Answer a question about a write."""
        try:
            return self._decide(messages.parse(raw, messages.MAX_LINES))
        except messages.MalformedRequest as error:
            self._record.malformed(f"{UNCLAIMED}: malformed: {error}")
            return messages.refusal(messages.CONSTRAINT_VIOLATION, f"{UNCLAIMED}: malformed: {error}")
        except Exception:  # noqa: BLE001 - no failure of a rule may become slapd's success
            self._log.exception("a rule failed; refused")
            return messages.refusal(
                messages.UNAVAILABLE, f"{NOT_READY}: the guard failed; nothing was written"
            )

    def _decide(self, request: Request) -> bytes:
        operation = request.operation
        if self._is_slapds_own(request):
            return self._approve(request, None)
        if isinstance(operation, Extended):
            return self._extended(request, operation)
        if self._passwords and (actor := self._behind_password_modify(request)):
            return self._approve(request, actor)
        refusal, actor = self._judge(request, operation)
        if refusal is not None:
            if actor is not None and actor.kind == "undeclared":
                # A front end that overlooks this refusal must not go on for whom it acted before.
                self.sessions.forget(request.connection)
            return self._refuse(request, refusal, actor)
        assert actor is not None
        if isinstance(operation, Modify) and self._is_session(operation.dn):
            return self._declare(request, actor)
        return self._approve(request, actor)

    def _extended(self, request: Request, operation: Extended) -> bytes:
        if operation.oid in _HARMLESS_EXTENSIONS:
            if operation.oid == WHO_AM_I and request.bind_dn.lower().startswith(_SERVICE):
                # The loader asks, so that the guard learns the number of its own connection (session.py).
                self.sessions.begin_memory(request.connection)
            return CONTINUE
        if operation.oid != PASSWORD_MODIFY:
            refusal = Refusal(
                UNCLAIMED,
                "nobody may ask for extended operation {oid} here; add, modify and delete entries instead",
                {"oid": operation.oid},
            )
            return self._refuse(request, refusal, None)
        return self._password_modify(request, operation)

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

    def _judge(self, request: Request, operation: Operation) -> tuple[Refusal | None, Actor | None]:
        """What the rules say, and who asks."""
        self.follow()
        if self.view is None or self.suspect:
            return Refusal(NOT_READY, "the guard is loading its view; try again in a moment"), None
        if self._record.failed:
            self._record.probe()
        if self._record.failed:
            return Refusal(
                NOT_READY, "the audit record cannot be written; whoever runs this makes room for it"
            ), None
        who = self.sessions.bound if self._is_session(operation.dn) else self.sessions.actor
        actor = who(request.bind_dn, request.connection, self.view)
        return evaluate(operation, actor, self.view), actor

    def _refuse(self, request: Request, refusal: Refusal, actor: Actor | None) -> bytes:
        language = actor.language if actor else ""
        text = self._translate(refusal, language)
        self._record.refused(request, actor, refusal.rule, refusal.text)
        return messages.refusal(_CODES.get(refusal.rule, messages.INSUFFICIENT_ACCESS), text)

    def _approve(self, request: Request, actor: Actor | None) -> bytes:
        assert not isinstance(request.operation, Extended)
        self._approved[request.connection, request.operation.dn.lower()] = _Approved(request, actor)
        if len(self._approved) > _REMEMBERED:  # what slapd refused after all stays behind
            self._approved.popitem(last=False)
        return CONTINUE

    # --- sessions ---

    def _is_session(self, dn: str) -> bool:
        return self.view is not None and self.view.place(dn).kind is Kind.SESSION

    def _declare(self, request: Request, bound: Actor) -> bytes:
        """Remember who acts on this connection. slapd logs the operation, but there is nothing to write."""
        assert self.view is not None
        assert isinstance(request.operation, Modify)
        (part,) = decompose(request.operation, self.view).parts
        assert isinstance(part, SessionDeclared)
        role, capacity = chosen(part) if part.role else (None, None)
        actor = self.view.place(part.acting_for).dn if part.acting_for else bound.dn
        self.sessions.declare(request.connection, Declared(bound.dn, actor, role, capacity))
        self._approve(request, bound)
        accepted = (
            Refusal("A6", "this connection acts for {dn} as {role}", {"dn": actor, "role": ROLES[role]})
            if role
            else Refusal("A6", "this connection acts for {dn}", {"dn": actor})
        )
        return messages.done(self._translate(accepted, bound.language))

    # --- passwords ---

    def _password_modify(self, request: Request, operation: Extended) -> bytes:
        try:
            identity, new = password_modify(operation.value)
        except ValueError:
            refusal = Refusal(
                UNCLAIMED,
                "this is not a Password Modify request (RFC 3062); send one, or replace userPassword",
            )
            return self._refuse(request, refusal, None)
        dn = identity.decode("utf-8", "replace") if identity is not None else request.bind_dn
        asked = replace(request, operation=SetPassword(dn, new))
        refused, actor = self._judge(asked, SetPassword(dn, new))
        if refused is not None:
            return self._refuse(asked, refused, actor)
        assert actor is not None
        # slapd's own Modify with the hash comes next, as the same message of the same connection.
        self._passwords[request.connection, request.message] = _Allowed(self._normal(dn), new or b"", actor)
        while len(self._passwords) > _REMEMBERED:
            self._passwords.popitem(last=False)
        return CONTINUE

    def _normal(self, dn: str) -> str:
        assert self.view is not None
        return self.view.place(dn).dn

    def _behind_password_modify(self, request: Request) -> Actor | None:
        """Who asked for the Password Modify of which this is slapd's own write, if it is one.

        The client chooses the number of the message, so a Modify of its own may bear the same; only the hash tells.
        """
        operation = request.operation
        if not isinstance(operation, Modify) or self.view is None:
            return None
        allowed = self._passwords.pop((request.connection, request.message), None)
        if allowed is None or allowed.dn != self._normal(operation.dn) or len(operation.modifications) != 1:
            return None
        (change,) = operation.modifications
        if (change.kind, change.attribute.lower(), len(change.values)) != ("replace", "userpassword", 1):
            return None
        return allowed.actor if is_own_hash(change.values[0], allowed.password) else None

    # --- commits ---

    def answer_commit(self, raw: bytes) -> bytes:
        """Take note of a commit; the write itself has already happened. `follow` does the rest.

        Only the log's own root entry is refused: without it slapd keeps none of these records, which nobody would
        read again.
        """
        try:
            self.follow()  # nothing noted is ever overwritten
            commit = told(raw)
            if commit is None:
                return messages.refusal(messages.INSUFFICIENT_ACCESS, f"{UNCLAIMED}: this log keeps nothing")
            self._note(commit)
        except Exception:  # noqa: BLE001 - whatever it was, the view may now differ from the directory
            self._log.exception("a commit could not be followed; the view is loaded anew")
            self.suspect = True
        return CONTINUE

    def follow(self) -> None:
        """Move the view on by the commit that was noted, while slapd goes on: before any other question is answered."""
        if self._noted is None:
            return
        (operation, connection), self._noted = self._noted, None
        try:
            if self.view is not None:
                touched = self._apply(operation, connection, self.view)
                if touched:
                    self._on_touched(touched)
            elif self._missed is not None:
                self._missed.append((operation, connection))
        except Exception:  # noqa: BLE001 - as above
            self._log.exception("a commit could not be followed; the view is loaded anew")
            self.suspect = True

    def _apply(self, operation: Operation, connection: int, view: View) -> set[str]:
        """Move the view on; say which roles lost their ground by it (E8)."""
        place = touches_facts(operation, view)
        if place is None:
            return view.apply(operation)
        uids = resting_on(view, place)
        before = ungrounded_by(view, place, uids)
        view.apply(operation)
        for lost in sorted(ungrounded_by(view, place, uids) - before):
            self._record.withdrawn("E8", lost.reason, lost.dn, connection)
        return set(uids)

    def lose_commit(self, _refusal: bytes) -> bytes:
        """A notification did not come whole: nobody knows what was written.

        A refusal would reach the client, whose write has already happened (docs/explanation/slapd.md).
        """
        self._log.warning("a commit was not told whole; the view is loaded anew")
        self.suspect = True
        return CONTINUE

    def _note(self, commit: Told) -> None:
        """What was written is what was let pass: slapd does one write after the other, from the question to here."""
        approved = self._approved.pop((commit.connection, commit.dn.lower()), None)
        operation = approved.request.operation if approved else None
        if approved is None or operation is None or _KINDS.get(type(operation)) != commit.kind:
            # An answer of an earlier guard. If it died before it gave one, slapd tells of a write that never was.
            self._log.warning("a commit this guard was not asked about; the view is loaded anew")
            self.suspect = True
            return
        self._record.committed(approved.request, approved.actor, commit.start)
        assert not isinstance(operation, Extended)
        self._noted = operation, commit.connection
