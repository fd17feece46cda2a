"""C2: the form of passwords, wherever one is set."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.world import SUFFIX, World, account_dn, change, modify, new_account, texts
from um_directory.model.operation import Operation, SetPassword

SPECIALS = ",;:=?./+*$%><&@#'(!{})-_"
GOOD = [
    "Wachtwoord1",
    "abcdefghi1",
    "abcdefghij12345",
    "ab,;:=?./+*$%><"[:15],
    "&@#'(!{})-_1a",
    "1234567890a",
    "1234567890!",
    "abcdefghij!",
    "{}Wachtwoord",
    "Wacht{word}1",
]
BAD = {
    "": "10 to 15",
    "abcdefgh1": "10 to 15",
    "abcdefghij123456": "10 to 15",
    "abcdefghij": "2 of the three: letters, digits, specials",
    "1234567890": "2 of the three: letters, digits, specials",
    ",;:=?./+*$a": "2 letters or digits",
    ",;:=?./+*$": "2 letters or digits",
    "Wacht woord1": "letters, digits and these specials",
    "Wachtwoord1\n": "letters, digits and these specials",
    "Wachtwoord1\t": "letters, digits and these specials",
    "Wachtwoordé1": "letters, digits and these specials",
    "Wachtwoord²": "letters, digits and these specials",
    "Wachtwoord1~": "letters, digits and these specials",
    'Wachtwoord1"': "letters, digits and these specials",
    "Wachtwoord1)]": "letters, digits and these specials",
    "{SSHA}abcdefgh": "does not begin with {…}",
    "{CLEARTEXT}ab1": "does not begin with {…}",
    "{x}Wachtwoord1": "does not begin with {…}",
    "{ARGON2}$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA": "does not begin with {…}",
}


def ways(password: str) -> list[Operation]:
    """Every operation that sets a password."""
    own = account_dn("theuser1")
    return [
        SetPassword(own, password.encode()),
        modify(own, change("replace", "userPassword", password)),
        modify(own, change("delete", "userPassword"), change("add", "userPassword", password)),
    ]


@pytest.mark.parametrize("password", GOOD)
def test_good_passwords(world: World, password: str) -> None:
    for operation in ways(password):
        assert world.decide("theuser1", operation) is None
        assert world.decide("coadmin1", operation) is None
    assert world.decide("coadmin1", new_account(userPassword=texts(password))) is None


@pytest.mark.parametrize("password", BAD)
def test_bad_passwords_and_why(world: World, password: str) -> None:
    for who in ("theuser1", "coadmin1", "thechief"):
        for operation in ways(password):
            assert world.decide(who, operation) == "C2"
            assert BAD[password] in world.why(who, operation)
    for who in ("coadmin1", "contact-center"):
        assert world.decide(who, new_account(userPassword=(password.encode(),))) == "C2"


def test_bytes_that_are_no_text_are_no_password(world: World) -> None:
    assert world.decide("theuser1", SetPassword(account_dn("theuser1"), b"Wachtwoord\xff1")) == "C2"


def test_the_directory_makes_up_none(world: World) -> None:
    assert world.decide("theuser1", SetPassword(account_dn("theuser1"), None)) == "C2"
    assert "give the new password" in world.why("theuser1", SetPassword(account_dn("theuser1"), None))


class TestATakeOver:
    @pytest.mark.parametrize("scheme", ["ARGON2", "argon2", "SSHA", "CRYPT", "SHA", "SMD5", "MD5"])
    def test_brings_hashes(self, world: World, scheme: str) -> None:
        load = new_account(userPassword=texts(f"{{{scheme}}}c2FsdHNhbHQ"))
        assert world.decide("registrar", load) is None
        for who in ("thechief", "coadmin1", "contact-center"):
            assert world.decide(who, load) == "C2"

    @pytest.mark.parametrize("scheme", ["CLEARTEXT", "SASL", "UNIX", "RADIUS", "x"])
    def test_brings_no_clear_text_and_no_pointer_elsewhere(self, world: World, scheme: str) -> None:
        load = new_account(userPassword=texts(f"{{{scheme}}}secret"))
        assert world.decide("registrar", load) == "C2"

    def test_is_held_to_the_form_where_it_brings_clear_ones(self, world: World) -> None:
        assert world.decide("registrar", new_account(userPassword=texts("short"))) == "C2"
        assert world.decide("registrar", new_account(userPassword=())) is None

    def test_is_over_once_the_account_stands(self, world: World) -> None:
        hashed = modify(account_dn("employee"), change("replace", "userPassword", "{SSHA}c2FsdHNhbHQ"))
        assert world.decide("registrar", hashed) == "D15"


def test_one_password_each(world: World) -> None:
    two = new_account(userPassword=texts("Wachtwoord1", "Wachtwoord2"))
    assert world.decide("coadmin1", two) == "D0"


def test_operators_and_services_set_theirs_elsewhere(world: World) -> None:
    for name in ("registrar", "contact-center"):
        assert world.decide(name, SetPassword(f"cn={name},ou=operators,{SUFFIX}", b"Wachtwoord2")) == "D0"


@given(st.text(st.characters(codec="utf-8"), max_size=20))
def test_what_passes_has_the_form_and_no_text_repeats_a_password(password: str) -> None:
    world = World()
    refused = world.refusal("theuser1", SetPassword(account_dn("theuser1"), password.encode()))
    if refused is None:
        assert 10 <= len(password) <= 15
        assert all(char.isascii() and (char.isalnum() or char in SPECIALS) for char in password)
    elif len(password) > 4:
        assert password not in refused.text
