"""Read the canonical tables other than prices: customs, firms and their links, covariates, flows, output ..."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import narwhals as nw

from integrade.engine.frames import Engine, Frame, Table, collect, enter, require_engine
from integrade.errors import padding
from integrade.records.catalogue import choose, keywords
from integrade.records.schema import TABLES, conform
from integrade.sources.cells.plain import with_numbers
from integrade.sources.files.one_by_one import every_problem
from integrade.sources.files.readers import TYPED, kind_of, read_with_texts, reading
from integrade.sources.files.reading import Reading
from integrade.sources.files.recognise import recognising
from integrade.sources.files.selection import File, Paths, find
from integrade.sources.meaning.columns import logical, typed
from integrade.sources.meaning.currencies import in_codes, require_told_currencies
from integrade.sources.meaning.money import Rates, in_one_currency
from integrade.sources.meaning.regions import one_spelling
from integrade.sources.meaning.synonyms import canonical
from integrade.sources.tables.aggregates import without_sums, without_totals_of_firms, without_whole
from integrade.sources.tables.codes import with_codes
from integrade.sources.tables.directions import without_imports
from integrade.sources.tables.levels_of_codes import without_levels
from integrade.sources.tables.unit_changes import unit_changes
from plainwords.account import Account, Entry, keep_for_errors
from plainwords.texts import say


@keywords(Reading)
def read_customs(paths: Paths, *, options: Reading | None = None, engine: Engine = "auto", **changes: Any) -> Table:
    """Read customs records: (firm,) product, destination, year (, month, unit, regime), value (money), quantity.

    Missing values: rows without product, destination or year are dropped and counted by reason. Rows whose value or
    quantity is missing or not positive are dropped too. Imports (column flow) next to exports are left out and counted.
    Returns a `Table` with its account, scanned lazily.
    Raises `MissingColumn`, `NotANumber`, and what `read_raw` raises. Raises `CodesReadAsNumbers` for codes stored as
    numbers, whose length has to be given with ``pad``.

    Example:
        >>> customs = read_customs("customs/*.dta", columns={"hs": "product"}, pad={"product": 8})  # doctest: +SKIP
    """
    return _read("customs", paths, options, engine, changes)


@keywords(Reading)
def read_firms(paths: Paths, *, options: Reading | None = None, engine: Engine = "auto", **changes: Any) -> Table:
    """Read firm accounts with one row per firm and year; columns that the table does not define are kept.

    Missing values: rows without firm or year are dropped and counted; other cells may be missing.
    Returns a `Table` with its account. Raises `MissingColumn`, `NotANumber`, `DuplicateKeys`, `CodesReadAsNumbers` and
    what `read_raw` raises.

    Example:
        >>> firms = read_firms("asif/*.dta", columns={"总资产": "assets"})  # doctest: +SKIP
    """
    return _read("firms", paths, options, engine, changes)


@keywords(Reading)
def read_exporters(paths: Paths, *, options: Reading | None = None, engine: Engine = "auto", **changes: Any) -> Table:
    """Read the customs side of the firm match: firm, year, name, postcode, phone, contact.

    Customs records may also be used, because they have these columns.

    Missing values: rows without firm or year are dropped and counted. Returns a `Table` with its account. Raises the
    same errors as `read_firms`.

    Example:
        >>> exporters = read_exporters("exporters.csv")  # doctest: +SKIP
    """
    return _read("exporters", paths, options, engine, changes)


@keywords(Reading)
def read_registry(paths: Paths, *, options: Reading | None = None, engine: Engine = "auto", **changes: Any) -> Table:
    """Read firm records as surveyed, before `firm_identity`; a code may repeat within a year or pass to another firm.

    The columns are the same as in `read_firms`. Firms are distinguished by name, legal_person, phone, county, founded,
    industry and product.

    Missing values: rows without firm or year are dropped and counted. Returns a `Table` with its account. Raises the
    same errors as `read_firms`, except `DuplicateKeys`.

    Example:
        >>> registry = read_registry("asif/*.dta")  # doctest: +SKIP
    """
    return _read("registry", paths, options, engine, changes)


@keywords(Reading)
def read_links(paths: Paths, *, options: Reading | None = None, engine: Engine = "auto", **changes: Any) -> Table:
    """Read which firm of the customs records is which firm of the accounts: customs_firm, firm, year (, rule, weight).

    Missing values: rows without one of the two firms, or without year, are dropped and counted. Returns a `Table` with
    its account, one row per customs_firm, firm, year. Raises the same errors as `read_firms`.

    Example:
        >>> links = read_links("links.csv")  # doctest: +SKIP
    """
    return _read("links", paths, options, engine, changes)


@keywords(Reading)
def read_covariates(paths: Paths, *, options: Reading | None = None, engine: Engine = "auto", **changes: Any) -> Table:
    """Read any columns by region or industry and year; columns of numbers become numbers, codes stay text.

    Missing values: rows without year, or without the region or industry that is their key, are dropped and counted;
    other cells may be missing. Returns a `Table` with its account, one row per region or industry, year. Raises the
    same errors as `read_firms`.

    Example:
        >>> rd = read_covariates("rd.xlsx", columns={"研发强度": "rd"})  # doctest: +SKIP
    """
    return _read("covariates", paths, options, engine, changes)


@keywords(Reading)
def read_panel(paths: Paths, *, options: Reading | None = None, engine: Engine = "auto", **changes: Any) -> Table:
    """Read an existing panel: firm (or another unit that is followed), year, and any columns under their own names.

    Missing values: rows without firm or year are dropped and counted; other cells may be missing. Columns of numbers
    are read as numbers, codes stay text. Returns a `Table` with its account, one row per firm, year. Raises the same
    errors as `read_firms`.

    Example:
        >>> panel = read_panel("panel.dta", columns={"Company ID": "firm"})  # doctest: +SKIP
    """
    return _read("panel", paths, options, engine, changes)


@keywords(Reading)
def read_education(paths: Paths, *, options: Reading | None = None, engine: Engine = "auto", **changes: Any) -> Table:
    """Read shares of employed persons by schooling (h1 to h9, per cent) by region and year, as `read_covariates` does.

    Example:
        >>> education = read_education("education.csv")  # doctest: +SKIP
    """
    return _read("covariates", paths, options, engine, changes, name="education")


@keywords(Reading)
def read_flows(paths: Paths, *, options: Reading | None = None, engine: Engine = "auto", **changes: Any) -> Table:
    """Read trade between regions: origin, destination, year, value (currency).

    The flows of each region to itself are included. ``distance`` (km) is optional; other columns are kept. A value of
    zero means that there was no trade. Missing values: rows without origin, destination, year or value, or with a
    negative value, are dropped and counted by reason. Returns a `Table` with its account, one row per origin,
    destination, year. Raises the same errors as `read_firms`.

    Example:
        >>> flows = read_flows("mrio/*.xlsx", columns={"流出省": "origin"})  # doctest: +SKIP
    """
    return _read("flows", paths, options, engine, changes)


@keywords(Reading)
def read_output(paths: Paths, *, options: Reading | None = None, engine: Engine = "auto", **changes: Any) -> Table:
    """Read industry output: region, industry, year, value (currency) or employment (persons) or both.

    Optional columns: capital (currency), plants (number of plants), size_squared (squares of plant sizes, summed over
    plants). Missing values: rows without region, industry or year, or with a negative number, are dropped and counted;
    other cells may be missing. Returns a `Table` with its account, one row per region, industry, year. Raises the same
    errors as `read_firms`.

    Example:
        >>> output = read_output("output.csv", columns={"工业总产值": "value"})  # doctest: +SKIP
    """
    return _read("output", paths, options, engine, changes)


@keywords(Reading)
def read_gdp(paths: Paths, *, options: Reading | None = None, engine: Engine = "auto", **changes: Any) -> Table:
    """Read real GDP by region and year (constant prices); optional columns: price (level or wage), area (square km).

    Missing values: rows without region, year or GDP, or with a GDP that is not positive, are dropped and counted. Other
    columns are kept. Returns a `Table` with its account, one row per region, year. Raises the same errors as
    `read_firms`.

    Example:
        >>> gdp = read_gdp("gdp.csv")  # doctest: +SKIP
    """
    return _read("gdp", paths, options, engine, changes)


@keywords(Reading)
def read_survey(paths: Paths, *, options: Reading | None = None, engine: Engine = "auto", **changes: Any) -> Table:
    """Read survey answers: respondent, region, year, item, score (, weight).

    Other columns, such as strata, are kept.

    Missing values: a missing score means that the question was not answered, and its row is kept. Rows without
    respondent, region, year or item are dropped and counted. Returns a `Table` with its account, one row per
    respondent, region, year, item. Raises the same errors as `read_firms`.

    Example:
        >>> survey = read_survey("survey.xlsx")  # doctest: +SKIP
    """
    return _read("survey", paths, options, engine, changes)


@keywords(Reading)
def read_table(paths: Paths, *, options: Reading | None = None, engine: Engine = "auto", **changes: Any) -> Table:
    """Read any table, for example an estimation panel; columns of numbers become numbers and codes stay text.

    Missing values: kept. Returns a `Table` named after its first file. Raises what `read_raw` raises.

    Example:
        >>> panel = read_table("panel.csv", where="year >= 2005")  # doctest: +SKIP
    """
    files, left = find(paths)
    name = files[0].name.split(".")[0]
    raw, texts, _, known = read_with_texts(files, engine, choose(Reading, options, changes), name, others=True)
    with reading(files):
        frame = enter(raw) if _have_types(files) else logical(typed(enter(raw), skip=texts, known=known), texts)
    return Table(name, nw.to_native(frame), Account(left) + raw.account)


def _read(
    table: str, paths: Paths, options: Reading | None, engine: Engine, changes: dict[str, Any], name: str = ""
) -> Table:
    chosen = choose(Reading, options, changes)
    found = find(paths)
    require_engine(engine)
    read = every_problem(found.files, lambda files: _read_files(table, files, chosen, engine, name or table))
    return replace(read, account=Account(found.left) + read.account)


def _read_files(table: str, files: list[File], chosen: Reading, engine: Engine, name: str) -> Table:
    def with_source(source: str) -> object:
        return _read_files(table, files, replace(chosen, source=source), engine, name)

    with reading(files, chosen.sheet), recognising(files, table, chosen, with_source):
        raw, texts, stated, known = read_with_texts(files, engine, chosen, name, others=table != "customs")
        frame, untyped = enter(raw), not _have_types(files)
        require_told_currencies(frame, table, chosen.columns.values(), chosen.units, stated)
        frame = with_numbers(frame, known, [c.name for c in TABLES[table].columns if c.kind != "text"])
        if table != "customs" and untyped:
            frame = typed(frame, skip=(*canonical(table), *texts), known=known)
        frame, whole = without_whole(frame, name, chosen.aggregates)
        frame, sums = without_totals_of_firms(frame, table, chosen.aggregates)
        frame, imports = without_imports(frame, table)
        whole += [*sums, *imports]
        frame, notes = one_spelling(frame, chosen.regions, table)
        frame, placed = _unit_of_places(frame) if table == "panel" else (frame, [])
        conformed = conform(frame, table, pad=chosen.pad)
        keep_for_errors((*whole, *notes, *placed, *conformed.account))
        summed, parts = without_sums(conformed.frame, table, chosen.aggregates)
        if table == "customs" and untyped:  # typed records are large and are read only once
            summed, parts = without_levels(summed, chosen.aggregates)
        rates = Rates(read_table(chosen.rates).polars(), Path(chosen.rates)) if chosen.rates else None
        summed, words = in_codes(summed)
        priced, price_notes, units = in_one_currency(summed, table, chosen.units, chosen.currency, rates, stated)
        frame, coded = with_codes(priced, table, chosen)
        price_notes = words + price_notes
        if table == "customs" and untyped:
            notes += _cut_codes(conformed.frame)
        if untyped or table in ("firms", "registry"):
            notes += _firms_in_two_lengths(conformed.frame, table)
        if table != "customs" or untyped:
            price_notes += unit_changes(frame, table, units)
    account = raw.account + whole + notes + placed + conformed.account + parts + price_notes + coded
    keep_for_errors(account)
    return Table(name, nw.to_native(frame), account, conformed=table, units=units)


def _unit_of_places(panel: Frame) -> tuple[Frame, list[Entry]]:
    """Copy the region into the column firm, in a panel without firms: its regions are the units followed over time."""
    names = panel.collect_schema().names()
    if "firm" in names or "region" not in names:
        return panel, []
    reason = say("sources.unit-is-the-region")
    return panel.with_columns(firm=nw.col("region")), [Entry("read", "panel", "note", reason, 0)]


def _cut_codes(customs: Frame) -> list[Entry]:
    """Warn about product codes with points (0901.11), or with an odd number of digits (a leading zero may be lost)."""
    code = nw.col("product")
    kinds = customs.select(length=code.str.len_chars(), points=code.str.contains(r"\.")).group_by("length", "points")
    counts = collect(kinds.agg(n=nw.len())).sort("length", "points").rows()
    notes, points = list[Entry](), sum(n for _, pointed, n in counts if pointed)
    if points:
        notes.append(Entry("read", "customs", "warning", say("sources.codes-with-points", n=points), points))
    odd = [(length, n) for length, pointed, n in counts if length % 2 and not pointed]
    if not odd:
        return notes
    length, n = odd[-1][0], sum(n for _, n in odd)
    restoring = padding("product", length + 1)
    reason = say("sources.codes-of-odd-length", n=n, length=str(length), option=restoring)
    return [*notes, Entry("read", "customs", "warning", reason, n)]


def _firms_in_two_lengths(frame: Frame, table: str) -> list[Entry]:
    """Warn about codes of firms that may have lost their leading zeros, because other codes of the table have them.

    In some of the yearly files the codes may be numbers. A firm then has two codes and is not followed over the years.
    There is a warning if all codes with a leading zero have one length, and codes of digits alone are shorter.
    """
    if table not in ("firms", "registry", "customs", "exporters") or "firm" not in frame.collect_schema().names():
        return []
    code = nw.col("firm")
    coded = frame.select("firm").filter(code.str.contains(r"^\d+$")).unique()
    led = coded.filter(code.str.starts_with("0")).with_columns(length=code.str.len_chars())
    with_zero = collect(led.group_by("length").agg(one=code.min()))
    if with_zero.height != 1:
        return []
    length, whole = with_zero.row(0)
    short = coded.filter(code.str.len_chars() < length)
    n, one = collect(short.select(n=nw.len(), one=code.min())).row(0)
    if not n:
        return []
    both = coded.select(firm=code.str.zfill(length)).group_by("firm").agg(n=nw.len())
    twice, example = collect(both.filter(nw.col("n") > 1).select(n=nw.len(), one=code.min())).row(0)
    pair = (example.lstrip("0"), example) if twice else (one, whole)
    given = {"n": n, "short": repr(pair[0]), "whole": repr(pair[1]), "twice": twice}
    reason = say("sources.firms-in-two-lengths", **given, option=padding("firm", length))
    return [Entry("read", table, "warning", reason, 0)]


def _have_types(files: Sequence[Any]) -> bool:
    return all(kind_of(path) in TYPED for path in files)
