"""SCIM 2.0 (RFC 7643, RFC 7644): each record is a User whose externalId and userName are the record's id."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

import httpx
from pydantic import ValidationError
from scim2_client import InvalidServiceDescriptionException, UnexpectedStatusCodeException
from scim2_client.client import BASE_HEADERS
from scim2_models import ListResponse, ResourceType, User

from um_directory.connectors.interface import (
    Capabilities,
    Connector,
    Context,
    Held,
    RecordRefused,
    TargetUnavailable,
)
from um_directory.connectors.scim_http import HttpxClient, status_of, translated
from um_directory.connectors.scim_options import ScimOptions
from um_directory.connectors.scim_schema import CORE, EXTENSION, payload
from um_directory.connectors.secret import read_token
from um_directory.propagation.record import Record

_PAGE = 200
_OK, _CREATED, _NO_CONTENT, _NOT_FOUND, _CONFLICT = 200, 201, 204, 404, 409


@dataclass(frozen=True, slots=True)
class _Users:
    """Where the target keeps users, and whether it takes our extension."""

    endpoint: str
    extended: bool


class ScimConnector(Connector[ScimOptions]):
    """One SCIM server. Creating what is there already finds it and updates it instead."""

    capabilities = Capabilities(read_back=True)

    def __init__(self, options: ScimOptions, context: Context) -> None:
        super().__init__(options, context)
        self._http = httpx.Client(base_url=options.url, headers=BASE_HEADERS, timeout=options.timeout_seconds)
        self._scim = HttpxClient(self._http, deadline=3 * options.timeout_seconds)

    def put(self, record: Record, remote_id: str | None) -> str:
        """See `Connector.put`."""
        with self._session():
            user = payload(record, extended=self._users.extended)
            if remote_id is not None and self._replace(remote_id, user):
                return remote_id
            return self._create(user) or self._take_over(user)

    def remove(self, record_id: str, remote_id: str | None) -> None:
        """See `Connector.remove`. Without the target's id, only a user with our externalId is deleted."""
        with self._session():
            if remote_id is not None and self._delete(remote_id):
                return
            found = self._find("externalId", record_id)
            if found is not None:
                self._delete(_id(found))

    def read(self) -> Iterator[Held]:
        """See `Connector.read`; the target's other users are left out."""
        start = 1
        while True:
            with self._session():
                page = self._query({"startIndex": start, "count": _PAGE})
            for user in page:
                if _is_ours(user):
                    yield Held(user["externalId"], _id(user), bool(user.get("active")))
            start += len(page)
            if not page:
                return

    def close(self) -> None:
        """See `Connector.close`."""
        self._http.close()

    @contextmanager
    def _session(self) -> Iterator[None]:
        """Requests with the present token (it may have been replaced) and with our errors."""
        if self.options.token_file is not None:
            try:
                token = read_token(self.context.path(self.options.token_file))
            except ValueError as error:
                raise TargetUnavailable(f"token_file: {error}") from error
            self._http.headers["Authorization"] = f"Bearer {token}"
        with translated():
            yield

    @cached_property
    def _users(self) -> _Users:
        """What the server says of its users; one without discovery gets the RFC's defaults."""
        try:
            answer = self._scim.query(ResourceType, **_expect(_OK))
        except UnexpectedStatusCodeException as error:
            if status_of(error) != _NOT_FOUND:
                raise
            return _Users("/Users", extended=False)
        try:
            found = ListResponse[ResourceType].model_validate(answer)
        except ValidationError as error:
            raise InvalidServiceDescriptionException(message="what it says of itself is no SCIM") from error
        for kind in found.resources or []:
            if str(kind.schema_) == CORE:
                extensions = {str(item.schema_) for item in kind.schema_extensions or []}
                return _Users(_endpoint(str(kind.endpoint)), EXTENSION in extensions)
        raise InvalidServiceDescriptionException(message="the server has no resource type for users")

    def _create(self, user: dict[str, Any]) -> str | None:
        """POST; None when the target says that it is there already."""
        try:
            created = self._scim.create(
                user, url=self._users.endpoint, check_request_payload=False, **_expect(_CREATED, _OK)
            )
        except UnexpectedStatusCodeException as error:
            if status_of(error) == _CONFLICT:
                return None
            raise
        return _id(created)

    def _take_over(self, user: dict[str, Any]) -> str:
        """Update the user that stands in the way: ours from before, or the target's own."""
        own_id = user["externalId"]
        found = self._find("externalId", own_id) or self._find("userName", user["userName"])
        if found is None:
            raise RecordRefused("409: said to exist already, but not found by externalId or userName")
        if found.get("externalId") not in (None, "", own_id):
            raise RecordRefused(f"409: the userName belongs to externalId {found['externalId']}")
        remote_id = _id(found)
        if not self._replace(remote_id, user):
            raise TargetUnavailable(f"user {remote_id} was found, and then was not there")
        return remote_id

    def _replace(self, remote_id: str, user: dict[str, Any]) -> bool:
        """PUT; False when the target does not know the id."""
        try:
            self._scim.replace(
                {**user, "id": remote_id},
                url=self._url(remote_id),
                check_request_payload=False,
                **_expect(_OK, _NO_CONTENT),
            )
        except UnexpectedStatusCodeException as error:
            if status_of(error) == _NOT_FOUND:
                return False
            raise
        return True

    def _delete(self, remote_id: str) -> bool:
        """DELETE; False when the target does not know the id."""
        try:
            self._scim.delete(User, remote_id, url=self._url(remote_id), **_expect(_NO_CONTENT, _OK))
        except UnexpectedStatusCodeException as error:
            if status_of(error) == _NOT_FOUND:
                return False
            raise
        return True

    def _find(self, attribute: str, value: str) -> dict[str, Any] | None:
        """The one user with this value. A server that ignores the filter finds nobody else for us."""
        page = self._query({"filter": f"{attribute} eq {json.dumps(value)}"})
        same = [user for user in page if str(user.get(attribute, "")).lower() == value.lower()]
        if len(same) > 1:
            raise RecordRefused(f"the target has {len(same)} users with {attribute} {value}")
        return same[0] if same else None

    def _query(self, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        answer = self._scim.query(
            User, parameters, url=self._users.endpoint, check_request_payload=False, **_expect(_OK)
        )
        found = answer.get("Resources", []) if isinstance(answer, dict) else None
        if not isinstance(found, list) or not all(isinstance(user, dict) for user in found):
            raise TargetUnavailable("the answer to a query is no SCIM list")
        return found

    def _url(self, remote_id: str) -> str:
        return f"{self._users.endpoint}/{quote(remote_id, safe='')}"


def _expect(*statuses: int) -> dict[str, Any]:
    # Answers are not validated as resources: only the id is read from them.
    return {"expected_status_codes": list(statuses), "check_response_payload": False}


def _id(user: object) -> str:
    """The `id` of a User that the target answered (RFC 7643 §3.1)."""
    found = user.get("id") if isinstance(user, dict) else None
    if not isinstance(found, str) or found in {"", ".", ".."}:
        raise TargetUnavailable("the answer holds no usable id of the user")
    return found


def _is_ours(user: dict[str, Any]) -> bool:
    own_id, name = user.get("externalId"), user.get("userName")
    return isinstance(own_id, str) and isinstance(name, str) and own_id.lower() == name.lower()


def _endpoint(path: str) -> str:
    """The endpoint of a resource type, if it leads nowhere but below the base URL."""
    segments = path.removeprefix("/").removesuffix("/").split("/")
    if any(not segment or segment.startswith(".") or set(segment) & set("?#:%\\") for segment in segments):
        raise InvalidServiceDescriptionException(message=f"not an endpoint: {path}")
    return "/" + "/".join(segments)
