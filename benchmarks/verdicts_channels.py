"""H2, H3 and other channels, judged on truths of a mediator whose paths are known."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import NamedTuple

import numpy as np
import polars as pl
from verdict_designs import Design, Draw, Subject
from verdict_samples import REGIONS, YEARS, bare, persistent

from integrade.subjects.mediation.mediate import mediate
from integrade.verdicts.named_rules import mediated_by

DRAWS, FIRMS = 399, 8
OF_MEDIATOR, OF_OUTCOME = 0.5, 0.2


class Paths(NamedTuple):
    """A truth: m = a x + bend x^2 + e, y = x + b m + u."""

    name: str
    a: float
    bend: float
    b: float


TRUTHS = (
    Paths("no path at all", 0.0, 0.0, 0.0),
    Paths("no path to the mediator", 0.0, 0.0, 0.5),
    Paths("no path from the mediator", 0.5, 0.0, 0.0),
    Paths("it falls, and more of it lowers the outcome", -0.5, 0.0, -0.5),
    Paths("it rises, and more of it lowers the outcome", 0.5, 0.0, -0.5),
    Paths("it rises, then falls; more of it raises the outcome", 0.0, -0.3, 0.5),
    Paths("it rises, and more of it raises the outcome", 0.5, 0.0, 0.5),
    Paths("the same, a fifth as strong", 0.1, 0.0, 0.5),
)
NO_PATH, NO_PROMOTION = TRUTHS[:3], TRUTHS[:6]


def sample(truth: Paths, seed: int, number: int) -> pl.DataFrame:
    """One row per region and year: the mediator, and the mean outcome of its firms (regression of firms, as means)."""
    rng = np.random.default_rng([seed, number, 13])
    x, e, u = persistent(rng, 1.0), persistent(rng, OF_MEDIATOR), persistent(rng, OF_OUTCOME)
    m = truth.a * x + truth.bend * x**2 + e + rng.normal(size=(REGIONS, 1))
    y = x + truth.b * m + u + rng.normal(size=x.shape) / np.sqrt(FIRMS)
    region, year = np.indices(y.shape).reshape(2, -1)
    return pl.DataFrame({"region": region, "year": year, "market": x.ravel(), "m": m.ravel(), "y": y.ravel()})


@cache
def judged(truth: Paths, seed: int, number: int) -> Draw:
    """The verdicts on one sample with and without a direction."""
    rows, formula = sample(truth, seed, number), "y ~ market + market^2 | region + year"
    found = mediate(rows, formula, "m", cluster="region", draws=DRAWS, cell_level=("cell",))
    results = bare(mediation=(found,))
    promotes, acts = mediated_by("m", promotes=True)(results).outcome, mediated_by("m")(results).outcome
    return {
        "acts": float(acts == "supported"),
        "promotes": float(promotes == "supported"),
        "contradicted": float(promotes == "contradicted"),
        "a": float(found["m"].a_joint.p_value < 0.05),
        "b": float(found["m"].b.p_value < 0.05),
    }


def _draw(truth: Paths, verdict: str) -> Callable[[int, int], Draw]:
    return partial(_as_supported, truth, verdict)


def _as_supported(truth: Paths, verdict: str, seed: int, number: int) -> Draw:
    found = judged(truth, seed, number)
    return {"supported": found[verdict], **found}


PROMOTES = Subject(
    "H2 and H3, promotes through a mediator",
    f"{REGIONS} regions, {YEARS} years, {FIRMS} firms a region. The mediator is of region and year, m = a x + bend x^2 "
    f"and an AR(0.7) with innovations of s.d. {OF_MEDIATOR}; the outcome is x + b m, a shock of region and year "
    f"(AR(0.7), {OF_OUTCOME}) and firm noise of s.d. 1; a and b are 0 or .5 in size (a of the last .1). CR3 and "
    f"{DRAWS} bootstrap draws by region; places p10, p50 and p90. The last columns are the joint tests of the paths, "
    "each alone.",
    tuple(Design(t.name, t in NO_PROMOTION, _draw(t, "promotes")) for t in TRUTHS),
    (("supported", "supported"), ("contradicted", "contradicted"), ("path to it", "a"), ("path from it", "b")),
    ("subjects/mediation/verdict.py", "subjects/mediation", "estimate", "regress"),
    __file__,
)
ACTS = Subject(
    "Channels, acts through a mediator",
    "The same samples and the claim without a direction: a support is false where a path is missing.",
    tuple(Design(t.name, t in NO_PATH, _draw(t, "acts")) for t in TRUTHS),
    (("supported", "supported"),),
    PROMOTES.code,
    __file__,
)
