"""Which measures a study chooses, with which options, from which tables."""

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
    """The measure that ``[integration]`` or ``[quality]`` names with ``method``.

    Raises `UnknownName`, which names the plugins of the study that are not loaded.
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
    """Whether a measure has that name."""
    return name in CATALOGUE


def has_index(study: Study) -> bool:
    """Whether the study measures an index: the tables of its measure are there, or it names a measure."""
    if study.prices is not None or study.integration.get("method", DEFAULT["integration"]) != DEFAULT["integration"]:
        return True
    try:
        needed = measure_of(study, "integration").needs
    except IntegradeError:
        return True
    return any(getattr(study, table, None) is not None for table in needed)


def has_quality(study: Study) -> bool:
    """Whether the study measures export quality."""
    return study.customs is not None


def families_of(study: Study) -> tuple[str, ...]:
    """The measures that the study takes: ``integration``, ``quality``, both or none."""
    return tuple(f for f, there in (("integration", has_index(study)), ("quality", has_quality(study))) if there)


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


def check_measures(study: Study, lines: Lines, families: Sequence[str] = FAMILIES) -> list[IntegradeError]:
    """What is wrong with the measures of ``families``, their options, the tables they need and the versions of them."""
    found = [one for family in families for one in _problems(study, family, lines, (family,))]
    return found + _of_basis(study, lines) + _of_versions(study, lines)


def _of_basis(study: Study, lines: Lines) -> list[IntegradeError]:
    """A basis that [prices] and [integration] say differently."""
    read, measured = study.prices.basis if study.prices else "detect", study.integration.get("basis", "detect")
    if "detect" in (read, measured) or read == measured or measured not in get_args(Declared):
        return []
    what = f"the basis of the prices is said twice: {read} in [prices], {measured} here"
    remedy = "leave basis out here, so that the one of [prices] counts"
    return list(placed(UsageError(what, remedy=remedy), lines.place(("integration", "basis"))))


FAMILY_OF = {"outcomes": "quality", "indices": "integration"}
"""The sections of other versions, and whose options they take."""


def version_of(study: Study, section: str, version: Any) -> Study:
    """The study with the measure of one of its ``[[outcomes]]`` or ``[[indices]]``."""
    family, given = FAMILY_OF[section], version.options()
    under = {} if "method" in given else getattr(study, family)
    return study.model_copy(update={family: {**under, **given}})


def _of_versions(study: Study, lines: Lines) -> list[IntegradeError]:
    """What is wrong with versions: a column and options, or neither; names that stand twice; options of no measure."""
    found: list[IntegradeError] = []
    for section in (*FAMILY_OF, "samples", "hypotheses"):
        names = [one.name for one in getattr(study, section)]
        for i, name in enumerate(names):
            if name in names[:i]:
                place = lines.place((section, i, "name"))
                found.append(
                    UsageError(
                        f"{place}: two sections [[{section}]] are called {name!r}", remedy="give one another name"
                    )
                )
    for section, family in FAMILY_OF.items():
        for i, version in enumerate(getattr(study, section)):
            if (version.column is None) == (not version.options()):
                place = f"{lines.place((section, i), key=False)} {version.name!r}"
                remedy = f'column = "..." (of the panel), or options of [{family}] such as method = "..."'
                found.append(UsageError(f"{place} needs either a column or options of a measure", remedy=remedy))
            elif version.column is None:
                found += _problems(version_of(study, section, version), family, lines, (section, i), version.options())
    for i, key, family, options in curve_versions(study):
        other = study.model_copy(update={family: {**getattr(study, family), **options}})
        found += _problems(other, family, lines, ("curve", key, i), options) if options else []
    return found


def curve_versions(study: Study) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
    """The versions of measures in [curve]: their place, whose options they change, and how."""
    if study.curve is not None:
        for key, family in (("indices", "integration"), ("qualities", "quality")):
            if family not in families_of(study):
                continue
            for i, options in enumerate(getattr(study.curve, key)):
                yield i, key, family, options


def _problems(
    study: Study, family: str, lines: Lines, path: Path, changed: Mapping[str, Any] | None = None
) -> list[IntegradeError]:
    """What is wrong with a measure and its options, which stand at ``path``.

    ``changed``: what a version lays over the options of its family, which are looked at by themselves.
    """
    try:
        record = measure_of(study, family)
    except IntegradeError as problem:
        return list(placed(problem, lines.place((*path, "method"))))
    found: list[IntegradeError] = []
    for table in record.needs:
        if table not in tables_of(study, family):
            remedy = "integrade new DIR writes a commented example"
            if record.name != DEFAULT[family]:
                remedy = f"{record.name} of [{family}] needs it: add [{table}] with files = [...]"
            found.append(UsageError(f"key {table!r} is missing from {lines.file}", remedy=remedy))
    if family == "integration" and "region" not in _levels(record) and record.key != ("region", "year"):
        rows = f"one row per {', '.join(record.key)}"
        place = lines.place((*path, "method"))
        found.append(
            UsageError(
                f"{place}: {record.name} has {rows}, and a study needs an index by region and year",
                remedy="use integrade integration --method " + record.name + ", or one of " + ", ".join(_by_region()),
            )
        )
    elif family not in record.adds or (family == "quality" and record.key != ("firm", "year")):
        need = "a column quality by firm and year" if family == "quality" else "a column integration by region and year"
        found.append(
            UsageError(
                f"{lines.place((*path, 'method'))}: {record.name} gives {', '.join(record.adds)} by "
                f"{', '.join(record.key)}, and a study needs {need}",
                remedy="say so in adds and key of @measure, and return it",
            )
        )
    given = options_given(study, family)
    if given.get("level", "firm") != "firm" and family == "quality":
        found.append(
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
        found += placed(refused, lines.place((*path, key), key=known))
    together = getattr(record.options, "together", None)
    if together is not None and not wrong and not list(option_problems(record.options, given)):
        try:
            together(choose(record.options, None, given))
        except IntegradeError as problem:
            found += placed(problem, lines.place(path, key=False))
    return found


def _levels(record: Measure) -> tuple[Any, ...]:
    """The choices of the option ``level``; none for a measure without it."""
    level = options_of(record.options).get("level")
    return get_args(plain(level.hint)) if level else ()


def _by_region() -> list[str]:
    family = [m for m in CATALOGUE.values() if m.family == "integration"]
    return sorted(m.name for m in family if m.key == ("region", "year") or "region" in _levels(m))
