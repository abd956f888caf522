"""Find and handle breaks in the list of goods (the consumer basket of 2016).

An index over different goods is not comparable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

import narwhals as nw

from integrade.engine.exact import average
from integrade.engine.frames import Frame, collect, place
from integrade.errors import EmptyTable, option
from integrade.sources.meaning.goods import canonical_good
from plainwords.account import Entry
from plainwords.texts import Said, listed, say

Breaks = Literal["keep", "common", "splice", "split"]
ALMOST_ALL = 0.9
"""A good that enters or leaves makes a break only if at least this share of the regions has it (a convention)."""

SPLICE: Mapping[str, tuple[str, ...]] = {
    "食品烟酒": ("食品", "烟酒及用品"),
    "生活用品及服务": ("家庭设备用品及维修服务",),
    "教育文化和娱乐": ("娱乐教育文化用品及服务",),
    "医疗保健": ("医疗保健和个人用品",),
    "畜肉": ("肉禽及其制品",),
}
"""For each division of consumer prices since 2016, the older divisions whose mean replaces it before 2016."""


class Break(NamedTuple):
    """Year from which the list of goods is different, with the goods that leave and the goods that enter."""

    year: int
    leave: tuple[str, ...]
    come: tuple[str, ...]

    def __str__(self) -> str:
        return str(_change_in_words(self))


def _change_in_words(one: Break) -> Said:
    left = [say("sources.goods-leave", goods=listed(one.leave, "comma"))] if one.leave else []
    came = [say("sources.goods-come", goods=listed(one.come, "comma"))] if one.come else []
    return say("sources.goods-change", year=str(one.year), moves=listed([*left, *came], "semicolon"))


def handle_breaks(frame: Frame, breaks: Breaks) -> tuple[Frame, list[Entry]]:
    """Find the breaks in the list of goods, report them, and apply the chosen treatment.

    keep: every good is kept, with a warning. common: only goods of all years are kept. splice: before 2016, each new
    division is the mean of the old divisions (`SPLICE`); then only goods of all years are kept. split: a column
    ``goods_list`` names the years of one list (``2005-2015``), by which a sample can be split. Raises `EmptyTable` if
    no good is in all years.
    """
    lists = _lists(frame)
    breaks_found = _breaks(lists)
    if not breaks_found:
        return frame, []
    notes = [
        Entry("goods", "prices", "warning" if breaks == "keep" else "note", _change_in_words(each), 0)
        for each in breaks_found
    ]
    match breaks:
        case "common":
            frame, more = _common(frame, lists, splicing=_divisions(lists, {each.year for each in breaks_found}))
        case "splice":
            frame, more = _spliced(frame, lists, {each.year for each in breaks_found})
        case "split":
            frame, more = _split(frame, sorted(lists), breaks_found)
        case _:
            more = [Entry("goods", "prices", "note", say("sources.every-good-kept"), 0)]
    return frame, notes + more


def _lists(frame: Frame) -> dict[int, dict[str, float]]:
    """Return, by year and good, the share of that year's regions that have the good."""
    there = frame.filter(~nw.col("index").is_null())
    goods = collect(there.group_by("year", "commodity").agg(n=nw.col("region").n_unique())).drop_nulls()
    regions = dict(collect(there.group_by("year").agg(n=nw.col("region").n_unique())).drop_nulls().iter_rows())
    lists: dict[int, dict[str, float]] = {}
    for year, good, n in goods.sort("year", "commodity").iter_rows():
        lists.setdefault(year, {})[good] = n / regions[year]
    return lists


def _breaks(lists: Mapping[int, Mapping[str, float]]) -> list[Break]:
    breaks = []
    years = sorted(lists)
    for before, year in pairwise(years):
        old, new = lists[before], lists[year]
        leave = tuple(g for g, share in old.items() if share >= ALMOST_ALL and g not in new)
        come = tuple(g for g, share in new.items() if share >= ALMOST_ALL and g not in old)
        if leave or come:
            breaks.append(Break(year, leave, come))
    return breaks


def _common(
    frame: Frame, lists: Mapping[int, Mapping[str, float]], *, splicing: Mapping[str, str] | None = None
) -> tuple[Frame, list[Entry]]:
    """Keep the goods of all years.

    ``splicing``: for each old division, the new one to which it could be joined; the error suggests this.
    """
    every = [g for g in sorted({g for goods in lists.values() for g in goods}) if all(g in lists[y] for y in lists)]
    if not every:
        raise EmptyTable("no good is in every year of the prices", remedy=_remedy(lists, splicing or {}))
    lost = collect(frame.filter(~nw.col("commodity").is_in(every)).group_by("commodity").agg(n=nw.len()))
    n, names = int(lost["n"].sum()), ", ".join(lost["commodity"].sort().to_list())
    reason = say("sources.good-not-in-every-year", goods=str(lost.height))
    entry = Entry("goods", "prices", "dropped", reason, n, names)
    kept = say("sources.goods-of-all-years", n=str(len(every)), goods=listed(every, "comma"))
    note = Entry("goods", "prices", "note", kept, 0)
    return frame.filter(nw.col("commodity").is_in(every)), [entry, note]


def _remedy(lists: Mapping[int, Mapping[str, float]], splicing: Mapping[str, str]) -> str:
    """Suggest splicing (if it leaves a good of all years), splitting, or the longest run of years with common goods."""
    joined = [{splicing.get(g, g) for g in goods} for goods in lists.values()]
    ways = [option("breaks", "splice")] if splicing and set.intersection(*joined) else []
    years = sorted(lists)
    first, last = _run(lists, years), _run(lists, years[::-1])
    fewer = f"year < {years[first]}" if first >= last else f"year >= {years[-last]}"
    return " or ".join([*ways, option("breaks", "split"), option("where", fewer)])


def _run(lists: Mapping[int, Mapping[str, float]], years: Sequence[int]) -> int:
    """Return how many years, from the first on, share a good; the caller knows that not all years do."""
    return next(n for n in range(1, len(years)) if not set.intersection(*(set(lists[y]) for y in years[: n + 1])))


def _spliced(frame: Frame, lists: Mapping[int, Mapping[str, float]], breaks: set[int]) -> tuple[Frame, list[Entry]]:
    """Replace old divisions by the mean of each new division (`_divisions`), and keep only goods of all years."""
    import polars as pl

    change = _divisions(lists, breaks)
    columns = frame.collect_schema().names()
    key = [c for c in ("region", "year", "month", "commodity", "base") if c in columns]
    if change:
        names = pl.DataFrame({"commodity": list(change), "_new": list(change.values())})
        joined = frame.join(place(names, frame), on="commodity", how="left")
        new_name = nw.when(nw.col("_new").is_null()).then(nw.col("commodity")).otherwise(nw.col("_new"))
        mean = average(joined, nw.col("index"))
        frame = joined.with_columns(new_name.alias("commodity")).group_by(*key).agg(index=mean)
    parts: dict[str, list[str]] = {}
    for old, new in change.items():
        parts.setdefault(new, []).append(old)
    notes = []
    for new, olds in parts.items():
        key_of_text = "sources.spliced-mean" if len(olds) > 1 else "sources.spliced"
        notes.append(Entry("goods", "prices", "note", say(key_of_text, old=" + ".join(olds), new=new), 0))
    if not parts:
        notes.append(Entry("goods", "prices", "warning", say("sources.no-splice"), 0))
    frame, more = _common(frame, _lists(frame))
    return frame, [*notes, *more]


def _divisions(lists: Mapping[int, Mapping[str, float]], breaks: set[int]) -> dict[str, str]:
    """Return the new division that replaces each old one, in the table's spelling; a break must separate the two."""
    years = sorted(lists)
    spelt = {canonical_good(g) or g: g for y in years for g in lists[y]}
    change: dict[str, str] = {}
    for new, olds in SPLICE.items():
        parts = [spelt[o] for o in olds if o in spelt]
        first = min((y for y in years if spelt.get(new) in lists[y]), default=None)
        if first in breaks and len(parts) == len(olds) and all(spelt[o] not in lists[first] for o in olds):
            change |= dict.fromkeys(parts, spelt[new])
    return change


def _split(frame: Frame, years: Sequence[int], breaks: Sequence[Break]) -> tuple[Frame, list[Entry]]:
    """Add the column ``goods_list``, which names the first and last year of each list."""
    import polars as pl

    starts = [years[0], *(each.year for each in breaks)]
    named: dict[int, str] = {}
    for i, start in enumerate(starts):
        years_of_list = [y for y in years if y >= start and (i + 1 == len(starts) or y < starts[i + 1])]
        named |= dict.fromkeys(
            years_of_list,
            f"{years_of_list[0]}-{years_of_list[-1]}" if len(years_of_list) > 1 else str(years_of_list[0]),
        )
    table = pl.DataFrame({"year": list(named), "goods_list": list(named.values())})
    parts = listed(list(dict.fromkeys(named.values())), "comma")
    note = Entry("goods", "prices", "note", say("sources.split-lists", parts=parts), 0)
    return frame.join(place(table, frame), on="year", how="left"), [note]
