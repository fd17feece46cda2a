"""Password Modify request values (RFC 3062 §2)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.recorded import recorded
from um_directory.guard.ber import password_modify
from um_directory.guard.messages import Extended, parse


def value_of(name: str) -> bytes | None:
    operation = parse(recorded(name)).operation
    assert isinstance(operation, Extended)
    return operation.value


def field(number: int, value: bytes) -> bytes:
    assert len(value) < 128
    return bytes([0x80 | number, len(value)]) + value


def sequence(*fields: bytes) -> bytes:
    body = b"".join(fields)
    assert len(body) < 128
    return bytes([0x30, len(body)]) + body


ACCOUNT = b"uid=jjanssens1,ou=accounts,umEnterpriseNumber=0403019261,ou=enterprises,dc=um,dc=example"


def test_real_requests() -> None:
    assert password_modify(value_of("write-setpw")) == (ACCOUNT, b"Welkom5678")
    assert password_modify(value_of("write-setpw-none")) == (ACCOUNT, None)


@pytest.mark.parametrize("identity", [None, b"", b"cn=x"])
@pytest.mark.parametrize("old", [None, b"old"])
@pytest.mark.parametrize("new", [None, b"", b"new"])
def test_every_field_is_optional(identity: bytes | None, old: bytes | None, new: bytes | None) -> None:
    fields = [field(i, value) for i, value in enumerate((identity, old, new)) if value is not None]
    assert password_modify(sequence(*fields)) == (identity, new)


def test_no_value_at_all_asks_for_a_new_password_for_oneself() -> None:
    assert password_modify(None) == (None, None)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"\x30",
        b"\x30\x05",
        b"\x04\x01x",
        sequence() + b"x",
        sequence(field(0, b"a")) + sequence(),
        sequence(field(2, b"a"), field(0, b"b")),
        sequence(field(0, b"a"), field(0, b"b")),
        sequence(field(3, b"a")),
        sequence(b"\x04\x01x"),
        b"\x31\x03\x80\x01x",
    ],
)
def test_anything_else_is_refused(value: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the door refuses every ValueError alike
        password_modify(value)


@given(
    st.binary(max_size=60) | st.binary(max_size=60).map(lambda noise: b"\x30" + bytes([len(noise)]) + noise)
)
def test_noise_raises_nothing_but_value_errors(noise: bytes) -> None:
    try:
        identity, new = password_modify(noise)
    except ValueError:
        return
    assert identity is None or identity in noise
    assert new is None or new in noise
