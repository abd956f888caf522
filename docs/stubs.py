"""Write the stubs that editors and type checkers read: every option an explicit keyword with its choices and default.

The functions take options as ``**changes``; their signatures spell them out (`integrade.records.catalogue.keywords`),
and the stubs are those signatures. ``tests/surface/test_stubs.py`` writes them again and compares.
"""

from __future__ import annotations

import ast
import collections.abc
import importlib
import inspect
import types
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

import polars

from integrade import surface
from integrade.surface.packages import full_name

SOURCE = Path(surface.__file__).parents[1]
SIGNATURES = "integrade.surface.signatures"
ROOMS = ("integration", "panel", "quality", "sources")
HEAD = '"""Written by ``make docs`` (docs/stubs.py) from the signatures of the functions; not to be edited."""\n\n'


def stubs() -> dict[Path, str]:
    """Every stub by its path.

    The functions of the rooms are written in a stub of their own, which the rooms' stubs import: ``gravity`` in the
    stub of ``integration`` would have the full name of the module ``integration.gravity``, which confuses mypy.
    """
    rooms = {room: _homes_of(room) for room in ROOMS}
    of_measures = {n: full_name(home) for home, names in surface.of_measures().items() for n in names}
    made = {SOURCE / room / "__init__.pyi": _module(homes, SIGNATURES) for room, homes in rooms.items()}
    spelled = {name: home for homes in rooms.values() for name, home in homes.items() if _is_spelled(home, name)}
    made[SOURCE / "surface" / "signatures.pyi"] = _module(spelled)
    for name, homes in surface.SUBJECTS.items():
        held = {n: full_name(home) for home, names in homes.items() for n in names}
        held |= of_measures if name == "options" else {}
        place = SOURCE.joinpath(*surface.NAMESPACES[name].split("."))
        made[place / "__init__.pyi" if place.is_dir() else place.with_suffix(".pyi")] = _module(held)
    return made | {SOURCE / "__init__.pyi": _root()}


def _is_spelled(home: str, name: str) -> bool:
    """Whether it is a function whose options its signature spells out."""
    return "__signature__" in getattr(getattr(importlib.import_module(home), name), "__dict__", {})


def _homes_of(room: str) -> dict[str, str]:
    """The modules that define a room's public names: those that it imports, its measures and their options."""
    tree = ast.parse((SOURCE / room / "__init__.py").read_text(encoding="utf-8"))
    taken = [n for n in tree.body if isinstance(n, ast.ImportFrom)]
    package = importlib.import_module(f"integrade.{room}")
    imported = {a.name: str(n.module) for n in taken for a in n.names if a.name in package.__all__}
    found = [name for name in package.__all__ if name not in imported]
    return imported | {name: getattr(package, name).__module__ for name in found}


def _root() -> str:
    """The main path, each name from the stub that spells its options, and the subjects."""
    lines, questions = [], surface.names(surface.QUESTIONS)
    for home, held in surface.FLAT.items():
        for name in held:
            stub = "integrade.surface.questions" if name in questions else SIGNATURES
            own = stub if _is_spelled(full_name(home), name) else full_name(home)
            lines.append(f"from {own} import {name} as {name}")
    for name, module in surface.NAMESPACES.items():
        place = f"integrade.{module}".removesuffix(f".{name}")
        lines += [f"from {place} import {name} as {name}"]
    listed = "".join(f'    "{name}",\n' for name in surface.names(surface.FLAT))
    return HEAD + "\n".join(sorted(lines)) + f"\n\n__version__: str\n__all__ = [\n{listed}]\n"


def _module(homes: Mapping[str, str], elsewhere: str = "") -> str:
    """A function whose options are spelled out is written in full, or comes from the stub ``elsewhere`` where it is;
    every other name comes from its own module.
    """
    imports: set[str] = set()
    written = []
    for name, home in sorted(homes.items()):
        spelled = _is_spelled(home, name)
        if spelled and not elsewhere:
            written.append(_function(getattr(importlib.import_module(home), name), imports))
        else:
            imports.add(f"from {elsewhere if spelled else home} import {name} as {name}")
    listed = "".join(f'    "{name}",\n' for name in sorted(homes))
    return HEAD + "\n".join(sorted(imports)) + f"\n\n__all__ = [\n{listed}]\n\n" + "\n".join(written)


def _function(function: Any, imports: set[str]) -> str:
    hints = get_type_hints(function, localns={"pl": polars})
    lines, starred = [], False
    for p in inspect.signature(function).parameters.values():
        if p.kind is inspect.Parameter.KEYWORD_ONLY and not starred:
            lines.append("    *,")
            starred = True
        lines.append(f"    {p.name}: {_written(hints.get(p.name, p.annotation), imports)}{_default(p.default)},")
    returned = _written(hints["return"], imports)
    said = inspect.cleandoc(function.__doc__ or "").partition("\n")[0].replace("\\", "\\\\")
    return f"def {function.__name__}(\n" + "\n".join(lines) + f'\n) -> {returned}:\n    """{said}"""\n'


def _default(value: Any) -> str:
    if value is inspect.Parameter.empty:
        return ""
    plain = value is None or isinstance(value, bool | int | float | str)
    plain = plain or (isinstance(value, tuple) and all(isinstance(v, int | float | str) for v in value))
    return f" = {value!r}" if plain else " = ..."


def _written(hint: Any, imports: set[str]) -> str:
    """A type as source text; what it needs goes to ``imports``."""
    if hint is None or hint is types.NoneType:
        return "None"
    if hint is Ellipsis:
        return "..."
    if isinstance(hint, list):
        return f"[{', '.join(_written(h, imports) for h in hint)}]"
    origin, inner = get_origin(hint), get_args(hint)
    if origin is Literal:
        imports.add("from typing import Literal")
        return f"Literal[{', '.join(map(repr, inner))}]"
    if origin is typing.Annotated:
        return _written(inner[0], imports)
    if origin in (typing.Union, types.UnionType):
        return " | ".join(_written(h, imports) for h in inner)
    if origin is not None:
        return f"{_named_type(origin, imports)}[{', '.join(_written(h, imports) for h in inner)}]"
    return _named_type(hint, imports)


def _named_type(kind: Any, imports: set[str]) -> str:
    if isinstance(kind, TypeVar):
        imports.add(f"from {kind.__module__} import {kind.__name__}")
        return kind.__name__
    name, module = kind.__name__, kind.__module__
    if module == "builtins":
        return str(name)
    if getattr(collections.abc, name, None) is kind:
        module = "collections.abc"
    imports.add(f"from {module} import {name}")
    return str(name)


if __name__ == "__main__":
    for path, text in stubs().items():
        path.write_text(text, encoding="utf-8")
        print(f"wrote {path}")
