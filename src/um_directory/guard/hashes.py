"""Whether a stored value is slapd's own hash of a password (slapo's {ARGON2} as our configuration sets it)."""

from __future__ import annotations

import base64
import re

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2i

MEMORY_KIB, PASSES, LANES = 19456, 2, 1
"""OWASP's floor for argon2: 19 MiB, two passes, one lane."""

_SALT, _DIGEST = 22, 43  # base64 without padding, of 16 and 32 bytes
# slapd 2.5.13 counts a little too much: after the hash come a NUL and up to a few bytes of its memory.
_OWN_FORM = re.compile(
    rb"\{ARGON2\}\$argon2i\$v=19\$m=%d,t=%d,p=%d\$([A-Za-z0-9+/]{%d})\$([A-Za-z0-9+/]{%d})(?:\0.{0,7})?"
    % (MEMORY_KIB, PASSES, LANES, _SALT, _DIGEST),
    re.DOTALL,
)


def is_own_hash(value: bytes, password: bytes) -> bool:
    """Whether slapd itself would store `value` for `password`. Takes about 25 ms where the form is right."""
    match = _OWN_FORM.fullmatch(value)
    if match is None:
        return False
    salt, digest = (base64.b64decode(part + b"=" * (-len(part) % 4)) for part in match.groups())
    derivation = Argon2i(
        salt=salt, length=len(digest), iterations=PASSES, lanes=LANES, memory_cost=MEMORY_KIB
    )
    try:
        derivation.verify(password, digest)
    except InvalidKey:
        return False
    return True
