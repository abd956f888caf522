"""Which source files the result of a step can depend on: what its modules import, directly or through others.

Imports are read from the source, those inside functions too; what stands under ``if TYPE_CHECKING`` never runs and is
left out. ``from integrade.panel import assemble`` leads to the module that the package takes the name from, so that a
step depends on the measures it uses and not on all of its room. With a module come the files that are no Python beside
it, which only it and its neighbours can read. A module of a plugin is its own source and what it imports of integrade.

The catalogues of sentences come with a step that names ``wording.texts`` among its modules, as the one that prints does: other
steps store the ids of their sentences, and a changed wording is printed without them.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from integrade.engine import doors
from integrade.records.plugins import plugin_of

ROOT = Path(__file__).parents[1]
SHOWN = ("study.config", "study.sections", "study.inputs", "study.measures")
"""Modules that read the study file and find the files and the measures it names: what they find shows in the
parameters, the files and the modules of a step."""
TEXTS, CATALOGUE = "wording.texts", ".ftl"
TELLING = {"report": {"study.printing"}, "verdicts": {"study.printing", "study.results"}}
"""Layers that judge and print results, and the modules whose steps do so. They do not decide what a question answers
(a test keeps answers from using them), so other steps do not depend on them."""
IN_A_SUBJECT = {"verdict": "verdicts", "tables": "report", "figures": "report", "page": "report", "question": "study"}
"""The layer of a file in the folder of a subject, by the first word of its name; any other file belongs to the model."""
BESIDE = (".toml", ".js", ".css")
OPEN = ("integration", "quality", "panel", "sources", "estimate.fit")
"""What a plugin may use of integrade where it says ``import integrade as ig``."""


def closure(modules: Iterable[str]) -> tuple[Path, ...]:
    """The files that the modules (``subjects.lags.question``) need, themselves included, in the order of their names."""
    named = tuple(modules)
    waiting, found = list(named), set[str]()
    while waiting:
        module = waiting.pop()
        if module not in found and module not in SHOWN and _counts(module, named):
            found.add(module)
            waiting += _needed(module)
    paths = {_file(module) for module in found if plugin_of(module) is None}
    more = {beside for folder in {p.parent for p in paths} for beside in _beside(folder)}
    said = set(ROOT.rglob(f"*{CATALOGUE}")) if TEXTS in named else set[Path]()
    return tuple(sorted(paths | more | said))


def code_hash(modules: Iterable[str]) -> str:
    """A hash of all source that the modules need."""
    named, digest = tuple(modules), hashlib.sha256()
    for path in closure(named):
        digest.update(f"{path.relative_to(ROOT)} {source_hash(path)}\n".encode())
    for plugin in filter(None, map(plugin_of, named)):
        digest.update(f"{plugin.path.name} {plugin.sha256}\n".encode())
    return digest.hexdigest()


@cache
def source_hash(path: Path) -> str:
    """The hash of a source file, read once in a process: what was imported does not change with the file."""
    return hashlib.sha256(doors.read_bytes(path)).hexdigest()


def layer(module: str) -> str:
    """Return the layer of a module (``subjects.lags.tables``): its room, or in a subject what its file is for."""
    room, *rest = module.split(".")
    return IN_A_SUBJECT.get(rest[1].partition("_")[0], room) if room == "subjects" and len(rest) > 1 else room


def _counts(module: str, named: tuple[str, ...]) -> bool:
    """Return whether a step of the modules ``named`` depends on a module: on a layer that prints only if it prints."""
    tellers = TELLING.get(layer(module))
    return tellers is None or bool(tellers & set(named))


@cache
def _needed(module: str) -> tuple[str, ...]:
    """The modules of integrade that a module imports."""
    found = list(OPEN) if plugin_of(module) else []
    for statement in imports_of(doors.read_text(_file(module))):
        if isinstance(statement, ast.Import):
            found += [a.name.removeprefix("integrade.") for a in statement.names if a.name.startswith("integrade.")]
        elif statement.module == "integrade":
            found += [a.name for a in statement.names if _exists(a.name)]
        elif (statement.module or "").startswith("integrade."):
            base = str(statement.module).removeprefix("integrade.")
            found += [_home(base, alias.name) for alias in statement.names]
    return tuple(dict.fromkeys(found))


def _home(base: str, name: str) -> str:
    """The module that ``from base import name`` needs: of a package, the one that the name is from."""
    if _file(base).name != "__init__.py":
        return base
    taken = _names(base)
    if name in taken:
        return _home(*taken[name])
    return f"{base}.{name}" if _exists(f"{base}.{name}") else base


@cache
def _names(package: str) -> dict[str, tuple[str, str]]:
    """What a package takes from its modules: name -> module and the name there."""
    return {
        alias.asname or alias.name: (str(statement.module).removeprefix("integrade."), alias.name)
        for statement in imports_of(doors.read_text(_file(package)))
        if isinstance(statement, ast.ImportFrom) and str(statement.module).startswith("integrade.")
        for alias in statement.names
    }


def imports_of(text: str) -> Iterator[ast.Import | ast.ImportFrom]:
    """The statements that import from integrade. Only their lines are parsed: the whole source takes seconds."""
    lines, at = text.splitlines(), 0
    while at < len(lines):
        line, at = lines[at], at + 1
        indent = len(line) - len(line.lstrip())
        if line.strip() == "if TYPE_CHECKING:":
            while at < len(lines) and (not lines[at].strip() or len(lines[at]) - len(lines[at].lstrip()) > indent):
                at += 1
        elif line.lstrip().startswith(("from integrade", "import integrade")):
            statement = line.strip()
            while statement.count("(") > statement.count(")") and at < len(lines):
                statement, at = f"{statement}\n{lines[at]}", at + 1
            try:
                [found] = ast.parse(statement).body
            except (SyntaxError, ValueError):  # a line of prose
                continue
            if isinstance(found, (ast.Import, ast.ImportFrom)):
                yield found


def _exists(module: str) -> bool:
    return _file(module).is_file()


@cache
def _file(module: str) -> Path:
    if plugin_of(module):
        return Path(sys.modules[module].__file__ or "")
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _beside(folder: Path) -> tuple[Path, ...]:
    """Files that are no Python in a folder, and in folders of it that hold nothing else."""
    own = [p for p in folder.iterdir() if p.suffix in BESIDE]
    inner = [p for p in folder.iterdir() if p.is_dir() and p.name != "__pycache__" and not any(p.glob("*.py"))]
    return (*own, *(path for one in inner for path in one.rglob("*") if path.suffix in BESIDE))
