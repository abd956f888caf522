"""Size and power of the verdicts on groups and channels, on truths where each is known to be wrong or right.

Run: python benchmarks/certify_groups.py [--draws 200] [--only groups|channels] [--json FILE]
31 regions, 8 years. Groups: firms of two kinds in skewed numbers, each kind with region-year shocks of its own that
persist. Channels: a mediator of region and year. Every draw goes through the rules that write a study's verdicts.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl

from integrade.account import Account
from integrade.judge.bundle import Index, StudyResults
from integrade.judge.named_rules import differs_by, mediated_by, stronger_without_state
from integrade.models.descriptive.describe import Correlations
from integrade.models.groups.compare import compare_groups
from integrade.models.groups.records import GroupSplit
from integrade.models.mediation.mediate import mediate

REGIONS, YEARS = 31, 8
Rates = dict[str, float]
Vector = np.ndarray


@dataclass(frozen=True)
class Kinds:
    """A truth of two kinds of firms: slope and bend of the curve in each, (b1, b2) of b1 x + b2 x^2."""

    name: str
    state: tuple[float, float]
    others: tuple[float, float]


@dataclass(frozen=True)
class Channel:
    """A truth of a mediator: m = a x + bend x^2 + e, y = x + b m + u."""

    name: str
    a: float
    bend: float
    b: float


GROUPS = (
    Kinds("no effect in either kind", (0.0, 0.0), (0.0, 0.0)),
    Kinds("one effect in both kinds", (0.5, -0.1), (0.5, -0.1)),
    Kinds("equally steep, of opposite sign", (-0.5, 0.1), (0.5, -0.1)),
    Kinds("state-owned three times as steep", (1.5, -0.3), (0.5, -0.1)),
    Kinds("only state-owned", (0.5, -0.1), (0.0, 0.0)),
    Kinds("others three times as steep", (0.5, -0.1), (1.5, -0.3)),
    Kinds("only the others", (0.0, 0.0), (0.5, -0.1)),
)
CHANNELS = (
    Channel("no path at all", 0.0, 0.0, 0.0),
    Channel("no path to the mediator", 0.0, 0.0, 0.5),
    Channel("no path from the mediator", 0.5, 0.0, 0.0),
    Channel("it falls, and more of it harms", -0.5, 0.0, -0.5),
    Channel("it rises, and more of it harms", 0.5, 0.0, -0.5),
    Channel("it rises, then falls", 0.0, -0.3, 0.5),
    Channel("it rises, and more of it helps", 0.5, 0.0, 0.5),
)


def _persistent(rng: np.random.Generator, sd: float, *more: int) -> Vector:
    """Region-year shocks (*more, R, T) with autocorrelation .7."""
    found = np.zeros((*more, REGIONS, YEARS))
    found[..., 0] = rng.normal(size=(*more, REGIONS)) * sd
    for t in range(1, YEARS):
        found[..., t] = 0.7 * found[..., t - 1] + rng.normal(size=(*more, REGIONS)) * sd
    return found


def firms_of_two_kinds(truth: Kinds, seed: int) -> pl.DataFrame:
    """One row per firm and year; sizes of regions and the share of the state in them are skewed."""
    rng = np.random.default_rng(seed)
    x, own = _persistent(rng, 1.0), _persistent(rng, 0.3, 2)
    common = np.cumsum(rng.normal(size=(REGIONS, YEARS)) * 0.15, axis=1)
    sizes = np.exp(rng.normal(size=REGIONS) + 1.6).astype(int) + 2
    region = np.repeat(np.arange(REGIONS), sizes)
    kind = (rng.random(len(region)) < (0.1 + 0.8 * rng.random(REGIONS))[region]).astype(int)
    b = np.array([truth.others, truth.state])[kind]
    at = x[region]
    y = rng.normal(size=(len(region), 1)) + b[:, :1] * at + b[:, 1:] * at**2 + common[region] + own[kind, region]
    y = y + rng.normal(size=y.shape)
    firm = np.arange(len(region))
    return pl.DataFrame(
        {
            "firm": np.repeat(firm, YEARS),
            "region": np.repeat(region, YEARS),
            "year": np.tile(np.arange(YEARS), len(region)),
            "kind": np.repeat(np.where(kind, "state", "non_state"), YEARS),
            "market": at.ravel(),
            "y": y.ravel(),
        }
    )


def firms_with_a_mediator(truth: Channel, seed: int) -> pl.DataFrame:
    """One row per firm and year, eight firms in each region; the mediator is of region and year."""
    rng = np.random.default_rng(seed)
    x, e, u = _persistent(rng, 1.0), _persistent(rng, 0.5), _persistent(rng, 0.2)
    m = truth.a * x + truth.bend * x**2 + e + rng.normal(size=(REGIONS, 1))
    region = np.repeat(np.arange(REGIONS), 8)
    y = rng.normal(size=(len(region), 1)) + (x + truth.b * m + u)[region]
    y = y + rng.normal(size=y.shape)
    return pl.DataFrame(
        {
            "firm": np.repeat(np.arange(len(region)), YEARS),
            "region": np.repeat(region, YEARS),
            "year": np.tile(np.arange(YEARS), len(region)),
            "market": x[region].ravel(),
            "m": m[region].ravel(),
            "y": y.ravel(),
        }
    )


def bare(**parts: object) -> StudyResults:
    """The results of a study with nothing but these parts."""
    nothing = Correlations((), np.zeros((0, 0)), np.zeros((0, 0)), 0, {})
    index = Index("log_inverse_sqrt", REGIONS, 0, (), (), ())
    empty = StudyResults("", "", {}, Account(()), index, (), nothing, ())

    return replace(empty, **parts)  # type: ignore[arg-type]


def judge_groups(truth: Kinds, seed: int) -> Rates:
    """1 or 0 for each test and verdict in one draw."""
    rows, formula = firms_of_two_kinds(truth, seed), "y ~ market + market^2 | firm + year"
    found = compare_groups(rows, formula, "kind", cluster="region", permutations=199, wild=399)
    results = bare(groups=(GroupSplit("ownership", "ownership", found),))
    joint, gap = found.joint[0], found.stronger[0]
    differs, stronger = differs_by("ownership")(results).outcome, stronger_without_state(results).outcome
    return {
        "CR3": float(joint.test.p_value < 0.05),
        "permutation": float((joint.p_permutation or 0) < 0.05),
        "wild": float((found.overall_p_wild or 0) < 0.05),
        "steepness": float(gap.p_value < 0.05),
        "differs": float(differs == "supported"),
        "H4 supported": float(stronger == "supported"),
        "H4 contradicted": float(stronger == "contradicted"),
    }


def judge_channel(truth: Channel, seed: int) -> Rates:
    """1 or 0 for each verdict in one draw."""
    rows, formula = firms_with_a_mediator(truth, seed), "y ~ market + market^2 | firm + year"
    results = bare(mediation=(mediate(rows, formula, "m", cluster="region", draws=399),))
    promotes, acts = mediated_by("m", promotes=True)(results).outcome, mediated_by("m")(results).outcome
    return {
        "acts": float(acts == "supported"),
        "promotes": float(promotes == "supported"),
        "contradicted": float(promotes == "contradicted"),
    }


def rates(truths: tuple[Kinds, ...] | tuple[Channel, ...], one: Callable[..., Rates], draws: int) -> dict[str, Rates]:
    """Of every truth the share of draws in which each test rejects and each verdict is given."""
    found = {}
    for truth in truths:
        start = time.perf_counter()
        each = [one(truth, seed) for seed in range(draws)]
        found[truth.name] = {key: float(np.mean([e[key] for e in each])) for key in each[0]}
        shown = ", ".join(f"{k} {v:.3f}" for k, v in found[truth.name].items())
        print(f"{truth.name}: {shown}  ({time.perf_counter() - start:.0f} s)", flush=True)
    return found


def lines(found: Mapping[str, Rates]) -> list[str]:
    """A Markdown table: one row per truth."""
    keys = list(next(iter(found.values())))
    rows = [f"| {name} | {' | '.join(f'{r[k]:.3f}' for k in keys)} |" for name, r in found.items()]
    return [f"| truth | {' | '.join(keys)} |", f"|---|{'---|' * len(keys)}", *rows]


def main() -> None:
    """Print the shares, and keep them where asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--only", choices=("groups", "channels"))
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = {}
    if given.only != "channels":
        found["groups"] = rates(GROUPS, judge_groups, given.draws)
    if given.only != "groups":
        found["channels"] = rates(CHANNELS, judge_channel, given.draws)
    for part in found.values():
        print("\n".join(["", *lines(part)]))
    if given.json:
        given.json.write_text(json.dumps({"draws": given.draws, **found}, indent=1))


if __name__ == "__main__":
    main()
