"""Find the works that a study cites: those of its measures, and those of the methods that its results show.

``methods.toml`` declares for each method where results show its use and the works that it rests on. A measure of
integration or quality names its works in its own record.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import integrade.integration
import integrade.quality  # noqa: F401 - both fill the catalogue
from integrade.records.catalogue import CATALOGUE
from integrade.report.references import Reference, bibliography, merged, named
from integrade.verdicts.bundle import DEMAND, StudyResults
from plainwords.texts import say
from rawcells import doors

FILE = Path(__file__).with_name("methods.toml")
WITHOUT_WORKS = ("indices", "outcomes", "samples", "spillover", "truth")
"""Questions without works of their own: the benchmark with other columns or rows, or compared with a known truth."""


@dataclass(frozen=True)
class Method:
    """A method: the paths at which results show its use, and the keys of its works."""

    name: str
    at: tuple[str, ...]
    works: tuple[str, ...]


@cache
def methods() -> tuple[Method, ...]:
    """Return every method of ``methods.toml``."""
    declared = tomllib.loads(doors.read_text(FILE))
    return tuple(Method(name, tuple(one["at"]), tuple(one["works"])) for name, one in declared.items())


def cited(results: StudyResults) -> tuple[Reference, ...]:
    """Return the works whose methods a study used, each with its reasons, in the order of a reference list."""
    works = [*_of_measures(results)]
    known = bibliography()
    for method in methods():
        if any(is_there(results, path) for path in method.at):
            why = say(f"references.{method.name}")
            works += [replace(known[key], why=(why,)) for key in method.works]
    return merged(works)


def _of_measures(results: StudyResults) -> Iterator[Reference]:
    """Yield the works of the measures of integration and quality, and of the versions with other measures."""
    used = [(results.index.measure, say("references.integration"))]
    if results.quality_alone is not None or "quality" in results.stages:
        used.append((results.settings.get("quality.method", DEMAND), say("references.quality")))
    for key, value in results.settings.items():
        if fnmatchcase(key, "outcomes.*.method") or fnmatchcase(key, "indices.*.method"):
            used.append((value, say("references.another-measure")))
    for name, why in used:
        if name in CATALOGUE:
            yield from (replace(work, why=(why,)) for work in named(CATALOGUE[name].cite))


def is_there(thing: object, path: str) -> bool:
    """Return whether a path of ``methods.toml`` leads to a value, or to one that matches its pattern."""
    place, _, pattern = path.partition("=")
    values = _values(thing, tuple(place.split("/")))
    return any(fnmatchcase(str(value), pattern) if pattern else _given(value) for value in values)


def _given(value: Any) -> bool:
    """Return whether a value is there: no None, no zero, no empty text or list."""
    return value is not None and (len(value) > 0 if hasattr(value, "__len__") else value != 0)


def _values(thing: Any, path: tuple[str, ...]) -> Iterator[Any]:
    if isinstance(thing, tuple | list) and path:
        for item in thing:
            yield from _values(item, path)
    elif not path:
        yield thing
    elif isinstance(thing, Mapping):
        for key in [key for key in thing if fnmatchcase(str(key), path[0])]:
            yield from _values(thing[key], path[1:])
    elif thing is not None:
        answers = thing.answers if isinstance(thing, StudyResults) else {}
        yield from _values(getattr(thing, path[0], answers.get(path[0])), path[1:])
