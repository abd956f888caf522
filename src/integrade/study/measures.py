"""Find the measures that a study chooses, with their options and their tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

import integrade.integration
import integrade.quality  # noqa: F401 - both fill the catalogue
from integrade.errors import IntegradeError, UnknownName, UsageError
from integrade.records.catalogue import CATALOGUE, Measure, choose, find, options_of, plain
from integrade.sources.basis.detection import Declared
from integrade.study.config import Source, Study
from integrade.study.lines import Lines, Path, placed
from integrade.study.options import option_problems
from integrade.study.plugins import left_out

DEFAULT = {"integration": "relative_price", "quality": "demand_residual"}
FAMILIES = tuple(DEFAULT)


def measure_of(study: Study, family: str) -> Measure:
    """Return the measure that ``[integration]`` or ``[quality]`` names with ``method``.

    Raises `UnknownName`; its message names the plugins of the study that are not loaded.
    """
    try:
        return find(family, str(getattr(study, family).get("method", DEFAULT[family])))
    except UnknownName as problem:
        left = ", ".join(left_out(study.plugins))
        if not left:
            raise
        remedy = f"{left} is not loaded and may define it: run with --plugins; else {problem.remedy}"
        raise UnknownName(problem.what, remedy=remedy) from None


def is_measure(name: str) -> bool:
    """Return whether a measure has that name."""
    return name in CATALOGUE


def has_index(study: Study) -> bool:
    """Return whether the study measures an index.

    It does if it has a table of its measure, or if it names a measure that is not the default.
    """
    if study.prices is not None or study.integration.get("method", DEFAULT["integration"]) != DEFAULT["integration"]:
        return True
    try:
        needed = measure_of(study, "integration").needs
    except IntegradeError:
        return True
    return any(getattr(study, table, None) is not None for table in needed)


def has_quality(study: Study) -> bool:
    """Return whether the study measures export quality."""
    return study.customs is not None


def families_of(study: Study) -> tuple[str, ...]:
    """Return the kinds of measures in the study: ``integration``, ``quality``, both or none."""
    return tuple(f for f, there in (("integration", has_index(study)), ("quality", has_quality(study))) if there)


def by_prices(study: Study) -> bool:
    """Return whether the index is the relative-price index, the only one with a known sampling error."""
    return measure_of(study, "integration").name == DEFAULT["integration"]


def options_given(study: Study, family: str) -> dict[str, Any]:
    """Return the options of the measure in the study file.

    For an index, ``level`` is region if the measure has that level; otherwise the index has no ``level``.
    """
    options = {k: v for k, v in getattr(study, family).items() if k != "method"}
    if family == "integration":
        options.pop("level", None)
        if "region" in _levels(measure_of(study, family)):
            options["level"] = "region"
    return options


def tables_of(study: Study, family: str) -> dict[str, Source]:
    """Return the tables that the measure takes, by name: required tables, and optional tables that the study has."""
    record = measure_of(study, family)
    tables: dict[str, Source | None] = {t: getattr(study, t, None) for t in (*record.needs, *record.uses)}
    return {table: source for table, source in tables.items() if source is not None}


def check_measures(study: Study, lines: Lines, families: Sequence[str] = FAMILIES) -> list[IntegradeError]:
    """Return problems of the measures of ``families``, their tables, the basis of prices, and other versions."""
    problems = [problem for family in families for problem in _problems(study, family, lines, (family,))]
    return problems + _of_basis(study, lines) + _of_versions(study, lines)


def _of_basis(study: Study, lines: Lines) -> list[IntegradeError]:
    """Return an error if [prices] and [integration] state different bases."""
    read, measured = study.prices.basis if study.prices else "detect", study.integration.get("basis", "detect")
    if "detect" in (read, measured) or read == measured or measured not in get_args(Declared):
        return []
    what = f"the basis of the prices is given twice: {read} in [prices], {measured} here"
    remedy = "leave basis out here, so that the one of [prices] counts"
    return list(placed(UsageError(what, remedy=remedy), lines.place(("integration", "basis"))))


FAMILY_OF = {"outcomes": "quality", "indices": "integration"}
"""Section that lists other versions of a measure -> the family of measures whose options a version may have."""


def version_of(study: Study, section: str, version: Any) -> Study:
    """Return the study with its measure replaced by one of its ``[[outcomes]]`` or ``[[indices]]``."""
    family, given = FAMILY_OF[section], version.options()
    under = {} if "method" in given else getattr(study, family)
    return study.model_copy(update={family: {**under, **given}})


def _of_versions(study: Study, lines: Lines) -> list[IntegradeError]:
    """Return problems of versions: duplicate names, both a column and options or neither, and wrong options."""
    problems: list[IntegradeError] = []
    for section in (*FAMILY_OF, "samples", "hypotheses"):
        names = [item.name for item in getattr(study, section)]
        for i, name in enumerate(names):
            if name in names[:i]:
                place = lines.place((section, i, "name"))
                problems.append(
                    UsageError(
                        f"{place}: two sections [[{section}]] are called {name!r}", remedy="give one another name"
                    )
                )
    for section, family in FAMILY_OF.items():
        for i, version in enumerate(getattr(study, section)):
            if (version.column is None) == (not version.options()):
                place = f"{lines.place((section, i), key=False)} {version.name!r}"
                remedy = f'column = "..." (of the panel), or options of [{family}] such as method = "..."'
                problems.append(UsageError(f"{place} needs either a column or options of a measure", remedy=remedy))
            elif version.column is None:
                problems += _problems(
                    version_of(study, section, version), family, lines, (section, i), version.options()
                )
    for i, key, family, options in curve_versions(study):
        version_study = study.model_copy(update={family: {**getattr(study, family), **options}})
        problems += _problems(version_study, family, lines, ("curve", key, i), options) if options else []
    return problems


def curve_versions(study: Study) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
    """Yield the versions of measures in [curve]: position, key, family, and the options that they change."""
    if study.curve is not None:
        for key, family in (("indices", "integration"), ("qualities", "quality")):
            if family not in families_of(study):
                continue
            for i, options in enumerate(getattr(study.curve, key)):
                yield i, key, family, options


def _problems(
    study: Study, family: str, lines: Lines, path: Path, changed: Mapping[str, Any] | None = None
) -> list[IntegradeError]:
    """Return the problems of a measure and its options; ``path`` is the key of the options in the study file.

    ``changed``: the options that a version adds to the options of its family; only these are checked one by one.
    """
    try:
        record = measure_of(study, family)
    except IntegradeError as problem:
        return list(placed(problem, lines.place((*path, "method"))))
    problems: list[IntegradeError] = []
    for table in record.needs:
        if table not in tables_of(study, family):
            remedy = "integrade new DIR writes a commented example"
            if record.name != DEFAULT[family]:
                remedy = f"{record.name} of [{family}] needs it: add [{table}] with files = [...]"
            problems.append(UsageError(f"key {table!r} is missing from {lines.file}", remedy=remedy))
    if family == "integration" and "region" not in _levels(record) and record.key != ("region", "year"):
        rows = f"one row per {', '.join(record.key)}"
        place = lines.place((*path, "method"))
        by_region = sorted(
            m.name
            for m in CATALOGUE.values()
            if m.family == "integration" and (m.key == ("region", "year") or "region" in _levels(m))
        )
        problems.append(
            UsageError(
                f"{place}: {record.name} has {rows}, and a study needs an index by region and year",
                remedy=f"use integrade integration --method {record.name}, or one of {', '.join(by_region)}",
            )
        )
    elif family not in record.adds or (family == "quality" and record.key != ("firm", "year")):
        need = "a column quality by firm and year" if family == "quality" else "a column integration by region and year"
        problems.append(
            UsageError(
                f"{lines.place((*path, 'method'))}: {record.name} gives {', '.join(record.adds)} by "
                f"{', '.join(record.key)}, and a study needs {need}",
                remedy="declare it in adds and key of @measure, and return it",
            )
        )
    given = options_given(study, family)
    if given.get("level", "firm") != "firm" and family == "quality":
        problems.append(
            UsageError(
                f"{lines.place((*path, 'level'))}: a study needs quality by firm and year",
                remedy="leave level out, or use integrade quality --level",
            )
        )
    changed = given if changed is None or "method" in changed else changed
    wrong = list(
        option_problems(record.options, {k: v for k, v in changed.items() if k != "method"}, whole=changed is given)
    )
    for key, refused, known in wrong:
        problems += placed(refused, lines.place((*path, key), key=known))
    together = getattr(record.options, "together", None)
    if together is not None and not wrong and not list(option_problems(record.options, given)):
        try:
            together(choose(record.options, None, given))
        except IntegradeError as problem:
            problems += placed(problem, lines.place(path, key=False))
    return problems


def _levels(record: Measure) -> tuple[Any, ...]:
    """Return the choices of the option ``level``; empty for a measure without it."""
    level = options_of(record.options).get("level")
    return get_args(plain(level.hint)) if level else ()
