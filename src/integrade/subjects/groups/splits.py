"""Add a column of groups to the panel: by ownership, factor intensity, period, area or a list of codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import narwhals as nw
import polars as pl

from integrade.engine import frames
from integrade.engine.frames import Data, beside
from integrade.errors import CodesReadAsNumbers, EmptyTable, UnknownColumn, UsageError, did_you_mean, padding
from integrade.geography import CHINA
from integrade.integration.given import known_geography
from integrade.records.catalogue import choose, keywords
from integrade.records.schema import column_word
from integrade.subjects.groups.code_list import group_in, read_list, unused_codes
from integrade.subjects.groups.industry_lists import (
    CLASSES_OF_2001,
    Edition,
    class_of_2001,
    editions_apart,
    is_of_2001,
    listed_intensity,
    may_be_of_2001,
    two_digits,
    zeros_restored,
)
from plainwords.account import Entry
from plainwords.texts import Said, listed, say

How = Literal["ownership", "intensity", "period", "area", "list"]


@dataclass(frozen=True)
class Split:
    """Options that form groups.

    Parameters
    ----------
    name
        Name of the new column; by default that of the split (ownership: ``state_owned``).
    state
        Values of the ownership column that are state-owned; the others are not. The numbers are registration types.
    first_of_later
        First year of the later period; by default the middle of the years of the panel.
    intensity_from
        Factor intensity of an industry: accounts take the median of capital per worker; lists are the two lists of
        industries in the paper's text. Industries in neither list have no group.
    edition
        Edition of the two-digit codes of GB/T 4754 to which the lists are applied.
    capital, labour
        Columns of the factor intensity split, in any unit.
    industry, ownership, region, year
        Columns that hold them.
    groups
        The list of groups: a file, frame or mapping of code to group. Two columns, whatever their headings, or the
        columns ``code`` (or the name of ``codes``) and ``group`` among others.
    codes
        Column with the codes of the list.
    geography
        The geography of the regions, for area: a country (MY), a file or a `Geography`; by default the built-in country
        that has all of them.
    """

    name: str | None = None
    state: tuple[str, ...] = ("state", "state-owned", "国有", "国有企业", "110", "141", "143", "151")
    first_of_later: int | None = None
    intensity_from: Literal["accounts", "lists"] = "accounts"
    edition: Edition = "GB/T 4754-2002"
    capital: str = "fixed_assets"
    labour: str = "employment"
    industry: str = "industry"
    ownership: str = "ownership"
    region: str = "region"
    year: str = "year"
    groups: Any = None
    codes: str = "industry"
    geography: Any = None


@keywords(Split)
def group_column(panel: Data, how: How, options: Split | None = None, **changes: Any) -> Data:
    """Add a column of groups to the panel.

    ``ownership`` gives ``state`` or ``non_state`` (column ``state_owned``). ``intensity``: see `industry_intensity`, or
    `listed_intensity` with ``intensity_from="lists"``.
    ``period`` gives the years before ``first_of_later`` and the years from it on, for example ``2004-2007`` and
    ``2008-2013``. ``area`` gives East, Central or West, by the name of the province. ``list`` gives the group that
    ``groups`` has for the row's code, or for the longest code with which it begins. So a list of two-digit industries
    works for four-digit codes (column ``industry_group``). A group is missing, and counted, if the source column is
    missing, not understood or not in the list.

    Returns: the panel with the column, in the type that was given.

    Raises: `UnknownColumn`; `EmptyTable` if no row has a group, or all rows have the same group; `UsageError`. For a
        list also `FileMissing`, `MissingColumn`, `CodesReadAsNumbers`, and `DuplicateKeys` for a code in two groups.

    Example:
        >>> group_column(panel, "period", first_of_later=2008)  # doctest: +SKIP
    """
    chosen = choose(Split, options, changes)
    if how == "intensity" and chosen.intensity_from == "lists":
        return _by_lists(panel, chosen)
    if how == "intensity":
        return industry_intensity(panel, chosen.capital, chosen.labour, chosen.industry, name=chosen.name or how)
    if how == "list":
        return _listed(panel, chosen)
    makers: dict[str, tuple[str, Callable[[pl.Series, Split], dict[Any, str | None]]]] = {
        "ownership": (chosen.ownership, _by_ownership),
        "period": (chosen.year, _by_period),
        "area": (chosen.region, _by_area),
    }
    if how not in makers:
        raise UsageError(f"how={how!r} is not a split", remedy=did_you_mean(how, [*makers, "intensity", "list"]))
    source, make = makers[how]
    frame = frames.enter(panel)
    _present(frame, [source])
    values = frames.collect(frame.group_by(source).agg(nw.len().alias("_rows"))).sort(source)
    groups = make(values[source].drop_nulls(), chosen)
    name = chosen.name or ("state_owned" if how == "ownership" else how)
    _require_two(groups, how, source)
    return _mapped(panel, source, name, groups, values)


def industry_intensity(panel: Data, capital: str, labour: str, industry: str, *, name: str = "intensity") -> Data:
    """Add the factor intensity of a row's two-digit industry as a column: labour_intensive or capital_intensive.

    Formula: k_j = median over the rows of industry j of capital / labour; capital-intensive when k_j is above the
        median of the k_j over industries (each industry counts once).
    Missing values: rows without a positive capital and labour do not count in the medians; rows without an industry,
        or in an industry without any k, have no group.

    Args:
        panel: any table. capital, labour: columns, in any unit. industry: codes of two or more digits.
        name: the new column.

    Raises: `CodesReadAsNumbers` for numbers of different lengths, which may have lost leading zeros, `EmptyTable` for
        fewer than two industries.
    """
    frame = frames.enter(panel)
    _present(frame, [capital, labour, industry])
    _require_whole_codes(frame, industry)
    values = frames.collect(frame.group_by(industry).agg(nw.len().alias("_rows"))).sort(industry)
    whole_codes = zeros_restored([_code_text(code) for code in values[industry].drop_nulls()])
    code = _as_code(frame, industry)
    two = nw.when(code.is_in(list(whole_codes))).then(nw.concat_str(nw.lit("0"), code)).otherwise(code).str.slice(0, 2)
    usable = frame.filter(nw.col(capital) > 0, nw.col(labour) > 0).select(
        two.alias("_two"), (nw.col(capital) / nw.col(labour)).alias("_ratio")
    )
    ratios = frames.collect(usable.group_by("_two").agg(nw.col("_ratio").median())).drop_nulls().sort("_two")
    if ratios.height < 2:
        raise EmptyTable(
            f"factor intensity requires two industries with capital and labour, but the data have {ratios.height}",
            remedy="give rows of two or more industries in which both are above zero",
        )
    cut = float(ratios["_ratio"].median())  # type: ignore[arg-type]
    kinds = {
        two_digit: "capital_intensive" if ratio > cut else "labour_intensive" for two_digit, ratio in ratios.iter_rows()
    }
    texts = {code: _code_text(code) for code in values[industry].drop_nulls()}
    groups = {code: kinds.get(whole_codes.get(text, text)[:2]) for code, text in texts.items()}
    ratio = f"{capital}/{labour}"
    reason = say("models_groups.industries-cut", name=name, n=str(ratios.height), ratio=ratio, cut=f"{cut:,.6g}")
    _require_two(groups, "intensity", industry)
    cut_note = Entry("groups", "panel", "note", reason, 0)
    return _mapped(panel, industry, name, groups, values, cut_note, *_zeros(values, industry, whole_codes))


def _by_lists(panel: Data, chosen: Split) -> Data:
    """Add the factor intensity of a row's industry by the paper's lists; the account counts rows outside the lists."""
    column, name = chosen.industry, chosen.name or "intensity"
    frame = frames.enter(panel)
    _present(frame, [column])
    _require_whole_codes(frame, column)
    values = frames.collect(frame.group_by(column).agg(nw.len().alias("_rows"))).sort(column)
    codes = [_code_text(code) for code in values[column].drop_nulls()]
    old = is_of_2001(codes)
    whole_codes = {} if old else zeros_restored(codes)
    known = _classes(CLASSES_OF_2001) if old else listed_intensity(chosen.edition)

    def class_of(code: Any) -> str:
        text = _code_text(code)
        return class_of_2001(text) if old else two_digits(whole_codes.get(text, text))

    groups = {code: known.get(class_of(code)) for code in values[column].drop_nulls()}
    _require_two(groups, "lists", column)
    outside = sorted({class_of(code) for code, group in groups.items() if group is None})
    coded = values.drop_nulls(column)
    covered = coded.filter(pl.col(column).is_in([code for code, group in groups.items() if group is not None]))
    n, whole, every = (int(table["_rows"].sum()) for table in (covered, coded, values))
    edition = say("models_groups.csrc-2001") if old else chosen.edition
    counts = {"n": f"{n:,}", "all": f"{whole:,}", "edition": edition}
    reason = say("models_groups.lists-whole", **counts)
    if outside:
        reason = say("models_groups.lists-cover", codes=listed(outside, "comma"), **counts)
    notes = [Entry("groups", "panel", "warning" if outside else "note", reason, whole - n)]
    if every > whole:
        reason = say("models_groups.lists-no-code", n=every - whole)
        notes.append(Entry("groups", "panel", "warning", reason, every - whole))
    notes += [] if old else _doubts(frame, values, codes, whole_codes, chosen)
    return _mapped(panel, column, name, groups, values, *notes)


def _doubts(
    frame: frames.Frame, values: pl.DataFrame, codes: list[str], whole_codes: Mapping[str, str], chosen: Split
) -> list[Entry]:
    """Return warnings on codes whose meaning is not certain: lost zeros, the guide of 2001, years of other editions."""
    reasons: list[tuple[str, int]] = []
    if letter := may_be_of_2001(codes):
        reasons.append((say("models_groups.lists-perhaps-2001", code=letter, edition=chosen.edition), 0))
    if chosen.year in frame.collect_schema().names():
        rows = frames.collect(frame.group_by(chosen.year).agg(nw.len().alias("_rows"))).drop_nulls()
        counts = {int(year): n for year, n in rows.iter_rows()}
        for usual, years in editions_apart(counts, chosen.edition).items():
            span = str(years[0]) if len(years) == 1 else f"{years[0]}-{years[-1]}"
            n = sum(counts[year] for year in years)
            given = {"years": span, "usual": f"GB/T 4754-{usual}", "edition": chosen.edition, "n": n}
            reasons.append((say("models_groups.lists-other-edition", **given), n))
    doubts = [Entry("groups", "panel", "warning", reason, n) for reason, n in reasons]
    return _zeros(values, chosen.industry, whole_codes) + doubts


def _zeros(values: pl.DataFrame, column: str, whole_codes: Mapping[str, str]) -> list[Entry]:
    """Return the warning on codes that are read with a leading zero which the file lacks."""
    if not whole_codes:
        return []
    short, whole = min(whole_codes.items())
    n = int(values.filter(pl.col(column).cast(pl.String).is_in(list(whole_codes)))["_rows"].sum())
    given: dict[str, str | int] = {"code": short, "whole": whole, "n": n, "option": padding(column, len(whole))}
    return [Entry("groups", "panel", "warning", say("models_groups.lists-zeros", **given), n)]


def _classes(lists: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Return the group of each class."""
    return {one: group for group, classes in lists.items() for one in classes}


OF_LISTS = tuple(
    f"models_groups.lists-{what}" for what in ("cover", "whole", "no-code", "zeros", "perhaps-2001", "other-edition")
)


def is_of_lists(note: str) -> bool:
    """Return whether a note reports which rows the paper's lists of industries cover."""
    return isinstance(note, Said) and note.key in OF_LISTS


def _listed(panel: Data, chosen: Split) -> Data:
    """Map codes to the groups of a list.

    The account counts codes that the list lacks, and codes of the list that no row has.
    """
    column, code_list = chosen.codes, read_list(chosen.groups, chosen.codes)
    file = Path(chosen.groups).name if isinstance(chosen.groups, str | Path) else say("models_groups.the-list")
    frame = frames.enter(panel)
    _present(frame, [column])
    if column != chosen.year:
        _require_whole_codes(frame, column)
    values = frames.collect(frame.group_by(column).agg(nw.len().alias("_rows"))).sort(column)
    codes = values[column].drop_nulls().to_list()
    groups = {code: group_in(code_list.groups, _code_text(code)) for code in codes}
    lacking = values.filter(pl.col(column).is_in([c for c in codes if groups[c] is None]))
    _require_two(groups, "list", column, file)
    notes = []
    if code_list.unfinished:
        reason = say("models_groups.list-unfinished", n=code_list.unfinished)
        notes.append(Entry("groups", "groups", "note", reason, code_list.unfinished))
    if lacking.height:
        n, whole = int(lacking["_rows"].sum()), int(values["_rows"].sum())
        counts = {"n": f"{n:,}", "all": f"{whole:,}", "column": column_word(column), "file": file}
        named = listed([str(c) for c in lacking[column][:8]], "comma")
        if lacking.height > 8:
            named = say("account.and-others", items=named)
        reason = say("models_groups.list-lacks", codes=named, **counts)
        notes.append(Entry("groups", "panel", "warning", reason, n))
    if unused := unused_codes(code_list.groups, [_code_text(code) for code in codes]):
        reason = say("models_groups.list-unused", codes=len(unused), column=column_word(column))
        notes.append(Entry("groups", "groups", "note", reason, len(unused), ", ".join(unused[:8])))
    return _mapped(panel, column, chosen.name or f"{column}_group", groups, values, *notes)


def _as_code(frame: frames.Frame, column: str) -> nw.Expr:
    """Return a column of codes as text; 1310.0 is ``1310``."""
    value = nw.col(column)
    return (value.cast(nw.Int64) if frame.collect_schema()[column].is_numeric() else value).cast(nw.String)


def _code_text(value: Any) -> str:
    """Return a code as text; 1310.0 is ``1310``."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _require_whole_codes(frame: frames.Frame, column: str) -> None:
    """Raise `CodesReadAsNumbers` for codes that are numbers and may have lost their leading zeros.

    Whole numbers with the same number of digits, two or more, have lost none.
    """
    if not frame.collect_schema()[column].is_numeric():
        return
    values = frames.collect(frame.select(column).unique())[column].drop_nulls().drop_nans().sort()
    texts = [_code_text(value) for value in values]
    lengths = {len(text) for text in texts}
    if len(lengths) == 1 and min(lengths) > 1 and all(text.isdigit() for text in texts):
        return
    longest = max(lengths, default=4)
    few = next((text for text in texts if len(text) < longest), "6")
    raise CodesReadAsNumbers(
        f"{column!r} contains numbers, so leading zeros may be lost: {few} may be {few.zfill(max(longest, 2))}",
        remedy=f"restore the zeros where the table is read: {padding(column, max(longest, 2))}; or store codes as text",
    )


def _present(frame: frames.Frame, columns: list[str]) -> None:
    names = frame.collect_schema().names()
    for column in columns:
        if column not in names:
            raise UnknownColumn(f"no column {column!r} in the panel", remedy=did_you_mean(column, names))


def _by_ownership(values: pl.Series, chosen: Split) -> dict[Any, str | None]:
    state = {s.strip().lower() for s in chosen.state}
    return {v: "state" if str(v).strip().lower() in state else "non_state" for v in values}


def _by_period(values: pl.Series, chosen: Split) -> dict[Any, str | None]:
    years = [int(v) for v in values]
    if not years:
        return {}
    cut = chosen.first_of_later or (years[0] + years[-1] + 1) // 2
    early, late = f"{years[0]}-{cut - 1}", f"{cut}-{years[-1]}"
    return {v: early if int(v) < cut else late for v in values}


def _by_area(values: pl.Series, chosen: Split) -> dict[Any, str | None]:
    """Map each region to its area.

    Without a geography that has all regions, only names of provinces of China are mapped. Codes are not mapped then,
    because 11 may be a code of any country.
    """
    geography = known_geography([str(v) for v in values], chosen.geography)
    regions = {v: geography.region(str(v)) if geography else CHINA.named(str(v)) for v in values}
    return {v: (region.area or None) if region else None for v, region in regions.items()}


REMEDIES = {
    "area": "specify the regions: [geography] country = 'MY' or file = 'regions.csv'; or give their groups: "
    "a file of two columns, region and group, as a list",
    "ownership": "name the values that mean state-owned: state = [...]",
    "period": "give the rows of more years, or the first year of the later period: first_of_later = ...",
    "lists": 'the lists are for two-digit codes of GB/T 4754: intensity_from = "accounts" takes capital per worker',
    "list": "write the codes in the file as in the data, all or their first digits",
}
"""Kind of split -> what to do if it yields fewer than two groups."""


def _require_two(groups: Mapping[Any, str | None], how: str, column: str, file: str = "") -> None:
    """Raise `EmptyTable` if no value of the column has a group, or if all values with a group have the same one.

    In the second case the error names that group, or says that no value is state-owned.
    """
    kinds = sorted({group for group in groups.values() if group is not None})
    if len(kinds) > 1:
        return
    named = {"column": column_word(column), "file": file}
    if kinds:
        what = say("models_groups.one-group", group=_called(kinds[0]), **named)
        what = say("models_groups.none-state-owned", **named) if (how, *kinds) == ("ownership", "non_state") else what
    else:
        what = say(f"models_groups.no-{how}" if how in ("area", "list") else "models_groups.no-group-at-all", **named)
    raise EmptyTable(
        what,
        example=f"{column}: {', '.join(str(v) for v in list(groups)[:8])}",
        remedy=REMEDIES.get(how, "give rows of at least two groups"),
    )


def _called(group: str | None) -> str:
    return say("models_groups.no-group") if group is None else column_word(group)


def _mapped(
    panel: Data, source: str, name: str, mapping: dict[Any, str | None], values: pl.DataFrame, *notes: Entry
) -> Data:
    """Return the panel with the group of each row, by its value in ``source``. The account has counts by group."""
    table = values.select(source, "_rows").with_columns(
        pl.Series(name, [mapping.get(v) for v in values[source]], dtype=pl.String)
    )
    counts = table.group_by(name).agg(pl.col("_rows").sum()).sort(name, nulls_last=True)
    sizes = [say("models_groups.size", group=_called(g), n=n) for g, n in counts.iter_rows()]
    unknown = table.filter(pl.col(name).is_null())
    missing = int(unknown["_rows"].sum())
    reason = say("models_groups.sizes", name=name, sizes=listed(sizes, "comma"))
    entries = [*notes, Entry("groups", "panel", "note", reason, missing, ", ".join(map(str, unknown[source][:3])))]
    frame = frames.enter(panel)
    names = [c for c in frame.collect_schema().names() if c != name]
    joined = beside(frame.select(*names), table.drop("_rows").drop_nulls(source), [source])
    account = frames.account_of(panel) + entries
    return frames.give_back(joined, panel, name="panel", account=account)
