"""Verdicts where the index is an estimate from few goods, as printed and as settled with the index corrected for noise.

The economies are those of tests/other_economy.py, which shares no code with the program. Every sample is judged by the
product's own functions: `fit`, `mediate`, `compare_groups`, `lag_table`, `robustness`, the rules of
`integrade.verdicts.named_rules`, and `integrade.verdicts.without_noise.settled`.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl
from scipy import special
from verdict_designs import Design, Draw, Subject
from verdict_samples import bare

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

import other_economy as economies
from integrade.errors import IntegradeError
from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import u_test
from integrade.estimate.linear import Fit
from integrade.integration.options import RelativePrice
from integrade.subjects.benchmark.columns import Column
from integrade.subjects.groups.compare import compare_groups
from integrade.subjects.groups.records import GroupSplit
from integrade.subjects.lags.model import lag_table
from integrade.subjects.lags.records import DistributedLag, LagStudy, larger_p
from integrade.subjects.mediation.mediate import mediate
from integrade.subjects.noise.corrected import CorrectedOptions, correct
from integrade.subjects.noise.halves import Halves, halves_of
from integrade.subjects.noise.records import NoiseStudy
from integrade.subjects.robustness.model import robustness
from integrade.subjects.robustness.verdict import placebos
from integrade.subjects.shape.two_lines import two_lines
from integrade.subjects.shape.verdict import curve_of_benchmark, inverted_u_established
from integrade.verdicts.bundle import Index, StudyResults
from integrade.verdicts.named_rules import Rule, differs_by, inverted_u, mediated_by
from integrade.verdicts.without_noise import corrected_results, settled

FORMULA = "y ~ market + market^2 | firm + year"
SPLITS, DRAWS, WILD, LEVEL = 20, 399, 399, 0.05
FEWEST = 100
"""Fewest draws of a rate that reports quote."""
CHANGED = 2004
"""The last year of the first of two periods."""


# ---- economies


class Prices(NamedTuple):
    """Prices and firms of one kind: a name, and the generator's design."""

    name: str
    design: economies.Design


TEN = Prices("10 goods", economies.Design(goods=10))
TWENTY = Prices("20 goods", economies.Design(goods=20))
FORTY = Prices("40 goods", economies.Design(goods=40))
STILL = Prices("10 goods, small differences", economies.Design(goods=10, spread=0.15))
HEAVY = Prices("20 goods, t(5)", economies.Design(goods=20, tails="t5"))
SHARED = Prices("20 goods, shared shocks", economies.Design(goods=20, shared=0.3))
SKEWED = Prices("10 goods, firms of skewed number", economies.Design(goods=10, skewed=True))
OF_FIRMS = Prices("10 goods, mediator of firms", economies.Design(goods=10, firm_mediator=True))
CALM = Prices("10 goods, every second region calm", economies.Design(goods=10, calm=0.5))


class Economy(NamedTuple):
    """One economy: the panel with the true index in standard deviations (``x``), and halves of the goods.

    The outcome ``y`` has no effect of the index yet. ``net`` is the share of noise in the variation of the measured
    index net of region and year.
    """

    panel: pl.DataFrame
    halves: Halves
    net: float


@lru_cache(maxsize=256)
def economy(prices: Prices, seed: int, number: int) -> Economy:
    """Draw an economy whose outcome does not depend on the index."""
    made = economies.measured(replace(prices.design, effect=0.0, curve=0.0, through=0.0, differs=0.0), seed + number)
    x = (pl.col("true") - made.centre) / made.sd
    panel = made.panel.with_columns(
        x=x,
        period=pl.when(pl.col("year") > CHANGED).then(pl.lit("late")).otherwise(pl.lit("early")),
        half=pl.when(pl.col("region").str.slice(1).cast(pl.Int64) % 2 == 1)
        .then(pl.lit("odd"))
        .otherwise(pl.lit("even")),
    )
    halves = halves_of(made.prices, RelativePrice(), SPLITS, number)
    true = panel.group_by("region", "year").agg(pl.col("true").first()).pivot("year", index="region", values="true")
    order = [str(year) for year in halves.years]
    missing_to_mean = true.sort("region").select(order).with_columns(pl.all().fill_null(pl.all().mean())).to_numpy()
    error, whole = within(halves.whole.T - missing_to_mean), within(halves.whole.T)
    return Economy(panel, halves, float((error**2).sum() / (whole**2).sum()))


def _odd() -> pl.Expr:
    return pl.col("region").str.slice(1).cast(pl.Int64) % 2 == 1


def within(values: economies.Vector) -> economies.Vector:
    """Values (R, T) less the means of their region and year."""
    means = values.mean(axis=0) + values.mean(axis=1, keepdims=True) - values.mean()
    return np.asarray(values - means)


def noise_of(made: Economy, results: StudyResults) -> dict[str, float]:
    """The true share of noise net of effects, its estimate by halves, and how heavy tails of price changes are."""
    halves = None if results.noise is None else results.noise.halves
    estimated = math.nan if halves is None else halves.noise_share
    return {"noise": made.net, "net": estimated, "tails": made.halves.tails or math.nan}


PARABOLA = pl.col("x") - 0.15 * pl.col("x") ** 2
"""The effect of the true index, in its standard deviations, where a truth has no other."""


# ---- studies


def study(made: Economy, panel: pl.DataFrame, **parts: object) -> StudyResults:
    """The results of a study with its benchmark as printed and corrected for noise, and these parts."""
    try:
        halves = correct(made.halves, panel, FORMULA, CorrectedOptions(fit=Fit(cluster="region")))
        plain, noise = halves.naive, NoiseStudy("market", halves.naive, halves=halves)
    except IntegradeError as problem:
        plain = fit(panel, FORMULA, cluster="region", vcov="CR3")
        noise = NoiseStudy("market", plain, uncorrected=problem.what)
    column = Column("y", plain, u_test=u_test(plain, "market"))
    index = Index("log_inverse_sqrt", len(made.halves.regions), made.halves.goods, (), (), ())
    return bare(benchmark=(column,), noise=noise, index=index, **parts)


class Judged(NamedTuple):
    """A claim's outcome as printed, and as settled with the index corrected for noise."""

    printed: str
    final: str


def judged(rule: Rule, results: StudyResults) -> Judged:
    return Judged(rule.judge(results).outcome, settled(rule, results, corrected_results(results)).outcome)


def counted(found: Judged, claims: tuple[str, ...], prefix: str = "") -> Iterator[tuple[str, float]]:
    """Yield whether the outcome is one of ``claims``, as printed and finally, and what a printed one became."""
    printed = found.printed in claims
    yield prefix + "supported", float(found.final in claims)
    yield prefix + "printed", float(printed)
    yield prefix + "open", float(printed and found.final == "cannot be told")
    yield prefix + "gone", float(printed and found.final == "not supported")


CLAIMS = ("supported", "contradicted")
COLUMNS = (("final", "supported"), ("as printed", "printed"), ("cannot be told", "open"), ("not supported", "gone"))
CODE = (
    "verdicts/without_noise.py",
    "verdicts/named_rules.py",
    "subjects/noise/corrected.py",
    "subjects/noise/halves.py",
    "estimate",
    "regress",
)
ABOUT = (
    "Economies of a generator that shares no code with the program (tests/other_economy.py): 31 regions, 10 years, 6 "
    "firms a region. *As printed* is the rule on the measured index. *Final* also needs the same tests with the index "
    "corrected for noise by 20 splits of the goods. The next two columns say what became of the other claims as "
    "printed. *Noise* is its share in the measured index, net of region and year. With small differences, innovations "
    "of log distances between regions are .15 instead of .3. "
)
SAME = "Economies and columns are those of the first section on noise. "
NOISE = ("noise", "noise")


Judge = Callable[[Prices, str, int, int], Draw]


def designs(prices: tuple[Prices, ...], truths: Mapping[str, bool], judge: Judge, times: int = 1) -> tuple[Design, ...]:
    """Every truth (whether a claim is false in it) with all prices."""
    return tuple(
        Design(f"{p.name}: {truth}", false, partial(judge, p, truth), times)
        for truth, false in truths.items()
        for p in prices
    )


# ---- mediators

RISES, FALLS = "it rises with the index, no effect", "it falls, no effect"
RAISES, WEAKLY = "it rises, effect .5", "it rises, effect .2"
THROUGH = {RAISES: 0.5, WEAKLY: 0.2}
"""Truth -> the effect of the mediator on the outcome."""
RULES_OF_M = {
    "": Rule("H2", "", mediated_by("m", promotes=True), about="promotes:m"),
    "acts_": Rule("channel", "", mediated_by("m"), about="acts:m"),
}


def of_mediators(prices: Prices, truth: str, seed: int, number: int) -> Draw:
    """The verdicts on a mediator without an effect that moves with the index, and on one with an effect."""
    made = economy(prices, seed, number)
    m = pl.col("m") - (2 * prices.design.proxy if truth == FALLS else 0.0) * pl.col("x")
    y = pl.col("y") + PARABOLA + THROUGH.get(truth, 0.0) * m
    panel = made.panel.with_columns(y=y, m=m)
    channel = mediate(panel, FORMULA, "m", cluster="region", draws=DRAWS, halves=made.halves)
    results = study(made, panel, mediation=(channel,))
    claims, again = ("supported",) if truth in THROUGH else CLAIMS, channel.corrected
    return {
        **{k: v for p, rule in RULES_OF_M.items() for k, v in counted(judged(rule, results), claims, p)},
        **noise_of(made, results),
        "b": float(channel["m"].b.p_value < LEVEL),
        "b_corrected": float(again is not None and again["m"].b.p_value < LEVEL),
        "lost": float(again is None),
    }


PROXY = Subject(
    "Noise in the index: H2, H3 and channels",
    ABOUT + "The mediator moves by .5 with the true index and has an AR(0.7) of its own. It has no effect on the "
    "outcome in the rows where a claim is false: there *supported* and *contradicted* are both counted. In the other "
    "rows it has one. The first columns are H2 and H3, then the claim without direction, then the test of the "
    "mediator's coefficient alone. If the outcome has the other sign, supported and contradicted change places, so "
    "that the rates are those of a false contradiction too.",
    (
        *designs((TEN, FORTY), {RISES: True}, of_mediators, times=10),
        *designs((OF_FIRMS,), {RISES: True}, of_mediators, times=2),
        *designs((TWENTY, STILL, HEAVY, SHARED, SKEWED), {RISES: True}, of_mediators),
        *designs((TEN, FORTY), {FALLS: True}, of_mediators, times=2),
        *designs((STILL,), {FALLS: True}, of_mediators),
        *designs((TEN, TWENTY, FORTY, STILL, HEAVY, SHARED, SKEWED, OF_FIRMS), {RAISES: False}, of_mediators),
        *designs((TEN, FORTY), {WEAKLY: False}, of_mediators),
    ),
    (
        *COLUMNS,
        ("acts, final", "acts_supported"),
        ("acts, as printed", "acts_printed"),
        ("b, corrected", "b_corrected"),
        ("b, as printed", "b"),
        ("could not be corrected", "lost"),
        NOISE,
    ),
    (*CODE, "subjects/mediation"),
    __file__,
)


def quoted_rates(found: Mapping[str, Mapping[str, list[float]]]) -> str:
    """The text of src/integrade/verdicts/noise_rates.json, from the draws of the designs of `PROXY` by their name."""
    rows = []
    for prices in (TEN, TWENTY, FORTY, STILL, HEAVY, SHARED, SKEWED, OF_FIRMS):
        drawn = found.get(f"{prices.name}: {RISES}", {})
        if len(drawn.get("b", ())) < FEWEST:
            continue
        level = "firms" if prices is OF_FIRMS else "cells"
        net, tails = (round(float(np.nanmean(drawn[name])), 3) for name in ("net", "tails"))
        for kind, prefix in (("promotes", ""), ("acts", "acts_")):
            shares = [round(float(np.mean(drawn[prefix + name])), 4) for name in ("printed", "supported")]
            rows.append(json.dumps([kind, level, prices.design.goods, net, tails, *shares, len(drawn["b"])]))
    columns = json.dumps(["kind", "level", "goods", "net", "tails", "printed", "final", "draws"])
    return '{"columns": ' + columns + ',\n"rows": [\n' + ",\n".join(rows) + "\n]}\n"


# ---- groups

FIRMS_EQUAL, FIRMS_DIFFER = "two kinds of firms, one effect", "two kinds of firms, effects differ by .5"
YEARS_EQUAL, YEARS_DIFFER = "two periods, one effect", "two periods, effects differ by .5"
REGIONS_EQUAL = "calm and other regions, one effect"
EQUAL, DIFFER = {FIRMS_EQUAL: True, YEARS_EQUAL: True}, {FIRMS_DIFFER: False, YEARS_DIFFER: False}
SPLIT_OF = {
    FIRMS_EQUAL: ("group", None),
    FIRMS_DIFFER: ("group", "b"),
    YEARS_EQUAL: ("period", None),
    YEARS_DIFFER: ("period", "late"),
    REGIONS_EQUAL: ("half", None),
}
"""Truth -> the column of groups, and the group whose slope is larger by .5."""


def of_groups(prices: Prices, truth: str, seed: int, number: int) -> Draw:
    """The verdict on groups with one effect, or with effects that differ."""
    made = economy(prices, seed, number)
    by, group = SPLIT_OF[truth]
    more = 0.0 if group is None else 0.5 * pl.col("x") * (pl.col(by) == group)
    panel = made.panel.with_columns(y=pl.col("y") + PARABOLA + more)
    told = compare_groups(panel, FORMULA, by, cluster="region", permutations=0, wild=WILD, halves=made.halves)
    results = study(made, panel, groups=(GroupSplit(by, by, told),))
    again = told.corrected
    return {
        **dict(counted(judged(Rule("", "", differs_by(by), about=f"differs:{by}"), results), ("supported",))),
        **noise_of(made, results),
        "corrected": float(again is not None and again.joint[0].test.p_value < LEVEL),
        "lost": float(again is None),
    }


UNEQUAL = Subject(
    "Noise in the index: groups differ",
    SAME + "The effect is x - .15 x^2 in every group where a claim is false. Every second region is calm in one row: "
    "its distance from the national price moves half as much, so that noise takes more of its index. "
    f"{WILD} wild draws by region, labels are not permuted.",
    (
        *designs((TEN,), EQUAL, of_groups, times=2),
        *designs((FORTY, STILL, HEAVY, SKEWED), EQUAL, of_groups),
        *designs((CALM,), {REGIONS_EQUAL: True}, of_groups, times=2),
        *designs((TEN, FORTY, STILL), DIFFER, of_groups),
    ),
    (*COLUMNS, ("joint test, corrected", "corrected"), ("could not be corrected", "lost"), NOISE),
    (*CODE, "subjects/groups"),
    __file__,
)


# ---- placebos and lags

NOW, LASTS, AHEAD = "this year's index only", "last year's too (.5)", "next year's too (.5)"
SHIFT = {NOW: 0, LASTS: 1, AHEAD: -1}


def of_years(prices: Prices, truth: str, seed: int, number: int) -> Draw:
    """Placebos of next year, and lags, where they have no effect or one of .5."""
    made, shift = economy(prices, seed, number), SHIFT[truth]
    other = made.panel.group_by("region", "year").agg(other=pl.col("x").first())
    panel = made.panel.join(
        other.with_columns(pl.col("year") + shift), on=["region", "year"], how="left", maintain_order="left"
    )
    more = 0.5 * pl.col("other").fill_null(0.0) if shift else 0.0
    panel = panel.with_columns(y=pl.col("y") + PARABOLA + more)
    table = lag_table(panel, FORMULA, lags=(1,), leads=(1,), halves=made.halves, cluster="region", wild=WILD)
    variants = robustness(
        panel, FORMULA, "market", checks=("placebo",), halves=made.halves, cluster="region", wild=WILD
    )
    results = study(made, panel, lags=LagStudy(table, table), robustness=tuple(variants))
    tests = placebos(results)
    lag = _past(table.distributed)
    again = _past(table.corrected.distributed) if table.corrected else 1.0
    return {
        **noise_of(made, results),
        "supported": float(any(p.rejects for p in tests)),
        "printed": float(any(p.p_holm < LEVEL for p in tests)),
        "lag": float(max(lag, again) < LEVEL),
        "lag_printed": float(lag < LEVEL),
        "lost": float(any(p.uncorrected for p in tests)),
    }


def _past(found: DistributedLag | None) -> float:
    """The larger p of the joint test and the wild bootstrap of the lags; 1 if they could not be estimated."""
    return 1.0 if found is None or found.past is None else larger_p(found.fit, found.past)


LATER = Subject(
    "Noise in the index: placebos and lags",
    SAME + f"Two placebos of next year's index and its square, with and without last year's ({WILD} wild draws, "
    "adjusted by Holm): the first columns say how often one rejects. The next two are last year's index beside this "
    "year's: the larger p of joint test and wild bootstrap is below 5% as printed, and corrected too.",
    (
        *designs((TEN, FORTY), {NOW: True}, of_years, times=2),
        *designs((TWENTY, SHARED), {NOW: True}, of_years),
        *designs((TEN, FORTY), {AHEAD: False, LASTS: False}, of_years),
    ),
    (
        ("final", "supported"),
        ("as printed", "printed"),
        ("lag, printed and corrected", "lag"),
        ("lag, as printed", "lag_printed"),
        ("could not be corrected", "lost"),
        NOISE,
    ),
    (*CODE, "subjects/lags", "subjects/robustness"),
    __file__,
)


# ---- curves

NONE, LINE, FLAT, HILL = "no effect", "a line", "1.5 Phi(x + .5): saturates", "-.5 x^2"
NEVER_FALL = {NONE: True, LINE: True, FLAT: True}
EFFECTS: Mapping[str, Callable[[pl.DataFrame], pl.Series]] = {
    NONE: lambda d: 0.0 * d["x"],
    LINE: lambda d: d["x"],
    FLAT: lambda d: pl.Series(1.5 * special.ndtr(d["x"].to_numpy() + 0.5)),
    HILL: lambda d: -0.5 * d["x"] ** 2,
}


def of_curves(prices: Prices, truth: str, seed: int, number: int) -> Draw:
    """H1 on a curve of known shape. The wild bootstrap is drawn where all other parts hold."""
    made = economy(prices, seed, number)
    panel = made.panel.with_columns(y=pl.col("y") + EFFECTS[truth](made.panel))
    results = study(made, panel)
    lines = two_lines(panel, FORMULA, variable="market", cluster="region", vcov="CR3")
    column = replace(results.benchmark[0], two_lines=lines)
    results = replace(results, benchmark=(column,))
    curve = curve_of_benchmark(results)
    if curve is not None and inverted_u_established(curve):
        drawn = fit(panel, FORMULA, cluster="region", vcov="CR3", wild=WILD, seed=number)
        results = replace(results, benchmark=(replace(column, headline=drawn),))
    told = judged(Rule("", "", inverted_u, about="inverted_u"), results)
    claims = CLAIMS if truth == NONE else ("supported",)
    contradicted = float(told.final == "contradicted")
    return {**dict(counted(told, claims)), **noise_of(made, results), "contradicted": contradicted}


BENT = Subject(
    "Noise in the index: H1, an inverted U",
    SAME + "Curves in the true index; *supported* is false where the curve never falls, and *contradicted* is counted "
    "as false where there is no effect.",
    (
        *designs((TEN,), NEVER_FALL, of_curves, times=2),
        *designs((FORTY, STILL), NEVER_FALL, of_curves),
        *designs((TEN, FORTY, STILL), {HILL: False}, of_curves),
    ),
    (*COLUMNS, ("contradicted, final", "contradicted"), NOISE),
    (*CODE, "subjects/shape"),
    __file__,
)
