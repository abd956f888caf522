"""Find the source files on which the result of a step can depend: all direct and indirect imports of its modules.

Imports are read from the source, including imports inside functions. Imports under ``if TYPE_CHECKING`` never run and
are left out. ``from integrade.panel import assemble`` leads to the module that defines the name. A step therefore
depends on the measures it uses, not on the whole package. Files of other types in the folder of a module count too,
because modules of that folder (and no others) can read them. For a module of a plugin, its own source and its imports
from integrade count. Modules of integrade are named without ``integrade``. Modules of the packages below it are named
with their package (`surface.packages`).

The catalogues of sentences count for a step that names ``plainwords.texts`` among its modules, such as the printing
step. Other steps store only the ids of their sentences, so a changed wording does not make them run again.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from integrade.records.catalogue import measure_files
from integrade.records.plugins import plugin_of
from integrade.sources.files import by_format
from integrade.surface.packages import BELOW, full_name, is_ours, short_name
from rawcells import doors

ROOT = Path(__file__).parents[2]
"""Folder of integrade and of the packages below it."""
PACKAGES = ("integrade", *BELOW)
SHOWN = ("study.config", "study.sections", "study.inputs", "study.measures")
"""Modules that read the study file and find the files and measures that it names.

They are left out, because what they find is already in the parameters, files and modules of a step.
"""
TEXTS = "plainwords.texts"
TELLING = {"report": {"study.printing"}, "verdicts": {"study.printing", "study.results"}}
"""Layer that judges or prints results -> the modules whose steps judge or print.

These layers do not decide what a question answers (a test keeps answers from using them). Other steps therefore do not
depend on them.
"""
IN_A_SUBJECT = {"verdict": "verdicts", "tables": "report", "figures": "report", "page": "report", "question": "study"}
"""First word of the name of a file in a subject's folder -> the file's layer; other files belong to the model."""
READING = "by_format.function("
"""Call in a module that reads files of every format; such a module needs the modules that the formats name."""
IMPORTS = tuple(f"{word} {package}" for word in ("from", "import") for package in PACKAGES)
BESIDE = (".toml", ".bib", ".js", ".css")
OPEN = ("integration", "quality", "panel", "sources", "estimate.fit")
"""Modules of integrade that a plugin may use through ``import integrade as ig``."""


def closure(modules: Iterable[str]) -> tuple[Path, ...]:
    """Return the files that the modules (``subjects.lags.question``) need, including their own, sorted by name."""
    named = tuple(modules)
    waiting, modules_needed = list(named), set[str]()
    while waiting:
        module = waiting.pop()
        if module in modules_needed or module in SHOWN:
            continue
        tellers = TELLING.get(layer(module))
        if tellers is None or tellers & set(named):  # layers that judge or print count only for steps that do so
            modules_needed.add(module)
            waiting += _needed(module)
    paths = {_file(module) for module in modules_needed if plugin_of(module) is None}
    more = {file for folder in {p.parent for p in paths} for file in _other_files(folder)}
    if TEXTS in named:
        more |= {path for package in PACKAGES for path in (ROOT / package).rglob("*.ftl")}
    return tuple(sorted(paths | more))


def code_hash(modules: Iterable[str]) -> str:
    """Return a hash of all source files that the modules need."""
    named, digest = tuple(modules), hashlib.sha256()
    for path in closure(named):
        digest.update(f"{path.relative_to(ROOT)} {source_hash(path)}\n".encode())
    for plugin in filter(None, map(plugin_of, named)):
        digest.update(f"{plugin.path.name} {plugin.sha256}\n".encode())
    return digest.hexdigest()


@cache
def source_hash(path: Path) -> str:
    """Return the hash of a source file.

    The file is read once in a process, because code that is already imported does not change with the file.
    """
    return hashlib.sha256(doors.read_bytes(path)).hexdigest()


def layer(module: str) -> str:
    """Return the layer of a module: by `IN_A_SUBJECT` for a file of a subject, otherwise its package."""
    package, *rest = module.split(".")
    return IN_A_SUBJECT.get(rest[1].partition("_")[0], package) if package == "subjects" and len(rest) > 1 else package


@cache
def _needed(module: str) -> tuple[str, ...]:
    """Return the modules of integrade that a module imports; a package of measures needs all its measures."""
    modules, path = list(OPEN) if plugin_of(module) else [], _file(module)
    if path.name == "__init__.py":
        modules += [f"{module}.{name}" for name in measure_files(path.parent)]
    text = doors.read_text(path)
    for statement in imports_of(text):
        if isinstance(statement, ast.Import):
            modules += [short_name(a.name) for a in statement.names if is_ours(a.name) and a.name != "integrade"]
        elif statement.module == "integrade":
            modules += [a.name for a in statement.names if _exists(a.name)]
        elif is_ours(statement.module or ""):
            base = short_name(str(statement.module))
            modules += [_home(base, alias.name) for alias in statement.names]
    modules += map(short_name, by_format.modules()) if READING in text else ()
    return tuple(dict.fromkeys(modules))


def _home(base: str, name: str) -> str:
    """Return the module that ``from base import name`` needs; for a package, the module that defines the name."""
    if _file(base).name != "__init__.py":
        return base
    taken = _names(base)
    if name in taken:
        return _home(*taken[name])
    return f"{base}.{name}" if _exists(f"{base}.{name}") else base


@cache
def _names(package: str) -> dict[str, tuple[str, str]]:
    """Return the names that a package imports from its modules: name -> module and name in that module."""
    return {
        alias.asname or alias.name: (short_name(str(statement.module)), alias.name)
        for statement in imports_of(doors.read_text(_file(package)))
        if isinstance(statement, ast.ImportFrom) and is_ours(str(statement.module))
        for alias in statement.names
    }


def imports_of(text: str) -> Iterator[ast.Import | ast.ImportFrom]:
    """Yield the statements that import from integrade or a package below it.

    To save seconds, only lines with imports are parsed.
    """
    lines, at = text.splitlines(), 0
    while at < len(lines):
        line, at = lines[at], at + 1
        indent = len(line) - len(line.lstrip())
        if line.strip() == "if TYPE_CHECKING:":
            while at < len(lines) and (not lines[at].strip() or len(lines[at]) - len(lines[at].lstrip()) > indent):
                at += 1
        elif line.lstrip().startswith(IMPORTS):
            statement = line.strip()
            while statement.count("(") > statement.count(")") and at < len(lines):
                statement, at = f"{statement}\n{lines[at]}", at + 1
            try:
                [parsed] = ast.parse(statement).body
            except (SyntaxError, ValueError):  # a line of prose
                continue
            if isinstance(parsed, (ast.Import, ast.ImportFrom)):
                yield parsed


def _exists(module: str) -> bool:
    return _file(module).is_file()


@cache
def _file(module: str) -> Path:
    if plugin_of(module):
        return Path(sys.modules[module].__file__ or "")
    path = ROOT.joinpath(*full_name(module).split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def _other_files(folder: Path) -> tuple[Path, ...]:
    """Return the files of a folder that have a suffix in `BESIDE`.

    Includes such files at any depth below a subfolder, unless the subfolder itself holds a Python file.
    """
    here = [p for p in folder.iterdir() if p.suffix in BESIDE]
    inner = [p for p in folder.iterdir() if p.is_dir() and p.name != "__pycache__" and not any(p.glob("*.py"))]
    return (*here, *(path for folder_inside in inner for path in folder_inside.rglob("*") if path.suffix in BESIDE))
