"""Messages of RFC 4533, as slapd 2.5.13 sent them (recorded from its socket)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from um_directory.directory.sync_messages import (
    Deleted,
    Present,
    RefreshDone,
    SearchEnded,
    decode,
    messages,
)

ENTRY = bytes.fromhex(
    "307d020102644104177569643d75372c64633d756d2c64633d6578616d706c65302630100402736e310a04084a616e7373656e73"
    "30120409676976656e4e616d65310504034a616ea03530330418312e332e362e312e342e312e343230332e312e392e312e320417"
    "30150a01010410f9a782c07b9510419248a5292d750143"
)
REFRESH_DONE = bytes.fromhex(
    "305902010279548018312e332e362e312e342e312e343230332e312e392e312e348138a13604347269643d3030302c63736e3d32"
    "303236313132333134333031332e3535323334365a233030303030302330303023303030303030"
)
DELETED = bytes.fromhex(
    "30818d020102641b04177569643d75372c64633d756d2c64633d6578616d706c653000a06b30690418312e332e362e312e342e31"
    "2e343230332e312e392e312e32044d304b0a01030410f9a782c07b9510419248a5292d75014304347269643d3030302c63736e3d"
    "32303236313132333134343732312e3839373538335a233030303030302330303023303030303030"
)
NO_SUCH_OBJECT = bytes.fromhex("300c02010765070a012004000400")
UUID = bytes.fromhex("f9a782c07b9510419248a5292d750143")
SYNC_INFO = b"1.3.6.1.4.1.4203.1.9.1.4"


def told(data: bytes) -> list[object]:
    return [told for _id, operation, controls, _end in messages(data) for told in decode(operation, controls)]


def element(tag: int, contents: bytes) -> bytes:
    """A BER element, its length in the long form (RFC 4511 §5.1 allows it)."""
    return bytes([tag, 0x82]) + len(contents).to_bytes(2) + contents


def information(tag: int, contents: bytes) -> bytes:
    """A Sync Info message (RFC 4533 §2.5)."""
    value = element(0x80, SYNC_INFO) + element(0x81, element(tag, contents))
    return element(0x30, element(0x02, b"\x02") + element(0x79, value))


def test_an_entry_is_present_with_its_values() -> None:
    attributes = {"sn": (b"Janssens",), "givenName": (b"Jan",)}
    assert told(ENTRY) == [Present("uid=u7,dc=um,dc=example", UUID, attributes)]


def test_a_deleted_entry_is_known_by_its_uuid() -> None:
    assert told(DELETED) == [Deleted(UUID)]


def test_the_end_of_the_refresh_is_told() -> None:
    assert told(REFRESH_DONE) == [RefreshDone()]


def test_a_refresh_stage_that_is_followed_by_another_is_not_the_end() -> None:
    assert told(information(0xA2, element(0x01, b"\x00"))) == []
    assert told(information(0xA2, b"")) == [RefreshDone()]  # refreshDone DEFAULT TRUE


def test_a_set_of_deleted_ids_is_as_many_deletions() -> None:
    ids = element(0x31, element(0x04, UUID) + element(0x04, bytes(16)))
    assert told(information(0xA3, element(0x01, b"\xff") + ids)) == [Deleted(UUID), Deleted(bytes(16))]


def test_a_set_of_unchanged_ids_is_an_error_because_nothing_was_said_to_be_known() -> None:
    with pytest.raises(ValueError, match="unchanged"):
        told(information(0xA3, element(0x31, element(0x04, UUID))))


def test_a_new_cookie_tells_nothing() -> None:
    assert told(information(0x80, b"rid=000")) == []


def test_the_end_of_the_search_is_an_error_with_code() -> None:
    with pytest.raises(SearchEnded) as caught:
        told(NO_SUCH_OBJECT)
    assert caught.value.code == 32


def test_an_entry_without_a_sync_state_is_an_error() -> None:
    bare = element(0x30, element(0x02, b"\x02") + element(0x64, element(0x04, b"dc=x") + element(0x30, b"")))
    with pytest.raises(ValueError, match="without a sync state"):
        told(bare)


@given(st.lists(st.sampled_from([ENTRY, DELETED, REFRESH_DONE]), max_size=5), st.data())
def test_messages_arrive_in_any_pieces(parts: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(parts)
    cut = data.draw(st.integers(0, len(stream)))
    found = []
    rest = b""
    for piece in (stream[:cut], stream[cut:]):
        rest += piece
        used = 0
        for _id, operation, controls, end in messages(rest):
            used = end
            found += decode(operation, controls)
        rest = rest[used:]
    assert rest == b""
    assert found == [one for part in parts for one in told(part)]
