"""Read customs for a measure of quality; then standardise, aggregate and account for its ln quality by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import narwhals as nw
import numpy as np
from numpy.typing import NDArray

from integrade.engine.frames import (
    Data,
    Frame,
    account_of,
    collect,
    engine_of,
    enter,
    give_back,
    materialise,
    pieces_on,
    place,
    size_of,
)
from integrade.engine.memory import one_budget
from integrade.errors import MissingColumn, NotIdentified, did_you_mean, mapped_as
from integrade.quality.aggregate import by_level, require_columns
from integrade.quality.arranged import NUMBER, Arranged, arranged, arranged_rows, is_plain
from integrade.quality.coding import OPTIONAL, count_rows, in_key_order
from integrade.quality.groups import carried_groups, group_of, unknown_group
from integrade.quality.parts import Parts, parts_of
from integrade.quality.scale import Scale, Scaled
from integrade.quality.segments import Vector
from integrade.quality.standardise import standardise
from integrade.records.catalogue import values_of
from integrade.records.schema import TABLES, column_word, conform, to_numbers
from integrade.wording.numerals import percent
from plainwords.account import Account, Entry
from plainwords.texts import Said, listed, say
from rawcells.scratch import spill_place

if TYPE_CHECKING:
    import polars as pl

STEP, TABLE = "quality", "quality"
SEVERAL = 7  # numbers a row of the measure that holds most, for rows that several measures use
RESULT, BY_ROW = 9, 15  # numbers a row of a result on DuckDB, by firm-product and by row: about the most measured
LEAST = 500_000  # rows on Spark from which its workers measure; fewer come to this machine; a convention
ADDS = {
    "quality": "0..1 for minmax and rank, else log points",
    "n_products": "products (HS code x unit)",
    "n_rows": "customs rows",
    "value": "currency",
}
PER = {
    "firm": "firm-year",
    "firm_product": "firm-product-year",
    "industry": "industry-year",
    "region": "region-year",
    "destination": "destination-year",
    "ladder": "ladder",
}
_NAMES = {"f": "firm", "h": "product", "g": "variety", "m": "destination", "c": "regime", "t": "year"}


Reason: TypeAlias = Callable[[slice], NDArray[np.bool_]]
"""Return, for the rows of a slice, whether a condition holds."""


@dataclass(frozen=True)
class Opened:
    """Validated customs records, one row per key.

    ``home``: a frame on the engine of the result, still usable after the rows are freed. ``make`` returns the rows
    sorted by product, and is called when they are first needed. ``parts``: on Spark, the rows in files of whole
    products.
    """

    make: Callable[[], Arranged]
    home: Frame
    account: Account
    parts: Parts | None = None

    @cached_property
    def rows(self) -> Arranged:
        """The rows in memory, or in files of this machine."""
        return self.make()

    def rows_for(self, *, in_parts: bool) -> Arranged | Parts:
        """Return the rows in files of Spark if ``in_parts`` is true and there are such files, else `rows`."""
        return self.parts if self.parts is not None and in_parts else self.rows


@dataclass(frozen=True)
class Scored:
    """The result of a measure's formula for every row of customs.

    ``x`` (n,): ln quality; missing is NaN. ``reasons`` explain why x is missing: functions that return for which rows
    of a slice a condition holds. A row counts under the first that holds, and None holds for all rows. ``shown``: the
    columns of a result by row in addition to price and quantity, by row (n,) or by product (`polars.Series`); None
    stands for the standardised quality. ``called`` names the quantities from which x is computed. ``relative_to`` names
    the effects within whose cells x has mean zero. ``refused`` gives the reasons why parameters were refused.
    """

    x: Vector
    reasons: Mapping[str, Reason | None]
    shown: Mapping[str, Vector | pl.Series | None] = field(default_factory=dict)
    notes: Sequence[Entry] = ()
    remedy: str = ""
    called: str = "qualities"
    relative_to: str = ""
    refused: Sequence[Said] = ()


@dataclass(frozen=True)
class CustomsRows:
    """Customs records read, checked and coded once (`customs_rows`), for use in measures of quality."""

    given: Any
    opened: Opened

    @property
    def columns(self) -> list[str]:
        """Column names of the records, in order."""
        return enter(self.given).collect_schema().names()


@contextmanager
def customs_rows(customs: Any) -> Iterator[CustomsRows]:
    """Read, check and code customs records once, for several measures or several options of one measure.

    Pass the result instead of the records to `demand_residual`, `unit_value`, `estimated_sigma` and the other measures
    by customs rows, until the block ends. Columns other than the key, value and quantity (a measure's own columns, an
    industry or region of customs) are read again. Results have the kind of frame of ``customs``.

    Raises the errors of `integrade.records.schema.conform`.

    Example:
        >>> from integrade.simulation.customs import simulate_customs
        >>> with customs_rows(simulate_customs(20_000, seed=1, n_products=2)) as rows:
        ...     by_sigma = {sigma: demand_residual(rows, sigma=sigma) for sigma in (3, 5, 10)}  # doctest: +SKIP
    """
    with ExitStack() as kept:
        kept.enter_context(one_budget())
        yield CustomsRows(customs, _open(customs, Scale(level="row"), kept))


def given_of(customs: Any) -> Any:
    """Return the table that a caller gave; results have its kind."""
    return customs.given if isinstance(customs, CustomsRows) else customs


def open_customs(customs: Any, scale: Scale, kept: ExitStack, *, user: Sequence[str] = (), arrays: int = 1) -> Opened:
    """Conform and code customs; numeric ``user`` columns are carried as ``user_NAME``.

    ``arrays``: how many numbers the measure holds for every row before it is standardised.

    Raises `MissingColumn` for a user column that customs lacks, `NotANumber` for text in one.
    """
    kept.enter_context(one_budget())
    if isinstance(customs, CustomsRows):
        names = customs.columns
        if not user and not carried_groups(names, scale):
            require_columns(names, scale)
            return customs.opened
        customs = customs.given
    return _open(customs, scale, kept, user, arrays)


def _open(customs: Any, scale: Scale, kept: ExitStack, user: Sequence[str] = (), arrays: int = SEVERAL) -> Opened:
    frame, more = enter(customs), NUMBER * max(arrays, 1 + numbers_of(scale))
    if not user and is_plain(frame, customs) and not carried_groups(frame.collect_schema().names(), scale):
        n = count_rows(frame)
        read = (Entry("read", "customs", "in", say("account.rows"), n),)
        if n and (opened := _opened(frame, n, frame, account_of(customs) + read, {}, kept, more)):
            require_columns(frame.collect_schema().names(), scale)
            return opened
    door = conform(customs, "customs")
    names = door.frame.collect_schema().names()
    require_columns(names, scale)
    for name in user:
        if name not in names:
            raise MissingColumn(
                f"column {name!r} is missing from customs",
                remedy=f"map it with {mapped_as(name)}; " + did_you_mean(name, names),
            )
    carried = carried_groups(names, scale) | {f"user_{name}": "number" for name in user}
    counts = [entry.rows for entry in door.account if entry.kind == "in"]
    n = max(counts) if counts else count_rows(door.frame)  # rows read, before any was dropped
    frame = to_numbers(door.frame, user, "customs")
    frame = frame.with_columns(nw.col("value"), *[nw.col(name).alias(f"user_{name}") for name in user])
    opened = _opened(frame, n, door.frame, door.account, carried, kept, more)
    assert opened is not None, "`conform` drops every row that cannot be arranged"
    return opened


def _opened(
    frame: Frame, n: int, home: Frame, account: Account, carried: Mapping[str, str], kept: ExitStack, more: int
) -> Opened | None:
    """Return customs rows (at most ``n``); None if some of them need `conform`."""
    if not carried and n >= LEAST and (parts := parts_of(frame, n, kept)):
        merged = _merged(parts, parts.merged)
        return Opened(lambda: arranged_rows(parts.files.frame(), more=more), home, account + merged, parts)
    rows = arranged(frame, n, carried, more)
    return None if rows is None else Opened(lambda: rows, home, account + _merged(rows, rows.merged) + _in_files(rows))


def finish(scored: Scored, opened: Opened, options: Scaled, like: Data) -> Data:
    """Standardise, aggregate and account for ln quality; return a result in the kind of frame that came in."""
    rows, scale = opened.rows, options.scale
    group = group_of(rows, scale)
    import polars as pl

    counts = counts_of(rows, scored)
    r, clipped = standardise(rows, scored.x, scale)
    counts |= {"clipped": clipped, **value_of(rows, r)}
    missing = missing_of(counts, scored, scale)
    lost = unknown_group(rows, group, scale.level) if group else []
    in_files = engine_of(opened.home) == "duckdb"  # which keeps what exceeds its memory on disk
    if scale.level != "row":
        pieces = by_level(rows, scored.x if scale.level == "ladder" else r, scale, group)
        if in_files:
            wide = pieces_on(pieces, opened.home)
        else:
            wide = materialise(place(pl.concat(pieces), opened.home), home=opened.home)
        return handed_back(wide, scored, opened, [*missing, *lost], options, like)
    columns, more = shown_by_row(rows, scored, r)
    order = rows.in_key_order()
    pieces = (rows.rows(order[at], **more) for at in rows.pieces())
    if in_files:
        wide = pieces_on((table.select(**columns) for table in pieces), opened.home)
    else:
        # columns are computed only when they are used
        wide = enter(pl.concat(pieces).lazy().select(**columns))
    return handed_back(wide, scored, opened, missing, options, like, (rows.n, int(counts["no_r"])))


def shown_by_row(rows: Arranged, scored: Scored, r: Vector) -> tuple[dict[str, pl.Expr], dict[str, Vector]]:
    """Return the columns of a result by row as expressions, and the columns by row that these need."""
    import polars as pl

    texts = {
        name: pl.lit(rows.levels[letter][name]).gather(pl.col(letter))
        for letter in rows.letters
        if letter != "t"
        for name in rows.levels[letter].columns
    }
    texts |= {name: pl.when(texts[name] != "").then(texts[name]) for name in OPTIONAL if name in texts}
    keys = {**texts, "year": pl.col("t") + rows.first_year}
    columns = {name: keys[name] for name in TABLES["customs"].key if name in keys} | {
        "value": pl.col("v"),
        "quantity": pl.col("q"),
        "ln_price": pl.col("v").log() - pl.col("q").log(),
    }
    more = dict[str, Vector]()
    for name, column in (scored.shown or {"ln_quality": scored.x, "quality": None}).items():
        if isinstance(column, pl.Series):
            columns[name] = pl.lit(column).gather(pl.col("h"))
        else:
            columns[name] = pl.col(f"{name} by row").fill_nan(None)
            more[f"{name} by row"] = r if column is None else column
    return columns, more


def handed_back(
    wide: Frame,
    scored: Scored,
    opened: Opened,
    missing: Sequence[Entry],
    options: Scaled,
    like: Data,
    known: tuple[int, int] | None = None,
) -> Data:
    """Return a result in the kind of frame that came in, with its account.

    ``known``: the number of rows of the result and the number of these without quality, if columns are computed lazily.
    """
    result = wide if engine_of(wide) == engine_of(opened.home) else place(collect(wide), opened.home)
    if not known and engine_of(result) == "spark":  # Spark loses the order of rows
        names = result.collect_schema().names()
        key = names[: min(names.index(name) for name in ("quality", "value") if name in names)]
        in_order = in_key_order(key)
        result = result.sort(*(name for name in key if name not in in_order), *in_order)
    account = opened.account + scored.notes + missing + warnings(options.scale, scored.relative_to)
    without = nw.col("quality").is_null().cast(nw.Int64).sum()
    n, lost = known or collect(result.select(n=nw.len(), lost=without)).row(0)
    plain = (bool, int, float, str, tuple, type(None))
    values = {name: value for name, value in values_of(options).items() if name != "groups" or value is not None}
    shown = {name: value if isinstance(value, plain) else "a table" for name, value in values.items()}
    if shown.get("sigma") == "a table":
        shown["sigma"] = "by product"
    settings = ", ".join(f"{name}={value}" for name, value in shown.items())
    account += [Entry(STEP, TABLE, "note", say("account.settings", settings=settings), 0)]
    level = options.scale.level
    if lost and level in PER:
        account += [Entry(STEP, TABLE, "warning", say(f"quality.none-of-{level}", n=lost), lost)]
    account += [Entry(STEP, TABLE, "out", say("account.rows"), n)]
    return cast("Data", give_back(result, given_of(like), name=TABLE, account=account, made=known is None))


def numbers_of(scale: Scale) -> int:
    """Return how many numbers standardising and aggregating hold for every row, with the result if it is as long."""
    scaled = scale.standardise != "none" and scale.level in ("row", "ladder")
    at_once = {"row": 2 + BY_ROW, "firm_product": 7 + RESULT, "ladder": 7}.get(scale.level, 0)
    return scaled + (scale.weights == "base_year") + max(at_once, scale.pool == "all")


def _in_files(rows: Arranged) -> list[Entry]:
    if not rows.spilled:
        return []
    text = say("quality.in-files", size=size_of(rows.on_disk), folder=spill_place())
    return [Entry(STEP, "customs", "note", text, 0)]


def _merged(rows: Arranged | Parts, merged: int) -> list[Entry]:
    if not merged:
        return []
    names = [_NAMES[letter] for letter in rows.letters]
    words = [say(f"quality.key-{name}") if name in ("variety", "regime") else column_word(name) for name in names]
    key = listed(words, "comma")
    return [Entry(STEP, "customs", "merged", say("quality.summed-into-another", key=key), merged)]


def counts_of(rows: Arranged, scored: Scored) -> dict[str, float]:
    """Count all rows and rows without x, also by reason: k0, k1 ..."""
    counts: dict[str, float] = {"n": rows.n, "no_x": 0, **{f"k{i}": 0 for i in range(len(scored.reasons))}}
    for at in rows.pieces():
        left = np.isnan(scored.x[at])
        counts["no_x"] += int(left.sum())
        for i, holds in enumerate(scored.reasons.values()):
            here = left if holds is None else left & holds(at)
            counts[f"k{i}"] += int(here.sum())
            left = left & ~here
    return counts


def value_of(rows: Arranged, r: Vector) -> dict[str, float]:
    """Count rows without r, and sum the value of all rows and of rows with r."""
    no_r, value, lost = 0, 0.0, 0.0
    for at in rows.pieces():
        missing, v = np.isnan(r[at]), rows.value[at]
        no_r, value, lost = no_r + int(missing.sum()), value + float(v.sum()), lost + float(v[missing].sum())
    return {"no_r": no_r, "value": value, "valued": value - lost}


def missing_of(counts: Mapping[str, Any], scored: Scored, scale: Scale) -> list[Entry]:
    """Return account entries for rows without quality by reason, clipped rows, and the value without quality.

    Raises `NotIdentified` if no row has x.
    """
    by_reason = {reason: int(counts[f"k{i}"]) for i, reason in enumerate(scored.reasons)}
    if counts["no_x"] == counts["n"]:
        why = "; ".join(f"{reason}: {n:,} rows" for reason, n in by_reason.items() if n)
        because = f" ({'; '.join(map(str, scored.refused))})" if scored.refused else ""
        raise NotIdentified(f"no row has a quality: {why}{because}", remedy=scored.remedy)
    pool, what = say(f"quality.pool-{scale.pool}"), say(f"quality.called-{scored.called}")
    by_reason[say("quality.all-equal", what=what, pool=pool)] = int(counts["no_r"] - counts["no_x"])
    kind: Any = "warning" if scale.level == "row" else "dropped"
    entries = [
        Entry(
            STEP,
            "customs",
            kind,
            say("quality.missing-rows", why=reason, n=n) if kind == "warning" else say("quality.missing", why=reason),
            n,
        )
        for reason, n in by_reason.items()
        if n
    ]
    if counts["clipped"]:
        reason = say("quality.beyond-percentiles", pool=pool)
        entries.append(Entry(STEP, "customs", "clipped", reason, int(counts["clipped"])))
    if counts["no_r"]:
        share = say("quality.value-without-quality", share=percent(1 - counts["valued"] / counts["value"], 2))
        entries.append(Entry(STEP, "customs", "note", share, int(counts["no_r"])))
    return entries


def warnings(scale: Scale, relative_to: str) -> list[Entry]:
    """Return notes on what a trend of mean quality cannot show under these choices (METHODS 3.3)."""
    texts = []
    if scale.standardise in ("minmax", "minmax_trim") and scale.pool != "product_year":
        whose = "quality.trend-of-pool" if scale.pool == "all" else "quality.trend-of-product"
        texts.append(say(whose, standardise=scale.standardise))
        if scale.standardise == "minmax":  # minmax_trim cuts extreme rows
            texts.append(say("quality.trend-of-minmax"))
    if scale.pool == "product_year" and scale.standardise != "none":
        texts.append(say("quality.trend-of-product-year"))
    if "year" in relative_to:
        texts.append(say("quality.trend-of-effects", effects=relative_to))
    return [Entry(STEP, TABLE, "note", text, 0) for text in texts]
