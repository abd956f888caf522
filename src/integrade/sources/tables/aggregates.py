"""Find totals among goods, regions, industries and customs records: all items, the nation, all industries, the world.

A total found by its name is left out and counted. Its name is in `aggregates.toml` (in many languages), or it is the
country to which the other regions belong. A good whose name means a total is refused if the numbers contradict the
name. A total that only the numbers show is refused until the user decides. A total of prices is a weighted mean of the
other series. A total of values is their sum.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import narwhals as nw
import numpy as np

from integrade.engine.frames import Frame, collect
from integrade.errors import AggregateFound, option
from integrade.geography import Geography, built_in, geography_of
from integrade.records.schema import column_word
from integrade.sources.layout.outline import levels
from integrade.sources.meaning.countries import country_named
from integrade.sources.meaning.units import without_accents
from integrade.sources.tables.weighted_means import rounding_unit, weighted_means
from plainwords.account import Entry
from plainwords.texts import listed, say
from rawcells import doors

Choice = Literal["ask", "leave_out", "keep"]
KINDS: Mapping[str, Mapping[str, str]] = {
    "prices": {"region": "regions"},
    "gdp": {"region": "regions"},
    "output": {"region": "regions", "industry": "industries"},
    "covariates": {"region": "regions", "industry": "industries"},
    "education": {"region": "regions"},
    "flows": {"origin": "regions", "destination": "regions"},
    "customs": {"destination": "destinations", "product": "products"},
}
"""For each table, the columns that may contain a total; each has its key in `aggregates.toml`."""
OF_FIRMS = {"firm": "firms", "name": "firm_names"}
"""Columns of accounts that may name a total; each has its key in `aggregates.toml`."""
SUMMED: Mapping[str, tuple[str, ...]] = {"gdp": ("real_gdp",), "output": ("value", "employment")}
"""Columns that add up over regions and industries."""
MOST_SERIES = 60
"""More series than this are not tested for being means of other series.

The limit bounds the time; its value is a convention.
"""
COVERED = 0.9
"""A series is tested only if at least this share of its cells is present (a convention)."""
WHOLE = 0.5
"""A mean of at least this share of the other goods is taken as a total (a convention).

A mean of fewer goods is taken as the index of a group of goods, which only gives a warning. The same rule applies to
regions.
"""
SUMS = 0.002
"""A region or industry is a total if it differs from the sum of all others by at most this share of itself.

The share allows for rounding; its value is a convention.
"""
LEAST_COPY = 12
"""Two equal series are reported as copies only if they have at least this many cells (a convention)."""
LEAST_CELLS, OUTSIDE = 30, 0.9
"""A name is contradicted if more than the share `OUTSIDE` of a good's cells is outside the range of the other goods.

A good with fewer than `LEAST_CELLS` cells does not contradict its name. Both values are conventions.
"""
_CODE = re.compile(r"^\s*(?:(?:CP|COICOP)?\s*(?P<code>\d+(?:\.\d+)*)\b\.?|[IVX]+\.(?=\s))\s*[-–:.)]*\s*", re.IGNORECASE)


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    with doors.open_bytes(Path(__file__).with_suffix(".toml")) as file:
        return {kind: tuple(map(_plain, words)) for kind, words in tomllib.load(file).items()}


def _plain(name: str) -> str:
    return "".join(c for c in without_accents(name) if c.isalnum())


def is_total(name: str, kind: str) -> bool:
    """Return whether a name means the total of its ``kind`` (goods, regions, industries, destinations or products).

    Example:
        >>> [is_total(n, "goods") for n in ("All items", "00 Índice general", "总指数", "All items less food", "Bread")]
        [True, True, True, True, False]
    """
    bare = _unmarked(name)
    code = _CODE.match(bare)
    bare_name = bare[code.end() :] if code else bare
    words = _words()
    plain = _plain(bare_name)
    if kind == "goods" and code and not plain and re.fullmatch(r"0[0.]*0", code["code"] or ""):
        return True
    if plain in words[kind] or (kind == "goods" and not _beginnings(bare_name).isdisjoint(words["goods_less"])):
        return True
    words_of_name = [_plain(w) for w in re.findall(r"[^\W\d_]+", bare_name)]
    keys, beside = (words.get(f"{kind}_{part}", ()) for part in ("words", "beside"))
    return any(w in keys for w in words_of_name) and all(w in keys or w in beside for w in words_of_name)


def _unmarked(name: str) -> str:
    """Remove words in brackets and footnote marks from the end of a name."""
    bare = re.sub(r"\s*[(\[][^()\[\]]*[)\]]\s*$", "", name)
    return re.sub(r"(\s+\d{1,2}[/)]|\s*[*†‡§¹²³⁴-⁹]+)\s*$", "", bare)


def _place(name: str) -> str:
    """Remove the words for a total from a name: ``Malaysia - Total`` gives Malaysia."""
    words = re.findall(r"[^\W_]+", bare := _unmarked(name))
    kept = [w for w in words if _plain(w) not in _words()["regions_words"]]
    return bare if len(kept) == len(words) else " ".join(kept)


def _beginnings(name: str) -> set[str]:
    """Return the beginnings of a name: its first word, its first two words and so on.

    The words are normalised; each Chinese character is a word.
    """
    ends = (m.end() for m in re.finditer(r"[\u4e00-\u9fff]|[^\W_\u4e00-\u9fff]+", name))
    return {_plain(name[:end]) for end in ends}


def without_whole(frame: Frame, table: str, choice: Choice) -> tuple[Frame, list[Entry]]:
    """Leave out and count rows whose name means all regions (or the nation), industries, destinations or products.

    A country's name counts as a total if the other names are regions of that country. In a table of at least four
    names, the only name of a country also counts if two conditions hold. No region anywhere has that name. None of the
    other names is a region of another country, or fewer are than are regions of this one. Singapore therefore stays
    next to states of Malaysia. With fewer than two other names nothing is left out.
    """
    entries = list[Entry]()
    columns = frame.collect_schema().names()
    for column, kind in KINDS.get(table, {}).items():
        if column not in columns:
            continue
        named = frame.filter(nw.col(column).cast(nw.String).str.contains(r"\p{L}"))  # a code never names a total
        totals = [n for n in _rows_by(named, column) if is_total(n, kind)]
        if not totals and kind != "regions":
            continue
        rows = _rows_by(frame, column)
        totals += _countries([n for n in rows if n not in totals]) if kind == "regions" else []
        frame, more = _left_out(frame, column, rows, totals, table, choice, "sources.total-named")
        entries += more
        if several := levels([name for name in rows if name not in totals]):  # a wide table has lost its dots before
            examples = listed([repr(name) for name in several], "comma")
            reason = say("sources.levels-by-dots", names=examples, column=column_word(column), option=option("where"))
            entries.append(Entry("aggregates", table, "warning", reason, 0))
    return frame, entries


def without_totals_of_firms(frame: Frame, table: str, choice: Choice) -> tuple[Frame, list[Entry]]:
    """Leave out and count rows of accounts whose code or name of a firm means a total: 合计, Total.

    Codes and names are compared without case, blanks and punctuation. The word total alone is a total among codes and
    a name of a firm among names. With ``keep`` the rows stay, with a warning.
    """
    entries = list[Entry]()
    for column, kind in OF_FIRMS.items():
        if table not in ("firms", "registry") or column not in frame.collect_schema().names():
            continue
        text = nw.col(column).cast(nw.String).str.to_lowercase().str.replace_all(r"[\s\p{P}]+", "")
        is_whole = text.is_in(list(_words()[kind])).fill_null(False)
        rows = _rows_by(frame.filter(is_whole), column)
        if not rows:
            continue
        n, names = sum(rows.values()), listed([repr(name) for name in list(rows)[:5]], "comma")
        kept = choice == "keep"
        reason = say("sources.total-kept" if kept else "sources.total-named", names=names, column=column_word(column))
        entries.append(Entry("aggregates", table, "warning" if kept else "dropped", reason, n))
        frame = frame if kept else frame.filter(~is_whole)
    return frame, entries


def whole_regions(names: Sequence[str]) -> list[str]:
    """Return the names that contain all other regions: totals, and the country to which the other names belong.

    Example:
        >>> whole_regions(["Johor", "Kedah", "Perak", "Malaysia", "Total"])
        ['Total', 'Malaysia']
    """
    totals = [n for n in names if is_total(n, "regions")]
    return totals + _countries([n for n in names if n not in totals])


def _rows_by(frame: Frame, column: str) -> dict[str, int]:
    counts = collect(frame.group_by(column).agg(n=nw.len()))
    return {str(name): n for name, n in sorted(counts.iter_rows(), key=lambda r: str(r[0])) if name is not None}


def _countries(names: Sequence[str]) -> list[str]:
    """Return the country to which the other names belong, if it is among the names.

    A name that is both a region and a country (México) is taken as the region, unless another name is that region too.
    """
    for name in names:
        others = [n for n in names if n != name]
        geography = geography_of(others) if len(others) > 1 else None
        called = {_plain(name), _plain(_place(name))}
        if geography is not None and called & {_plain(geography.title), _plain(geography.code)}:
            region = geography.named(name)
            return [name] if region is None or region in [geography.region(n) for n in others] else []
    known = [n for n in names if _is_country(_place(n))]
    if len(known) != 1 or len(names) < 4 or _is_region_somewhere(_place(known[0])):
        return []
    others = [n for n in names if n != known[0]]
    here = _place(known[0])
    elsewhere = max(_strange(country, here, others) for country in built_in().values())
    return known if elsewhere == 0 or elsewhere < _regions_of(here, others) else []


@cache
def _is_country(name: str) -> bool:
    """Return whether a name (not a code) is the name of a country."""
    return (len(_plain(name)) >= 4 or not name.isascii()) and country_named(name) is not None


def _strange(geography: Geography, country: str, names: Sequence[str]) -> int:
    """Count the names that are regions of a geography but not of ``country``.

    Nothing is counted if the geography itself is that country. A name is not counted if its area in the geography is
    that country.
    """
    code = country_named(country)
    if _is_country(geography.title) and country_named(geography.title) == code:
        return 0
    areas = [region.area for n in names if (region := geography.region(n)) is not None]
    return sum(not (_is_country(area) and country_named(area) == code) for area in areas)


def _regions_of(country: str, names: Sequence[str]) -> int:
    """Count the names that are subdivisions of a country."""
    import pycountry

    countries: Iterable[Any] = pycountry.countries
    subdivisions: Iterable[Any] = pycountry.subdivisions
    code = next(c.alpha_2 for c in countries if c.alpha_3 == country_named(country))
    known = {_plain(s.name) for s in subdivisions if s.country_code == code}
    return sum(_plain(n) in known for n in names)


@cache
def _is_region_somewhere(name: str) -> bool:
    import pycountry

    subdivisions: Iterable[object] = pycountry.subdivisions
    names = {_plain(str(getattr(s, "name", ""))) for s in subdivisions}
    return _plain(name) in names or any(g.region(name) for g in built_in().values())


def _left_out(
    frame: Frame, column: str, rows: Mapping[str, int], totals: Sequence[str], table: str, choice: Choice, message: str
) -> tuple[Frame, list[Entry]]:
    """Leave out the rows of totals, and count them.

    The totals are kept, with a warning, if the user chose ``keep`` or if fewer than two other names are left.
    """
    if not totals:
        return frame, []
    n, names = sum(rows[name] for name in totals), listed([repr(name) for name in totals[:5]], "comma")
    if len(rows) - len(totals) < 2:
        reason = say("sources.total-alone", names=names, column=column_word(column))
        return frame, [Entry("aggregates", table, "warning", reason, n)]
    if choice == "keep":
        reason = say("sources.total-kept", names=names, column=column_word(column))
        return frame, [Entry("aggregates", table, "warning", reason, n)]
    reason = say(message, names=names, column=column_word(column))
    return frame.filter(~nw.col(column).is_in(list(totals))), [Entry("aggregates", table, "dropped", reason, n)]


def without_aggregates(prices: Frame, choice: Choice) -> tuple[Frame, list[Entry]]:
    """Leave out goods that are totals by their name, and goods and regions that are totals by their numbers.

    A good whose name means a total is left out and counted. With ``ask`` such a good is refused instead if its numbers
    contradict its name. This needs at least 30 cells, of which more than 90% lie outside the range of the other goods.
    A good or region is a total by its numbers if it is a mean of at least half of the other goods or regions
    (`weighted_means`). Such a total is refused with ``ask``, and left out with ``leave_out``. A mean of fewer series
    gives a warning. Codes that are listed together with their own parts (01, 01.1) also give a warning. Weights and
    numbers of people among the goods are left out. With ``keep`` nothing is left out or refused. Raises
    `AggregateFound`.
    """
    prices, entries = _without_measures(prices) if choice != "keep" else (prices, list[Entry]())
    rows = _rows_by(prices, "commodity")
    totals = [n for n in rows if is_total(n, "goods")]
    if totals and choice == "ask" and len(rows) - len(totals) > 1:
        _refuse_contradiction(prices, totals)
    prices, named = _left_out(prices, "commodity", rows, totals, "prices", choice, "sources.total-named")
    entries += [*named, *_adjusted_twice([n for n in rows if n not in totals])]
    entries += _codes_with_parts([n for n in rows if n not in totals])
    for column in ("commodity", "region"):
        prices, more = _by_arithmetic(prices, column, choice)
        entries += more
    return prices, entries


def _without_measures(prices: Frame) -> tuple[Frame, list[Entry]]:
    """Leave out weights and numbers of people among the goods, because by their names they are not prices."""
    rows = _rows_by(prices, "commodity")
    measures = [n for n in rows if _plain(_unmarked(n)) in _words()["no_goods"]]
    if not measures or len(measures) == len(rows):
        return prices, []
    reason = say("sources.no-price", names=listed([repr(n) for n in measures], "comma"))
    left = prices.filter(~nw.col("commodity").is_in(measures))
    return left, [Entry("aggregates", "prices", "dropped", reason, sum(rows[n] for n in measures))]


def _adjusted_twice(names: Sequence[str]) -> list[Entry]:
    """Warn about goods that are listed both seasonally adjusted and unadjusted."""
    marks = sorted(_words()["adjusted"], key=len, reverse=True)
    plain = {_plain(n): n for n in names}
    twice = [(n, plain[p]) for n in names for m in marks if (p := _plain(n).removesuffix(m)) in plain and plain[p] != n]
    if not twice:
        return []
    name, other = twice[0]
    n = len({first for first, _ in twice})
    reason = say("sources.adjusted-beside", n=n, name=name, other=other, option=option("where"))
    return [Entry("aggregates", "prices", "warning", reason, 0)]


def _copies(
    values: np.ndarray[tuple[int, int], np.dtype[np.float64]], names: Sequence[str], column: str
) -> list[Entry]:
    """Warn about each series that equals another series in all cells; series of one constant number are ignored."""
    entries = list[Entry]()
    for j in range(1, len(names)):
        there = np.isfinite(values[:, j])
        if there.sum() < LEAST_COPY or np.ptp(values[there, j]) == 0:
            continue
        same = next((i for i in range(j) if np.array_equal(values[:, i], values[:, j], equal_nan=True)), None)
        if same is not None:
            reason = say("sources.copy-beside", name=names[j], other=names[same], column=column_word(column))
            entries.append(Entry("aggregates", "prices", "warning", reason, int(there.sum())))
    return entries


def _refuse_contradiction(prices: Frame, totals: Sequence[str]) -> None:
    """Raise `AggregateFound` if a good named as a total is outside the range of the other goods in nearly all cells."""
    import polars as pl

    table = collect(prices)
    key = [c for c in ("region", "year", "month") if c in table.columns]
    parts = table.filter(~pl.col("commodity").is_in(totals)).group_by(key)
    ranges = parts.agg(low=pl.col("index").min(), high=pl.col("index").max(), n=pl.len()).filter(pl.col("n") > 1)
    unit = rounding_unit(table["index"].to_numpy())
    for name in totals:
        cells = table.filter(pl.col("commodity") == name).join(ranges, on=key)
        out = cells.filter((pl.col("index") < pl.col("low") - unit) | (pl.col("index") > pl.col("high") + unit))
        if cells.height >= LEAST_CELLS and out.height > OUTSIDE * cells.height:
            first = out.sort(key).row(0, named=True)
            raise AggregateFound(
                f"the good {name!r} of prices is named as a total, but lies outside the range of the other goods in "
                f"{out.height:,} of {cells.height:,} cells",
                example=f"{', '.join(str(first[k]) for k in key)}: {first['index']:g}, the others {first['low']:g} to "
                f"{first['high']:g}",
                remedy=_choices(),
            )


def _choices() -> str:
    whole, keep = option("aggregates", "leave_out"), option("aggregates", "keep")
    return f"{whole} if it includes the others, or {keep} if it does not"


def _codes_with_parts(names: Sequence[str]) -> list[Entry]:
    """Warn about goods whose codes contain those of other goods (COICOP 01 contains 01.1, which contains 01.1.1)."""
    codes = {n: m["code"] for n in names if (m := _CODE.match(n)) and m["code"]}
    parts = {n: [o for o, longer in codes.items() if longer.startswith(f"{code}.")] for n, code in codes.items()}
    nested = {n: parts_of_code for n, parts_of_code in parts.items() if parts_of_code}
    if not nested:
        return []
    first = next(iter(nested))
    reason = say(
        "sources.codes-with-parts",
        n=len(nested),
        first=first,
        parts=listed(nested[first][:3], "comma"),
        option=option("where"),
    )
    return [Entry("aggregates", "prices", "warning", reason, 0)]


def _by_arithmetic(prices: Frame, column: str, choice: Choice) -> tuple[Frame, list[Entry]]:
    """Refuse, leave out or report the goods (or regions) that are weighted means of other goods (or regions).

    ``choice`` decides whether a mean of at least half of the other series is refused or left out. A mean of fewer
    series gives a warning.
    """
    import polars as pl

    if choice == "keep":
        return prices, []
    table = collect(prices)
    time = [c for c in ("year", "month") if c in table.columns]
    other_column = "region" if column == "commodity" else "commodity"
    if table[column].n_unique() > MOST_SERIES:
        return prices, [_untold(column, table[column].n_unique(), table.select(time).n_unique())]
    wide = table.pivot(on=column, index=[other_column, *time], values="index").sort(other_column, *time)
    names = [n for n in sorted(set(table[column])) if wide[n].count() >= COVERED * wide.height]
    groups = np.unique(wide[other_column].to_numpy(), return_inverse=True)[1].astype(np.int64)
    periods = wide.select(time).n_unique()
    values = wide.select(pl.col(names).cast(pl.Float64)).to_numpy() if names else np.zeros((0, 0))
    entries = _copies(values, names, column)
    judged = weighted_means(values, groups, each=True)
    if column == "region" and not judged.told:
        judged = weighted_means(values, groups, each=False)
    if not judged.told:
        return prices, entries + ([_untold(column, len(names), periods)] if len(names) > 3 else [])
    for mean in judged.means:
        name = names[mean.at]
        if len(mean.parts) < WHOLE * (len(names) - 1):
            reason = say(
                "sources.group-beside-parts",
                name=name,
                parts=listed([names[i] for i in mean.parts[:4]], "comma"),
                column=column_word(column),
                option=option("where"),
            )
            entries.append(Entry("aggregates", "prices", "warning", reason, 0))
            continue
        if choice == "ask":
            parts = ", ".join(f"{names[i]} {w:.2f}" for i, w in zip(mean.parts[:4], mean.weights, strict=False))
            dots = ", ..." if len(mean.parts) > 4 else ""
            raise AggregateFound(
                f"{column} {name!r} of prices is a weighted mean of the others in {judged.observations:,} "
                "observations, but its name does not indicate this",
                example=f"{parts}{dots}; the unexplained part is {mean.levels:.1%} of its spread",
                remedy=_choices(),
            )
        rows = {name: table.filter(pl.col(column) == name).height}
        others = {n: 0 for n in names if n != name}
        prices, more = _left_out(
            prices, column, {**others, **rows}, [name], "prices", choice, "sources.total-by-numbers"
        )
        entries += more
    return prices, entries


def _untold(column: str, series: int, periods: int) -> Entry:
    reason = say("sources.means-untold", column=column_word(column), n=str(series), periods=str(periods))
    return Entry("aggregates", "prices", "note", reason, 0)


def without_sums(frame: Frame, table: str, choice: Choice) -> tuple[Frame, list[Entry]]:
    """Leave out a region or industry that is the sum of all others in every year, although no name says so.

    With ``ask`` such a sum raises `AggregateFound`; with ``leave_out`` its rows are left out and counted. The test
    needs at least three other names and at least two cells per name (years, or years and industries or regions).
    """
    entries = list[Entry]()
    columns = frame.collect_schema().names()
    if choice == "keep" or table not in SUMMED:
        return frame, entries
    for column in KINDS[table]:
        for value in SUMMED[table]:
            name = _sum_of_others(frame, column, value, table) if {column, value} <= set(columns) else None
            if name is None:
                continue
            if choice == "ask":
                raise AggregateFound(
                    f"{column} {name!r} of {table} is the sum of all others in {value!r}, but its name does not "
                    "indicate this",
                    remedy=_choices(),
                )
            rows = _rows_by(frame, column)
            frame, more = _left_out(frame, column, rows, [name], table, choice, "sources.total-by-numbers")
            entries += more
    return frame, entries


def _sum_of_others(frame: Frame, column: str, value: str, table: str) -> str | None:
    """Return the first name whose values are the sum of all others, within `SUMS`; None if there is none."""
    import polars as pl

    data = collect(frame)
    index = [c for c in ("year", "month", *KINDS[table]) if c in data.columns and c != column]
    wide = data.pivot(on=column, index=index, values=value)
    names = sorted(set(data[column].drop_nulls()))
    if len(names) < 4 or wide.height < 2:
        return None
    cells = wide.select(pl.col(names).cast(pl.Float64)).to_numpy()
    sums = np.nansum(cells, axis=1)
    for j, name in enumerate(names):
        cells_of_name = cells[:, j]
        seen = np.isfinite(cells_of_name) & (cells_of_name > 0) & (np.isfinite(cells).sum(axis=1) > 3)
        if seen.sum() > 1 and np.all(np.abs(2 * cells_of_name[seen] - sums[seen]) <= SUMS * cells_of_name[seen]):
            return str(name)
    return None
