"""Find the works that a study cites: those of its measures, and those of the methods that its results show.

``methods.toml`` declares for each method where results show its use and the works that it rests on. A measure of
integration or quality names its works in its own record.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
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
from plainwords.texts import Said, say
from rawcells import doors

FILE = Path(__file__).with_name("methods.toml")
WITHOUT_WORKS = ("families", "indices", "outcomes", "samples", "spillover", "truth")
"""Questions without works of their own: the benchmark with other columns or rows, or compared with a known truth."""


@dataclass(frozen=True)
class Method:
    """A method: the paths at which results show its use, and the keys of its works.

    ``paper`` are patterns of the messages that name it in a paper.
    """

    name: str
    at: tuple[str, ...]
    works: tuple[str, ...]
    paper: tuple[str, ...] = ()


@cache
def methods() -> tuple[Method, ...]:
    """Return every method of ``methods.toml``."""
    declared = tomllib.loads(doors.read_text(FILE))
    return tuple(
        Method(name, tuple(one["at"]), tuple(one["works"]), tuple(one.get("paper", ())))
        for name, one in declared.items()
    )


def cited(results: StudyResults) -> tuple[Reference, ...]:
    """Return the works whose methods a study used, each with its reasons, in the order of a reference list."""
    return merged([*_of_measures(results), *_of_methods(_used(results))])


def cited_in_paper(results: StudyResults, texts: Iterable[str]) -> tuple[Reference, ...]:
    """Return the works that the paper lists: those of the study's measures, and of methods that its texts name.

    A method is named if one of its messages is among the texts, and a work if its first author and year are.
    """
    texts = list(texts)
    ids = {key for text in texts for key in ids_in(text)}
    named_in = [m for m in _used(results) if any(fnmatchcase(key, p) for p in m.paper for key in (*ids, "*"))]
    words = "\n".join(map(str, texts))
    by_name = [work for work in cited(results) if _is_named(work, words)]
    return merged([*_of_measures(results, versions=False), *_of_methods(named_in), *by_name])


def ids_in(text: object) -> Iterator[str]:
    """Yield the ids of the messages of which a text is made."""
    if isinstance(text, Said):
        yield text.key
        for value in text.given.values():
            yield from ids_in(value)
    elif isinstance(text, tuple | list):
        for item in text:
            yield from ids_in(item)


def _is_named(work: Reference, words: str) -> bool:
    """Return whether words cite a work by its first author and year, as in ``Cattaneo et al. (2024)``."""
    family = re.escape(work.families[0]) if work.families else ""
    return bool(family and re.search(rf"\b{family}\b[^()（）]{{0,60}}[(（]{work.year}[)）]", words))


def _used(results: StudyResults) -> list[Method]:
    return [method for method in methods() if any(is_there(results, path) for path in method.at)]


def _of_methods(used: Iterable[Method]) -> Iterator[Reference]:
    known = bibliography()
    for method in used:
        why = say(f"references.{method.name}")
        yield from (replace(known[key], why=(why,)) for key in method.works)


def _of_measures(results: StudyResults, *, versions: bool = True) -> Iterator[Reference]:
    """Yield the works of the measures of integration and quality, and of the ``versions`` with other measures."""
    used = [(results.index.measure, say("references.integration"))]
    if results.quality_alone is not None or "quality" in results.stages:
        used.append((results.settings.get("quality.method", DEMAND), say("references.quality")))
    for key, value in results.settings.items() if versions else ():
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
