"""What `um verify` does: the rules over every stored entry, while writes go on.

The view is read first and the entries after it, so what was written between the two can look wrong. When the
directory was not still (contextCSN moved), what was found is read and judged again, and what does not last is
dropped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from um_directory.directory.client import DirectoryClient
from um_directory.directory.load import load_view
from um_directory.errors import UmError
from um_directory.guard.verify import Finding, Verifier
from um_directory.model.readings import Readings
from um_directory.view import View

_TRIES = 12
_PAUSE_SECONDS = 0.5  # longer than the keeper needs for what follows from a few writes
_STEP = 500


class Inspection:
    """One look at the whole directory. `view` is the last one read."""

    def __init__(self, client: DirectoryClient, suffix: str, readings: Readings) -> None:
        self._client = client
        self._suffix = suffix
        self._readings = readings
        self._state = self._context()
        self.view = self._load()
        self.entries = 0

    def findings(self, progress: Callable[[int], None] = lambda _entries: None) -> list[Finding]:
        """All that is wrong with any entry, and lasts. Memory grows with the findings, not with the entries.

        :raises UmError: the directory cannot be read whole.
        """
        verifier = Verifier(self.view)
        found: list[Finding] = []
        for entry in self._client.search(self._suffix):
            found += verifier.entry(entry.dn, entry.attributes)
            self.entries += 1
            if self.entries % _STEP == 0:
                progress(_STEP)
        if not self.entries:
            raise UmError(f"{self._suffix} cannot be read: is this the directory, and are we its service?")
        return self._lasting(found)

    def passwords(self, stored: Iterable[tuple[str, tuple[bytes, ...]]]) -> list[Finding]:
        """What is wrong with stored passwords."""
        verifier = Verifier(self.view)
        return [finding for dn, values in stored for finding in verifier.password(dn, values)]

    def _lasting(self, found: list[Finding]) -> list[Finding]:
        patience = _TRIES
        while found and patience and self._moved():
            time.sleep(_PAUSE_SECONDS)
            self.view = self._load()
            known = {(finding.rule, finding.dn) for finding in found}
            dns = dict.fromkeys(finding.dn for finding in found)
            again = [finding for dn in dns for finding in self._judged(dn)]
            before, found = found, [finding for finding in again if (finding.rule, finding.dn) in known]
            if len(found) == len(before):  # else the keeper is at work: after a load it has much to write
                patience -= 1
        return found

    def _load(self) -> View:
        return load_view(self._client, self._suffix, readings=self._readings)

    def _judged(self, dn: str) -> list[Finding]:
        verifier = Verifier(self.view)
        entries = self._client.search(dn, scope="base")
        return [finding for entry in entries for finding in verifier.entry(entry.dn, entry.attributes)]

    def _moved(self) -> bool:
        """Whether anything was written since this was last asked (or since the beginning)."""
        before, self._state = self._state, self._context()
        return before != self._state

    def _context(self) -> frozenset[bytes]:
        """contextCSN of the directory: every write changes it (RFC draft of LDUP; slapo-syncprov(5))."""
        found: set[bytes] = set()
        for entry in self._client.search(self._suffix, attributes=("contextCSN",), scope="base"):
            found.update(entry.attributes.get("contextCSN", ()))
        return frozenset(found)
