"""The reader: what it reads, and every kind of mistake with its line and reason."""

from __future__ import annotations

import io
import tracemalloc
from base64 import b64encode
from collections.abc import Iterator

import pytest

from um_directory.ldif_import.blocks import Limits
from um_directory.ldif_import.reader import Item, Mistake, Record, read
from um_directory.model.operation import Add, Delete, Modification, Modify, Rename

WHOLE = b"dn: cn=next,dc=um\ncn: next\n"
NEXT = Add("cn=next,dc=um", {"cn": (b"next",)})


def items(text: bytes, **limits: int) -> list[Item]:
    return list(read(io.BytesIO(text), Limits(**limits)))


def operation(text: bytes) -> object:
    (item,) = items(text)
    assert isinstance(item, Record), item
    return item.operation


# --- what is read ---


def test_line_ends_of_windows_and_a_byte_order_mark_do_not_matter() -> None:
    text = b"dn: cn=a,dc=um\ncn: a\ndescription: two\n  lines\n\n" + WHOLE
    assert items(b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n")) == items(text)


def test_any_number_of_empty_lines_separates_records() -> None:
    found = items(b"\n\n\n" + WHOLE + b"\n\n\n\n" + WHOLE.replace(b"next", b"last") + b"\n\n")
    assert [item.line for item in found] == [4, 10]


def test_a_record_begins_at_its_dn_whatever_comments_precede_it() -> None:
    (item,) = items(b"# one\n#  two\n folded\n" + WHOLE)
    assert item == Record(4, NEXT)


def test_a_fold_in_a_comment_is_comment() -> None:
    assert operation(b"dn: cn=a,dc=um\n# x\n cn: not me\ncn: a\n") == Add("cn=a,dc=um", {"cn": (b"a",)})


def test_a_fold_may_split_a_character() -> None:
    start, end = "é".encode()[:1], "é".encode()[1:]
    assert operation(b"dn: cn=a,dc=um\ncn: " + start + b"\n " + end + b"\n") == Add(
        "cn=a,dc=um", {"cn": ("é".encode(),)}
    )


def test_comments_need_not_be_utf_8() -> None:
    assert operation(b"# caf\xe9\n" + WHOLE) == NEXT


def test_a_file_of_comments_has_no_records() -> None:
    assert items(b"# nothing today\n\nversion: 1\n") == []


def test_concatenated_files_with_their_version_lines_can_be_read() -> None:
    found = items(b"version: 1\n\n" + WHOLE + b"\nversion:1\n" + WHOLE.replace(b"next", b"last"))
    assert [item.line for item in found] == [3, 7]


def test_a_last_record_needs_no_empty_line_but_a_line_end() -> None:
    assert operation(WHOLE.rstrip() + b"\n") == NEXT
    (item,) = items(WHOLE.rstrip())
    assert isinstance(item, Mistake)
    assert item.reason == "the last line does not end; the file ends here: is it cut off?"


def test_spaces_after_the_colon_go_and_spaces_at_the_end_stay() -> None:
    assert operation(b"dn: cn=a,dc=um\ncn:   a \nsn:b\nl:\nsn: c\nsn:  d\nsn:\n") == Add(
        "cn=a,dc=um", {"cn": (b"a ",), "sn": (b"b", b"c", b"d", b""), "l": (b"",)}
    )


def test_colons_and_marks_inside_a_value_are_its_own() -> None:
    assert operation(b"dn: cn=a,dc=um\ncn: a:: b: <c\ndescription: :x\n") == Add(
        "cn=a,dc=um", {"cn": (b"a:: b: <c",), "description": (b":x",)}
    )


def test_base64_may_hold_any_bytes() -> None:
    value = bytes(range(256))
    assert operation(b"dn: cn=a,dc=um\njpegPhoto:: " + b64encode(value) + b"\n") == Add(
        "cn=a,dc=um", {"jpegPhoto": (value,)}
    )


def test_values_in_raw_utf_8_are_taken() -> None:
    assert operation("dn: cn=Zoë,dc=um\ncn: Zoë\n".encode()) == Add("cn=Zoë,dc=um", {"cn": ("Zoë".encode(),)})


def test_spellings_of_one_attribute_are_one_attribute() -> None:
    assert operation(b"dn: cn=a,dc=um\nmember: x\nMEMBER: y\nMember;lang-nl: z\n") == Add(
        "cn=a,dc=um", {"member": (b"x", b"y"), "Member;lang-nl": (b"z",)}
    )


@pytest.mark.parametrize("kind", [b"add", b"ADD", b" add"])
def test_an_entry_can_be_added_by_change_record(kind: bytes) -> None:
    assert operation(b"dn: cn=next,dc=um\nchangetype:" + kind + b"\ncn: next\n") == NEXT


def test_a_modification_may_lack_its_last_separator() -> None:
    text = b"dn: cn=a,dc=um\nchangetype: modify\nreplace: cn\ncn: b\n-\nincrement: x\nx: 1\n"
    assert operation(text) == Modify(
        "cn=a,dc=um", (Modification("replace", "cn", (b"b",)), Modification("increment", "x", (b"1",)))
    )


def test_a_move_is_read_under_both_its_names() -> None:
    text = b"dn: cn=a,dc=um\nchangetype: moddn\nnewrdn: cn=b\ndeleteoldrdn: 0\nnewsuperior: ou=x,dc=um\n"
    moved = Rename("cn=a,dc=um", "cn=b", delete_old_rdn=False, new_superior="ou=x,dc=um")
    assert operation(text) == operation(text.replace(b"moddn", b"modrdn")) == moved


def test_the_text_of_a_record_is_kept_but_never_shown() -> None:
    (item,) = items(b"dn: cn=a,dc=um\nuserPassword: Secret.1234\n")
    assert item.source == b"dn: cn=a,dc=um\nuserPassword: Secret.1234"
    (mistake,) = items(b"dn: cn=a,dc=um\nuserPassword: Secret\n.1234\n")
    assert isinstance(mistake, Mistake)
    assert b".1234" in (mistake.source or b"")
    assert "1234" not in repr(mistake)


# --- mistakes ---

MISTAKES: list[tuple[bytes, int, str | None, str]] = [
    # (text, line, dn, reason)
    (b"dn: cn=a,dc=um\ncn:: YQ\n", 2, "cn=a,dc=um", "the value of cn is not base64: incorrect padding"),
    (
        b"dn: cn=a,dc=um\ncn:: Y@==\n",
        2,
        "cn=a,dc=um",
        "the value of cn is not base64: only base64 data is allowed",
    ),
    (
        b"dn: cn=a,dc=um\nsn: a\ncn:: YQ==YQ==\n",
        3,
        "cn=a,dc=um",
        "the value of cn is not base64: excess data",
    ),
    (b"dn:: Y@==\ncn: a\n", 1, None, "the value of dn is not base64"),
    (b"dn:: " + b64encode(b"cn=\xff") + b"\ncn: a\n", 1, None, "the value of dn is not UTF-8"),
    (b"dn:: " + b64encode(b"cn=a\0") + b"\ncn: a\n", 1, None, "the value of dn has a NUL in it"),
    (b"dn: nonsense\ncn: a\n", 1, None, "the dn is not a distinguished name"),
    (b"dn: cn=a,,dc=um\ncn: a\n", 1, None, "the dn is not a distinguished name"),
    (b"dn:\ncn: a\n", 1, None, "the dn is empty"),
    (b"dn\ncn: a\n", 1, None, "a line without a colon"),
    (b"cn: a\nsn: b\n", 1, None, "no dn: a record must start with dn:"),
    (b"# c\n#\n cn: a\ncn: a\nsn: b\n", 4, None, "no dn: a record must start with dn:"),
    (b"-\n", 1, None, "no dn: a record must start with dn:"),
    (b" dn: cn=a,dc=um\ncn: a\n", 1, None, "no dn: a record must start with dn:"),
    (b"dn: cn=a,dc=um\n", 1, "cn=a,dc=um", "the record has a dn and nothing else"),
    (b"dn: cn=a,dc=um\ncn: a\n two\n# c\nstray\n", 5, "cn=a,dc=um", "a line without a colon"),
    (b"dn: cn=a,dc=um\ncn: a\ncn\n", 3, "cn=a,dc=um", "a line without a colon"),
    (b"dn: cn=a,dc=um\n: a\n", 2, "cn=a,dc=um", "what stands before the colon is not an attribute name"),
    (b"dn: cn=a,dc=um\ncn : a\n", 2, "cn=a,dc=um", "what stands before the colon is not an attribute name"),
    (b"dn: cn=a,dc=um\nc\xc3\xa9: a\n", 2, "cn=a,dc=um", "what stands before the colon is not an attribute"),
    (b"dn: cn=a,dc=um\ncn: caf\xe9\n", 2, "cn=a,dc=um", "not UTF-8 (a binary value must be in base64)"),
    (b"dn: cn=caf\xe9,dc=um\ncn: x\n", 1, None, "not UTF-8 (a binary value must be in base64)"),
    (b"dn: cn=a,dc=um\ncn: a\0b\n", 2, "cn=a,dc=um", "a NUL byte"),
    (b"dn: cn=a,dc=um\ncn: a\rb\n", 2, "cn=a,dc=um", "a carriage return without line feed"),
    ("dn: cn=a,dc=um\ncn: a\n".encode("utf-16"), 1, None, "this is UTF-16; LDIF is UTF-8"),
    (
        b"dn: cn=a,dc=um\ncn:< file:///etc/passwd\n",
        2,
        "cn=a,dc=um",
        "the value of cn is given by URL, which is not",
    ),
    (b"dn:< file:///etc/passwd\ncn: a\n", 1, None, "the value of dn is given by URL"),
    (b"dn: cn=a,dc=um\nchangetype:< file:///x\n", 2, "cn=a,dc=um", "the value of changetype is given by URL"),
    (b"dn: cn=a,dc=um\ncn: a\ndn: cn=b,dc=um\ncn: b\n", 3, "cn=a,dc=um", "a second dn: in one record"),
    (b"version: 2\n", 1, None, "only version 1 of LDIF is known"),
    (b"version: 2\ndn: cn=a,dc=um\ncn: a\n", 1, None, "only version 1 of LDIF is known"),
    # change records
    (b"dn: cn=a,dc=um\nchangetype: alter\n", 2, "cn=a,dc=um", "unknown changetype 'alter'"),
    (b"dn: cn=a,dc=um\nchangetype: a\xe2\x80\xaeb\n", 2, "cn=a,dc=um", "unknown changetype 'a\\u202eb'"),
    (b"dn: cn=a,dc=um\ncn: a\nchangetype: add\n", 3, "cn=a,dc=um", "changetype: must come right after dn:"),
    (b"dn: cn=a,dc=um\nchangetype: add\n", 2, "cn=a,dc=um", "an entry to add without attributes"),
    (
        b"dn: cn=a,dc=um\nchangetype: delete\ncn: a\n",
        3,
        "cn=a,dc=um",
        "nothing may follow changetype: delete",
    ),
    (
        b"dn: cn=a,dc=um\ncontrol: 1.2.3 false\nchangetype: delete\n",
        2,
        "cn=a,dc=um",
        "the control 1.2.3 is not",
    ),
    (
        b"dn: cn=a,dc=um\ncontrol: 1.2.3 true: x\nchangetype: add\n",
        2,
        "cn=a,dc=um",
        "the critical control 1.2.3 is",
    ),
    (
        b"dn: cn=a,dc=um\ncontrol: tree\nchangetype: delete\n",
        2,
        "cn=a,dc=um",
        "the control without an OID is not",
    ),
    (
        b"dn: cn=a,dc=um\nchangetype: add\ncontrol: 1.2\n",
        3,
        "cn=a,dc=um",
        "control: must come between dn: and",
    ),
    (b"dn: cn=a,dc=um\nchangetype: modrdn\n", 2, "cn=a,dc=um", "a new name needs newrdn: and deleteoldrdn:"),
    (b"dn: cn=a,dc=um\nchangetype: modrdn\nnewrdn: cn=b\n", 3, "cn=a,dc=um", "a new name needs newrdn: and"),
    (b"dn: cn=a,dc=um\nchangetype: modrdn\ndeleteoldrdn: 1\n", 3, "cn=a,dc=um", "expected newrdn: here"),
    (b"dn: cn=a,dc=um\nchangetype: modrdn\nnewrdn:\ndeleteoldrdn: 1\n", 3, "cn=a,dc=um", "newrdn is empty"),
    (
        b"dn: cn=a,dc=um\nchangetype: modrdn\nnewrdn: b\ndeleteoldrdn: 1\n",
        3,
        "cn=a,dc=um",
        "newrdn is not a dis",
    ),
    (
        b"dn: cn=a,dc=um\nchangetype: modrdn\nnewrdn: cn=b\ndeleteoldrdn: yes\n",
        4,
        "cn=a,dc=um",
        "deleteoldrdn is n",
    ),
    (
        b"dn: cn=a,dc=um\nchangetype: modrdn\nnewrdn: cn=b\ndeleteoldrdn: 1\nnewsuperior: dc=um\ncn: b\n",
        6,
        "cn=a,dc=um",
        "nothing may follow newsuperior:",
    ),
    (b"dn: cn=a,dc=um\nchangetype: modify\n", 2, "cn=a,dc=um", "no modification"),
    (
        b"dn: cn=a,dc=um\nchangetype: modify\n-\n",
        3,
        "cn=a,dc=um",
        "expected add:, delete:, replace: or increment:",
    ),
    (
        b"dn: cn=a,dc=um\nchangetype: modify\ncn: b\n",
        3,
        "cn=a,dc=um",
        "expected add:, delete:, replace: or incre",
    ),
    (
        b"dn: cn=a,dc=um\nchangetype: modify\nreplace: cn\ncn: b\n-\nsn: c\n",
        6,
        "cn=a,dc=um",
        "expected add:, delete:, replace: or increment: here",
    ),
    (
        b"dn: cn=a,dc=um\nchangetype: modify\nreplace: cn\ncn: b\nadd: sn\nsn: c\n-\n",
        5,
        "cn=a,dc=um",
        'not a value of cn; is a line "-" missing before it?',
    ),
    (b"dn: cn=a,dc=um\nchangetype: modify\nadd: cn\n-\n", 3, "cn=a,dc=um", "add: cn without a value"),
    (
        b"dn: cn=a,dc=um\nchangetype: modify\nreplace: c n\n-\n",
        3,
        "cn=a,dc=um",
        "what stands before the colon is n",
    ),
    # cut off: the file ends without a line end
    (
        b"dn: cn=a,dc=um",
        1,
        "cn=a,dc=um",
        "the record has a dn and nothing else; the file ends here: is it cut off?",
    ),
    (b"dn: cn=a,dc=um\njpegPhoto:: YWJjZ", 2, "cn=a,dc=um", "the value of jpegPhoto is not base64"),
    (
        b"dn: cn=a,dc=um\ncn: a\nobj",
        3,
        "cn=a,dc=um",
        "a line without a colon; the file ends here: is it cut off?",
    ),
    (
        b"dn: cn=a,dc=um\nchangetype: modify\nadd: cn\ncn: b",
        4,
        "cn=a,dc=um",
        "the last line does not end; the file ends here: is it cut off?",
    ),
]


@pytest.mark.parametrize(("text", "line", "dn", "reason"), MISTAKES)
def test_a_mistake_names_line_dn_and_reason(text: bytes, line: int, dn: str | None, reason: str) -> None:
    (item,) = items(text)
    assert isinstance(item, Mistake), item
    assert (item.line, item.dn) == (line, dn)
    assert item.reason.startswith(reason)
    assert item.reason.isprintable()


@pytest.mark.parametrize("text", [mistake[0] for mistake in MISTAKES if mistake[0].endswith(b"\n")])
def test_after_a_mistake_the_next_record_is_read(text: bytes) -> None:
    if text.startswith((b"\xff\xfe", b"\xfe\xff")):
        pytest.skip("in UTF-16 no line is empty")
    mistake, record = items(text + b"\n" + WHOLE)
    assert isinstance(mistake, Mistake)
    assert record == Record(text.count(b"\n") + 2, NEXT)


def test_an_empty_file_is_a_mistake() -> None:
    assert items(b"") == items(b"\n\n") == items(b"\xef\xbb\xbf") == [Mistake(1, None, "the file is empty")]


def test_a_duplicate_names_the_first_line() -> None:
    text = WHOLE + b"\n" + WHOLE.replace(b"dn: cn=next,dc=um", b"dn: CN=Next, DC=um")
    first, second = items(text)
    assert first == Record(1, NEXT)
    assert second == Mistake(4, "CN=Next, DC=um", "the same dn as the record at line 1", duplicate=True)


def test_an_entry_deleted_in_between_may_come_again() -> None:
    delete = b"\ndn: cn=next,dc=um\nchangetype: delete\n\n"
    assert items(WHOLE + delete + WHOLE) == [
        Record(1, NEXT),
        Record(4, Delete("cn=next,dc=um")),
        Record(7, NEXT),
    ]


def test_a_modification_in_between_leaves_a_duplicate_one() -> None:
    modify = b"\ndn: cn=next,dc=um\nchangetype: modify\nreplace: cn\ncn: b\n-\n\n"
    *_, last = items(WHOLE + modify + WHOLE)
    assert isinstance(last, Mistake)


# --- limits ---


@pytest.mark.parametrize(
    "value", [b"cn: " + b"x" * 11, b"cn:: " + b64encode(b"x" * 11), b"cn: " + b"x\n " * 11]
)
def test_a_value_above_the_limit_is_a_mistake(value: bytes) -> None:
    mistake, record = items(b"dn: cn=a,dc=um\nl: y\n" + value + b"\n\n" + WHOLE, value=13 - 3)
    assert isinstance(mistake, Mistake)
    assert (mistake.line, mistake.reason) == (3, "the value is longer than 10 bytes")
    assert isinstance(record, Mistake)  # its dn has 13 bytes


def test_a_value_at_the_limit_is_read() -> None:
    assert items(b"dn: cn=a,dc=um\ncn: " + b"x" * 10 + b"\n", value=10) == [
        Record(1, Add("cn=a,dc=um", {"cn": (b"x" * 10,)}))
    ]


def test_a_record_above_a_limit_is_a_mistake() -> None:
    text = b"dn: cn=a,dc=um\n" + b"cn: aa\n" * 20
    for limits, reason in (
        ({"record": 100}, "the record is longer than 100 bytes; skipped to the next empty line"),
        ({"lines": 20}, "the record has more than 20 lines; skipped to the next empty line"),
    ):
        assert items(text + b"\n" + WHOLE, **limits) == [Mistake(1, "cn=a,dc=um", reason), Record(23, NEXT)]


class Endless:
    """A record whose third line is a value of `size` bytes, then another record, without holding any of it."""

    def __init__(self, size: int, filler: bytes) -> None:
        self._pieces = self._made(size, filler)

    def _made(self, size: int, filler: bytes) -> Iterator[bytes]:
        end = b"\n" if filler.endswith(b"\n") else b""
        yield b"dn: cn=a,dc=um\ncn: a\njpegPhoto::" + end
        for _ in range(size // len(filler)):
            yield filler
        yield (b"\n" if end else b"\n\n") + WHOLE

    def read(self, _size: int, /) -> bytes:
        return next(self._pieces, b"")


@pytest.mark.parametrize("folded", [False, True])
def test_a_value_of_100_mb_is_never_held(folded: bool) -> None:
    line = b"QUJD" * 16
    # Folded, each read ends between a line end and the space after it.
    filler = (b" " + line[:62] + b"\n" if folded else line) * 1024
    tracemalloc.start()
    found = list(read(Endless(100_000_000, filler)))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    mistake, record = found
    assert mistake == Mistake(
        3, "cn=a,dc=um", "the value is longer than 1048576 bytes; skipped to the next empty line"
    )
    assert isinstance(record, Record)
    assert record.operation == NEXT
    assert record.line == (100_000_000 // len(filler) * 1024 if folded else 0) + 5
    assert peak < 16 * 1024 * 1024


class Pipe:
    """Gives at most 4 KiB at a time, and counts how often it is asked."""

    def __init__(self, text: bytes) -> None:
        self._stream = io.BytesIO(text)
        self.asked = 0

    def read(self, size: int, /) -> bytes:
        self.asked += 1
        return self._stream.read(min(size, 4096))


def test_a_record_is_read_as_soon_as_it_is_whole() -> None:
    pipe = Pipe(b"dn: cn=a,dc=um\ncn: a\n\n".ljust(4096, b"#") + b"x" * 100_000)
    assert next(read(pipe)).dn == "cn=a,dc=um"
    assert pipe.asked == 1


def test_a_large_record_in_small_pieces_takes_time_in_proportion() -> None:
    text = b"dn: cn=a,dc=um\n" + b"cn: aa\n" * 200_000
    looked_at = 0

    class Counting(Limits):
        def excess(self, text: bytes) -> str:
            nonlocal looked_at
            looked_at += len(text)
            return Limits.excess(self, text)

    (item,) = read(Pipe(text), Counting(), chunk=4096)
    assert isinstance(item, Record)
    assert looked_at < 4 * len(text)


def test_many_small_reads_do_not_change_a_thing() -> None:
    text = b"\xef\xbb\xbfdn: cn=a,dc=um\r\ncn: a\r\n b\r\n\r\n\r\n" + WHOLE + b"\ndn: x\r\r\n\r"
    whole = items(text)
    for size in range(1, len(text)):
        stream = io.BytesIO(text)

        class Slow:
            def read(self, _size: int, /) -> bytes:
                return stream.read(size)  # noqa: B023 - used at once

        assert list(read(Slow(), chunk=1)) == whole
