"""SCIM: the contract against scim2-server, and what a wrong or hostile server cannot do."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from contract.suite import ConnectorContract, RefusingConnectorContract, RefusingTarget
from support.propagation import NUMBER, record
from support.scim import Answer, ScimServer, ScriptedServer
from um_directory.connectors.interface import Context, RecordRefused, TargetUnavailable
from um_directory.connectors.scim import ScimConnector
from um_directory.connectors.scim_options import ScimOptions
from um_directory.connectors.scim_schema import EXTENSION

TIMEOUT_SECONDS = 5.0


def connector(url: str, directory: Path, **options: object) -> ScimConnector:
    keys = {"url": url, "timeout_seconds": TIMEOUT_SECONDS, **options}
    return ScimConnector(ScimOptions.model_validate(keys), Context("scim", directory))


class ScimTarget(RefusingTarget):
    def __init__(self, server: ScimServer, directory: Path) -> None:
        self.server = server
        self.tenant = f"t{uuid.uuid4().hex}"
        self.connector: ScimConnector = connector(server.url(self.tenant), directory)
        self.refusable = record("refused12")
        self.make(userName="refused12", externalId="hr-4711", active=False)

    def users(self) -> dict[str, dict[str, object]]:
        return self.server.users(self.tenant)

    def held(self) -> dict[str, bool]:
        ours = {name: user for name, user in self.users().items() if user.get("externalId") == name}
        return {name: bool(user["active"]) for name, user in ours.items()}

    @contextmanager
    def unavailable(self) -> Iterator[None]:
        with self.server.hanging():
            yield

    def lose(self) -> None:
        for name in self.held():
            user = self.users()[name]
            httpx.delete(f"{self.server.url(self.tenant)}/Users/{user['id']}").raise_for_status()

    def make(self, **user: object) -> None:
        """A user that the target made by itself."""
        body = {"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], **user}
        httpx.post(f"{self.server.url(self.tenant)}/Users", json=body).raise_for_status()


@pytest.fixture
def target(scim_server: ScimServer, tmp_path: Path) -> Iterator[ScimTarget]:
    own = ScimTarget(scim_server, tmp_path)
    yield own
    own.connector.close()


class TestScim(ConnectorContract, RefusingConnectorContract):
    pass


def test_a_record_becomes_a_user_with_our_extension(target: ScimTarget) -> None:
    target.connector.put(
        record(surname="Janssens", given_name="Zoë", mail="zoe@janssens.example", language="nl", ssin="85073003328"),
        None,
    )  # fmt: skip
    user = target.users()["firstuser"]
    assert user["externalId"] == "firstuser"
    assert user["name"] == {"familyName": "Janssens", "givenName": "Zoë"}
    assert user["emails"] == [{"value": "zoe@janssens.example", "type": "work", "primary": True}]
    assert user["preferredLanguage"] == "nl"
    assert user[EXTENSION] == {
        "enterprise": NUMBER,
        "ssin": "85073003328",
        "grants": [{"application": "dmfa", "capacity": "employer", "role": "user", "status": "active"}],
    }


def test_what_is_no_longer_known_is_taken_back(target: ScimTarget) -> None:
    remote_id = target.connector.put(record(mail="a@janssens.example", language="nl"), None)
    target.connector.put(record(language="fr"), remote_id)
    user = target.users()["firstuser"]
    assert user["preferredLanguage"] == "fr"
    assert "emails" not in user


def test_a_server_without_our_extension_gets_plain_users(tmp_path: Path) -> None:
    server = ScimServer(tmp_path, extended=False)
    try:
        connector(server.url("plain"), tmp_path).put(record(), None)
        assert EXTENSION not in server.users("plain")["firstuser"]
        assert server.users("plain")["firstuser"]["active"] is True
    finally:
        server.stop()


def test_a_user_that_the_target_made_beforehand_is_taken_over(target: ScimTarget) -> None:
    target.make(userName="firstuser", active=False)
    target.connector.put(record(), None)
    assert target.held() == {"firstuser": True}


def test_a_user_of_somebody_else_with_that_name_is_left_alone(target: ScimTarget) -> None:
    target.make(userName="firstuser", externalId="hr-4711", active=False)
    with pytest.raises(RecordRefused, match="the userName belongs to externalId hr-4711"):
        target.connector.put(record(), None)
    target.connector.remove("firstuser", None)
    assert target.users()["firstuser"]["externalId"] == "hr-4711"


def test_the_token_is_read_from_its_file_each_time(tmp_path: Path) -> None:
    server = ScimServer(tmp_path, token="second")
    token = tmp_path / "token"
    token.touch(mode=0o600)
    try:
        client = connector(server.url("t"), tmp_path, token_file="token")
        token.write_text("first\n")
        with pytest.raises(TargetUnavailable, match="look at token_file"):
            client.put(record(), None)
        token.write_text("second\n")  # replaced while running
        client.put(record(), None)
        assert set(server.users("t")) == {"firstuser"}
        token.chmod(0o644)
        with pytest.raises(TargetUnavailable, match="others may read"):
            client.put(record(), None)
    finally:
        server.stop()


# --- servers that do not behave ---

USER_TYPE = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
    "id": "User",
    "name": "User",
    "endpoint": "/Users",
    "schema": "urn:ietf:params:scim:schemas:core:2.0:User",
}
LIST = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]}
SCIM_JSON = {"Content-Type": "application/scim+json"}


def types(**changes: object) -> Answer:
    """An answer to /ResourceTypes."""
    found = {**LIST, "totalResults": 1, "Resources": [{**USER_TYPE, **changes}]}
    return Answer(body=json.dumps(found).encode(), headers=SCIM_JSON)


def error(status: int, detail: str, **headers: str) -> Answer:
    body = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": str(status),
        "detail": detail,
    }
    return Answer(status, json.dumps(body).encode(), {**SCIM_JSON, **headers})


@pytest.fixture
def scripted() -> Iterator[Callable[..., ScriptedServer]]:
    servers: list[ScriptedServer] = []

    def start(**answers: Answer) -> ScriptedServer:
        servers.append(ScriptedServer(**{"GET": types(), **answers}))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (error(400, "userName is too long"), RecordRefused, "400: userName is too long"),
        (error(403, "protected account"), RecordRefused, "403: protected account"),
        (error(401, "no"), TargetUnavailable, "look at token_file"),
        (error(500, "database\x1b[2J gone\n"), TargetUnavailable, r"500: database\\x1b\[2J gone\\n"),
        (Answer(502, b"<html>bad gateway</html>"), TargetUnavailable, "502: Bad Gateway"),
        (Answer(404, b""), TargetUnavailable, "look at url"),
        (Answer(308, b"", {"Location": "http://192.0.2.1/"}), TargetUnavailable, "308: Permanent Redirect"),
        (Answer(201, b"not json", SCIM_JSON), TargetUnavailable, "Unexpected response content format"),
        (Answer(201, b"[]", SCIM_JSON), TargetUnavailable, "no usable id"),
        (Answer(201, b'{"id": ".."}', SCIM_JSON), TargetUnavailable, "no usable id"),
        (Answer(201, b"x" * (17 << 20), SCIM_JSON), TargetUnavailable, "larger than 16 MiB"),
    ],
)
def test_an_odd_answer_is_one_of_the_two_errors(
    scripted: Callable[..., ScriptedServer], tmp_path: Path, answer: Answer, kind: type[Exception], words: str
) -> None:
    server = scripted(POST=answer)
    with pytest.raises(kind, match=words):
        connector(server.url, tmp_path).put(record(), None)


@pytest.mark.parametrize(
    ("value", "least", "most"), [("7", 7, 7), ("Wed, 21 Oct 2099 07:28:00 GMT", 1e9, 1e10)]
)
def test_a_busy_target_says_how_long_to_wait(
    scripted: Callable[..., ScriptedServer], tmp_path: Path, value: str, least: float, most: float
) -> None:
    server = scripted(POST=error(429, "slow down", **{"Retry-After": value}))
    with pytest.raises(TargetUnavailable) as caught:
        connector(server.url, tmp_path).put(record(), None)
    assert caught.value.retry_after is not None
    assert least <= caught.value.retry_after <= most


@pytest.mark.parametrize(
    "endpoint", ["/../admin", "//evil.example/Users", "https://evil.example/Users", "/Users?x=", "/%2e%2e/x"]
)
def test_a_server_cannot_lead_us_away_from_its_base_url(
    scripted: Callable[..., ScriptedServer], tmp_path: Path, endpoint: str
) -> None:
    server = scripted(GET=types(endpoint=endpoint), POST=Answer(201, b'{"id": "1"}', SCIM_JSON))
    with pytest.raises(TargetUnavailable):
        connector(server.url, tmp_path).put(record(), None)
    assert {method for method, _path in server.asked} == {"GET"}


def test_a_change_of_a_known_record_is_one_request(
    scripted: Callable[..., ScriptedServer], tmp_path: Path
) -> None:
    server = scripted(PUT=Answer(200, b"{}", SCIM_JSON))
    client = connector(server.url, tmp_path)
    assert client.put(record(), "42") == "42"
    server.asked.clear()
    client.put(record(active=False), "42")
    assert server.asked == [("PUT", "/Users/42")]


def test_an_id_with_slashes_stays_one_segment(
    scripted: Callable[..., ScriptedServer], tmp_path: Path
) -> None:
    server = scripted(DELETE=Answer(204))
    connector(server.url, tmp_path).remove("firstuser", "../../Groups/1")
    assert server.asked[-1] == ("DELETE", "/Users/..%2F..%2FGroups%2F1")


def test_a_server_without_discovery_gets_the_endpoints_of_the_rfc(
    scripted: Callable[..., ScriptedServer], tmp_path: Path
) -> None:
    server = scripted(GET=error(404, "no discovery"), POST=Answer(201, b'{"id": "1"}', SCIM_JSON))
    assert connector(server.url, tmp_path).put(record(), None) == "1"
    assert server.asked[-1] == ("POST", "/Users")


def test_a_server_that_ignores_filters_does_not_make_us_delete_others(
    scripted: Callable[..., ScriptedServer], tmp_path: Path
) -> None:
    others = {**LIST, "totalResults": 1, "Resources": [{"id": "1", "externalId": "somebody"}]}
    server = scripted(DELETE=Answer(204))
    client = connector(server.url, tmp_path)
    client.remove("other1234", "gone")  # learns the endpoint
    server.answers["GET"] = Answer(body=json.dumps(others).encode(), headers=SCIM_JSON)
    server.asked.clear()
    client.remove("firstuser", None)
    assert [method for method, _path in server.asked] == ["GET"]


def test_nobody_at_the_address(tmp_path: Path) -> None:
    server = ScriptedServer()
    server.stop()
    with pytest.raises(TargetUnavailable, match="refused"):
        connector(server.url, tmp_path).put(record(), None)
