"""Refusals in the languages of the domain: every text of the guard has its translation, and nothing can fail."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from hypothesis import given, settings
from hypothesis import strategies as st

from support.world import EVERYBODY, World, account_dn, change, group_dn, hand_over, join, modify, new_account
from um_directory.guard.evaluate import Refusal
from um_directory.guard.rules.terms import AnyOf, Term
from um_directory.guard.translations import CATALOGUES, LANGUAGES, catalogue, translate
from um_directory.model.operation import Delete
from um_directory.model.roles import Role
from um_directory.model.tree import Kind

GUARD = CATALOGUES.parent / "guard"
TEXT_ARGUMENT = {"Refuse": 0, "Refusal": 1, "Unsupported": 1, "GroupRule": 1, "Term": 0}
"""Which argument of which call is an English text to be translated."""


def text_arguments() -> Iterator[tuple[str, ast.expr]]:
    """(where, argument) of every call in the guard that takes such a text."""
    for path in sorted(GUARD.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in TEXT_ARGUMENT
            ):
                yield f"{path.name}:{node.lineno}", node.args[TEXT_ARGUMENT[node.func.id]]


def constant(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def texts() -> set[str]:
    """Every text a refusal is made of: templates, terms, and the kinds of entries."""
    constants = {text for text in (constant(node) for _, node in text_arguments()) if text is not None}
    return constants | {kind.value for kind in Kind}


def placeholders(template: str) -> list[tuple[str, str | None, str | None]]:
    """Name, format and conversion of each `{…}`. Raises ValueError for a stray brace."""
    found = [
        (name, spec, conversion)
        for _, name, spec, conversion in Formatter().parse(template)
        if name is not None
    ]
    return sorted(found)


def messages(language: str) -> dict[str, str]:
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        read = read_po(file, locale=language, abort_invalid=True)
    assert not read.obsolete, "entries that are commented out are dead: remove them"
    return {str(message.id): str(message.string) for message in read if message.id}


# --- the catalogues and the code ---


def test_a_text_is_written_out_where_it_is_used_or_comes_from_such_a_place() -> None:
    """Anything computed (an f-string, a concatenation) could have no translation."""
    computed = [
        where
        for where, node in text_arguments()
        if constant(node) is None and not isinstance(node, ast.Attribute | ast.Name)
    ]
    assert computed == []
    assert len(texts()) > 80


@pytest.mark.parametrize("language", LANGUAGES)
class TestACatalogue:
    def test_translates_every_text_and_nothing_else(self, language: str) -> None:
        known = messages(language)
        assert {text for text in texts() if not known.get(text, "").strip()} == set()
        assert set(known) - texts() == set()

    def test_keeps_the_placeholders(self, language: str) -> None:
        for text, translated in messages(language).items():
            assert placeholders(translated) == placeholders(text), translated

    def test_says_no_more_than_once_the_same(self, language: str) -> None:
        raw = (CATALOGUES / f"{language}.po").read_text("utf-8")
        assert raw.count("\nmsgid ") == len(messages(language)) + 1

    def test_has_only_letters_that_reach_the_client(self, language: str) -> None:
        # The guard escapes what is not printable, the no-break space for one.
        for translated in messages(language).values():
            assert translated.isprintable()
            assert translated == translated.strip()

    def test_leaves_nothing_in_english(self, language: str) -> None:
        same = {text for text, translated in messages(language).items() if text == translated}
        assert same <= {"account", "application", "director"}

    def test_uses_the_domains_terms(self, language: str) -> None:
        known = messages(language)
        terms = {
            "nl": [
                "Verantwoordelijke Toegangen Onderneming",
                "Co-VTO",
                "Lokale beheerder",
                "Co-Lokale beheerder",
            ],
            "fr": ["Responsable Accès Entité", "Co-RAE", "Gestionnaire local", "Co-gestionnaire local"],
            "de": [
                "Hauptzugangsverwalter",
                "Co-Hauptzugangsverwalter",
                "lokaler Verwalter",
                "lokaler Mitverwalter",
            ],
        }[language]
        roles = [
            "chief access manager",
            "co-chief access manager",
            "local administrator",
            "co-local administrator",
        ]
        for role, term in zip(roles, terms, strict=True):
            assert term in known[role]


# --- what a client reads ---

JOIN = join(group_dn(Role.CO_CAM), "director")


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("nl", "D2: alleen de Verantwoordelijke Toegangen Onderneming (VTO) kan een Co-VTO"),
        ("fr", "D2: seul le Responsable Accès Entité (RAE) peut"),
        ("de", "D2: nur der Hauptzugangsverwalter kann"),
        ("en", "D2: only the chief access manager"),
        ("", "D2: only the chief access manager"),
        ("nl-BE", "D2: alleen"),
        ("NL", "D2: alleen"),
        (" fr_BE.UTF-8", "D2: seul"),
        ("fr, en;q=0.5", "D2: seul"),
        ("frisian", "D2: only"),
        ("n", "D2: only"),
        ("es", "D2: only"),
    ],
)
def test_a_refusal_is_in_the_language_of_the_account(language: str, expected: str) -> None:
    refused = World().refusal("cochief1", JOIN)
    assert refused is not None
    assert translate(refused, language).startswith(expected)


@pytest.mark.parametrize("language", LANGUAGES)
def test_terms_inside_a_refusal_are_translated_too(language: str) -> None:
    world = World()
    known = messages(language)
    whom = world.refusal("thechief", hand_over(group_dn(Role.LA, "mandatary"), "stranger"))
    still = world.refusal("thechief", Delete(account_dn("localadm")))
    here = world.refusal("thechief", modify(group_dn(Role.USER), change("replace", "owner", "x")))
    assert whom is not None
    assert still is not None
    assert here is not None
    relations = f"{known['employee']}, {known['director']} {known['or']} {known['founder']}"
    assert relations in translate(whom, language)
    assert known["local administrator"] in translate(still, language)
    assert f"({known['role group']})" in translate(here, language)


def test_every_refusal_of_everybody_is_translated_without_english_words_inside() -> None:
    world = World()
    for operation in (JOIN, new_account("X"), Delete(account_dn("localadm")), Delete(group_dn(Role.LA))):
        for who in EVERYBODY:
            refused = world.refusal(who, operation)
            if refused is None:
                continue
            for language in LANGUAGES:
                said = translate(refused, language)
                assert said.startswith(f"{refused.rule}: ")
                assert said != refused.text
                for value in refused.values.values():
                    if isinstance(value, Term):
                        assert messages(language)[value] in said


def test_lists_of_terms_read_as_sentences() -> None:
    terms = (Term("director"), Term("manager"), Term("founder"))
    assert [str(AnyOf(terms[:count])) for count in (1, 2, 3)] == [
        "director",
        "director or manager",
        "director, manager or founder",
    ]


# --- it never fails ---


@settings(deadline=None)
@given(
    st.sampled_from(sorted(texts())) | st.text(max_size=30),
    st.text(max_size=10) | st.sampled_from([*LANGUAGES, "nl-BE"]),
    st.dictionaries(
        st.sampled_from(["uid", "role", "enterprise", "capacity", "dn", "kind", "whom", "0", ""]),
        st.none()
        | st.integers()
        | st.text(max_size=10)
        | st.text(max_size=5).map(Term)
        | st.binary(max_size=5),
    ),
)
def test_any_text_language_and_values_give_an_answer(
    template: str, language: str, values: dict[str, object]
) -> None:
    assert translate(Refusal("D9", template, values), language).startswith("D9: ")


@pytest.mark.parametrize("value", ["{uid}", "{", "}", "{0}", "%s", "a\nb", "\x00", "\x1b[2J", "\udcff", "é"])
@pytest.mark.parametrize("language", ["nl", "en"])
def test_values_are_put_in_as_they_are(value: str, language: str) -> None:
    refused = Refusal("C1", "username {uid} is taken; choose another", {"uid": value})
    assert value in translate(refused, language)


def test_a_template_without_its_value_is_shown_as_it_stands() -> None:
    assert translate(Refusal("D9", "{uid} is gone"), "en") == "D9: {uid} is gone"


@pytest.mark.parametrize(
    "content",
    [
        None,
        b"",
        b"not a catalogue",
        b"\xff\xfe\x00",
        b'msgid "a"\nmsgstr "b',
        b'msgid ""\nmsgstr "Content-Type: text/plain; charset=klingon\\n"\n',
        b'msgid ""\nmsgstr "Plural-Forms: nplurals=x\\n"\n',
        b'msgid "{uid} has left"\nmsgstr "{wrong} is weg"\n',
        b'msgid "{uid} has left"\nmsgstr "{uid"\n',
        b'msgid "{uid} has left"\nmsgstr "{uid.x}"\n',
        b'msgid "{uid} has left"\nmsgstr "{0}"\n',
        b'msgid "{uid} has left"\nmsgstr ""\n',
    ],
)
def test_english_remains_when_a_catalogue_is_missing_or_broken(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "nl.po").write_bytes(content)
    refused = Refusal("D9", "{uid} has left", {"uid": "x"})
    assert translate(refused, "nl", tmp_path) == "D9: x has left"


def test_a_good_catalogue_in_the_same_place_is_used(tmp_path: Path) -> None:
    (tmp_path / "nl.po").write_text('msgid "{uid} has left"\nmsgstr "{uid} is weg"\n', "utf-8")
    assert translate(Refusal("D9", "{uid} has left", {"uid": "x"}), "nl", tmp_path) == "D9: x is weg"


def test_a_catalogue_is_read_once(tmp_path: Path) -> None:
    path = tmp_path / "nl.po"
    path.write_text('msgid "a"\nmsgstr "b"\n', "utf-8")
    assert catalogue(path) == {"a": "b"}
    path.unlink()
    assert catalogue(path) == {"a": "b"}
