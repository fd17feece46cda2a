"""What every connector is, and the words used for it.

*Target*: a downstream application, or where it picks its data up. *Record*: what the target should know of
one account; its id is stable. *Remote id*: the target's own name for a record, as it answered it; opaque
here. *Put*: bring the target to know exactly this record, whether it knew one of that id or not. *Remove*:
bring it not to know any of that id. Both are repeated after every doubt (a lost answer, a crash), so doing
either twice must come to the same as once. *Receipt*: the target's answer for one delivery: acknowledged, or
refused for good. A connector is used by one thread at a time.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Generic, Self, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict

from um_directory.errors import UmError
from um_directory.log_setup import printable
from um_directory.propagation.record import Record

_LONGEST_WORDS = 300  # characters kept of what a target says


class TargetUnavailable(UmError):
    """The target cannot take anything now: nothing is wrong with the record. `retry_after` is in seconds."""

    def __init__(self, words: str, retry_after: float | None = None) -> None:
        super().__init__(target_words(words))
        self.retry_after = retry_after


class RecordRefused(UmError):
    """The target will never take this record as it is, for the reason in its own words."""

    def __init__(self, words: str) -> None:
        super().__init__(target_words(words))


def target_words(text: str) -> str:
    """Somebody else's text, made fit to be stored, logged and shown.

    >>> target_words("no" + chr(27) + chr(10))
    'no\\\\x1b\\\\n'
    """
    clipped = text if len(text) <= _LONGEST_WORDS else text[: _LONGEST_WORDS - 1] + "…"
    return printable(clipped)


@dataclass(frozen=True, slots=True)
class Put:
    """Deliver this record. `remote_id` is None when the target has not acknowledged it before."""

    record: Record
    remote_id: str | None = None

    @property
    def id(self) -> str:
        """The record's id."""
        return self.record.id


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take the record of this id away."""

    id: str
    remote_id: str | None = None


Delivery: TypeAlias = Put | Withdraw


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer for one delivery: `refused` holds the target's words, or is None when it acknowledged."""

    id: str
    remote_id: str | None = None
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """One record as read back from the target. `fingerprint` is None where the target keeps another form."""

    id: str
    remote_id: str
    active: bool
    fingerprint: str | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a connector can do.

    `read_back`: `read` works. `batch`: how many deliveries it takes at a time; each batch of more than one is
    all or nothing.
    """

    read_back: bool = False
    batch: int = 1


@dataclass(frozen=True, slots=True)
class Context:
    """Where a connector works: relative paths in its options are below `state_dir`."""

    application: str
    state_dir: Path

    def path(self, path: Path) -> Path:
        """`path`, made absolute."""
        return self.state_dir.absolute() / path


class Options(BaseModel):
    """The base of a connector's own keys, which a configuration gives in its `[target]` table."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    def check(self, context: Context) -> None:
        """Look at what the options point to (files, modes).

        :raises ValueError: naming the key and what to do.
        """


OptionsT = TypeVar("OptionsT", bound=Options)


class Connector(ABC, Generic[OptionsT]):
    """A way to one target. Subclasses implement `put` and `remove`; those that batch also `deliver`."""

    capabilities: ClassVar[Capabilities]

    def __init__(self, options: OptionsT, context: Context) -> None:
        self.options = options
        self.context = context

    def deliver(self, batch: Sequence[Delivery]) -> list[Receipt]:
        """Carry out a batch and return a receipt for each delivery.

        :raises TargetUnavailable: nothing of the batch counts as acknowledged.
        """
        return [self._one(delivery) for delivery in batch]

    def _one(self, delivery: Delivery) -> Receipt:
        try:
            if isinstance(delivery, Put):
                return Receipt(delivery.id, self.put(delivery.record, delivery.remote_id))
            self.remove(delivery.id, delivery.remote_id)
        except RecordRefused as refusal:
            return Receipt(delivery.id, delivery.remote_id, refused=str(refusal))
        return Receipt(delivery.id)

    @abstractmethod
    def put(self, record: Record, remote_id: str | None) -> str:
        """Make the target know `record`; return its remote id.

        :raises TargetUnavailable: it could not be reached, or does not work now.
        :raises RecordRefused: it was reached and refuses this record for good.
        """

    @abstractmethod
    def remove(self, record_id: str, remote_id: str | None) -> None:
        """Make the target not know `record_id`; no error when it did not.

        :raises TargetUnavailable: see `put`.
        :raises RecordRefused: see `put`.
        """

    def read(self) -> Iterator[Held]:
        """Yield what the target holds of ours, where `capabilities.read_back` says so.

        :raises TargetUnavailable: see `put`; what was yielded is then not all.
        """
        raise NotImplementedError(f"{type(self).__name__} cannot read its target")

    def lost(self) -> bool:
        """Whether the target visibly lost what it acknowledged (a file that is gone).

        Asked only when it did acknowledge something. When true, everything is sent again.
        """
        return False

    def close(self) -> None:
        """Let go of connections. Never raises."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


AnyConnector: TypeAlias = Connector[Any]
