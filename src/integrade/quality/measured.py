"""Read customs for a measure of quality; then standardise, aggregate and account for its ln quality by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import narwhals as nw

from integrade.engine.exact import total
from integrade.engine.frames import Data, Frame, account_of, collect, engine_of, enter, give_back, materialise, place
from integrade.errors import MissingColumn, NotIdentified, did_you_mean, mapped_as
from integrade.quality.aggregate import by_level, require_columns
from integrade.quality.arranged import LEAST, arranged, is_plain
from integrade.quality.coding import ORDER, Coded, code_keys, count_rows, in_key_order, sum_repeated, with_text
from integrade.quality.groups import carried_groups, join_group, unknown_group
from integrade.quality.parts import Parts, parts_of
from integrade.quality.scale import Scale, Scaled
from integrade.quality.standardise import standardise
from integrade.records.catalogue import values_of
from integrade.records.schema import TABLES, column_word, conform, to_numbers
from integrade.wording.numerals import percent
from plainwords.account import Account, Entry
from plainwords.texts import Said, listed, say

STEP, TABLE = "quality", "quality"
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


@dataclass(frozen=True)
class Opened:
    """Validated customs records, one row per key.

    ``home``: a frame on the engine of the result, still usable after the rows are freed. ``make`` returns the coded
    rows, and is called when these rows are first needed. ``parts``: on Spark, the rows in files of whole products.
    """

    make: Callable[[], Coded]
    home: Frame
    account: Account
    parts: Parts | None = None

    @cached_property
    def coded(self) -> Coded:
        """The rows on the engine, coded."""
        return self.make()

    def rows_for(self, *, in_parts: bool) -> Coded | Parts:
        """Return the rows in files if ``in_parts`` is true and there are such files, else the coded rows."""
        return self.parts if self.parts is not None and in_parts else self.coded


@dataclass(frozen=True)
class Scored:
    """The result of a measure's formula for every row of customs.

    ``rows`` has the letters, v, the columns that `aggregate.needed` names, and x (ln quality, maybe missing).
    ``reasons`` are conditions that explain why x is missing; a row counts under the first that holds. ``shown`` are the
    columns of a result by row in addition to price and quantity. ``called`` names the quantities from which x is
    computed. ``relative_to`` names the effects within whose cells x has mean zero. ``refused`` gives the reasons why
    parameters were refused.
    """

    rows: Frame
    reasons: Mapping[str, nw.Expr]
    shown: Mapping[str, nw.Expr] = field(default_factory=dict)
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
        yield CustomsRows(customs, _open(customs, Scale(level="row"), kept))


def given_of(customs: Any) -> Any:
    """Return the table that a caller gave; results have its kind."""
    return customs.given if isinstance(customs, CustomsRows) else customs


def open_customs(customs: Any, scale: Scale, kept: ExitStack, *, user: Sequence[str] = ()) -> Opened:
    """Conform and code customs; numeric ``user`` columns are carried as ``user_NAME``.

    Raises `MissingColumn` for a user column that customs lacks, `NotANumber` for text in one.
    """
    if isinstance(customs, CustomsRows):
        names = customs.columns
        if not user and not carried_groups(names, scale):
            require_columns(names, scale)
            return customs.opened
        customs = customs.given
    return _open(customs, scale, kept, user)


def _open(customs: Any, scale: Scale, kept: ExitStack, user: Sequence[str] = ()) -> Opened:
    frame = enter(customs)
    if not user and is_plain(frame, customs) and (n := count_rows(frame)) >= LEAST:
        names = frame.collect_schema().names()
        if not carried_groups(names, scale):
            read = (Entry("read", "customs", "in", say("account.rows"), n),)
            if opened := _by_product(frame, n, frame, account_of(customs) + read, kept):
                require_columns(names, scale)
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
    n = max((e.rows for e in door.account if e.kind == "in"), default=0)  # rows read, before any was dropped
    if not carried and n >= LEAST and (opened := _by_product(door.frame, n, door.frame, door.account, kept)):
        return opened
    frame = to_numbers(door.frame, user, "customs")
    frame = frame.with_columns(nw.col("value"), *[nw.col(name).alias(f"user_{name}") for name in user])
    coded, merged = sum_repeated(code_keys(frame, kept, carried), kept)
    return Opened(lambda: coded, door.frame, door.account + _merged(coded, merged))


def _by_product(frame: Frame, n: int, home: Frame, account: Account, kept: ExitStack) -> Opened | None:
    """Return customs rows (at most ``n``) for compiled loops; None if the loops cannot take them."""
    if parts := parts_of(frame, n, kept):
        staged = parts.files.frame()
        return Opened(
            lambda: sum_repeated(code_keys(staged, kept), kept)[0], home, account + _merged(parts, parts.merged), parts
        )
    rows = arranged(frame, n)
    if rows is None:
        return None
    coded = Coded(rows.frame(home, kept), rows.levels, rows.sizes, rows.first_year, arranged=rows)
    return Opened(lambda: coded, home, account + _merged(coded, rows.merged))


def finish(scored: Scored, opened: Opened, options: Scaled, like: Data) -> Data:
    """Standardise, aggregate and account for ln quality; return a result in the kind of frame that came in."""
    return finish_scaled(standardise(scored.rows, options.scale), scored, opened, options, like)


def finish_scaled(scaled: Frame, scored: Scored, opened: Opened, options: Scaled, like: Data) -> Data:
    """Do what `finish` does after standardising, for rows that already have ``r`` and ``clipped``."""
    scale = options.scale
    rows, group = join_group(scaled, opened.coded, scale)
    missing = missing_of(_counted(rows, scored), scored, scale)
    lost = unknown_group(rows, group, scale.level) if group else []
    if scale.level == "row":
        coded = opened.coded
        texts = {name for levels in coded.levels.values() for name in levels.columns} | {"year"}
        wide = with_text(rows, coded, coded.letters).sort(*(letter for letter in ORDER if letter in coded.letters))
        wide = wide.select(
            *[name for name in TABLES["customs"].key if name in texts],
            value=nw.col("v"),
            quantity=nw.col("q"),
            ln_price=nw.col("v").log() - nw.col("q").log(),
            **(scored.shown or {"ln_quality": nw.col("x"), "quality": nw.col("r")}),
        )
    else:
        wide = by_level(rows, opened.coded, scale, group)
    return handed_back(wide, scored, opened, [*missing, *lost], options, like)


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
    if engine_of(wide) != engine_of(opened.home):
        wide = place(collect(wide), opened.home)
    result = wide if known else materialise(wide, home=opened.home)
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


def _merged(coded: Coded | Parts, merged: int) -> list[Entry]:
    if not merged:
        return []
    names = [_NAMES[letter] for letter in coded.letters]
    words = [say(f"quality.key-{name}") if name in ("variety", "regime") else column_word(name) for name in names]
    key = listed(words, "comma")
    return [Entry(STEP, "customs", "merged", say("quality.summed-into-another", key=key), merged)]


def _counted(rows: Frame, scored: Scored) -> Mapping[str, Any]:
    """Count all rows, rows without x (also by reason: k0, k1 ...), rows without r, and clipped rows.

    Also sum the value of all rows (value) and of rows with r (valued).
    """
    r_missing, x_missing = nw.col("r").is_null(), nw.col("x").is_null()
    counts: dict[str, nw.Expr] = {}
    before = nw.lit(False)
    for i, holds in enumerate(scored.reasons.values()):
        counts[f"k{i}"] = (x_missing & holds & ~before).cast(nw.Int64).sum()
        before = before | holds
    return collect(
        rows.select(
            n=nw.len(),
            no_x=x_missing.cast(nw.Int64).sum(),
            no_r=r_missing.cast(nw.Int64).sum(),
            clipped=nw.col("clipped").sum(),
            value=total(rows, nw.col("v")),
            valued=total(rows, nw.when(~r_missing).then(nw.col("v"))),
            **counts,
        )
    ).row(0, named=True)


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
    if scale.pool == "product_year" and scale.standardise != "none":
        texts.append(say("quality.trend-of-product-year"))
    if "year" in relative_to:
        texts.append(say("quality.trend-of-effects", effects=relative_to))
    return [Entry(STEP, TABLE, "note", text, 0) for text in texts]
