"""Reference pages of the manual from the program itself: public names, keys of study.toml, messages.

A docstring becomes Markdown by its own marks: a line ``Formula:`` (Args, Returns, Raises ...) opens a part, names of
arguments open the entries of a list. Nothing is said here that the program does not say.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import integrade
from integrade import errors, surface
from integrade.study.json_schema import json_schema

ROOT = Path(__file__).parents[1]
PART = re.compile(r"^([A-Z][\w-]*,?(?: [\w`=',()-]+){0,9}):(?: (.*))?$")
CODE = re.compile(r"(``[^`]+``|`[^`]+`)")
WRITTEN = "Written by `make docs` from the program."
ROOMS = ("integration", "quality", "panel", "sources", "questions", "plot", "published", "simulation")


@dataclass(frozen=True)
class Name:
    """A public name: how users write it, where it is described, and what it is."""

    name: str
    page: str
    value: Any

    @property
    def written(self) -> str:
        """``ig.fit`` or ``ig.questions.oster``."""
        return f"ig.{self.name}" if self.page == "main" else f"ig.{self.page}.{self.name}"


def public() -> list[Name]:
    """Every public function and class, once: on the main path, else in its namespace."""
    flat = [Name(n, "main", getattr(integrade, n)) for n in integrade.__all__]
    flat = [one for one in flat if not isinstance(one.value, ModuleType)]
    seen = {id(one.value) for one in flat}
    for room in ("options", "results", *ROOMS):
        space = surface.namespace(room)
        for name in sorted(getattr(space, "__all__", None) or dir(space)):
            value = getattr(space, name)
            if callable(value) and id(value) not in seen and not name.startswith("_"):
                seen.add(id(value))
                flat.append(Name(name, room, value))
    return flat


def pages() -> dict[str, str]:
    """Path below ``reference/`` -> Markdown."""
    names = public()
    links = {one.name: f"{one.page}.md#{one.name.lower()}" for one in names}
    made = {f"python/{page}.md": _namespace(page, names, links) for page in ("main", *ROOMS, "options", "results")}
    return made | {"study.md": study(), "messages.md": messages()}


TITLES = {
    "main": ("The main path", "From raw files to a table of regressions: `import integrade as ig`, then `ig.fit`."),
    "options": (
        "Records of options",
        'Several options together: `ig.fit(panel, formula, ig.options.Fit(vcov="CR3"))`.',
    ),
    "results": ("Records of results", "What functions return: numbers, never data."),
}


def _namespace(page: str, names: list[Name], links: Mapping[str, str]) -> str:
    title, lead = TITLES.get(page) or (f"ig.{page}", inspect.getdoc(surface.namespace(page)) or "")
    held = [one for one in names if one.page == page]
    parts = [f"# {title}\n\n{WRITTEN} {prose(lead, links)}\n"]
    return "\n".join([*parts, *(_entry(one, links) for one in held)])


def _entry(one: Name, links: Mapping[str, str]) -> str:
    doc = inspect.getdoc(one.value) or ""
    if inspect.isclass(one.value):
        return f"## {one.name}\n\n{docstring(doc, links)}\n{_members(one.value, links)}"
    return f"## {one.name}\n\n```python\n{signature(one)}\n```\n\n{docstring(doc, links)}\n"


def _members(kind: type, links: Mapping[str, str]) -> str:
    """Fields of a record, and its public methods."""
    lines = []
    if is_dataclass(kind) and "Parameters\n---" not in (inspect.getdoc(kind) or ""):
        held = [f for f in fields(kind) if not f.name.startswith("_")]
        said = ", ".join(f"`{f.name}`" for f in held)
        lines += [f"Fields: {said}.\n"] if held else []
    methods = [
        (name, value)
        for name, value in vars(kind).items()
        if not name.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)) and value.__doc__
    ]
    lines += [f"- **{n}**: {prose(_first(inspect.getdoc(v) or ''), links)}" for n, v in sorted(methods)]
    return "\n".join(lines) + "\n"


def _first(doc: str) -> str:
    return " ".join(doc.partition("\n\n")[0].split())


def signature(one: Name) -> str:
    """A call with its arguments, their types and defaults, one a line where they do not fit."""
    found = inspect.signature(one.value)
    shown = []
    star = False
    for p in found.parameters.values():
        if p.kind is p.KEYWORD_ONLY and not star:
            shown.append("*")
            star = True
        mark = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        kind = "" if p.annotation is p.empty else f": {_type(p.annotation)}"
        default = "" if p.default is p.empty else f" = {_value(p.default)}"
        shown.append(f"{mark}{p.name}{kind}{default}")
    back = "" if found.return_annotation is found.empty else f" -> {_type(found.return_annotation)}"
    line = f"{one.written}({', '.join(shown)}){back}"
    if len(line) <= 90:
        return line
    return f"{one.written}(\n" + "".join(f"    {s},\n" for s in shown) + f"){back}"


def _value(default: Any) -> str:
    return f"{default.__name__}" if callable(default) and hasattr(default, "__name__") else repr(default)


def _type(hint: Any) -> str:
    said = hint if isinstance(hint, str) else inspect.formatannotation(hint)
    return re.sub(r"\b(?:collections\.abc|typing|pathlib|integrade(?:\.\w+)*)\.(?=\w)", "", said).strip("'")


def docstring(doc: str, links: Mapping[str, str]) -> str:
    """Markdown of a docstring: its parts with bold heads, formulas as they stand, arguments as a list."""
    parts: list[str] = []
    for head, body in _parts(doc):
        if not head:
            parts.append(prose(body, links))
            continue
        kind = head.partition(" ")[0].rstrip(",")
        if kind == "Formula":
            parts.append(f"**{head}**\n\n```text\n{body}\n```" + _cited_below(body))
        elif kind == "Example":
            parts.append(f"**{head}**\n\n```pycon\n{body}\n```")
        elif kind in ("Args", "Options", "Parameters") and (entries := list(_entries(body))):
            listed = "\n".join(f"- `{name}`: {prose(text, links)}" for name, text in entries)
            parts.append(f"**{'Options' if kind == 'Parameters' else head}**\n\n{listed}")
        else:
            parts.append(f"**{head}**: {prose(body, links)}")
    return "\n\n".join(parts) + "\n"


def _cited_below(body: str) -> str:
    """Citations of the methods in a formula, where they can be links."""
    found = re.findall(r"METHODS [\d., a-z]+\d[a-z]?", body)
    return "".join(f"\n\n{one}" for one in found)


def _parts(doc: str) -> Iterator[tuple[str, str]]:
    """(head, body) of each part; the head of plain text is empty."""
    head, held = "", list[str]()
    lines = doc.splitlines()
    for i, line in enumerate(lines):
        found = PART.match(line)
        below = lines[i + 1] if i + 1 < len(lines) else ""
        if line == "Parameters" and set(below) == {"-"}:
            found = PART.match("Parameters:")
        if set(line) == {"-"}:
            continue
        if found and (found[2] or found[1] == "Parameters" or below.startswith(" ") or not below):
            if any(held):
                yield head, inspect.cleandoc("\n".join(held))
            head, held = found[1], [found[2] or ""]
        elif line and not line.startswith(" ") and head not in ("", "Parameters") and i and not lines[i - 1]:
            if any(held):
                yield head, inspect.cleandoc("\n".join(held))
            head, held = "", [line]
        else:
            held.append(line)
    if any(held):
        yield head, inspect.cleandoc("\n".join(held))


def _entries(body: str) -> Iterator[tuple[str, str]]:
    """Arguments: ``name: text`` or ``name`` over an indented text."""
    name, held = "", list[str]()
    for line in body.splitlines():
        opened = re.match(r"^(\*{0,2}[A-Za-z_][\w, *]*?)(?:: (.*)|)$", line)
        if opened and not line.startswith(" "):
            if name:
                yield name, " ".join(filter(None, held))
            name, held = opened[1], [opened[2] or ""]
        elif name:
            held.append(line.strip())
    if name:
        yield name, " ".join(filter(None, held))


def prose(text: str, links: Mapping[str, str]) -> str:
    """Text whose marks stay what they are: code in backticks (a link where it is a public name), no other markup."""
    done = []
    for piece in CODE.split(text):
        if not CODE.fullmatch(piece):
            done.append(re.sub(r"([\\*_<>$|\[\]~#])", r"\\\1", piece))
            continue
        name = piece.strip("`").removeprefix("~")
        target = links.get(name.rpartition(".")[2]) if re.fullmatch(r"[\w.]+", name) else None
        done.append(f"[`{name}`]({target})" if target and piece.count("`") == 2 else f"`{name}`")
    return "".join(done)


def study() -> str:
    """Every key of study.toml: section by section, with default, choices and meaning."""
    schema = json_schema()
    parts = [
        "# Keys of study.toml\n\nWritten by `make docs` from the schema that checks a study file; `integrade new` "
        "writes the same as study.schema.json, from which editors complete keys. Sections of questions are also in "
        "[questions](../questions.md) with what they answer, methods and their options in [measures](../measures.md).\n"
    ]
    plain_keys = []
    for name, held in schema["properties"].items():
        several = held.get("type") == "array"
        record = _resolved(held.get("items", {}) if several else held, schema)
        if "properties" not in record:
            plain_keys.append(_row(name, held, schema))
            continue
        about = held.get("description") or record.get("description", "")
        rows = [_row(key, one, schema) for key, one in record["properties"].items()]
        bracket = f"[[{name}]]" if several else f"[{name}]"
        parts.append(f"## {bracket}\n\n{prose(_first(about), {})}\n\n{HEAD}" + "\n".join(rows) + "\n")
        if "$ref" in (single := record.get("additionalProperties") or {}):  # [tables.4]
            one = _resolved(single, schema)
            rows = [_row(key, held_one, schema) for key, held_one in one["properties"].items()]
            parts.append(f"{prose(_first(one['description']), {})}\n\n{HEAD}" + "\n".join(rows) + "\n")
    parts.insert(1, f"## Above the sections\n\n{HEAD}" + "\n".join(plain_keys) + "\n")
    return "\n".join(parts)


HEAD = "| key | default | choices | meaning |\n|---|---|---|---|\n"


def _resolved(held: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A property with what it refers to, of several the one that has keys."""
    if "$ref" in held:
        return {**schema["$defs"][held["$ref"].rpartition("/")[2]], **{k: v for k, v in held.items() if k != "$ref"}}
    for one in held.get("anyOf", ()):
        if "$ref" in one or "properties" in one:
            return {**_resolved(one, schema), **{k: v for k, v in held.items() if k != "anyOf"}}
    return held


def _row(key: str, held: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    default = f"`{held['default']!r}`" if "default" in held and held["default"] is not None else ""
    cells = (f"`{key}`", default.replace("|", "\\|"), _choices(held, schema), prose(held.get("description", ""), {}))
    return "| " + " | ".join(cell.replace("\n", " ") for cell in cells) + " |"


def _choices(held: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if "enum" in held:
        return ", ".join(f"`{v}`" for v in held["enum"])
    if "const" in held:
        return f"`{held['const']}`"
    if "anyOf" in held:
        each = [_choices(one, schema) for one in held["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(one for one in each if one))
    if held.get("type") == "array":
        return f"list of {_choices(held.get('items', {}), schema) or 'values'}"
    if "$ref" in held or held.get("type") == "object":
        return "table"
    return {"integer": "whole number", "number": "number", "boolean": "true, false", "string": "text"}.get(
        held.get("type", ""), ""
    )


@dataclass(frozen=True)
class Raised:
    """One place that raises: the class, what it says and what it advises; what is only known then in angle marks."""

    kind: str
    what: str
    remedy: str


def raised() -> list[Raised]:
    """Every place of the program that raises an error of its own, in the order of files and lines."""
    kinds = set(_kinds())
    found = []
    for path in sorted((ROOT / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and (name := _called(node)) in kinds and node.args:
                advice = next((k.value for k in node.keywords if k.arg == "remedy"), None)
                what = _said(node.args[0])
                if what:
                    found.append(Raised(name, what, _said(advice) if advice else ""))
    return list(dict.fromkeys(found))


def _called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def _said(node: ast.AST) -> str:
    """The words of an expression that makes a text, what it fills in in angle marks; nothing where it has no words."""
    if isinstance(node, ast.Constant):
        return str(node.value) if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            _said(v) if isinstance(v, ast.Constant) else f"‹{_filled(v.value)}›"
            for v in node.values
            if isinstance(v, (ast.Constant, ast.FormattedValue))
        )
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        sides = [_said(side) or f"‹{_filled(side)}›" for side in (node.left, node.right)]
        return "".join(sides) if any(_said(s) for s in (node.left, node.right)) else ""
    if isinstance(node, ast.IfExp):
        return _said(node.body) or _said(node.orelse)
    return ""


def _filled(node: ast.AST) -> str:
    """The name of what is filled in: of an option its name, else the last word of the expression."""
    if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
        return f"option {node.args[0].value}" if _called(node) == "option" else str(node.args[0].value)
    words = re.findall(r"[A-Za-z_]{2,}", ast.unparse(node))
    return words[-1].replace("_", " ") if words else "..."


def _kinds() -> dict[str, type[errors.IntegradeError]]:
    """Name -> class of every coded error."""
    return {name: getattr(errors, name) for name in dir(errors)}


def messages() -> str:
    """Every code: what it means, why, what to do, a message as users read it, and all messages of that code."""
    kinds = _kinds()
    places = raised()
    shown = _snapshots()
    about = tomllib.loads((ROOT / "docs" / "codes.toml").read_text(encoding="utf-8"))
    parts = [MESSAGES]
    by_code: dict[str, list[str]] = {}
    for name, kind in kinds.items():
        by_code.setdefault(kind.code, []).append(name)
    for code, names in sorted(by_code.items()):
        parts.append(f"## {code}: {', '.join(names)}\n")
        parts += [f"{prose(_first(kinds[name].__doc__ or ''), {})}\n" for name in names]
        parts.append(f"**Why**: {about[code]['why']}\n\n**What to do**: {about[code]['todo']}\n")
        parts.append(f"Exit code of a command: {kinds[names[0]].exit_code}.\n")
        if code in shown:
            parts.append(f"As it is printed:\n\n```text\n{shown[code]}\n```\n")
        rows = [f"| {prose(p.what, {})} | {prose(p.remedy, {})} |" for p in places if p.kind in names]
        if rows:
            parts.append(
                "| what it says | what to do |\n|---|---|\n" + "\n".join(r.replace("\n", " ") for r in rows) + "\n"
            )
    return "\n".join(parts)


MESSAGES = """# Messages

Written by `make docs` from the classes of errors and every place that raises one. An error has a code, what is wrong,
where, an example and a remedy. What is only known when it happens stands in ‹angle marks›. Codes beginning with U are
of the call (exit code 2), D of data (1), S of the system (3); E900 holds several problems at once. In Python they are
`ig.errors.MissingColumn` and so on, with `what`, `where`, `example`, `remedy` and `code`. With `--json` a command
prints them as objects.
"""


def _snapshots() -> dict[str, str]:
    """Code -> the first of the reviewed messages of the tests that begins with it."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "tests" / "messages").glob("*.txt")):
        text = path.read_text(encoding="utf-8").strip()
        folded = [textwrap.fill(line, 88, subsequent_indent="    ") for line in text.splitlines()]
        found.setdefault(text.partition(" ")[0], "\n".join(folded))
    return found
