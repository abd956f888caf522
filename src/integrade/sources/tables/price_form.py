"""Decide the form (basis) of a table of prices when it is read: from words, from its source, or from the numbers.

Also turn rates into indices, join several fixed bases, and convert months to years.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import narwhals as nw

from integrade.engine.exact import average, average_of
from integrade.engine.frames import Frame, collect, place
from integrade.errors import BasisContradicted, BasisUnknown, EmptyTable, NotANumber, UsageError, mapped_as, option
from integrade.records.schema import YEAR, to_numbers
from integrade.sources.basis.detection import Declared, Found, cells_of, detect
from integrade.sources.basis.settled import STEP, not_told, one_base_assumed, refuse, refuse_contradicted
from integrade.sources.basis.words import basis_in, basis_said, names_a_year, periods_named
from integrade.sources.files.reading import Reading
from integrade.sources.meaning.recipe import find_recipe
from integrade.sources.meaning.statistical_words import years_in
from integrade.wording.months import are_months
from plainwords.account import Account, Entry
from plainwords.texts import Said, listed, say

if TYPE_CHECKING:
    import polars as pl

TELLING = ("base", "base_period", "unit", "units", "basis")
"""Columns whose words may state the basis."""


class SaidForm(NamedTuple):
    """Form of prices that the user declares, words state or the source has, with a note; empty without any of these.

    ``per_year``: number of periods in a year (12 months, 4 quarters), if words state that values compare with the
    period before; otherwise 0.
    """

    form: str
    entries: list[Entry]
    per_year: int = 0


def said_form(declared: Declared, frame: Frame, account: Account, chosen: Reading) -> SaidForm:
    """Return the declared form, otherwise the form that words of the file state, otherwise the form of its source.

    The words are searched in the heading of the index, in a title above the table, and in a column ``base`` or
    ``unit``. In a table of months, "previous year = 100" is not used, because it may mean the same month, December or
    the mean of the previous year. Raises `BasisContradicted` if words name the month (or quarter) before as the base in
    a table of years.
    """
    if declared != "detect":
        return SaidForm(declared, [])
    texts = [old for old, new in chosen.columns.items() if new == "index"]
    for entry in account:
        if isinstance(entry.reason, Said):
            given = entry.reason.given
            if entry.reason.key == "sources.column-read-as" and given.get("new") == "index":
                texts.append(str(given["old"]))
            elif entry.reason.key == "sources.title-says-basis":
                texts.append(str(given["words"]))
            elif entry.reason.key == "sources.above-headings":
                texts.append(str(given["titles"]))
    names = frame.collect_schema().names()
    for name in TELLING:
        if name in names:
            texts += [str(v) for v in collect(frame.select(nw.col(name).cast(nw.String)).unique())[name].sort()]
    words = basis_said(texts)
    if words is not None and not (words.basis == "link" and "month" in names and names_a_year(words.text)):
        per_year = periods_named(words.text) if words.basis == "link" else 0
        if per_year and "month" not in names:
            _refuse_without_months(frame, words.text, per_year)
        entry = Entry(STEP, "prices", "note", say("basis.said-by-words", words=words.whole), 0)
        return SaidForm(words.basis, [entry], per_year)
    recipe = find_recipe(chosen.source, "prices")
    if recipe is not None and recipe.form:
        return SaidForm(
            recipe.form, [Entry(STEP, "prices", "note", say("basis.said-by-source", source=recipe.name), 0)]
        )
    return SaidForm("", [])


def _refuse_without_months(frame: Frame, words: str, per_year: int) -> None:
    """Raise `BasisContradicted` if a table read as years holds changes from the month (or quarter) before."""
    schema = frame.collect_schema()
    further = [c for c in schema.names() if c not in ("region", "year", "commodity", "index")]
    cells = {c: collect(frame.select(nw.col(c).cast(nw.String)).unique())[c].drop_nulls().to_list() for c in further}
    name = next((c for c in further if are_months(cells[c])), None)
    periods = "months" if per_year == 12 else "quarters"
    raise BasisContradicted(
        f"the file states {words!r}, but it was read without {periods}, so each value would count as a yearly change",
        example="columns: " + ", ".join(schema.names()[:8]),
        remedy=f"read all {periods}: {mapped_as('month', name)}"
        if name
        else f"read the column of {periods}, {mapped_as('month')}; or state what the values are, "
        f"{option('basis', 'link')} for changes on the year before",
    )


def is_year_on_year(base: str) -> bool:
    """Return whether the words of a base mean the same month of last year."""
    words = basis_in(base)
    return words is not None and words.basis == "year_on_year"


def fixed_bases(frame: Frame) -> tuple[str, ...]:
    """Return the bases of a table whose column ``base`` has only fixed bases (``2010=100``, ``2015``), in order.

    The result is empty if the table has no such column, or if the column has any other kind of base.
    """
    if "base" not in frame.collect_schema().names():
        return ()
    bases = collect(frame.select(base=nw.col("base").cast(nw.String)).unique())["base"].drop_nulls().sort().to_list()
    words_of_bases = [basis_in(b if "100" in b else f"{b}=100") for b in bases]
    return tuple(bases) if all(words is not None and words.basis == "fixed" for words in words_of_bases) else ()


def rates_as_indices(frame: Frame, form: str, *, by_user: bool = False) -> tuple[Frame, str, list[Entry]]:
    """Turn rates of change into indices (100 + rate), if rates are declared or the numbers are detected as rates.

    Numbers without a negative value are never detected as rates.

    The form stays that of rates, so that it records the addition of 100. ``by_user``: whether the user declared the
    form. Raises `BasisContradicted` if the declared form is rates and the numbers are not, or the other way round.
    Raises `BasisUnknown` for many values below zero that may be rates.
    """
    schema = frame.collect_schema()
    if "index" not in schema:
        return frame, form, []
    try:
        numbers = to_numbers(frame, [c for c in ("year", "month", "index") if c in schema], "prices")
        looked = form.startswith("rate") or _has_negative(numbers)
    except NotANumber:  # validation then reports all problems of the table
        return frame, form, []
    if not looked:
        return frame, form, []
    monthly = "month" in schema
    finding = _finding(numbers)
    are_rates = finding is not None and finding.basis.startswith("rate")
    if form.startswith("rate"):
        form = form if monthly else "rate"
    if finding is not None and form and (are_rates or form.startswith("rate")):
        refuse_contradicted(form, finding, by_user=by_user)
    if not form.startswith("rate"):
        if finding is None or not are_rates:
            _refuse_perhaps_rates(numbers, finding)
            return frame, form, []
        form = finding.basis
    note = Entry(STEP, "prices", "note", say("basis.rates-as-indices"), 0)
    return numbers.with_columns(nw.col("index") + 100), form, [note]


def _has_negative(frame: Frame) -> bool:
    least = collect(frame.select(least=nw.col("index").min()))["least"][0]
    return least is not None and least < 0


RATES, SLIPS = 0.02, 3
"""Values may be rates of change if at least `SLIPS` values, and at least the share `RATES`, are below zero.

Fewer values below zero are taken for errors. Both numbers are conventions.
"""


def _refuse_perhaps_rates(numbers: Frame, found: Found | None) -> None:
    """Raise `BasisUnknown` for many values below zero that may be rates of change but were not detected as rates."""
    there = numbers.filter(~nw.col("index").is_null())
    below, n = collect(there.select(below=(nw.col("index") < 0).cast(nw.Int64).sum(), n=nw.len())).row(0)
    if below >= max(SLIPS, RATES * n):
        choices = " or ".join(option("basis", form) for form in ("rate", "rate_year_on_year"))
        raise BasisUnknown(
            f"{below:,} of {n:,} values are negative, which an index cannot be",
            example="" if found is None else str(found.why),
            remedy=f"if they are per cent changes on the period before or on the same month of last year: {choices}; "
            "if not, correct the cells",
        )


def _finding(frame: Frame) -> Found | None:
    names = frame.collect_schema().names()
    key = [c for c in ("region", "year", "month", "commodity", "index") if c in names]
    if not {"region", "year", "commodity"} <= set(key):
        return None
    possible = nw.col("year").is_between(YEAR.low or 0, YEAR.high or 0)  # validation refuses any other year
    values, periods = cells_of(collect(frame.select(*key).filter(possible)))
    return detect(values, periods) if len(periods) else None


def spliced(parts: Sequence[pl.DataFrame], bases: Sequence[str]) -> tuple[pl.DataFrame, list[Entry]]:
    """Join tables that have one fixed base each.

    The older table is scaled by the mean ratio of the newer to the older values over common periods.

    Formula: factor = exp(mean over common periods of (ln newer - ln older)), per region and good.

    Of two bases, the one with the later year is newer; for equal years, the base of the table that ends later. A period
    that has values on two bases keeps the value on the newer base. A series on the older base without a common period
    is left out and counted. Raises `UsageError` if no series has a period with both bases.
    """
    import polars as pl

    series = ["region", "commodity"]
    time = [c for c in ("year", "month") if c in parts[0].columns]
    order = sorted(range(len(parts)), key=lambda i: (max(years_in(bases[i]), default=0), _last(parts[i], time)))
    joined, entries = parts[order[-1]], list[Entry]()
    for i in reversed(order[:-1]):
        old, name = parts[i], {"old": bases[i], "new": bases[order[-1]]}
        both = old.join(joined.select(*series, *time, newer="index"), on=[*series, *time])
        if both.is_empty():
            last, first = _last(old, time), joined.select(time).sort(time).row(0)
            raise UsageError(
                f"the bases {bases[i]} and {bases[order[-1]]} have no period in common, so they cannot be linked",
                example=f"{'-'.join(map(str, last))} is the last period of one, {'-'.join(map(str, first))} the first "
                "of the other",
                remedy="keep one: " + option("where", f'base == "{bases[order[-1]]}"'),
            )
        ratio = both.group_by(series).agg(times=average_of(pl.col("newer").log() - pl.col("index").log()).exp())
        earlier = old.join(joined.select(*series, *time), on=[*series, *time], how="anti")
        moved = earlier.join(ratio, on=series).with_columns(index=pl.col("index") * pl.col("times")).drop("times")
        joined = pl.concat([moved.select(joined.columns), joined])
        entries.append(Entry(STEP, "prices", "merged", say("basis.spliced", n=both.height, **name), both.height))
        lost = earlier.height - moved.height
        entries += [Entry(STEP, "prices", "dropped", say("basis.not-spliced", **name), lost)] if lost else []
    return joined.sort(*series, *time), entries


def _last(part: pl.DataFrame, time: Sequence[str]) -> tuple[int, ...]:
    return part.select(time).sort(time).row(-1)


def declared_not_told(frame: Frame, form: str) -> list[Entry]:
    """Warn if the numbers do not confirm the form that a user declares; `rates_as_indices` checks rates."""
    finding = None if form.startswith("rate") else _finding(frame)
    return [] if finding is None else not_told(form, finding, by_user=True)


def years_of(frame: Frame, form: str, *, by_user: bool, per_year: int = 0) -> tuple[Frame, str, list[Entry]]:
    """Convert months to years for each region and good, and return the form of the years.

    `read_prices` describes the conversion.

    ``by_user``: whether the user declared the form. ``per_year``: the number of periods in a year, if words state it;
    otherwise 0. Rates are not checked here, because `rates_as_indices` checks them. Raises `BasisUnknown` if the form
    is not known. Also raises it for undeclared changes from the period before, if the file has one period a year or
    fewer than its words state. Raises `BasisContradicted` if the months have another form.
    """
    if "month" not in frame.collect_schema().names():
        annual = Entry("to_year", "prices", "note", say("sources.already-annual"), 0)
        return frame, form, [annual, *(declared_not_told(frame, form) if by_user else ())]
    converted = form.startswith("rate")
    finding = None if converted else _finding(frame)
    notes = list[Entry]()
    if form and finding is not None:
        refuse_contradicted(form, finding, by_user=by_user)
        notes = [*one_base_assumed(form, finding), *(not_told(form, finding, by_user=True) if by_user else ())]
    form = form or ("unknown" if finding is None else finding.basis)
    if finding is not None and form == "mixed":
        refuse(finding)
    if form == "unknown":
        choices = " or ".join(option("basis", b) for b in ("year_on_year", "fixed", "level"))
        raise BasisUnknown(
            f"{option('to_year')} requires the basis of the monthly prices, but the data do not identify it",
            example="" if finding is None else str(finding.why),
            remedy=f"declare it: {choices}",
        )
    if form.startswith("rate") and not converted:
        frame = frame.with_columns(nw.col("index") + 100)
        notes.append(Entry(STEP, "prices", "note", say("basis.rates-as-indices"), 0))
    if form in ("link", "rate"):
        if not by_user:
            _require_whole_years(frame, per_year)
        table, entries = _chained(frame)
        return table, "link", [*notes, *entries]
    of_years = "link" if form in ("year_on_year", "rate_year_on_year") else form
    table, entries = _means(frame, link=of_years == "link")
    return table, "fixed" if of_years == "fixed_or_level" else of_years, [*notes, *entries]


def _require_whole_years(frame: Frame, per_year: int) -> None:
    """Raise `BasisUnknown` if the file has one period a year, or fewer than its words state."""
    there = _per_year(frame)
    if there == 1 or there < per_year:
        months = sorted(int(m) for m in collect(frame.select("month").unique())["month"].drop_nulls().to_list())
        raise BasisUnknown(
            f"chaining requires all {per_year or 12} periods of a year, but the file has only {there}",
            example="months " + ", ".join(map(str, months)),
            remedy="keep all months; or, if each value is the change on the previous period of the file, "
            + option("basis", "link"),
        )


def _chained(frame: Frame) -> tuple[Frame, list[Entry]]:
    """Compute year-on-year indices of annual means from changes on the period before.

    Formula: 100 * mean(L_t) / mean(L_t-1).

    L is the level of prices, chained within an unbroken run of months (or quarters). L is 1 in the period before the
    run begins, so 11 months of the first year are enough. A year is kept if all its months and all months of the year
    before are in one run.
    """
    import polars as pl

    key, step = ["region", "commodity"], 12 // _per_year(frame)
    months = collect(frame.select(*key, "year", "month", "index")).with_columns(
        at=pl.col("year").cast(pl.Int64) * 12 + pl.col("month").cast(pl.Int64) - 1, log=(pl.col("index") / 100).log()
    )
    runs = months.sort(*key, "at").with_columns(
        run=(pl.col("at").diff().over(key) != step).fill_null(value=True).cum_sum().over(key)
    )
    before = runs.group_by(*key, "run").agg(at=pl.col("at").min() - step, log=pl.lit(0.0))
    shared = [*key, "run", "at", "log"]
    levels = pl.concat([runs.select(shared), before.select(shared)]).sort(*key, "run", "at")
    means = (
        levels.with_columns(level=pl.col("log").cum_sum().over(*key, "run").exp(), year=pl.col("at") // 12)
        .group_by(*key, "run", "year")
        .agg(level=average_of(pl.col("level")), n=pl.len())
        .filter(pl.col("n") == 12 // step)
    )
    last = means.select(*key, "run", year=pl.col("year") + 1, last="level")
    annual = means.join(last, on=[*key, "run", "year"]).with_columns(index=100 * pl.col("level") / pl.col("last"))
    annual_rows = annual.select("region", "year", "commodity", "index").sort("region", "year", "commodity")
    lost = months.select(*key, "year").unique().height - annual_rows.height
    if annual_rows.is_empty():
        ends = [f"{t // 12}-{t % 12 + 1:02d}" for t in months["at"].sort().to_list()]
        raise EmptyTable(
            "a yearly index requires all months of the year and of the previous year; no year has them",
            example=f"the file has {ends[0]} to {ends[-1]}",
            remedy=f"leave {option('to_year')} out",
        )
    entries = [Entry("to_year", "prices", "merged", say("sources.months-chained"), annual_rows.height)]
    if lost:
        entries.append(Entry("to_year", "prices", "dropped", say("sources.years-not-chained"), lost))
    kept = annual_rows.with_columns(pl.col("year").cast(months.schema["year"]))
    return place(kept, frame), entries


def _per_year(frame: Frame) -> int:
    """Return the number of periods in a year, from the distances between months: 12, or 4 for quarters."""
    months = collect(frame.select("month").unique())["month"].drop_nulls().to_list()
    return 12 // math.gcd(12, *(int(m) - int(months[0]) for m in months))


def _means(frame: Frame, *, link: bool) -> tuple[Frame, list[Entry]]:
    """Average the months of each year. Years that lack months are kept, with a warning.

    ``link``: whether the months are indices on the same month of last year; the account then says so.
    """
    key = ("region", "year", "commodity")
    whole = _per_year(frame)
    annual = frame.group_by(*key).agg(index=average(frame, nw.col("index")), _months=nw.len())
    short = collect(annual.filter(nw.col("_months") < whole).select(*key, "_months").sort(*key))
    total = collect(annual.select(n=nw.len()))["n"][0]
    reason = say("sources.months-averaged") if link else say("sources.levels-averaged")
    entries = [Entry("to_year", "prices", "merged", reason, total)]
    if short.height:
        first = short.row(0, named=True)
        example = f"{first['region']}, {first['year']}, {first['commodity']}: {first['_months']} months"
        years = listed([str(y) for y in short["year"].unique().sort()], "comma")
        reason = say("sources.fewer-months", n=short.height, whole=str(whole), years=years)
        entries.append(Entry("to_year", "prices", "warning", reason, short.height, example))
        # In these years no series has all months (or quarters), because the file begins or ends within them.
        most = collect(annual.group_by("year").agg(n=nw.col("_months").max()).sort("year"))
        parts = [int(year) for year, n in most.select("year", "n").iter_rows() if n < whole]
        if parts:
            rows = f"year != {parts[0]}" if len(parts) == 1 else f"year not in ({', '.join(map(str, parts))})"
            named = listed([str(year) for year in parts], "comma")
            reason = say("sources.part-years", n=len(parts), years=named, where=option("where", rows))
            entries.append(Entry("to_year", "prices", "note", reason, 0))
    return annual.select(*key, "index").sort(*key), entries
