"""The memory twin keeps the contract that the tests of others rely on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contract.suite import ConnectorContract, RefusingConnectorContract, RefusingTarget
from support.propagation import record
from um_directory.connectors.interface import Context
from um_directory.connectors.memory import MemoryConnector, MemoryOptions


class MemoryTarget(RefusingTarget):
    def __init__(self, directory: Path) -> None:
        self.connector: MemoryConnector = MemoryConnector(MemoryOptions(), Context("memory", directory))
        self.refusable = record("refused12")
        self.connector.refuses["refused12"] = "no\x1b[2J"

    def held(self) -> dict[str, bool]:
        return {item.id: item.active for item in self.connector.records.values()}

    @contextmanager
    def unavailable(self) -> Iterator[None]:
        self.connector.away = "out to lunch\n"
        yield
        self.connector.away = None

    def lose(self) -> None:
        self.connector.records.clear()


class TestMemory(ConnectorContract, RefusingConnectorContract):
    @pytest.fixture
    def target(self, tmp_path: Path) -> MemoryTarget:
        return MemoryTarget(tmp_path)
