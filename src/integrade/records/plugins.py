"""Load a user's own measures, questions and hypotheses from .py files and installed packages.

A file is run once and stays registered. Files are code, so the files of a study run only with the user's consent
(``--plugins``). Installed packages were installed by the user: their entry points in the group
``integrade.records.plugins`` are always loaded.
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

from integrade.engine.frames import Table, account_of, collect, enter
from integrade.errors import BadPlugin, DuplicateKeys, FileMissing, IntegradeError, MissingColumn, did_you_mean
from integrade.records.catalogue import CATALOGUE, Measure
from integrade.records.question import REGISTER, Question
from rawcells import doors

GROUP = "integrade.records.plugins"
PREFIX = "integrade_plugin_"


class Registered(Protocol):
    """A record that a decorator registers for a function."""

    @property
    def function(self) -> Callable[..., Any]:
        """The function; its ``__module__`` shows where it comes from."""


class Plugin(NamedTuple):
    """A file that was run, or an installed module: its module name, path, hash and the names that it defines."""

    module: str
    path: Path
    sha256: str
    names: tuple[str, ...]


REGISTRIES: list[MutableMapping[str, Any]] = [CATALOGUE, REGISTER]
"""The registries of decorators, each name -> `Registered` record; other packages append theirs when they are imported.
"""
_FILES: dict[Path, Plugin] = {}
_INSTALLED: dict[str, Plugin] = {}


def load_file(path: Path) -> Plugin:
    """Run a .py file unless the same content has run already; first remove what an earlier version of the file defined.

    Raises `FileMissing` with the nearest name. Raises `BadPlugin` with the line for invalid Python and for exceptions.
    Errors of decorators pass through (`UsageError` for a name that is taken).
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
        sys.modules[module.__name__] = module  # dataclasses look up annotations here
        exec(code, module.__dict__)
        names = _guarded(module.__name__, path)
    _FILES[path] = Plugin(module.__name__, path, sha256, names)
    return _FILES[path]


def load_files(paths: Sequence[Path]) -> tuple[Plugin, ...]:
    """Run these files and remove what all other files defined, so that studies do not affect each other."""
    wanted = [path.resolve() for path in paths]
    for path in [file for file in _FILES if file not in wanted]:
        withdraw(path)
    return tuple(load_file(path) for path in wanted)


def any_installed() -> bool:
    """Return whether an installed package offers a plugin."""
    return bool(metadata.entry_points(group=GROUP))


def load_installed() -> tuple[Plugin, ...]:
    """Import the plugins that installed packages offer in the group ``integrade.records.plugins``.

    Raises `BadPlugin` with the name of the package if an import fails.
    """
    for point in metadata.entry_points(group=GROUP):
        if point.value in _INSTALLED:
            continue
        package = point.dist.name if point.dist else point.value
        with _all_or_nothing():
            try:
                loaded = point.load()
            except (Exception, SystemExit) as problem:
                message = (
                    problem.what if isinstance(problem, IntegradeError) else f"{type(problem).__name__}: {problem}"
                )
                raise BadPlugin(
                    f"the installed plugin {package} fails: {message}",
                    where=f"entry point {point.name} = {point.value}",
                    remedy=f"repair it, or pip uninstall {package}",
                ) from None
            module = loaded if isinstance(loaded, ModuleType) else sys.modules[point.module]
            path = Path(module.__file__ or "")
            inside = {name: module.__name__ for name in sys.modules if name.split(".")[0] == point.module.split(".")[0]}
            names = tuple(name for inner in inside for name in _guarded(inner, path))
        _INSTALLED[point.value] = Plugin(module.__name__, path, _hash_of_package(module), names)
    return tuple(_INSTALLED.values())


def withdraw(path: Path) -> None:
    """Remove a file and everything it defined."""
    known = _FILES.pop(path.resolve(), None)
    if known is not None:
        sys.modules.pop(known.module, None)
        for registry in REGISTRIES:
            for name in [n for n, record in registry.items() if record.function.__module__ == known.module]:
                del registry[name]


def loaded_files() -> tuple[Plugin, ...]:
    """Return the files that are loaded now, in order."""
    return tuple(_FILES.values())


def plugin_of(module: str) -> Plugin | None:
    """Return the plugin that contains a module; None for a module of integrade."""
    for plugin in (*_FILES.values(), *_INSTALLED.values()):
        if module == plugin.module or (
            plugin.path not in _FILES and module.split(".")[0] == plugin.module.split(".")[0]
        ):
            return plugin
    return None


def _guarded(module: str, path: Path) -> tuple[str, ...]:
    """Wrap the functions that a module registered by `guard`, and return their names."""
    names: list[str] = []
    for registry in REGISTRIES:
        for name, record in registry.items():
            if record.function.__module__ == module:
                names.append(name)
                if isinstance(record, Question):
                    registry[name] = record.guarded(lambda function: guard(function, path))
                else:
                    function = record.function
                    guarded = _measured(record, path) if isinstance(record, Measure) else guard(function, path)
                    registry[name] = dataclasses.replace(record, function=guarded)
    return tuple(names)


def guard(function: Callable[..., Any], path: Path) -> Callable[..., Any]:
    """Wrap a plugin function so that exceptions become `BadPlugin` with file and line.

    Each `IntegradeError` passes through.
    """

    @functools.wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        with _as_coded(path):
            return function(*given, **named)

    return call


def _measured(record: Measure, path: Path) -> Callable[..., Any]:
    """Wrap the function of a measure: check its result for the declared columns and a unique key, and sort it."""
    call = guard(record.function, path)

    @functools.wraps(record.function)
    def measured(*given: Any, **named: Any) -> Any:
        result = call(*given, **named)
        with _as_coded(path):
            names = enter(result).collect_schema().names()
        for column in (*record.key, *record.adds):
            if column not in names:
                raise MissingColumn(
                    f"the result of {record.name} lacks the column {column!r}, which its record declares",
                    where=str(path),
                    remedy=f"return it, or declare in the decorator what {record.name} adds and its key",
                )
        rows = collect(enter(result)).sort(record.key)
        repeated = rows.filter(rows.select(record.key).is_duplicated()).select(record.key)
        if repeated.height:
            first = ", ".join(f"{k} {v}" for k, v in repeated.row(0, named=True).items())
            raise DuplicateKeys(
                f"the result of {record.name} has several rows of one {', '.join(record.key)}",
                where=str(path),
                example=first,
                remedy="return one row for each",
            )
        return Table(record.name, rows, account_of(result))

    return measured


@contextmanager
def _all_or_nothing() -> Iterator[None]:
    """Undo registrations of this block if an exception is raised, except those of integrade itself."""
    before = [dict(registry) for registry in REGISTRIES]
    try:
        yield
    except BaseException:
        for registry, kept in zip(REGISTRIES, before, strict=False):
            new = [name for name, record in registry.items() if name not in kept]
            for name in [n for n in new if not registry[n].function.__module__.startswith("integrade.")]:
                del registry[name]
        raise


@contextmanager
def _as_coded(path: Path) -> Iterator[None]:
    """Turn an exception that a plugin file raises into `BadPlugin`, which names the line.

    An `IntegradeError` stays as it is and only gets the line, if it has no location.
    """
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
        message = f"{type(problem).__name__}: {problem}".removesuffix(": ")
        at = _at(path, problem)
        raise BadPlugin(
            f"{path.name} fails: {message}",
            where=_place(path, problem),
            example=linecache.getline(str(path), at).strip() if at else "",
            remedy="correct the file",
        ) from None


def _at(path: Path, problem: BaseException) -> int | None:
    """Return the last line of the file that an exception passed through."""
    frames = traceback.extract_tb(problem.__traceback__)
    return next((frame.lineno for frame in reversed(frames) if frame.filename == str(path)), None)


def _place(path: Path, problem: BaseException) -> str:
    at = _at(path, problem)
    return f"{path}, line {at}" if at else str(path)


def _hash_of_package(module: ModuleType) -> str:
    """Hash all source files of the package that contains a module."""
    top = sys.modules.get(module.__name__.split(".")[0], module)
    home = Path(top.__file__ or "")
    files = sorted(home.parent.rglob("*.py")) if home.name == "__init__.py" else [home]
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name} {hashlib.sha256(doors.read_bytes(file)).hexdigest()}\n".encode())
    return digest.hexdigest()
