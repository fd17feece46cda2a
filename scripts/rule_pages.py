"""docs/reference/rules.md: a section a rule, with what it refuses and its words in four languages.

Everything comes from the code: ids, sentences and sources from RULES, templates from the syntax trees of the
guard's modules, translations from the catalogues.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from um_directory.guard import change as parts
from um_directory.guard.rules import RULES
from um_directory.guard.rules.base import Rule

ROOT = Path(__file__).parent.parent
GUARD = ROOT / "src/um_directory/guard"
LOCALE = ROOT / "src/um_directory/locale"
LANGUAGES = ("nl", "fr", "de")
INTRODUCTION = """\
The rules in the order in which they are asked: the first that refuses is the one the client reads. A write passes when
no rule refuses and each of its parts is allowed by at least one; what no rule allows is refused with [D0](#d0); while
the guard cannot decide, everything is, with [G0](#g0). § are the manual's; *reading* is explained on
[the page of the domain](domain.md).

A refusal is one line: the rule's id, a colon, and one of the texts below in the language of the actor's account
(`preferredLanguage`: nl, fr, de; English otherwise). `{…}` stands for names that are put in.
"""
OTHERS = {
    "D0": ("What no rule knows is refused: the guard allows what is known.", "the default"),
    "G0": ("The guard cannot decide now; nothing was written.", "ours"),
}
"""Refusals that are no rule's own."""
TEMPLATES = {"Refuse": 0, "GroupRule": 1}
"""Which argument of which call is a rule's text."""
KINDS: dict[type, str] = {
    parts.RoleTransition: "who gets, keeps or loses a role",
    parts.GrantTransition: "who gets, keeps or loses an authorization",
    parts.HoldersAfter: "how many holders a group will have",
    parts.UnknownHolder: "holders that are no account",
    parts.EntryAdded: "new entries",
    parts.EntryRemoved: "deleted entries",
    parts.AttributeChanged: "other attributes",
    parts.PasswordChanged: "passwords",
    parts.Unsupported: "what no rule speaks of",
}
Names = dict[str, ast.AST]


def page() -> str:
    """The whole page, without the note at its head."""
    lines = ["# Rules\n", INTRODUCTION, "| rule | says | source |\n|---|---|---|"]
    lines += [f"| [{rule.id}](#{rule.id.lower()}) | {rule.sentence} | {rule.source} |" for rule in RULES]
    lines += [f"| [{key}](#{key.lower()}) | {text[0]} | {text[1]} |" for key, text in OTHERS.items()]
    for rule in RULES:
        lines += _section(rule)
    for key, (sentence, _source) in OTHERS.items():
        lines += [f"\n## {key}\n", sentence, *_messages(sorted_texts(key))]
    return "\n".join(lines) + "\n"


def _section(rule: Rule) -> Iterator[str]:
    module = rule_module(rule.id)
    path = f"../../src/um_directory/guard/rules/{module}.py"
    test = f"../../tests/unit/rules/test_{module}.py"
    yield f"\n## {rule.id}\n"
    yield f"> {rule.sentence}\n>\n> Source: {rule.source}. Code: [{module}]({path}), [tests]({test}).\n"
    yield f"**The check.** {_what_it_does(rule)}\n"
    yield f"Asked about: {_asked_about(rule.looks_at)}."
    yield from _messages(sorted_texts(rule.id))


def _what_it_does(rule: Rule) -> str:
    """The first paragraph of the check's docstring: `inspect` gives a callable object's too."""
    check = rule.check if inspect.isfunction(rule.check) else type(rule.check).__call__
    text = inspect.getdoc(check) or ""
    if not inspect.isfunction(rule.check):
        text = "Refuse changes to the holders of this role by others than those who may, and what breaks its limits."
    return " ".join(text.partition("\n\n")[0].split())


def _asked_about(kinds: tuple[type, ...]) -> str:
    if len(kinds) >= len(KINDS):
        return "everything"
    return ", ".join(KINDS.get(kind, kind.__name__) for kind in kinds)


def _messages(texts: list[str]) -> Iterator[str]:
    if not texts:
        yield "\nIt refuses nothing by itself."
        return
    yield "\n**What the client reads**\n"
    for text in texts:
        yield f"- {_code(text)}"
        for language in LANGUAGES:
            yield f"  - {language}: {_code(translations(language).get(text, '(missing)'))}"


def _code(text: str) -> str:
    """A template as the client sees it, {{ and }} being braces."""
    return "`" + text.replace("{{", "{").replace("}}", "}") + "`"


# --- templates, from the syntax trees ---


def sorted_texts(rule_id: str) -> list[str]:
    """The English templates of a rule (or of D0, G0), in the order of the code."""
    found: list[str] = []
    if rule_id not in OTHERS:
        found += _of_module(GUARD / f"rules/{rule_module(rule_id)}.py", None, set())
    found += [text for key, text in _given_elsewhere() if key == rule_id]
    return list(dict.fromkeys(found))


def _of_module(path: Path, names: set[str] | None, seen: set[tuple[Path, str]]) -> Iterator[str]:
    """Templates in a module, or in the definitions called `names` only, and in the helpers that they use."""
    tree = _tree(path)
    defined = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assigned = {
        target.id: node
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    known: Names = {**defined, **assigned}
    helpers = _helpers(tree)
    for node in [tree] if names is None else [known[name] for name in names if name in known]:
        for call in _calls(node):
            text = _argument(call, TEMPLATES)
            if text is not None:
                yield text
        for name in (item.id for item in ast.walk(node) if isinstance(item, ast.Name)):
            if name in helpers and (helpers[name], name) not in seen:
                seen.add((helpers[name], name))
                yield from _of_module(helpers[name], {name}, seen)
            elif names is not None and name in known and (path, name) not in seen:
                seen.add((path, name))
                yield from _of_module(path, {name}, seen)


def _calls(node: ast.AST) -> list[ast.Call]:
    """Every call, in the order of the text."""
    calls = [item for item in ast.walk(node) if isinstance(item, ast.Call)]
    return sorted(calls, key=lambda call: (call.lineno, call.col_offset))


def _helpers(tree: ast.Module) -> dict[str, Path]:
    """Names that a module imports from the guard's own modules, and where they are defined."""
    found = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("um_directory.guard."):
            path = ROOT / "src" / ((node.module or "").replace(".", "/") + ".py")
            if path.is_file():
                found |= {alias.asname or alias.name: path for alias in node.names}
    return found


@cache
def _given_elsewhere() -> tuple[tuple[str, str], ...]:
    """(id, template) of refusals that the guard makes outside the rules' modules."""
    found = []
    for path in sorted(GUARD.glob("*.py")):
        constants = _constants(path)
        for call in _calls(_tree(path)):
            text = _argument(call, {"Unsupported": 1})
            if text is not None:
                found.append(("D0", text))
            text = _argument(call, {"Refusal": 1})
            if text is not None:
                found.append((_id(call.args[0], constants), text))
    return tuple(found)


def _constants(path: Path) -> dict[str, str]:
    """Names of ids in a module: its own, and those it imports."""
    tree = _tree(path)
    found: dict[str, str] = {}
    for name, source in _helpers(tree).items():
        imported = _constants(source).get(name)
        if imported is not None:
            found[name] = imported
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
            found |= dict.fromkeys(names, str(node.value.value))
    return found


def _id(node: ast.expr, constants: dict[str, str]) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    return constants.get(node.id, "") if isinstance(node, ast.Name) else ""


def _argument(call: ast.Call, where: dict[str, int]) -> str | None:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    place = where.get(name)
    if place is None or len(call.args) <= place:
        return None
    argument = call.args[place]
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else None


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


@cache
def translations(language: str) -> dict[str, str]:
    """English text to translated text."""
    with (LOCALE / f"{language}.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


def rule_module(rule_id: str) -> str:
    """The module's name begins with the rule's id: D6 is d06_….py."""
    letters, digits = re.fullmatch(r"([A-Z]+)(\d*)", rule_id).groups()  # type: ignore[union-attr]
    prefix = letters.lower() + (digits.zfill(2) if digits else "") + "_"
    return next(path.stem for path in sorted((GUARD / "rules").glob(f"{prefix}*.py")))
