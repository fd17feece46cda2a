"""A compact table of DNs: a number for each, about 15 bytes an entry once there are many.

Only a 64-bit hash of each name is kept, keyed anew in every process: two different names fall together with
a probability of 3 in 10⁸ in a table of a million.
"""

from __future__ import annotations

import re
from array import array

_BUCKETS = 1 << 14
_MOST = 2**32 - 1
_LEAF = re.compile(r"(?:[^\\,]|\\.)*+,", re.DOTALL)
_SPACES = re.compile(r"\s*([,=])\s*")


def key(dn: str) -> str:
    """One spelling for names that differ only in letter case and in spaces around separators.

    >>> key("UID=a, DC=Um") == key("uid=a,dc=um")
    True
    """
    plain = "\\" not in dn and '"' not in dn  # else a space may belong to a value
    return (_SPACES.sub(r"\1", dn).strip() if plain and " " in dn else dn).lower()


def parent(dn: str) -> str:
    """The name above `dn`, as a key; empty at the top.

    >>> parent("uid=a, dc=um")
    'dc=um'
    """
    plain = key(dn)
    leaf = _LEAF.match(plain)
    return plain[leaf.end() :] if leaf else ""


class NameTable:
    """A mapping from DN to an unsigned 32-bit number.

    Arrays in buckets rather than a dict, which takes over 100 bytes an entry: a lookup scans one bucket, 60
    entries in a table of a million, about a microsecond.
    """

    def __init__(self) -> None:
        self._hashes: list[array[int] | None] = [None] * _BUCKETS
        self._numbers: list[array[int] | None] = [None] * _BUCKETS

    def get(self, dn: str) -> int | None:
        """The number of `dn`; None when it is not there."""
        hashes, numbers, hashed = self._bucket(dn)
        return numbers[hashes.index(hashed)] if hashed in hashes else None

    def enter(self, dn: str, number: int) -> int | None:
        """Enter `dn` unless it is there: then return its number and change nothing.

        Numbers above 2³² - 1 are kept as that.
        """
        hashes, numbers, hashed = self._bucket(dn)
        if hashed in hashes:
            return numbers[hashes.index(hashed)]
        hashes.append(hashed)
        numbers.append(min(number, _MOST))
        return None

    def change(self, dn: str, by: int) -> None:
        """Add `by` to the number of `dn`, if it is there."""
        hashes, numbers, hashed = self._bucket(dn)
        if hashed in hashes:
            numbers[hashes.index(hashed)] += by

    def remove(self, dn: str) -> None:
        """Take `dn` out, if it is there."""
        hashes, numbers, hashed = self._bucket(dn)
        if hashed in hashes:
            numbers.pop(hashes.index(hashed))
            hashes.remove(hashed)

    def _bucket(self, dn: str) -> tuple[array[int], array[int], int]:
        hashed = hash(key(dn))
        at = hashed % _BUCKETS
        hashes, numbers = self._hashes[at], self._numbers[at]
        if hashes is None or numbers is None:
            hashes, numbers = self._hashes[at], self._numbers[at] = array("q"), array("I")
        return hashes, numbers, hashed
