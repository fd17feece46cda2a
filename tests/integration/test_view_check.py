"""The guard's view can be compared with the directory while it runs, and a difference shows."""

from __future__ import annotations

import pytest

from support.enterprise import Enterprise
from support.service import Service
from support.view_check import assert_view_equals_directory, commit_that_never_was, view_differences
from um_directory.errors import UmError
from um_directory.guard.control import ask


def test_the_view_equals_the_directory_after_a_load(service: Service) -> None:
    Enterprise(service).load()
    assert_view_equals_directory(service)


def test_a_phantom_commit_makes_a_difference_until_the_view_is_loaded_anew(service: Service) -> None:
    here = Enterprise(service).load()
    assert_view_equals_directory(service)
    commit_that_never_was(service, here.account("cam"), "preferredLanguage", "fr")
    assert view_differences(service) == {"accounts": {here.uid("cam")}}
    # A commit that the guard was never asked about ends its trust in the view.
    commit_that_never_was(service, here.account("la"), "preferredLanguage", "fr", asked=False)
    assert_view_equals_directory(service)


@pytest.mark.parametrize("request_", [{"table": "nonsense"}, {"table": "accounts"}, {"keys": []}])
def test_questions_that_the_guard_does_not_know_get_an_error(service: Service, request_: dict) -> None:
    with pytest.raises(UmError, match="not a question that the guard knows"):
        ask(service.settings, request_)
