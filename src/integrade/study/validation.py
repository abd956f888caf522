"""Validate a study before any step runs. `check` and `run` call the same function.

This function reads every table, compares the tables with each other and with the study file, and measures the index
without its standard errors. An index without any value is refused here. A run stores the success of validation like a
step, so that it reads the tables again only when the study or a file has changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from integrade.engine.frames import Engine, Table, account_of, collect, enter, require_engine
from integrade.errors import IntegradeError, NoCluster, SessionLost
from integrade.integration.basis import basis_told
from integrade.panel.controls import Controls, require_unit
from integrade.records.catalogue import Measure, options_of
from integrade.sources.files.headings import Known, kinds_of
from integrade.sources.meaning.regions import leave_out_regions
from integrade.study.checking import facts_of, refused, unused_labels
from integrade.study.config import Study
from integrade.study.coverage import Seen, coverage, in_years, seen
from integrade.study.data.steps import measure_code
from integrade.study.data.tables import keep, read_source
from integrade.study.forecast import in_formulas, place_of, section_of, source_places
from integrade.study.geography import geography_or_none
from integrade.study.inputs import index_given, raw_files, sources_of
from integrade.study.lines import each_of, placed
from integrade.study.measures import by_prices, has_index, measure_of, options_given, tables_of
from integrade.study.options import option_problems
from integrade.study.reading import Draft, all_of
from integrade.study.steps import Step
from integrade.study.values import problems_of
from plainwords.account import Account, Entry, carrying
from plainwords.texts import listed, say

STEP = "check"
"""The name of the step under which a run stores that validation found no problem."""
NAMED = 5
"""Largest number of regions or years without an index that a warning names."""


def validation_step(draft: Draft, study: Study, root: Path, engine: Engine) -> Step:
    """Return the step that raises the problems found by `validate`.

    Its key depends on the raw files, on the study without title, report and tables, and on the names of labels.
    """

    def run(out: Path, _: Mapping[str, Path]) -> None:
        keep(out, require_valid(draft, study, root, engine), {})

    files = tuple(dict.fromkeys(raw.file for raw in raw_files(study, root)))
    code = ("study.validation", *(measure_code(study, "integration") if has_index(study) else ()))
    asked = study.model_dump(mode="json", exclude={"title", "report", "tables"})
    return Step(STEP, (), [asked, sorted(study.report.labels)], files, code, run)


def require_valid(draft: Draft, study: Study, root: Path, engine: Engine) -> Account:
    """Validate a study, and return the account of what was read.

    Raises the problems found by `validate` (several as `Problems`), with the account of what was read.
    """
    problems, account = validate(draft, study, root, engine)
    if problems:
        problem = all_of(problems)
        problem.account = account.entries
        raise problem
    return account


class _Read(NamedTuple):
    """The tables of a study: their columns, their coverage, the tables of the index, and the accounts of firms.

    ``whole_index``: whether every table of the index could be read.
    """

    known: list[Known]
    seen: list[Seen]
    indexed: dict[str, Table]
    firms: Table | None
    index_years: tuple[int, ...]
    whole_index: bool


def validate(
    draft: Draft, study: Study, root: Path, engine: Engine = "polars"
) -> tuple[tuple[IntegradeError, ...], Account]:
    """Return every problem that can be found without estimation, with its line, and the account of the tables."""
    require_engine(engine)
    problems_found, where = list(draft.problems), geography_or_none(study, root)
    read, account = _tables(draft, study, root, engine, problems_found)
    more, left_out = problems_of(
        study, draft.lines, root, list(read.indexed.values()), read.firms, where, read.index_years
    )
    problems_found += more
    problems_found += _on_the_unit_of_assets(study, read.firms, draft)
    linked = any(getattr(study, name, None) for name in ("links", "matching", "exporters"))
    apart, notes = coverage(read.seen, linked=linked, geography=where)
    years = next((tuple(t.years) for t in read.seen if section_of(t.table) in ("firms", "panel")), ())
    facts, wrong = facts_of(study, root, read.known, years)
    problems_found += [one for place, p in wrong for one in placed(p, draft.lines.place(place, key=False))]
    unused = [Entry(STEP, "report", "warning", text, 0) for text in unused_labels(draft.lines, facts)]
    problems = [*problems_found, *refused(draft, facts), *apart]
    if not problems and read.whole_index:
        try:
            account += _missing_of_index(study, root, read.indexed, read.index_years)
        except IntegradeError as problem:
            problems += placed(problem, draft.lines.place(("integration",), key=False))
    return tuple(problems), account + notes + unused + left_out


def _on_the_unit_of_assets(study: Study, firms: Table | None, draft: Draft) -> list[IntegradeError]:
    """Return the error of a financing constraint that needs the unit of assets, if it is unknown or contradicted."""
    if firms is None or study.firms is None or list(option_problems(Controls, study.controls)):
        return []
    try:
        require_unit(Controls(**study.controls), firms.units.get("assets", ""))
    except IntegradeError as problem:
        return list(placed(problem, draft.lines.place(("controls",))))
    return []


def _tables(
    draft: Draft, study: Study, root: Path, engine: Engine, problems: list[IntegradeError]
) -> tuple[_Read, Account]:
    """Read the tables of a study; problems of a table are added to ``problems`` with the section of the table."""
    known, tables, indexed, where = list[Known](), list[Seen](), dict[str, Table](), geography_or_none(study, root)
    account, firms, index_years = Account(), None, tuple[int, ...]()
    try:
        of_index = frozenset(tables_of(study, "integration"))
    except IntegradeError:  # `checking` reports an unknown measure
        of_index = frozenset()
    by_prices_given = study.integration.get("method", "relative_price") == "relative_price"
    for (table, source), place in zip(sources_of(study), source_places(study), strict=True):
        try:
            with carrying():
                rows = read_source(table, source, root, engine, geography=where)
            if table in of_index:
                indexed[table] = rows
            rows = rows if table == "customs" else leave_out_regions(rows, study.without_regions)
            firms = rows if section_of(table) in ("firms", "panel") else firms
            account += rows.account
            years: tuple[int, ...] = ()
            if table == "prices" and by_prices_given:
                # basis and form decide which years an index of prices has
                basis, form = study.integration.get("basis", "detect"), study.integration.get("form", "difference")
                stated, years = basis_told(rows, str(basis), str(form))
                account, index_years = account + stated, years or index_years
            columns = Known(kinds_of(dict(enter(rows).collect_schema())))
            known.append(in_formulas(columns) if table == "panel" else columns)
            tables += [in_years(seen(table, rows), years)] if "year" in rows.columns else []
        except (NoCluster, SessionLost):
            raise  # every other table would ask the same cluster
        except IntegradeError as problem:
            known.append(Known({}, open=True))
            account += problem.account
            of_index -= {table}
            for inner in each_of(problem):
                problems += placed(inner, draft.lines.place(place_of(place, inner), key=False))
    whole = bool(indexed) and indexed.keys() == of_index
    return _Read(known, tables, indexed, firms, index_years, whole), account


def _missing_of_index(study: Study, root: Path, tables: Mapping[str, Table], years: Sequence[int]) -> list[Entry]:
    """Measure the index without standard errors; return its warnings, and a count of its missing values.

    ``years`` are the years that an index of prices has. Raises the errors that the step of the index would raise,
    including errors of its series of groups.
    """
    record, options = measure_of(study, "integration"), options_given(study, "integration") | index_given(study, root)
    kept = {name: leave_out_regions(table, study.without_regions) for name, table in tables.items()}
    quick = options | ({"se": "none"} if "se" in options_of(record.options) else {})
    try:
        measured = record(kept, **quick)
        rows = record.whole(measured).polars()
    except IntegradeError:
        measured = record(kept, **options)  # a remedy depends on all options
        rows = record.whole(measured).polars()
    wanted = rows
    if by_prices(study):
        if quick.get("groups") is not None:
            record(kept, **{**quick, "level": "group"})
        # every region and year for which prices could give an index
        there = collect(enter(kept["prices"]).select("region", "year").unique())
        named = pl.DataFrame({"year": list(years)}) if years else there.select("year").unique()
        wanted = there.select("region").unique().join(named, how="cross")
    before = {entry for table in kept.values() for entry in table.account}
    warnings = [e for e in account_of(measured) if e.kind == "warning" and e not in before]
    return [*warnings, *_lacking(record, rows, wanted)]


def _lacking(record: Measure, rows: pl.DataFrame, wanted: pl.DataFrame) -> list[Entry]:
    """Return a warning with the share of the index that is missing, and the regions and years without a value."""
    key = ["region", "year"]
    with_value = rows.filter(pl.col(record.value).is_not_null())
    cells = pl.concat([wanted.select(key), rows.select(key)], how="vertical_relaxed").unique()
    missing = cells.join(with_value.select(key), on=key, how="anti")
    if not missing.height:
        return []
    sentences = [
        say(
            "coverage.index-missing",
            n=missing.height,
            all=f"{cells.height:,}",
            share=f"{missing.height / cells.height:.0%}",
        )
    ]
    for column in key:
        there = with_value[column].unique()
        none: list[Any] = cells.filter(~pl.col(column).is_in(there.implode()))[column].unique().sort().to_list()
        if none:
            names = listed([*map(str, none[:NAMED]), *(["..."] if len(none) > NAMED else [])], "comma")
            sentences.append(say(f"coverage.{column}s-without-index", n=len(none), names=names))
    return [Entry(STEP, "integration", "warning", listed(sentences, "semicolon"), missing.height)]
