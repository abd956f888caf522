"""Differences between kinds of firms and H4, judged on truths with and without them."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

import numpy as np
import polars as pl
from verdict_designs import Design, Draw, Subject
from verdict_samples import REGIONS, YEARS, bare, persistent

from integrade.subjects.groups.compare import compare_groups
from integrade.subjects.groups.records import GroupSplit
from integrade.verdicts.named_rules import differs_by, stronger_without_state

LEVEL, WILD = 0.05, 399
OWN, COMMON = 0.3, 0.15
Curve = tuple[float, float]


class Kinds(NamedTuple):
    """A truth: b1 and b2 of the curve b1 x + b2 x^2 in state-owned firms and in the others."""

    name: str
    state: Curve
    others: Curve


NOTHING: Curve = (0.0, 0.0)
CURVE: Curve = (0.5, -0.1)
STEEP: Curve = (1.5, -0.3)
UPSIDE_DOWN: Curve = (-0.5, 0.1)
TRUTHS = (
    Kinds("no effect in either kind", NOTHING, NOTHING),
    Kinds("one effect in both kinds", CURVE, CURVE),
    Kinds("equally steep, of opposite sign", UPSIDE_DOWN, CURVE),
    Kinds("state-owned three times as steep", STEEP, CURVE),
    Kinds("an effect in state-owned firms only", CURVE, NOTHING),
    Kinds("others three times as steep", CURVE, STEEP),
    Kinds("an effect in the others only", NOTHING, CURVE),
)
EQUAL, WEAKER = TRUTHS[:2], TRUTHS[:5]


def sample(truth: Kinds, seed: int, number: int) -> pl.DataFrame:
    """One row per region, kind and year: the mean outcome of its firms and their number, of skewed size.

    Firms stay and are seen every year. The regression of these means, with the numbers as weights and effects of region
    and kind, is that of the firms with firm effects, with the same errors by region and the same wild draws.
    """
    rng = np.random.default_rng([seed, number, 12])
    x, own = persistent(rng, 1.0), persistent(rng, OWN, 2)
    common = np.cumsum(rng.normal(size=(REGIONS, YEARS)) * COMMON, axis=1)
    sizes = np.exp(rng.normal(size=REGIONS) + 1.6).astype(int) + 2
    state = rng.binomial(sizes, 0.1 + 0.8 * rng.random(REGIONS))
    firms = np.stack([sizes - state, state])  # (2, R): not state-owned, state-owned
    noise = rng.normal(size=own.shape) / np.sqrt(np.maximum(firms, 1))[:, :, None]
    b1, b2 = (np.array([truth.others[j], truth.state[j]])[:, None, None] for j in (0, 1))
    y = b1 * x + b2 * x**2 + common + own + noise
    kind, region, year = np.indices(y.shape).reshape(3, -1)
    columns = {
        "firm": region,
        "region": region,
        "year": year,
        "kind": np.where(kind, "state", "non_state"),
        "market": x[region, year],
        "y": y.ravel(),
        "firms": firms[kind, region].astype(float),
    }
    return pl.DataFrame(columns).filter(pl.col("firms") > 0)


@cache
def judged(truth: Kinds, seed: int, number: int) -> Draw:
    """Both verdicts on one sample and the tests that they rest on, each alone."""
    rows, formula = sample(truth, seed, number), "y ~ market + market^2 | firm + year"
    found = compare_groups(rows, formula, "kind", cluster="region", permutations=0, wild=WILD, weights="firms")
    results = bare(groups=(GroupSplit("ownership", "ownership", found),))
    differs, stronger = differs_by("ownership")(results).outcome, stronger_without_state(results).outcome
    return {
        "differs": float(differs == "supported"),
        "stronger": float(stronger == "supported"),
        "contradicted": float(stronger == "contradicted"),
        "joint": float(found.joint[0].test.p_value < LEVEL),
        "wild": float((found.overall_p_wild or 0.0) < LEVEL),
        "steeper": float(found.stronger[0].p_value < LEVEL),
    }


def _draw(truth: Kinds, verdict: str) -> Callable[[int, int], Draw]:
    return partial(_as_supported, truth, verdict)


def _as_supported(truth: Kinds, verdict: str, seed: int, number: int) -> Draw:
    found = judged(truth, seed, number)
    return {"supported": found[verdict], **found}


ABOUT = (
    f"{REGIONS} regions, {YEARS} years; regions have exp(N(1.6, 1)) firms, of which a share between .1 and .9 is "
    f"state-owned. Each kind of firm has region-year shocks of its own (AR(0.7), innovations of s.d. {OWN}) beside a "
    f"random walk that both share (s.d. {COMMON}); CR3 and {WILD} wild draws by region. Labels are not permuted here: "
    "that is one more condition, which makes support rarer. "
)
DIFFERS = Subject(
    "Groups: the effect differs",
    ABOUT + "A support is false where both kinds have one curve. The other columns are the tests, each alone.",
    tuple(Design(t.name, t in EQUAL, _draw(t, "differs")) for t in TRUTHS),
    (("supported", "supported"), ("joint test (CR3)", "joint"), ("wild bootstrap", "wild")),
    ("subjects/groups/verdict.py", "subjects/groups", "estimate", "regress"),
    __file__,
)
STRONGER = Subject(
    "H4, stronger in firms that are not state-owned",
    "The same samples. A support is false where the effect is equally strong or stronger in state-owned firms. The "
    "last column is the contrast of average steepness alone, two-sided.",
    tuple(Design(t.name, t in WEAKER, _draw(t, "stronger")) for t in TRUTHS),
    (("supported", "supported"), ("contradicted", "contradicted"), ("contrast", "steeper")),
    DIFFERS.code,
    __file__,
)
