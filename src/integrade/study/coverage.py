"""Compare years, regions, industries and firms of each table with the accounts, before a run."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl

from integrade.engine.frames import Table, collect, enter
from integrade.errors import Coverage, IntegradeError
from integrade.geography import Geography, geography_of, province_of, says_more, slip_of, unmatched
from integrade.geography.telling import alias_line, slips, told
from integrade.records.schema import column_word
from plainwords.account import Entry
from plainwords.texts import Said, listed, say

INDEXED = ("prices", "flows", "output", "gdp", "survey")
"""Tables from which an index is made."""


class Seen(NamedTuple):
    """The content of a table: rows by year, the names of each kind of unit, and rows by region."""

    table: str
    years: Mapping[int, int]
    units: Mapping[str, frozenset[str]]
    regions: Mapping[str, int] = {}


def seen(table: str, rows: Table) -> Seen:
    """Return the years, regions, industries and firms of a table; each province has one name."""
    frame = enter(rows)
    columns = frame.collect_schema().names()
    years = dict(collect(frame.group_by("year").agg(n=nw.len())).drop_nulls().sort("year").iter_rows())
    units: dict[str, frozenset[str]] = {}
    regions: dict[str, int] = {}
    for unit in ("industry", "firm"):
        if unit in columns:
            names = collect(frame.select(unit).unique()).drop_nulls()[unit].cast(pl.String).to_list()
            units[unit] = frozenset(names)
    if "region" in columns:
        counted = collect(frame.group_by("region").agg(n=nw.len())).drop_nulls().cast({"region": pl.String})
        for name, n in counted.sort("region").iter_rows():
            regions[_one_name(name)] = regions.get(_one_name(name), 0) + n
    return Seen(table, years, units, regions)


def in_years(table: Seen, years: Collection[int]) -> Seen:
    """Return the table without years that the index lacks.

    If the years of the index are not known, return it unchanged.
    """
    return table._replace(years={y: n for y, n in table.years.items() if y in years}) if years else table


def coverage(
    tables: Sequence[Seen], *, linked: bool = False, geography: Geography | None = None
) -> tuple[list[IntegradeError], list[Entry]]:
    """Return errors for tables without overlap with the accounts, and warnings on the years and units that tables lack.

    ``linked``: customs firms are matched to the accounts by a table of links or by names, so their codes may differ.

    Example:
        >>> index = Seen("prices", {2006: 31, 2007: 31}, {}, {"A": 62})
        >>> firms = Seen("firms", {2005: 10, 2006: 12}, {}, {"A": 14, "B": 8})
        >>> for entry in coverage([index, firms])[1]:
        ...     print(f"{entry.kind}: {entry.reason}")
        warning: the index covers 2006-2007, firms 2005-2006: 1 year missing (2005), 10 firm-years
        warning: 1 of 2 regions of firms, 8 rows, not in prices: B (8 rows)
    """
    firms = next((t for t in tables if t.table in ("firms", "registry")), None)
    problems: list[IntegradeError] = []
    notes: list[Entry] = []
    if firms is None:
        return problems, notes
    if not geography:
        index = next((t for t in tables if t.table in INDEXED and t.regions), None)
        geography = geography_of(index.regions) if index else None  # the built-in country with all of its regions
    for table in tables:
        if table is firms:
            continue
        for finding in (_years(table, firms), *_regions(table, firms, geography), *_units(table, firms, linked=linked)):
            if isinstance(finding, IntegradeError):
                problems.append(finding)
            elif finding:
                notes.append(finding)
    return problems, notes


def _years(other: Seen, firms: Seen) -> Entry | Coverage | None:
    """Return a warning on the years of the accounts that a table lacks; an error if it has none of them."""
    name = say("coverage.the-index") if other.table == "prices" else column_word(other.table)
    span = f"{name} covers {_span(other.years)}, firms {_span(firms.years)}"
    absent = [y for y in firms.years if y not in other.years]
    if not absent:
        return None
    if len(absent) == len(firms.years):
        return Coverage(
            f"{other.table} and firms have no year in common",
            example=span,
            remedy=f"give {other.table} of the years of the firms, or correct its column year",
        )
    rows = sum(firms.years[y] for y in absent)
    text = say(
        "coverage.years-missing",
        table=name,
        span=_span(other.years),
        firms=_span(firms.years),
        n=len(absent),
        years=_first([str(y) for y in absent], 10),
        rows=rows,
    )
    return Entry("coverage", other.table, "warning", text, rows)


def _first(names: Sequence[str], most: int) -> Said:
    shown = listed(names[:most], "comma")
    return say("account.and-others", items=shown) if len(names) > most else shown


def _regions(other: Seen, firms: Seen, geography: Geography | None) -> Iterator[Entry | IntegradeError]:
    """Yield warnings on the firms' regions that a table lacks, each with the nearest name.

    A misspelling is an error.
    """
    if not firms.regions or not other.regions:
        return
    gone = unmatched(firms.regions, other.regions, geography)
    if len(gone) == len(firms.regions):
        example = f"{other.table}: {', '.join(sorted(other.regions)[:3])}; firms: {', '.join(firms.regions)[:60]}"
        remedy = "write each region the same way in both tables"
        near = next((absent for absent in gone if absent.near and not says_more(absent.name, absent.near)), None)
        if near and near.near:
            remedy = f"{remedy}, or say which is which: {alias_line(near.name, near.near)}"
        yield Coverage(f"no region of {other.table} is in firms", example=example, remedy=remedy)
    elif gone:
        yield from slips(firms.regions, other.regions, ("firms", other.table), geography)
        rows = sum(absent.rows for absent in gone)
        counted: dict[str, Any] = {"n": str(len(gone)), "all": str(len(firms.regions)), "rows": rows}
        text = say("coverage.regions-absent", **counted, table=column_word(other.table), names=told(gone))
        kept = {absent.name for absent in gone if geography is not None and geography.has_alias(absent.name)}
        near = next((o for o in gone if o.near and slip_of(o.name, o.near) and o.name not in kept), None)
        if near is not None and near.near:
            line = alias_line(near.name, near.near)
            text = say("coverage.regions-absent-slip", said=text, name=near.name, line=line)
        yield Entry("coverage", other.table, "warning", text, rows)


WITHOUT_SIGNS = r'polars.col(HEADING).str.replace_all(r"[\W_]", "")'
"""The expression that keeps only the letters and figures of codes."""


def _hint(ours: frozenset[str], theirs: frozenset[str], other_table: str) -> str:
    """Return a hint on why codes of firms may not match: leading zeros, or signs between the digits.

    If only signs differ, the hint has the line of Python that removes them from a column of a file.
    """
    bare = {re.sub(r"[\W_]", "", name): name for name in sorted(theirs)}
    alike = sorted(name for name in ours if re.sub(r"[\W_]", "", name) in bare)
    if not alike:
        return " (are leading zeros missing? else match the firms: [exporters], [links])"
    code = bare[re.sub(r"[\W_]", "", alike[0])]
    signed = [table for table, name in (("firms", alike[0]), (other_table, code)) if re.search(r"[\W_]", name)]
    return (
        f": without punctuation and blanks {len(alike):,} of {len(ours):,} match ({alike[0]} and {code}). In the "
        f"column of {' and of '.join(signed)} replace them: {WITHOUT_SIGNS}"
    )


def _units(other: Seen, firms: Seen, *, linked: bool) -> list[Entry | Coverage]:
    """Return an error if no industry or firm of a table is in the accounts, else counts of units in only one table."""
    findings: list[Entry | Coverage] = []
    for unit, theirs in other.units.items():  # industries and firms
        ours = firms.units.get(unit)
        if ours and other.table == "deflators" and unit == "industry":  # matched by their first digits
            width = max(map(len, theirs), default=0)
            ours = frozenset(name[:width] for name in ours)
        if not ours or (unit == "firm" and linked):
            continue
        absent = sorted(ours - theirs)
        if len(absent) == len(ours):
            example = f"{other.table}: {', '.join(sorted(theirs)[:3])}; firms: {', '.join(absent[:3])}"
            hint = _hint(ours, theirs, other.table) if unit == "firm" else ""
            findings.append(
                Coverage(
                    f"no {unit} of {other.table} is in firms",
                    example=example,
                    remedy=f"write each {unit} the same way in both tables{hint}",
                )
            )
        elif absent and unit != "firm":
            text = say(
                "coverage.industries-absent",
                n=str(len(absent)),
                all=str(len(ours)),
                table=column_word(other.table),
                names=_first(absent, 5),
            )
            findings.append(Entry("coverage", other.table, "warning", text, 0))
        elif unit == "firm":
            both, lone = len(ours & theirs), len(theirs - ours)
            reason = say("coverage.firms-in-both", both=both, table=column_word(other.table), lone=lone)
            findings.append(Entry("coverage", other.table, "note", reason, 0))
    return findings


def _span(years: Mapping[int, int]) -> str:
    ordered = sorted(years)
    if not ordered:
        return say("coverage.no-year")
    return f"{ordered[0]}-{ordered[-1]}" if len(ordered) > 1 else f"{ordered[0]}"


def _one_name(region: str) -> str:
    province = province_of(region)
    return province.english if province else region
