"""A user's own measures, questions and hypotheses, from .py files and from installed packages.

A file is run once; what its decorators register is there afterwards. A file is code, so a study's files run only where
the user says so (``--plugins``); an installed package is one that the user has installed, and its entry points in the
group ``integrade.records.plugins`` are always loaded.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import linecache
import sys
import traceback
from collections.abc import Callable, Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, Protocol

from integrade.engine import doors
from integrade.engine.frames import Table, account_of, collect, enter
from integrade.errors import BadPlugin, DuplicateKeys, FileMissing, IntegradeError, MissingColumn, did_you_mean
from integrade.records.catalogue import CATALOGUE, Measure
from integrade.records.question import REGISTER, Question

GROUP = "integrade.records.plugins"
PREFIX = "integrade_plugin_"


class Registered(Protocol):
    """What a decorator registers: a record of a function."""

    @property
    def function(self) -> Callable[..., Any]:
        """The function, which knows its module."""


class Plugin(NamedTuple):
    """A file that was run, or an installed module: the name of its module, its hash, what it defines."""

    module: str
    path: Path
    sha256: str
    names: tuple[str, ...]


REGISTRIES: list[MutableMapping[str, Any]] = [CATALOGUE, REGISTER]
"""Where decorators register, each a mapping from names to `Registered` records; later rooms append their own."""
_FILES: dict[Path, Plugin] = {}
_INSTALLED: dict[str, Plugin] = {}


def load_file(path: Path) -> Plugin:
    """Run a .py file, once for its content; what an earlier content of it defined is withdrawn.

    Raises `FileMissing` with the nearest name, `BadPlugin` for text that is not Python and for an exception, with the
    line, and what the decorators raise (`UsageError` for a name that is taken).
    """
    path = path.resolve()
    if not doors.is_file(path):
        near = sorted(p.name for p in path.parent.glob("*.py")) if path.parent.is_dir() else []
        raise FileMissing(f"no file {path.name!r}", where=str(path.parent), remedy=did_you_mean(path.name, near))
    content = doors.read_bytes(path)
    sha256 = hashlib.sha256(content).hexdigest()
    known = _FILES.get(path)
    if known is not None and known.sha256 == sha256:
        return known
    withdraw(path)
    linecache.checkcache(str(path))
    module = ModuleType(f"{PREFIX}{path.stem}_{sha256[:12]}", f"The plugin {path.name}.")
    module.__file__ = str(path)
    with _as_coded(path), _all_or_nothing():
        code = compile(content, str(path), "exec")
        sys.modules[module.__name__] = module  # annotations of a dataclass are looked up there
        exec(code, module.__dict__)
        names = _guarded(module.__name__, path)
    _FILES[path] = Plugin(module.__name__, path, sha256, names)
    return _FILES[path]


def load_files(paths: Sequence[Path]) -> tuple[Plugin, ...]:
    """Run these files, and withdraw what all others defined: studies of one session do not mix."""
    wanted = [path.resolve() for path in paths]
    for path in [one for one in _FILES if one not in wanted]:
        withdraw(path)
    return tuple(load_file(path) for path in wanted)


def any_installed() -> bool:
    """Whether an installed package offers a plugin."""
    return bool(metadata.entry_points(group=GROUP))


def load_installed() -> tuple[Plugin, ...]:
    """Import what installed packages offer in the group ``integrade.records.plugins``.

    Raises `BadPlugin`, naming the package, for one that fails.
    """
    for point in metadata.entry_points(group=GROUP):
        if point.value in _INSTALLED:
            continue
        package = point.dist.name if point.dist else point.value
        with _all_or_nothing():
            try:
                found = point.load()
            except (Exception, SystemExit) as problem:
                told = problem.what if isinstance(problem, IntegradeError) else f"{type(problem).__name__}: {problem}"
                raise BadPlugin(
                    f"the installed plugin {package} fails: {told}",
                    where=f"entry point {point.name} = {point.value}",
                    remedy=f"repair it, or pip uninstall {package}",
                ) from None
            module = found if isinstance(found, ModuleType) else sys.modules[point.module]
            path = Path(module.__file__ or "")
            inside = {name: module.__name__ for name in sys.modules if name.split(".")[0] == point.module.split(".")[0]}
            names = tuple(name for one in inside for name in _guarded(one, path))
        _INSTALLED[point.value] = Plugin(module.__name__, path, _hash_of_package(module), names)
    return tuple(_INSTALLED.values())


def withdraw(path: Path) -> None:
    """Forget a file and what it defined."""
    known = _FILES.pop(path.resolve(), None)
    if known is not None:
        sys.modules.pop(known.module, None)
        for registry in REGISTRIES:
            for name in [n for n, one in registry.items() if one.function.__module__ == known.module]:
                del registry[name]


def loaded_files() -> tuple[Plugin, ...]:
    """The files that are loaded now, in their order."""
    return tuple(_FILES.values())


def plugin_of(module: str) -> Plugin | None:
    """The plugin that a module is, or is part of; None for a module of integrade."""
    for one in (*_FILES.values(), *_INSTALLED.values()):
        if module == one.module or (one.path not in _FILES and module.split(".")[0] == one.module.split(".")[0]):
            return one
    return None


def _guarded(module: str, path: Path) -> tuple[str, ...]:
    """The names that a module registered; their functions fail with coded errors from here on."""
    names: list[str] = []
    for registry in REGISTRIES:
        for name, one in registry.items():
            if one.function.__module__ == module:
                names.append(name)
                registry[name] = _under_guard(one, path)
    return tuple(names)


def _under_guard(one: Any, path: Path) -> Any:
    if isinstance(one, Question):
        return one.guarded(lambda function: guard(function, path))
    guarded = _measured(one, path) if isinstance(one, Measure) else guard(one.function, path)
    return dataclasses.replace(one, function=guarded)


def guard(function: Callable[..., Any], path: Path) -> Callable[..., Any]:
    """A function of a plugin whose exceptions are `BadPlugin` with file and line; coded errors are as they are."""

    @functools.wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        with _as_coded(path):
            return function(*given, **named)

    return call


def _measured(record: Measure, path: Path) -> Callable[..., Any]:
    """The function of a measure, its result a table in the order of its key that has what the record promises."""
    call = guard(record.function, path)

    @functools.wraps(record.function)
    def measured(*given: Any, **named: Any) -> Any:
        found = call(*given, **named)
        with _as_coded(path):
            names = enter(found).collect_schema().names()
        for column in (*record.key, *record.adds):
            if column not in names:
                raise MissingColumn(
                    f"the result of {record.name} lacks the column {column!r}, which its record promises",
                    where=str(path),
                    remedy=f"return it, or say in the decorator what {record.name} adds and what its key is",
                )
        rows = collect(enter(found)).sort(record.key)
        repeated = rows.filter(rows.select(record.key).is_duplicated()).select(record.key)
        if repeated.height:
            first = ", ".join(f"{k} {v}" for k, v in repeated.row(0, named=True).items())
            raise DuplicateKeys(
                f"the result of {record.name} has several rows of one {', '.join(record.key)}",
                where=str(path),
                example=first,
                remedy="return one row for each",
            )
        return Table(record.name, rows, account_of(found))

    return measured


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    """What is registered inside stays only where nothing is raised; what integrade itself registers stays."""
    before = [dict(registry) for registry in REGISTRIES]
    try:
        yield
    except BaseException:
        for registry, kept in zip(REGISTRIES, before, strict=False):
            new = [name for name, one in registry.items() if name not in kept]
            for name in [n for n in new if not registry[n].function.__module__.startswith("integrade.")]:
                del registry[name]
        raise


@contextmanager
def _as_coded(path: Path) -> Iterator[None]:
    """Exceptions of a file as `BadPlugin` with its line; errors of integrade get the line where they lack a place."""
    try:
        yield
    except IntegradeError as problem:
        problem.where = problem.where or _place(path, problem)
        raise
    except SyntaxError as problem:
        line = f", line {problem.lineno}" if problem.lineno else ""
        raise BadPlugin(
            f"{path.name} is not Python: {problem.msg}",
            where=f"{path}{line}",
            example=(problem.text or "").strip(),
            remedy="correct that line",
        ) from None
    except (Exception, SystemExit) as problem:
        told = f"{type(problem).__name__}: {problem}".removesuffix(": ")
        raise BadPlugin(
            f"{path.name} fails: {told}",
            where=_place(path, problem),
            example=_line(path, problem),
            remedy="correct the file",
        ) from None


def _at(path: Path, problem: BaseException) -> int | None:
    """The last line of the file that an exception passed through."""
    frames = traceback.extract_tb(problem.__traceback__)
    return next((one.lineno for one in reversed(frames) if one.filename == str(path)), None)


def _place(path: Path, problem: BaseException) -> str:
    at = _at(path, problem)
    return f"{path}, line {at}" if at else str(path)


def _line(path: Path, problem: BaseException) -> str:
    at = _at(path, problem)
    return linecache.getline(str(path), at).strip() if at else ""


def _hash_of_package(module: ModuleType) -> str:
    """The hash of all source of the package that a module is in."""
    top = sys.modules.get(module.__name__.split(".")[0], module)
    home = Path(top.__file__ or "")
    files = sorted(home.parent.rglob("*.py")) if home.name == "__init__.py" else [home]
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name} {hashlib.sha256(doors.read_bytes(file)).hexdigest()}\n".encode())
    return digest.hexdigest()
