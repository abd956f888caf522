"""Decompose a change of mean quality into stayers, reweighting, entry and exit (METHODS 3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import narwhals as nw

from integrade.engine.exact import total, totals
from integrade.engine.frames import Data, Frame, account_of, collect, engine_of, enter, give_back, materialise
from integrade.errors import EmptyTable, MissingColumn, UsageError, did_you_mean, option
from integrade.records.catalogue import choose, keywords
from integrade.records.schema import to_numbers
from integrade.wording.numerals import percent
from plainwords.account import Account, Entry
from plainwords.texts import listed, say

STEP, TABLE = "decompose", "quality_change"
KEYS = ("firm", "product", "variety", "destination", "unit", "regime", "industry", "region")
_TERMS = ("within", "between", "entry", "exit")


@dataclass(frozen=True)
class QualityChange:
    """Options of the decomposition of a change of mean quality (METHODS 3.3).

    Parameters
    ----------
    method
        griliches_regev: stayers' qualities and weights are averaged over both years, and entrants and exits are
        compared with the average of both means. melitz_polanec: within is the change of the stayers' unweighted mean,
        and between the change of their covariance of quality and weight. Entrants are compared with stayers of the
        later year, exits with stayers of the earlier year.
    of
        Columns such as firm, region or industry. The mean of each firm (region, industry) is decomposed. If not given,
        the mean of all rows is decomposed.
    units
        Columns of the units that stay, enter and exit, such as firm, or product and destination. If not given, all key
        columns of the table except year and the columns of ``of``.
    span
        Difference in years between the two years that are compared.
    """

    method: Literal["griliches_regev", "melitz_polanec"] = "griliches_regev"
    of: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    span: int = 1


@keywords(QualityChange)
def quality_change(rows: Data, options: QualityChange | None = None, **changes: Any) -> Data:
    """Decompose each change of mean quality into within, between, entry and exit, which add up to it exactly.

    Formula:
        TQ_t = sum_i s_it r_it, with value shares s. C: stayers; E: units only in the later year; X: units only in the
        earlier year. A bar is the average of both years, D the change. change = within + between + entry - exit.
        griliches_regev: within = sum_C sbar Dr, between = sum_C Ds (rbar - TQbar), entry = sum_E s_1 (r_1 - TQbar),
        exit = sum_X s_0 (r_0 - TQbar).
        melitz_polanec: with weights rescaled to 1 among stayers, within = D mean_C r, between = D cov_C(s, r), entry =
        s_E (TQ_E1 - TQ_C1), exit = s_X (TQ_X0 - TQ_C0).

    Missing values:
        Rows without quality or with a value that is missing or not positive are left out and counted with their
        value. Several rows of a unit and year are first averaged, with values as weights. A pair of years is in the
        result if both years have rows; without a stayer the terms of melitz_polanec are null, but the change is not.

    Args:
        rows: a table with year, quality, value and the columns of ``of`` and ``units``: a measure's result with
            level='row', or by firm.
        options: a `QualityChange`; single options may be given or changed by name.
        **changes: options by name, such as ``of=("firm",)``.

    Returns:
        One row per ``of``, year (the later one), sorted: year_before, quality_before, quality, change, within, between,
        entry, exit (units of quality), n_stayers, n_entered, n_exited, share_entered and share_exited (of value in
        the later and the earlier year). The kind of frame that came in.

    Raises:
        MissingColumn: no year, quality or value, or a column of ``of`` or ``units``.
        UsageError: no column that distinguishes units; a span below 1. EmptyTable: no row with quality, or no pair of
            years.

    Reference:
        Griliches and Regev (1995, J. Econometrics 65(1)); Melitz and Polanec (2015, RAND 46(2)), equations recalled
        and checked to add up. METHODS 3.3.

    Example:
        >>> import polars as pl
        >>> rows = pl.DataFrame({"firm": ["a", "b", "a", "c"], "year": [2004, 2004, 2005, 2005],
        ...                      "quality": [0.2, 0.4, 0.3, 0.9], "value": [50.0, 50, 75, 25]})
        >>> terms = quality_change(rows).select("change", "within", "between", "entry", "exit")
        >>> [round(x, 5) for x in terms.row(0)]
        [0.15, 0.0625, -0.03125, 0.13125, 0.0125]
    """
    chosen = choose(QualityChange, options, changes)
    frame, units = _columns(enter(rows), chosen)
    means, account = _means(frame, [*chosen.of, *units])
    pairs = _pairs(means, list(chosen.of), units, chosen.span)
    terms = _none_is_zero((_griliches_regev if chosen.method == "griliches_regev" else _melitz_polanec)(pairs))
    stayed = nw.col("n_stayers")
    shown = terms.select(
        *chosen.of,
        "year",
        "year_before",
        "quality_before",
        "quality",
        "change",
        *_TERMS,
        "n_stayers",
        n_entered=nw.col("n").cast(nw.Int64) - stayed,
        n_exited=nw.col("n0").cast(nw.Int64) - stayed,
        share_entered=_share("n", "s"),
        share_exited=_share("n0", "s0"),
    )
    table = materialise(shown.sort(*chosen.of, "year"), home=frame)
    table = table.sort(*chosen.of, "year") if engine_of(table) == "spark" else table
    n = int(collect(table.select(n=nw.len())).item())
    if not n:
        raise EmptyTable(
            f"no two years that are {chosen.span} apart",
            remedy=f"give another number of years, such as {option('span', 1)}",
        )
    settings = say(
        "quality.settings-of-change",
        method=chosen.method,
        of=listed(chosen.of, "comma") if chosen.of else say("quality.all-rows"),
        units=listed(units, "comma"),
        span=str(chosen.span),
    )
    done = [Entry(STEP, TABLE, "note", settings, 0), Entry(STEP, TABLE, "out", say("account.rows"), n)]
    return give_back(table, rows, name=TABLE, account=account_of(rows) + account + done)


def _columns(frame: Frame, options: QualityChange) -> tuple[Frame, list[str]]:
    """Return the frame with only the columns that are used, and the names of the columns that distinguish units.

    Raises `MissingColumn` and `UsageError`.
    """
    names = frame.collect_schema().names()
    units = list(options.units) or [k for k in KEYS if k in names and k not in options.of]
    for name in ("year", "quality", "value", *options.of, *units):
        if name not in names:
            raise MissingColumn(
                f"column {name!r} is missing from the table of quality",
                remedy=f"give a result of {option('level', 'row')}, or by firm; " + did_you_mean(name, names),
            )
    if not units:
        raise UsageError("no column distinguishes units", remedy=f"name them: {option('units', ('firm',))}")
    if options.span < 1:
        raise UsageError(f"span={options.span} is not a number of years", remedy=f"give {option('span', 1)} or more")
    frame = to_numbers(frame, ("year", "quality", "value"), "quality").with_columns(nw.col("year").cast(nw.Int64))
    texts = [nw.col(n).cast(nw.String).fill_null("") for n in dict.fromkeys([*options.of, *units])]
    return frame.select(*texts, "year", "quality", "value"), units


def _means(frame: Frame, key: list[str]) -> tuple[Frame, Account]:
    """Return one row per unit and year (r, value), and account entries on the rows left out.

    Raises `EmptyTable`.
    """
    good = ~nw.col("quality").is_null() & (nw.col("value") > 0) & ~nw.col("year").is_null()
    frame = frame.with_columns(good=good.fill_null(False))
    worth = nw.when(nw.col("good")).then(nw.col("value")).otherwise(nw.lit(0.0))
    n, kept, value, kept_value = collect(
        frame.select(
            n=nw.len(),
            kept=nw.col("good").cast(nw.Int64).sum(),
            value=total(frame, nw.col("value")),
            worth=total(frame, worth),
        )
    ).row(0)
    if not kept:
        raise EmptyTable("no row with quality and a positive value", remedy="give rows with quality and value")
    entries = [Entry(STEP, "quality", "in", say("account.rows"), n)]
    if n > kept:
        lost = say("quality.quality-or-value-missing", share=percent(1 - kept_value / value, 2))
        entries.append(Entry(STEP, "quality", "dropped", lost, n - kept))
    rows = frame.filter(nw.col("good")).with_columns(vr=nw.col("value") * nw.col("quality"))
    rows = rows.group_by(*key, "year").agg(*totals(rows, "value", "vr"))
    return rows.with_columns(r=nw.col("vr") / nw.col("value")).drop("vr"), Account(tuple(entries))


def _pairs(means: Frame, of: list[str], units: list[str], span: int) -> Frame:
    """Return, per ``of`` and pair of years, the sums over all rows and over stayers used in both decompositions."""
    of = [*of, "year"]
    whole = means.group_by(*of).agg(total=total(means, nw.col("value")), n=nw.len())
    rows = means.join(whole, on=of, how="inner").with_columns(s=nw.col("value") / nw.col("total"))
    wholes = rows.group_by(*of).agg(quality=total(rows, nw.col("s") * nw.col("r")), n=nw.len())
    earlier = rows.select(*[c for c in of if c != "year"], *units, year=nw.col("year") + span, s0="s", r0="r")
    stay = rows.select(*of, *units, "s", "r").join(earlier, on=[*of, *units], how="inner")
    s, r, s0, r0 = (nw.col(n) for n in ("s", "r", "s0", "r0"))
    stay = stay.select(
        *of, "s", "s0", "r", "r0", sr=s * r, s0r0=s0 * r0, wdr=(s + s0) / 2 * (r - r0), dsr=(s - s0) * (r + r0) / 2
    )
    sums = stay.group_by(*of).agg(*totals(stay, "s", "s0", "r", "r0", "sr", "s0r0", "wdr", "dsr"), n_stayers=nw.len())
    before = wholes.select(
        *[c for c in of if c != "year"],
        year=nw.col("year") + span,
        year_before="year",
        quality_before="quality",
        n0="n",
    )
    both = wholes.join(before, on=of, how="inner").join(sums, on=of, how="left")
    names = ("s", "s0", "r", "r0", "sr", "s0r0", "wdr", "dsr")
    filled = [nw.col(n).fill_null(0.0) for n in names]
    return both.with_columns(*filled, n_stayers=nw.col("n_stayers").fill_null(0).cast(nw.Int64)).with_columns(
        change=nw.col("quality") - nw.col("quality_before")
    )


def _griliches_regev(pairs: Frame) -> Frame:
    middle = (nw.col("quality") + nw.col("quality_before")) / 2
    return pairs.with_columns(
        within=nw.col("wdr"),
        between=nw.col("dsr") - middle * (nw.col("s") - nw.col("s0")),
        entry=nw.col("quality") - nw.col("sr") - middle * (1 - nw.col("s")),
        exit=nw.col("quality_before") - nw.col("s0r0") - middle * (1 - nw.col("s0")),
    )


def _melitz_polanec(pairs: Frame) -> Frame:
    n = nw.when(nw.col("n_stayers") > 0).then(nw.col("n_stayers"))
    pairs = pairs.with_columns(
        mean=nw.col("r") / n,
        mean0=nw.col("r0") / n,
        weighted=nw.when(nw.col("s") > 0).then(nw.col("sr") / nw.col("s")),
        weighted0=nw.when(nw.col("s0") > 0).then(nw.col("s0r0") / nw.col("s0")),
    )
    mean, mean0, weighted, weighted0 = (nw.col(c) for c in ("mean", "mean0", "weighted", "weighted0"))
    return pairs.with_columns(
        within=mean - mean0,
        between=(weighted - mean) - (weighted0 - mean0),
        entry=nw.col("quality") - weighted,
        exit=nw.col("quality_before") - weighted0,
    )


def _none_is_zero(terms: Frame) -> Frame:
    """Set entry to 0 if no unit enters and exit to 0 if none exits; as differences of sums they are rounding errors."""
    stayed = nw.col("n_stayers")
    entry = nw.when(nw.col("n") > stayed).then(nw.col("entry")).otherwise(nw.lit(0.0))
    exits = nw.when(nw.col("n0") > stayed).then(nw.col("exit")).otherwise(nw.lit(0.0))
    return terms.with_columns(entry=entry, exit=exits)


def _share(count: str, stayers: str) -> nw.Expr:
    """Return the share of value of units that are not stayers; exactly 0 if all are stayers."""
    return nw.when(nw.col(count) > nw.col("n_stayers")).then(1 - nw.col(stayers)).otherwise(nw.lit(0.0))
