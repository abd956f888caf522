"""Join tables to firm-years by key.

Regions get one spelling, the coverage of tables is checked, and firm-years without a match are counted by reason.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from functools import reduce
from typing import NamedTuple

import polars as pl

from integrade.errors import Coverage, DuplicateKeys, option
from integrade.geography import Geography, geography_of, key_of, province_of, unmatched
from integrade.geography.telling import slips, told
from integrade.panel.ratios import code_length
from integrade.records.schema import column_word
from plainwords.account import Account, Entry
from plainwords.texts import Said, listed, say


class Side(NamedTuple):
    """A table to be joined, with one row per ``key``, whose last column is the year.

    With ``required``, firm-years without a match are dropped.
    """

    name: str
    key: tuple[str, ...]
    rows: pl.DataFrame
    account: Account
    required: bool


def one_spelling(
    firms: pl.DataFrame, sides: Sequence[Side], geography: Geography | None = None
) -> tuple[pl.DataFrame, list[Side], list[Entry]]:
    """Write each region in one way: in the spelling of the first joined table that has it.

    Two names are one region if the geography has them as one region, if both are one province of China, or if they
    differ only in case, accents, blanks and punctuation. The default geography is the built-in country that has all
    regions of the first table. Nothing changes if every region is already spelt in one way.

    Raises `DuplicateKeys` if two rows of a table become the same region and year. Raises `UnknownRegion` if a region of
    the firms and a region of a joined table have no match and differ by one letter.
    """
    if not any("region" in s.key for s in sides):
        return firms, list(sides), []
    tables = [*(s.rows for s in sides if "region" in s.key), firms]
    change = _spellings(tables, geography or geography_of(_names(tables[0])))
    _refuse_slips(firms, sides, change, geography)
    if not change:
        return firms, list(sides), []
    unified = [s._replace(rows=_respell(s.rows, change)) if "region" in s.key else s for s in sides]
    for side in unified:
        twice = side.rows.filter(side.rows.select(side.key).is_duplicated()).sort(side.key)
        if twice.height:
            raise DuplicateKeys(
                f"{side.name} has {_a_region(change)} in two spellings for the same {', '.join(side.key)}",
                example=", ".join(f"{k}={twice[k][0]}" for k in side.key),
                remedy=f"keep one row per key, or leave the others out with {option('where')}",
            )
    shown = "; ".join(f"{old} -> {new}" for old, new in list(change.items())[:3])
    rows = sum(t.filter(pl.col("region").is_in(list(change))).height for t in tables)
    provinces = _a_region(change) == "a province"
    which = "panel.provinces-unified" if provinces else "panel.regions-unified"
    reason = say(which, spellings=str(len(change)), n=rows)
    return _respell(firms, change), unified, [Entry("assemble", "regions", "note", reason, rows, shown)]


def attach(firms: pl.DataFrame, side: Side) -> tuple[pl.DataFrame, list[Entry]]:
    """Join a table to firm-years; firm-years without a match are dropped (``required``) or kept with missing values.

    If all industry codes of the table have one length, they are matched to the first digits of longer codes of the
    firms. The account notes it. Raises `Coverage` if the firm-years and the table have no year, or no firm, region
    or industry, in common.
    """
    if "industry" in side.key and (digits := _shorter(firms, side)):
        return _by_first_digits(firms, side, digits)
    years = _years(firms), _years(side.rows)
    span = f"{side.name} covers {_span(years[1])}, firms {_span(years[0])}"
    if not set(years[0]) & set(years[1]):
        raise Coverage(
            f"{side.name} and firms have no year in common",
            example=span,
            remedy=f"give {side.name} of the years of the firms, or correct its year column",
        )
    for unit in side.key[:-1]:
        ours, theirs = (t[unit].drop_nulls().unique().sort().to_list() for t in (firms, side.rows))
        if not set(ours) & set(theirs):
            hint = " (leading zeros? customs and accounts often number firms differently)" if unit == "firm" else ""
            raise Coverage(
                f"no {unit} of {side.name} is in firms",
                example=f"{side.name}: {', '.join(theirs[:3])}; firms: {', '.join(ours[:3]) or 'all missing'}",
                remedy=f"write each {unit} the same way in both tables{hint}",
            )
    joined = firms.join(side.rows.with_columns(_hit=True), on=side.key, how="left", validate="m:1")
    reasons = joined.filter(pl.col("_hit").is_null()).with_columns(_reason=_reason(side, years[1]))
    parts = {str(reason): part for (reason,), part in reasons.group_by("_reason")}
    why = {reason: _why(reason, side) for reason in parts}
    entries = [_missed(parts[reason], side, why[reason]) for reason in sorted(parts, key=lambda r: str(why[r]))]
    absent = [y for y in years[0] if y not in years[1]]
    if absent:
        lost = firms.filter(pl.col("year").is_in(absent)).height
        shown = listed([str(year) for year in absent[:10]], "comma")
        text = say(
            "panel.years-missing-dropped" if side.required else "panel.years-missing-without",
            table=side.name,
            span=_span(years[1]),
            firms=_span(years[0]),
            n=len(absent),
            years=say("account.and-others", items=shown) if len(absent) > 10 else shown,
            lost=lost,
        )
        entries.append(Entry("assemble", side.name, "warning", text, lost))
    entries += [*_without(firms, side), *_unused(firms, side)]
    if side.required:
        joined = joined.filter(pl.col("_hit").is_not_null())
    return joined.drop("_hit"), entries


def _shorter(firms: pl.DataFrame, side: Side) -> int:
    """Return the length of the table's industry codes if some of the firms' codes are longer; else 0."""
    length = code_length(side.rows["industry"])
    longer = firms["industry"].drop_nulls().str.len_chars().max() if length else None
    return length if length and longer is not None and int(str(longer)) > length else 0


def _by_first_digits(firms: pl.DataFrame, side: Side, digits: int) -> tuple[pl.DataFrame, list[Entry]]:
    """Do the join of `attach` by the first digits of the firms' industry codes.

    The codes in the result are unchanged.
    """
    cut = firms.with_columns(pl.col("industry").str.head(digits), _whole=pl.col("industry"))
    joined, entries = attach(cut, side)
    n = firms.filter(pl.col("industry").str.len_chars() > digits).height
    text = say("panel.first-digits", table=column_word(side.name), digits=str(digits), n=n)
    note = Entry("assemble", side.name, "note", text, n)
    return joined.with_columns(industry="_whole").drop("_whole"), [note, *entries]


def _spellings(tables: Sequence[pl.DataFrame], geography: Geography | None) -> Mapping[str, str]:
    """Return spelling -> spelling to use, for every region that is spelt in several ways.

    The first table that has the region decides.
    """
    chosen: dict[str, str] = {}
    change: dict[str, str] = {}
    for table in tables:
        for name in _names(table):
            key = key_of(name, geography)
            if chosen.setdefault(key, name) != name:
                change[name] = chosen[key]
    return change


def _names(table: pl.DataFrame) -> list[str]:
    names: list[str] = table["region"].drop_nulls().unique().sort().to_list()
    return names


def _a_region(change: Mapping[str, str]) -> str:
    return "a province" if all(map(province_of, change)) else "a region"


def _refuse_slips(
    firms: pl.DataFrame, sides: Sequence[Side], change: Mapping[str, str], geography: Geography | None
) -> None:
    """Raise `UnknownRegion` if an unmatched region of the firms differs by one letter from a region of a table."""
    ours = _rows_by_region(_respell(firms, change))
    for side in sides:
        if "region" in side.key:
            theirs = _names(_respell(side.rows, change))
            for problem in slips(ours, theirs, ("firms", side.name), geography):
                raise problem


def _rows_by_region(rows: pl.DataFrame) -> dict[str, int]:
    return dict(rows.group_by("region").agg(n=pl.len()).drop_nulls().sort("region").iter_rows())


def _without(firms: pl.DataFrame, side: Side) -> list[Entry]:
    """Return warnings about regions of the firms that the table lacks, with their number of rows."""
    if "region" not in side.key:
        return []
    gone = unmatched(_rows_by_region(firms), _names(side.rows))
    if not gone:
        return []
    rows = sum(region.rows for region in gone)
    table = column_word(side.name)
    text = say("panel.regions-without", n=len(gone), table=table, names=told(gone))
    return [Entry("assemble", side.name, "warning", text, rows)]


def _respell(rows: pl.DataFrame, change: Mapping[str, str]) -> pl.DataFrame:
    return rows.with_columns(pl.col("region").replace(dict(change)))


def _years(rows: pl.DataFrame) -> list[int]:
    years: list[int] = rows["year"].unique().sort().to_list()
    return years


def _span(years: Sequence[int]) -> str:
    return f"{years[0]}-{years[-1]}" if len(years) > 1 else f"{years[0]}" if years else "no year"


def _reason(side: Side, years: Sequence[int]) -> pl.Expr:
    """Return a code for why a firm-year has no match: the first of missing key, unknown year and unknown unit.

    Units are the key columns other than the year. The code is ``-unit`` for a missing key; otherwise it is the name of
    the unit (or ``year``) that the table lacks. It is empty if the table has the units and the year, but not in one
    row.
    """
    units = side.key[:-1]
    reason = pl.lit("")
    for unit in reversed(units):
        known = side.rows[unit].unique().to_list()
        reason = pl.when(pl.col(unit).is_in(known)).then(reason).otherwise(pl.lit(unit))
    reason = pl.when(pl.col("year").is_in(list(years))).then(reason).otherwise(pl.lit("year"))
    for unit in reversed(units):
        reason = pl.when(pl.col(unit).is_null()).then(pl.lit(f"-{unit}")).otherwise(reason)
    return reason


def _why(code: str, side: Side) -> Said:
    """Return the sentence for a code of `_reason`."""
    if code.startswith("-"):
        return say("account.missing", column=column_word(code[1:]))
    if code:
        return say("panel.unit-not-in", unit=column_word(code), table=column_word(side.name))
    keys = reduce(lambda a, b: listed([a, b]), map(column_word, side.key))
    return say("panel.keys-not-in", keys=keys, table=column_word(side.name))


def _missed(part: pl.DataFrame, side: Side, reason: Said) -> Entry:
    """Return the entry on firm-years without a match for one reason, with the names that the table lacks."""
    unit = str(part["_reason"][0])
    first = part.sort("firm", "year").row(0, named=True)
    example = ", ".join(f"{k}={first[k]}" for k in dict.fromkeys(("firm", *side.key)))
    if unit in ("region", "industry"):
        names = part[unit].unique().sort().to_list()
        known = side.rows[unit].unique().sort().to_list()
        near = {n: difflib.get_close_matches(n, known, n=1, cutoff=0.6) for n in names[:3]}  # cutoff: difflib's own
        example = ", ".join(f"{n} (did you mean {m[0]!r}?)" if m else n for n, m in near.items())
        reason = say("panel.n-names", what=reason, n=str(len(names)))
    if side.required:
        return Entry("assemble", "panel", "dropped", reason, part.height, example)
    text = say("panel.rows-without", n=part.height, table=column_word(side.name), why=reason)
    return Entry("assemble", "panel", "note", text, part.height, example)


def _unused(firms: pl.DataFrame, side: Side) -> list[Entry]:
    """Return notes on rows of the table that match no firm-year; for quality these are exporters without accounts."""
    unused = side.rows.join(firms, on=side.key, how="anti")
    if not unused.height:
        return []
    first = unused.sort(side.key).row(0, named=True)
    example = ", ".join(f"{k}={first[k]}" for k in side.key)
    if side.key == ("firm", "year") and side.required:
        return [Entry("assemble", side.name, "dropped", say("panel.exports-without-accounts"), unused.height, example)]
    text = say("panel.meet-no-firm-year", n=unused.height, table=column_word(side.name))
    return [Entry("assemble", side.name, "note", text, unused.height, example)]
