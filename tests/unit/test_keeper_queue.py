"""What the keeper would write: which accounts of a loaded view differ, and what a new view makes it forget."""

from __future__ import annotations

import pytest

from support.service import wait_until
from support.world import World
from um_directory.directory.client import DirectoryClient
from um_directory.guard.keeper import Keeper, differing
from um_directory.model.operation import Modify
from um_directory.view.access import effective_access


def never() -> DirectoryClient:
    raise AssertionError("the keeper was not started")


def bring_in_line(world: World) -> None:
    """Store on every account what it should have."""
    for uid, account in world.view.accounts.items():
        access = effective_access(world.view, uid)
        account.access, account.active = access.applications, access.active
        account.holder_in, account.manager_in = access.holder_in, access.manager_in


def test_accounts_as_they_should_be_do_not_differ(world: World) -> None:
    assert "theuser1" in differing(world.view)
    bring_in_line(world)
    assert differing(world.view) == set()
    world.view.accounts["theuser1"].active = False
    assert differing(world.view) == {"theuser1"}


def test_a_new_view_makes_it_forget_what_an_earlier_one_asked_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = Keeper(never)
    written: list[Modify] = []
    keeper.compare(world.view, {"theuser1"})
    bring_in_line(world)
    world.view.accounts["coadmin1"].active = False
    keeper.begin_anew(world.view, differing(world.view))
    monkeypatch.setattr(keeper, "_write", lambda operation: bool(written.append(operation) or True))
    keeper.start()
    keeper.compare(world.view, {"localadm"})  # nothing to write, but it wakes the keeper up
    wait_until(lambda: bool(written), what="a write of the keeper")
    keeper.stop()
    assert [operation.dn.partition(",")[0] for operation in written] == ["uid=coadmin1"]
