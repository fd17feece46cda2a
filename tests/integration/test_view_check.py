"""The guard's view can be compared with the directory while it runs, and a difference shows."""

from __future__ import annotations

import socket

import pytest

from support.enterprise import Enterprise
from support.service import Service
from support.view_check import assert_view_equals_directory, view_differences
from um_directory.errors import UmError
from um_directory.guard.control import ask

PHANTOM = """ADD
msgid: 1
binddn: cn=internal,cn=commits
connid: 999999
suffix: cn=commits
dn: reqStart=20261123000000.000000Z,cn=commits
objectClass: auditModify
reqStart: 20261123000000.000000Z
reqType: modify
reqSession: {connection}
reqDN: {dn}
reqMod: preferredLanguage:= fr

"""


def test_the_view_equals_the_directory_after_a_load(service: Service) -> None:
    Enterprise(service).load()
    assert_view_equals_directory(service)


def test_a_phantom_commit_makes_a_difference_until_the_view_is_loaded_anew(service: Service) -> None:
    here = Enterprise(service).load()
    assert_view_equals_directory(service)
    question = (
        f"MODIFY\nmsgid: 7\nbinddn: {here.account('cam')}\nconnid: 999001\nsuffix: dc=um,dc=example\n"
        f"dn: {here.account('cam')}\nreplace: preferredLanguage\npreferredLanguage: fr\n-\n\n"
    )
    assert send(service.settings.write_socket, question) == b"CONTINUE\n"
    # slapd never wrote it, but says that it did:
    send(service.settings.commit_socket, PHANTOM.format(connection=999001, dn=here.account("cam")))
    assert view_differences(service) == {"accounts": {here.uid("cam")}}
    # A commit that the guard was never asked about ends its trust in the view.
    send(service.settings.commit_socket, PHANTOM.format(connection=999002, dn=here.account("la")))
    assert_view_equals_directory(service)


@pytest.mark.parametrize("request_", [{"table": "nonsense"}, {"table": "accounts"}, {"keys": []}])
def test_questions_that_the_guard_does_not_know_get_an_error(service: Service, request_: dict) -> None:
    with pytest.raises(UmError, match="not a question that the guard knows"):
        ask(service.settings, request_)


def send(path: object, text: str) -> bytes:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(text.encode())
        return connection.recv(1000)
