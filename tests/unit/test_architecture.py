"""Import boundaries of the layout, read from the sources: nothing is imported to find out."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import um_directory
from um_directory.guard import rules
from um_directory.guard.rules import RULES

PACKAGE = Path(um_directory.__file__).parent
RULES_FOLDER = PACKAGE / "guard" / "rules"
RULE_TESTS = Path(__file__).parent / "rules"
HELPERS = {"__init__", "base", "eligibility", "holders", "terms"}
"""Modules of the rules' folder that are no rules."""

IO = frozenset(
    {"asyncio", "http", "io", "os", "pathlib", "selectors", "shutil", "signal", "socket", "sqlite3"}
    | {"subprocess", "tempfile", "threading", "time", "urllib"}
)
"""What a pure module has no business with."""


def module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(PACKAGE.rglob("*.py"))}


def imports(path: Path) -> Iterator[str]:
    """Full names of the modules that a file imports, wherever in it. `from a import b` may mean `a.b`."""
    here = module_name(path).split(".")
    package = here if path.stem == "__init__" else here[:-1]
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                full = f"{origin}.{alias.name}"
                yield full if full in MODULES else origin


def inside(name: str, *packages: str) -> bool:
    return any(name == package or name.startswith(package + ".") for package in packages)


def own(*names: str) -> tuple[str, ...]:
    return tuple(f"um_directory.{name}" for name in names)


def modules_in(*packages: str) -> list[str]:
    found = [name for name in MODULES if inside(name, *own(*packages))]
    assert found, f"no module in {packages}"
    return found


def foreign(module: str, *allowed: str) -> set[str]:
    """Imports of a module from our package that are in none of the `allowed` parts of it."""
    return {
        name
        for name in imports(MODULES[module])
        if inside(name, "um_directory") and not inside(name, *own(*allowed))
    }


def third_party(module: str) -> set[str]:
    return {
        name
        for name in imports(MODULES[module])
        if name.partition(".")[0] not in sys.stdlib_module_names | {"um_directory"}
    }


def standard(module: str) -> set[str]:
    return {name.partition(".")[0] for name in imports(MODULES[module])} & sys.stdlib_module_names


@pytest.mark.parametrize("module", MODULES)
def test_ldap3_is_used_by_the_directory_package_alone(module: str) -> None:
    if not inside(module, *own("directory", "connectors.ldap")):
        assert not any(inside(name, "ldap3", "ldap") for name in imports(MODULES[module]))


@pytest.mark.parametrize("module", modules_in("model"))
def test_the_model_is_pure(module: str) -> None:
    assert foreign(module, "model", "errors") == set()
    assert {name.partition(".")[0] for name in third_party(module)} <= {"stdnum", "cryptography"}
    assert standard(module).isdisjoint(IO)


@pytest.mark.parametrize("module", modules_in("view"))
def test_the_view_is_pure(module: str) -> None:
    assert foreign(module, "view", "model", "errors") == set()
    assert third_party(module) == set()
    assert standard(module).isdisjoint(IO)


@pytest.mark.parametrize("module", modules_in("guard.rules"))
def test_the_rules_are_pure(module: str) -> None:
    assert foreign(module, "guard.actor", "guard.change", "guard.rules", "view", "model") == set()
    assert third_party(module) == set()
    assert standard(module).isdisjoint(IO | {"random", "datetime", "logging"})


@pytest.mark.parametrize(
    "module", [*own("guard.actor", "guard.change", "guard.evaluate", "guard.commits", "guard.verify")]
)
def test_the_guards_judgement_is_pure(module: str) -> None:
    assert third_party(module) == set()
    assert standard(module).isdisjoint(IO)


@pytest.mark.parametrize("module", own("audit.events", "audit.filters", "audit.join", "audit.lines"))
def test_what_the_audit_shows_is_decided_without_io(module: str) -> None:
    assert third_party(module) == set()
    assert standard(module).isdisjoint(IO)


@pytest.mark.parametrize("module", modules_in("guard"))
def test_the_guard_knows_nothing_of_what_comes_after_it(module: str) -> None:
    after = own(
        "propagation", "scheduling", "connectors", "ldif_import", "generate", "cli", "supervisor", "audit"
    )
    assert not any(inside(name, *after) for name in imports(MODULES[module]))


@pytest.mark.parametrize("module", modules_in("connectors"))
def test_connectors_know_neither_guard_nor_directory(module: str) -> None:
    behind = own("guard", "directory", "scheduling", "ldif_import", "cli", "supervisor")
    if module != "um_directory.connectors.ldap":
        assert not any(inside(name, *behind) for name in imports(MODULES[module]))


@pytest.mark.parametrize("module", MODULES)
def test_nothing_imports_a_command_line(module: str) -> None:
    # The demo is one itself.
    allowed = {"cli": ("cli", "demo"), "demo": ("demo",)}
    for name, users in allowed.items():
        if not inside(module, *own(*users)):
            assert not any(inside(imported, *own(name)) for imported in imports(MODULES[module]))


@pytest.mark.parametrize("module", modules_in("directory"))
def test_the_directory_package_serves_the_others_and_uses_none(module: str) -> None:
    assert foreign(module, "directory", "model", "view", "errors", "settings", "resources") == set()


def test_the_imports_are_found_at_all() -> None:
    # The tests above hold for a reader that sees nothing.
    assert "um_directory.model.tree" in set(imports(MODULES["um_directory.guard.actor"]))
    assert "um_directory.guard.change" in set(imports(MODULES["um_directory.guard.rules.d06_user"]))
    assert "ldap3" in set(imports(MODULES["um_directory.directory.client"]))
    assert foreign("um_directory.guard.process", "guard") >= {"um_directory.settings"}


# --- one rule, one file, one test file ---

RULE_FILES = sorted(path.stem for path in RULES_FOLDER.glob("*.py") if path.stem not in HELPERS)


@pytest.mark.parametrize("name", RULE_FILES)
class TestARuleFile:
    def test_has_a_rule_that_is_asked(self, name: str) -> None:
        assert getattr(rules, name).RULE in RULES

    def test_is_named_by_its_rule(self, name: str) -> None:
        letters = name.partition("_")[0].rstrip("0123456789")
        digits = name.partition("_")[0][len(letters) :]
        assert getattr(rules, name).RULE.id == letters.upper() + digits.lstrip("0")

    def test_has_a_test_file(self, name: str) -> None:
        assert (RULE_TESTS / f"test_{name}.py").is_file()


def test_every_rule_that_is_asked_has_a_file() -> None:
    assert len(RULES) == len(RULE_FILES)
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_every_test_of_a_rule_has_its_rule() -> None:
    assert {path.stem.removeprefix("test_") for path in RULE_TESTS.glob("test_*.py")} == set(RULE_FILES)
