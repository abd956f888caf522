"""Clean customs records by named rules: direction, home, chapters, regime, intermediaries, units, extreme prices."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any, NamedTuple

import narwhals as nw
import polars as pl

from integrade.engine.frames import Data, Frame, collect, enter, give_back, place
from integrade.errors import EmptyTable, MissingColumn, UnknownName, UsageError, did_you_mean, mapped_as, option
from integrade.records.catalogue import choose, keywords
from integrade.records.schema import column_word, conform
from integrade.sources.tables.directions import IN, OUT, plain
from plainwords.account import Account, Entry
from plainwords.texts import listed, say

USUAL = ("exports", "not_home", "chapters", "intermediaries", "main_unit", "trim")
KEYWORDS = (
    "进出口",
    "贸易",
    "外贸",
    "经贸",
    "工贸",
    "科贸",
    "商贸",
    "边贸",
    "外经",
    "物流",
    "仓储",
    "采购",
    "供应链",
    "货运",
    "trading",
    "import",
    "export",
    "logistics",
    "warehous",
    "purchas",
    "supply chain",
    "freight",
)
"""Words in the names of firms that trade goods made by others."""
HOME = (
    "中国",
    "中华人民共和国",
    "中国大陆",
    "china",
    "chn",
    "cn",
    "142",
    "china, people's republic of",
    "mainland china",
)
ORDINARY = ("一般贸易", "ordinary", "ordinary trade", "general trade", "10", "0110", "110")
PROCESSING = (
    "来料加工",
    "进料加工",
    "加工贸易",
    "来料加工装配贸易",
    "进料加工贸易",
    "processing",
    "processing trade",
    "processing with imported materials",
    "processing and assembling",
    "14",
    "15",
    "0214",
    "0615",
    "214",
    "615",
)


@dataclass(frozen=True)
class CleanCustoms:
    """Options of `clean_customs`.

    Parameters
    ----------
    rules
        Rules in the order in which they are applied: exports, not_home, chapters, ordinary or processing,
        intermediaries, main_unit, trim. The name usual means all of them except ordinary and processing.
    keywords
        Words that make a firm an intermediary if its name contains them, in upper or lower case.
    chapters
        HS chapters that are dropped.
    cuts
        Percentiles of the unit value within product, unit and year; trim drops rows outside them.
    """

    rules: tuple[str, ...] | str = "usual"
    keywords: tuple[str, ...] = KEYWORDS
    chapters: tuple[str, ...] = ("93", "97", "98", "99")
    cuts: tuple[float, float] = (1.0, 99.0)


class Flagged(NamedTuple):
    """Rows with a logical column ``_drop`` (whether to drop the row), the reason for it, and further notes."""

    frame: Frame
    says: str
    notes: tuple[Entry, ...] = ()


class Step(NamedTuple):
    """Rule: the columns it needs, the paper it follows, and the function that flags rows."""

    needs: tuple[str, ...]
    cite: str
    flag: Callable[[Frame, CleanCustoms], Flagged]


@keywords(CleanCustoms)
def clean_customs(customs: Data, options: CleanCustoms | None = None, *, exporters: Any = None, **changes: Any) -> Data:
    """Drop customs rows by named rules, one after the other; the account has a line with a count for each rule.

    Rules: exports (drops imports; needs ``flow``), not_home (drops destination China), chapters (drops HS 93, 97, 98,
        99), ordinary and processing (each keeps only that customs regime), intermediaries (drops firms whose most
        frequent name has a keyword such as 进出口 or 贸易; needs ``name``), main_unit (drops rows in a unit other than
        the most frequent one of the product), trim (drops unit values outside two percentiles of product, unit and
        year).

    Formula: trim drops p = value / quantity outside [q_1, q_99] of its product x unit x year, with linear quantiles.

    Missing values: exports, intermediaries and main_unit drop no row because its flow, name or unit is missing. A
        missing regime is neither ordinary nor processing. If ``usual`` is among the rules, a rule whose column the
        table lacks is skipped, with a note. Otherwise every rule requires its columns.

    Args:
        customs: customs records.
        options: see `CleanCustoms`; or single options by name.
        exporters: table with firm and name, for records without names.

    Returns: the same table with fewer rows; the columns that identify a row are the same.

    Raises: `UnknownName`, `MissingColumn`; `UsageError` for a direction of trade that is not understood; `EmptyTable`
        if no row is left.

    Reference: Ahn, Khandelwal and Wei (2011) for intermediaries by name.

    Example:
        >>> kept = clean_customs(customs, rules=("exports", "intermediaries", "ordinary"))  # doctest: +SKIP
    """
    chosen = choose(CleanCustoms, options, changes)
    names, asked = _names(chosen)
    door = conform(customs, "customs")
    frame, columns = door.frame, list(door.columns)
    if exporters is not None and "name" not in columns and "firm" in columns:
        frame, columns = _with_names(frame, exporters), [*columns, "name"]
    log: list[Entry] = []
    for name in names:
        step = STEPS[name]
        absent = [c for c in step.needs if c not in columns]
        if absent:
            if asked:
                raise MissingColumn(
                    f"rule {name} needs column {absent[0]!r} of customs", remedy=f"map it with {mapped_as(absent[0])}"
                )
            reason = say("sources.rule-without-columns", rule=name, columns=listed(absent, "comma"))
            log.append(Entry("clean", "customs", "note", reason, 0))
            continue
        frame, entries = _applied(frame, name, chosen)
        log += entries
    out = collect(frame.select(n=nw.len()))["n"][0]
    account = door.account + log + [Entry("clean", "customs", "out", say("account.rows"), out)]
    frame = frame if exporters is None or "name" in door.columns else frame.drop("name")
    return give_back(frame, customs, name="customs", account=Account(account.entries), conformed="customs", made=False)


def _names(chosen: CleanCustoms) -> tuple[tuple[str, ...], bool]:
    """Return the rules in their order, and whether the user named each of them instead of ``usual``."""
    if chosen.rules in ("usual", ("usual",)):
        return USUAL, False
    names = (chosen.rules,) if isinstance(chosen.rules, str) else tuple(chosen.rules)
    flat = tuple(dict.fromkeys(n for name in names for n in (USUAL if name == "usual" else (name,))))
    for name in flat:
        if name not in STEPS:
            raise UnknownName(f"no customs rule {name!r}", remedy=did_you_mean(name, (*STEPS, "usual")))
    if {"ordinary", "processing"} <= set(flat):
        raise UsageError("ordinary and processing together exclude every row", remedy="choose one of the two regimes")
    return flat, "usual" not in names


def _applied(frame: Frame, name: str, chosen: CleanCustoms) -> tuple[Frame, list[Entry]]:
    """Drop the rows that a rule flags, and count them. Raises `EmptyTable` if it flags every row."""
    flagged = STEPS[name].flag(frame, chosen)
    drop = nw.col("_drop").fill_null(False)
    counts = collect(flagged.frame.select(n=nw.len(), gone=drop.cast(nw.Int64).sum()))
    total, gone = counts["n"][0], counts["gone"][0] or 0
    if gone == total:
        raise EmptyTable(
            f"rule {name} leaves no row of customs",
            example=flagged.says,
            remedy="check the column, or leave the rule out",
        )
    reason = say("sources.rule-dropped", rule=name, what=flagged.says)
    if cite := STEPS[name].cite:
        reason = say("sources.rule-dropped-after", rule=name, what=flagged.says, paper=cite)
    kept = flagged.frame.filter(~drop).select(*frame.collect_schema().names())
    return kept, [*flagged.notes, Entry("clean", "customs", "dropped", reason, gone)]


def _exports(frame: Frame, _: CleanCustoms) -> Flagged:
    seen = collect(frame.select(plain("flow").alias("flow")).unique()).drop_nulls().sort("flow")["flow"].to_list()
    unknown = [word for word in seen if word not in (*OUT, *IN)]
    if unknown:
        raise UsageError(
            f"column 'flow' of customs contains {', '.join(map(repr, unknown[:5]))}, which is neither export nor "
            "import",
            remedy=f"leave imports out with {option('where')}, or write 出口/进口 or export/import",
        )
    return Flagged(frame.with_columns(_drop=plain("flow").is_in(list(IN))), say("sources.imports"))


def _not_home(frame: Frame, _: CleanCustoms) -> Flagged:
    return Flagged(frame.with_columns(_drop=plain("destination").is_in(list(HOME))), say("sources.destination-china"))


def _chapters(frame: Frame, chosen: CleanCustoms) -> Flagged:
    chapter = nw.col("product").str.slice(0, 2)
    says = say("sources.chapters", chapters=listed(chosen.chapters, "comma"))
    return Flagged(frame.with_columns(_drop=chapter.is_in(list(chosen.chapters))), says)


def _regime(words: tuple[str, ...], others: str) -> Callable[[Frame, CleanCustoms], Flagged]:
    def flag(frame: Frame, _: CleanCustoms) -> Flagged:
        counts = collect(frame.select(plain("regime").alias("regime")).group_by("regime").agg(n=nw.len())).drop_nulls()
        unknown = counts.filter(~pl.col("regime").is_in([*ORDINARY, *PROCESSING])).sort("n", descending=True)
        shown = ", ".join(map(str, unknown["regime"].to_list()[:5]))
        n = int(unknown["n"].sum())
        reason = say("sources.other-regime", n=n)
        notes = (Entry("clean", "customs", "note", reason, n, shown),) if unknown.height else ()
        return Flagged(
            frame.with_columns(_drop=~plain("regime").is_in(list(words)).fill_null(False)), say(others), notes
        )

    return flag


def _intermediaries(frame: Frame, chosen: CleanCustoms) -> Flagged:
    """Flag intermediaries by the most frequent name of each firm.

    Of equally frequent names, the first in text order is used.
    """
    named = frame.filter(~nw.col("name").is_null()).group_by("firm", "name").agg(_n=nw.len())
    names = collect(named).sort("firm", "_n", "name", descending=[False, True, False]).unique("firm", keep="first")
    pattern = "|".join(re.escape(word.lower()) for word in chosen.keywords)
    trades = names["name"].str.normalize("NFKC").str.to_lowercase().str.contains(pattern)
    traders = names.filter(trades).select("firm").sort("firm").with_columns(_drop=pl.lit(True))
    flagged = frame.join(place(traders, frame), on="firm", how="left")
    example = names.filter(trades).sort("firm")["name"].head(1).to_list()
    says = say("sources.intermediaries", found=traders.height, firms=names.height)
    if example:
        says = say("sources.intermediaries-such-as", found=traders.height, firms=names.height, example=example[0])
    return Flagged(flagged, says)


def _main_unit(frame: Frame, _: CleanCustoms) -> Flagged:
    counts = collect(frame.filter(~nw.col("unit").is_null()).group_by("product", "unit").agg(_n=nw.len()))
    most = counts.sort("product", "_n", "unit", descending=[False, True, False]).unique("product", keep="first")
    several = counts.height - most.height
    main = most.select("product", pl.col("unit").alias("_unit"))
    flagged = frame.join(place(main, frame), on="product", how="left").with_columns(
        _drop=nw.col("unit") != nw.col("_unit")
    )
    return Flagged(flagged, say("sources.other-unit", several=several))


def _trim(frame: Frame, chosen: CleanCustoms) -> Flagged:
    low, high = chosen.cuts
    if not 0 <= low < high <= 100:
        raise UsageError(
            f"cuts={chosen.cuts} are not two ascending percentiles", remedy=f"give {option('cuts', (1, 99))}"
        )
    by = [c for c in ("product", "unit", "year") if c in frame.collect_schema().names()]
    priced = frame.with_columns(_price=nw.col("value") / nw.col("quantity"))
    p = nw.col("_price")
    ends = [p.quantile(cut / 100, interpolation="linear").alias(n) for n, cut in (("_low", low), ("_high", high))]
    keys = {f"_{c}": nw.col(c).fill_null("") if c == "unit" else nw.col(c) for c in by}
    keyed = priced.with_columns(**keys)
    flagged = keyed.join(keyed.group_by(*keys).agg(*ends), on=list(keys), how="left").with_columns(
        _drop=(p < nw.col("_low")) | (p > nw.col("_high"))
    )
    first, *others = map(column_word, by)
    cells = reduce(lambda a, b: say("sources.by-and", first=a, second=b), others, first)
    return Flagged(flagged, say("sources.unit-value-beyond", low=f"{low:g}", high=f"{high:g}", by=cells))


def _with_names(frame: Frame, exporters: Any) -> Frame:
    """Add the most frequent name of each firm from a table of exporters."""
    sides = collect(enter(exporters).select("firm", "name")).drop_nulls().cast({"firm": pl.String})
    counts = sides.group_by("firm", "name").len().sort("firm", "len", "name", descending=[False, True, False])
    return frame.join(place(counts.unique("firm", keep="first").select("firm", "name"), frame), on="firm", how="left")


STEPS: Mapping[str, Step] = {
    "exports": Step(("flow",), "", _exports),
    "not_home": Step(("destination",), "", _not_home),
    "chapters": Step(("product",), "", _chapters),
    "ordinary": Step(("regime",), "", _regime(ORDINARY, "sources.not-ordinary")),
    "processing": Step(("regime",), "", _regime(PROCESSING, "sources.not-processing")),
    "intermediaries": Step(("firm", "name"), "Ahn, Khandelwal and Wei (2011)", _intermediaries),
    "main_unit": Step(("product", "unit"), "", _main_unit),
    "trim": Step(("value", "quantity"), "", _trim),
}
"""Customs rules by name."""
