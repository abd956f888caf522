"""Which measures a study chooses, with which options, from which tables."""

from __future__ import annotations

import dataclasses
from typing import Any, get_args, get_type_hints

import integrade.integration
import integrade.quality  # noqa: F401 - both fill the catalogue
from integrade.errors import IntegradeError, Problems, UsageError
from integrade.measure import CATALOGUE, Measure, choose, find
from integrade.study.config import Source, Study
from integrade.study.sections import Version

DEFAULT = {"integration": "relative_price", "quality": "demand_residual"}
FAMILIES = tuple(DEFAULT)
MEASURED = ("prices", "flows", "output", "gdp", "survey", "customs", "firms")
"""The sections of a study that may hold a table a measure takes."""


def measure_of(study: Study, family: str) -> Measure:
    """The measure that ``[integration]`` or ``[quality]`` names with ``method``. Raises `UnknownName`."""
    return find(family, str(getattr(study, family).get("method", DEFAULT[family])))


def is_measure(name: str) -> bool:
    """Whether a measure has that name."""
    return name in CATALOGUE


def by_prices(study: Study) -> bool:
    """Whether the index is the relative-price index, whose sampling error the report knows."""
    return measure_of(study, "integration").name == DEFAULT["integration"]


def options_given(study: Study, family: str) -> dict[str, Any]:
    """The options of the measure in the study file; an index is by region where its measure has levels."""
    options = {k: v for k, v in getattr(study, family).items() if k != "method"}
    if family == "integration":
        options.pop("level", None)
        if "region" in _levels(measure_of(study, family)):
            options["level"] = "region"
    return options


def tables_of(study: Study, family: str) -> dict[str, Source]:
    """The tables that the measure takes, by name: those it needs, and those it can use that the study has."""
    record = measure_of(study, family)
    found: dict[str, Source | None] = {t: getattr(study, t, None) for t in (*record.needs, *record.uses)}
    return {table: source for table, source in found.items() if source is not None}


def check_measures(study: Study, file: str) -> None:
    """Refuse measures, options and missing tables before anything is read; several problems at once as `Problems`."""
    found: list[IntegradeError] = []
    for family in FAMILIES:
        try:
            found += _problems(study, family, file)
        except IntegradeError as problem:
            found.append(problem)
    found += [] if found else _of_versions(study, file)
    if found:
        raise found[0] if len(found) == 1 else Problems(found)


FAMILY_OF = {"outcomes": "quality", "indices": "integration"}
"""The sections of other versions, and whose options they take."""


def version_of(study: Study, section: str, version: Version) -> Study:
    """The study with the measure of one of its ``[[outcomes]]`` or ``[[indices]]``."""
    family, given = FAMILY_OF[section], version.options()
    under = {} if "method" in given else getattr(study, family)
    return study.model_copy(update={family: {**under, **given}})


def _of_versions(study: Study, file: str) -> list[IntegradeError]:
    """What is wrong with versions: a column and options, or neither; names that stand twice; options of no measure."""
    found: list[IntegradeError] = []
    for section in (*FAMILY_OF, "samples", "hypotheses"):
        names = [one.name for one in getattr(study, section)]
        twice = next((n for i, n in enumerate(names) if n in names[:i]), None)
        if twice is not None:
            found.append(UsageError(f"two sections [[{section}]] are called {twice!r}", remedy="give one another name"))
    for section, family in FAMILY_OF.items():
        for version in getattr(study, section):
            place = f"[[{section}]] {version.name!r} in {file}"
            if (version.column is None) == (not version.options()):
                remedy = f'column = "..." (of the panel), or options of [{family}] such as method = "..."'
                found.append(UsageError(f"{place} needs either a column or options of a measure", remedy=remedy))
                continue
            try:
                found += _problems(version_of(study, section, version), family, file) if version.column is None else []
            except IntegradeError as problem:
                found.append(type(problem)(f"{place}: {problem.what}", where=problem.where, example=problem.example,
                                           remedy=problem.remedy))  # fmt: skip
    return found


def _problems(study: Study, family: str, file: str) -> list[IntegradeError]:
    record = measure_of(study, family)
    found: list[IntegradeError] = []
    for table in record.needs:
        if table not in tables_of(study, family):
            remedy = "integrade new DIR writes a commented example"
            if record.name != DEFAULT[family]:
                remedy = f"{record.name} of [{family}] needs it: add [{table}] with files = [...]"
            found.append(UsageError(f"key {table!r} is missing from {file}", remedy=remedy))
    if family == "integration" and "region" not in _levels(record) and record.key != ("region", "year"):
        rows = f"one row per {', '.join(record.key)}"
        found.append(UsageError(
            f"{record.name} has {rows}, and a study needs an index by region and year",
            remedy="use integrade integration --method " + record.name + ", or one of " + ", ".join(_by_region()),
        ))  # fmt: skip
    choose(record.options, None, options_given(study, family))
    return found


def _levels(record: Measure) -> tuple[Any, ...]:
    """The choices of the option ``level``; none for a measure without it."""
    if "level" not in {f.name for f in dataclasses.fields(record.options)}:
        return ()
    return get_args(get_type_hints(record.options)["level"])


def _by_region() -> list[str]:
    family = [m for m in CATALOGUE.values() if m.family == "integration"]
    return sorted(m.name for m in family if m.key == ("region", "year") or "region" in _levels(m))
