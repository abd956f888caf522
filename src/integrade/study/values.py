"""Check a study against the values in its tables before it runs: regions, pairs, groups, lags, samples."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw

from integrade.engine.frames import Table, collect, enter
from integrade.errors import BadFormula, DataError, IntegradeError, UsageError
from integrade.geography import Geography
from integrade.integration.pairs import require_borders
from integrade.quality.sigma import ESTIMATED
from integrade.sources.files.where import names_in, parse_where
from integrade.sources.meaning.regions import refuse_unknown_regions, regions_of, same_region
from integrade.study.config import Study
from integrade.study.lines import Lines, each_of, placed
from integrade.study.lines import Path as Place
from integrade.study.measures import curve_versions
from integrade.subjects.groups.industry_lists import Edition
from integrade.subjects.groups.question import Groups, grouped
from plainwords.account import Entry
from plainwords.texts import listed, say


def problems_of(
    study: Study,
    lines: Lines,
    root: Path,
    indexed: Sequence[Table],
    firms: Table | None,
    where: Geography | None = None,
    index_years: Sequence[int] = (),
) -> tuple[list[IntegradeError], list[Entry]]:
    """Return errors that a run would raise after reading the rows, and warnings on parts that it would leave out.

    ``indexed``: the tables of the index with all regions; ``firms``: the accounts without the regions that the study
    leaves out; ``where``: the study's geography; ``index_years``: the years that an index of prices can have.
    """
    problems = list(_unknown_regions(study, lines, indexed or ([firms] if firms is not None else [])))
    names = {name for table in indexed for name in regions_of(table)}
    regions = sorted(n for n in names if not any(same_region(n, gone) for gone in study.without_regions))
    warnings = list[Entry]()
    problems += _too_few_left(study, lines, names)
    for path, key in _adjacent(study) if regions else ():  # tables that cannot be read are reported already
        try:
            require_borders(regions, key, where)
        except UsageError as problem:
            if path[0] == "indices" and not lines.has(path):  # the preset complete added it
                warnings.append(_left_out(_place(lines, path), problem))
            else:
                problems += placed(problem, _place(lines, path))
    for i, key, family, options in curve_versions(study):
        if regions and family == "integration" and options.get("pairs") == "adjacent":
            try:
                require_borders(regions, "pairs", where)
            except UsageError as problem:
                warnings.append(_left_out(_place(lines, ("curve", key, i)), problem))
    if firms is not None:
        warnings += _beyond(study, firms, lines, index_years)
        warnings += _empty_samples(study, firms, lines, index_years)
    for path in _estimated(study) if study.customs is not None else ():
        sentence = say("coverage.sigma-when-run", place=lines.place(path))
        warnings.append(Entry("check", "quality", "note", sentence, 0))
    for i, section in enumerate(study.section("groups")):
        if firms is not None and section.run:
            refused, notes = _groups(section, firms, root, lines, i, where, study.report.industries)
            problems += refused
            warnings += notes
    return problems, warnings


def _adjacent(study: Study) -> Iterator[tuple[Place, str]]:
    """Yield the sections of the study file that ask for neighbours by common border, each with the key."""
    if study.integration.get("pairs") == "adjacent":
        yield ("integration", "pairs"), "pairs"
    for i, version in enumerate(study.section("indices")):
        if version.options().get("pairs") == "adjacent":
            yield ("indices", i, "pairs"), "pairs"
    spillover = study.section("spillover")
    if spillover and spillover.run and spillover.neighbours == "adjacent":
        yield ("spillover", "neighbours"), "neighbours"
    for i, instrument in enumerate(study.section("instruments")):
        if instrument.run and instrument.builder == "neighbour" and instrument.pairs == "adjacent":
            yield ("instruments", i, "pairs"), "pairs"


def _estimated(study: Study) -> Iterator[Place]:
    """Yield the keys that estimate the elasticity: of quality, of other outcomes and of versions of the curve."""
    given: list[tuple[Place, Any]] = [(("quality",), study.quality)]
    given += [(("outcomes", i), version.options()) for i, version in enumerate(study.section("outcomes"))]
    given += [(("curve", key, i), version) for i, key, family, version in curve_versions(study) if family == "quality"]
    for path, options in given:
        if options.get("sigma") in ESTIMATED:
            yield path if path[0] == "curve" else (*path, "sigma")


def _place(lines: Lines, path: Place) -> str:
    return lines.place(path) + ("" if lines.has(path) else " (default)")


def _unknown_regions(study: Study, lines: Lines, tables: Sequence[Table]) -> Iterator[IntegradeError]:
    named: list[tuple[Place, str]] = [(("without_regions", i), name) for i, name in enumerate(study.without_regions)]
    for i, sample in enumerate(study.section("samples")):
        named += [(("samples", i, "without_regions", k), name) for k, name in enumerate(sample.without_regions)]
    for path, name in named:
        try:
            refuse_unknown_regions(tables, [name])
        except IntegradeError as problem:
            yield from placed(problem, lines.place(path))


def _too_few_left(study: Study, lines: Lines, names: Collection[str]) -> Iterator[IntegradeError]:
    """Yield an error if a study or sample leaves fewer than two regions, because an index is made of pairs."""
    left_out = list(study.without_regions)
    asked: list[tuple[Place, list[str]]] = [(("without_regions",), left_out)]
    for i, sample in enumerate(study.section("samples")):
        asked.append((("samples", i, "without_regions"), [*left_out, *sample.without_regions]))
    for path, gone in asked:
        left = [n for n in names if not any(same_region(n, name) for name in gone)]
        if names and gone and len(left) < 2:
            what = f"{len(left)} of {len(names)} regions would be left, but an index compares pairs of regions"
            yield from placed(UsageError(what, remedy="leave fewer regions out"), lines.place(path))


def _groups(
    section: Groups, firms: Table, root: Path, lines: Lines, i: int, where: Geography | None, edition: Edition | None
) -> tuple[list[IntegradeError], list[Entry]]:
    """Return problems of a split that the accounts show: fewer than two groups, and codes without a group."""
    if section.how == "period" and section.first_of_later is not None:
        return [], []  # a year outside the accounts is refused at its key
    rows, place = enter(firms), lines.place(("groups", i), key=False)
    needed = [section.by, *([section.capital, section.labour] if section.measured == "accounts" else [])]
    if later := _made_later(needed, firms):
        return [], [_when_run("groups", place, later)]
    dated = ["year"] if section.how == "intensity" and "year" in firms.columns else []
    chosen = collect(rows.select(*dict.fromkeys([*needed, *dated])))
    if section.how == "column":
        values = chosen[section.by].drop_nulls().unique()
        if values.len() > 1:
            return [], []
        what = f"column {section.by!r} of the accounts has {'one value' if values.len() else 'no value'}, so no groups"
        remedy = "name a column with two values or more, or choose with how = ... how to form groups"
        return list(placed(UsageError(what, example=", ".join(map(str, values)), remedy=remedy), place)), []
    try:
        split, _ = grouped(
            nw.to_native(chosen) if isinstance(chosen, nw.DataFrame) else chosen, section, root, where, edition
        )
    except DataError as problem:
        return [], [_left_out(place, problem)]
    except UsageError:
        return [], []  # a missing file or column is reported at its key
    notes = [e for e in split.account if e.kind == "warning"]
    return [], [
        Entry("check", "groups", "warning", say("coverage.of-section", place=place, what=e.reason), e.rows)
        for e in notes
    ]


def _beyond(study: Study, firms: Table, lines: Lines, index_years: Sequence[int]) -> Iterator[Entry]:
    """Yield warnings on lags and leads for which the accounts have too few years.

    A run then leaves out the table of lags.
    """
    section, chosen = study.section("lags"), study.regression
    if section is None or "year" not in firms.columns:
        return
    years = sorted(int(y) for y in collect(enter(firms).select("year").unique())["year"].drop_nulls())
    if not years:
        return
    of_index = chosen.treatment == "market" and study.panel is None and section.on == "regressor"
    series = list(index_years) if of_index and index_years else years
    least = 2 if any("firm" in effect.split("^") for effect in chosen.effects) else 1
    for key, back in (("lags", 1), ("leads", -1)):
        for i, shift in enumerate(getattr(section, key) if (key, section.on) != ("leads", "both") else ()):
            there = [y for y in years if y - back * shift in series]
            if len(there) < least:
                why = say(
                    f"coverage.{key}-beyond",
                    n=shift,
                    there=len(there),
                    series=f"{series[0]}-{series[-1]}",
                    firms=f"{years[0]}-{years[-1]}",
                )
                yield Entry("check", "lags", "warning", _would_leave(lines.place(("lags", key, i)), why), 0)


def _empty_samples(study: Study, firms: Table, lines: Lines, index_years: Sequence[int]) -> Iterator[Entry]:
    """Yield warnings on parts of the sample that have no row, as far as the accounts show."""
    rows = enter(firms)
    kept = rows.filter(nw.col("year").is_in(list(index_years))) if index_years and "year" in firms.columns else rows
    for i, part in enumerate(study.section("samples")):
        if part.where is None:
            continue
        place = lines.place(("samples", i, "where"))
        try:
            needed = names_in(part.where)
        except BadFormula:  # such a filter is refused at its key
            needed = []
        if later := _made_later(needed, firms):
            yield _when_run("samples", place, later)
            continue
        try:
            inside = kept.filter(parse_where(part.where, rows.collect_schema()))
        except IntegradeError:  # refused at its key, too
            continue
        if not collect(inside.select(n=nw.len()))["n"][0]:
            why = say("coverage.no-row-left", where=part.where)
            yield Entry("check", "samples", "warning", _would_leave(place, why), 0)


def _made_later(needed: Sequence[str], firms: Table) -> list[str]:
    """Return the needed columns that the accounts lack, which come from other tables or are measured by the study."""
    return [name for name in dict.fromkeys(needed) if name not in firms.columns]


def _when_run(section: str, place: str, columns: Sequence[str]) -> Entry:
    reason = say("coverage.rows-when-run", place=place, columns=listed(columns, "comma"))
    return Entry("check", section, "note", reason, 0)


def _would_leave(place: str, why: str) -> str:
    return say("coverage.would-be-left-out", place=place, why=why)


def _left_out(place: str, problem: IntegradeError) -> Entry:
    first: Any = next(iter(each_of(problem)))
    return Entry("check", "study", "warning", _would_leave(place, first.what), 0)
