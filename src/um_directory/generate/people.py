"""Made-up natural persons and their accounts."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple

from um_directory.generate.chance import Chance
from um_directory.generate.names import FLAVOURS
from um_directory.generate.numbering import Numbering

_OTHER_LANGUAGE_SHARE = 0.06
_OTHER_LANGUAGES = ("nl", "fr", "fr", "nl", "de", "en")
_SHORTEST_USERNAME, _LONGEST_NAME_PART = 8, 18  # C1: 8 to 30 characters


class Person(NamedTuple):
    """A person of one enterprise; `uid` is empty for somebody without an account."""

    ssin: str
    uid: str
    given: bytes
    surname: bytes
    title: bytes
    language: bytes
    relations: tuple[str, ...]  # to the enterprise: names of relation attributes
    formerly: bool = False  # also an associate of the enterprise before this one in the stream


class _Name(NamedTuple):
    """A name ready for use: as bytes and in the letters of a username."""

    raw: bytes
    letters: str


def letters_of(name: str) -> str:
    """The name in a to z only.

    >>> letters_of("D'Hondt Özdemir")
    'dhondtozdemir'
    """
    plain = unicodedata.normalize("NFKD", name.lower().replace("ß", "ss"))
    return "".join(char for char in plain if "a" <= char <= "z")


def _ready(names: tuple[str, ...]) -> tuple[_Name, ...]:
    return tuple(_Name(name.encode(), letters_of(name)) for name in names)


class _Names(NamedTuple):
    men: tuple[_Name, ...]
    women: tuple[_Name, ...]
    surnames: tuple[_Name, ...]
    titles: tuple[bytes, bytes]


_NAMES = {
    language: _Names(
        _ready(flavour.men),
        _ready(flavour.women),
        _ready(flavour.surnames),
        (flavour.titles[0].encode(), flavour.titles[1].encode()),
    )
    for language, flavour in FLAVOURS.items()
}


class Population:
    """Makes persons one by one; no two have the same SSIN or username."""

    def __init__(self, chance: Chance, numbering: Numbering) -> None:
        self._chance = chance
        self._numbering = numbering
        self._persons = 0
        self._accounts = 0

    def person(
        self, language: str, relations: tuple[str, ...], *, account: bool = True, formerly: bool = False
    ) -> Person:
        """A new person named in the way of `language`, who mostly speaks it too."""
        chance, names = self._chance, _NAMES[language]
        ssin, man = self._numbering.ssin(self._persons)
        self._persons += 1
        given = chance.one_of(names.men if man else names.women)
        surname = chance.one_of(names.surnames)
        if chance.happens(_OTHER_LANGUAGE_SHARE):
            language = chance.one_of(_OTHER_LANGUAGES)
        return Person(
            ssin,
            self._username(given.letters, surname.letters) if account else "",
            given.raw,
            surname.raw,
            names.titles[0 if man else 1],
            language.encode(),
            relations,
            formerly,
        )

    def _username(self, given: str, surname: str) -> str:
        """First letter, surname and a number of its own: `jjanssens1`. The number makes it unique (C1)."""
        self._accounts += 1
        part = (given[0] + surname)[:_LONGEST_NAME_PART]
        return f"{part}{self._accounts:0{max(1, _SHORTEST_USERNAME - len(part))}d}"
