"""C2: passwords."""

from __future__ import annotations

import re

from um_directory.guard import change as parts
from um_directory.guard.rules.base import Case, Refuse, Rule, Verdict
from um_directory.model.readings import Readings

_SPECIALS = ",;:=?./+*$%><&@#'(!{})-_"
_ALPHABET = re.compile(rf"[A-Za-z0-9{re.escape(_SPECIALS)}]+")
_HASHED = re.compile(rb"\{[^}]+\}")
# Hashes that a take-over may bring; the other schemes of slapd are no hashes ({CLEARTEXT}) or point elsewhere.
_TAKEN_OVER = re.compile(rb"\{(ARGON2|CRYPT|SSHA|SMD5|SHA|MD5)\}.", re.IGNORECASE | re.DOTALL)
_SHORTEST, _LONGEST = 10, 15


def check(part: parts.Part, case: Case) -> Verdict:
    """Refuse what is not a password of the required form. The password itself never enters the text."""
    assert isinstance(part, parts.PasswordChanged)
    if part.password is None:
        return Refuse("give the new password; the directory makes up none")
    if case.stored:
        return (
            None
            if _TAKEN_OVER.match(part.password)
            else Refuse("the password is not stored as a hash; set it anew")
        )
    if _HASHED.match(part.password):
        # slapd would store it as it is: nobody could say whether it was ever a good password.
        if case.registrar_loads and _TAKEN_OVER.match(part.password):
            return None
        return Refuse("a password does not begin with {{…}}; give it in clear, the directory hashes it")
    return _problem(part.password.decode("utf-8", "replace"), case.view.readings)


def _problem(password: str, readings: Readings) -> Refuse | None:
    if not _SHORTEST <= len(password) <= _LONGEST:
        return Refuse("a password has 10 to 15 characters")
    if not _ALPHABET.fullmatch(password):
        return Refuse("a password has letters, digits and these specials only: ,;:=?./+*$%><&@#'(!{{}})-_")
    letters = sum(char.isalpha() for char in password)
    digits = sum(char.isdigit() for char in password)
    if letters + digits < readings.c2_least_alphanumerics:
        return Refuse(
            "a password has at least {count} letters or digits", {"count": readings.c2_least_alphanumerics}
        )
    classes = (letters > 0) + (digits > 0) + (letters + digits < len(password))
    if classes < readings.c2_least_classes:
        return Refuse(
            "a password has at least {count} of the three: letters, digits, specials",
            {"count": readings.c2_least_classes},
        )
    return None


RULE = Rule(
    "C2",
    "Password: 10 to 15 characters, no spaces, letters, digits and the listed specials, at least two letters or "
    "digits and at least two of the three classes.",
    "§4.1.3, reading",
    (parts.PasswordChanged,),
    check,
)
