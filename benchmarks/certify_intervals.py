"""The page's part on 95% intervals: bands, and the tables of `intervals`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import intervals as ci
import monte_carlo as mc
import numpy as np
from bands import Band, Draws, Finding, binomial_error, judge, rate, table

DESIGNS = (mc.balanced(40), mc.skewed(40))
Series = Callable[[range], dict[str, list[float]]]
Run = Callable[[str, Series, int], Draws]

MEDIATION = {
    True: tuple(Band(f"indirect {name} {place} percentile covers", 0.88, 0.97) for name in ci.B for place in ci.PLACES)
}
MEDIATION[False] = (
    *MEDIATION[True],
    *(Band(f"indirect {name} {place} bca covers", 0, 0.9, shown=True) for name in ci.B for place in ci.PLACES),
)
PIPELINE = (Band("pipeline covers slope as measured", 0.90, 0.98),)
INSTRUMENTS = {
    True: (
        *(Band(f"AR {strength} {how}covers", 0.92, 0.97) for strength in ci.STRENGTHS for how in ("", "CR3 ", "WCR ")),
        Band("AR joint covers", 0, 0.92, shown=True),
    ),
    False: (
        *(Band(f"AR {strength} covers", 0, 0.92, shown=True) for strength in ci.STRENGTHS),
        *(Band(f"AR {strength} {how} covers", 0.90, 0.97) for strength in ci.STRENGTHS for how in ("CR3", "WCR")),
        Band("AR joint covers", 0, 0.9, shown=True),
    ),
}


@dataclass(frozen=True)
class Covered:
    """All draws of one design. ``target`` is the slope on the index as measured, ``tests`` are draws of `monte_carlo`
    of which those of ``instruments`` are the first."""

    design: mc.Design
    mediation: Draws
    instruments: Draws
    pipeline: Draws
    estimates: Draws
    target: float
    tests: Draws


def bootstrapped(draws: int) -> int:
    """How many samples are drawn where each is bootstrapped."""
    return max(draws // 4, 1)


def settings(draws: int, full: int) -> dict[str, float]:
    """What the page says of the designs."""
    many = bootstrapped(draws)
    return {
        "bootstraps": many,
        "few": bootstrapped(full),
        "few_error": binomial_error(ci.LEVEL, many),
        "economies": 2 * many,
        "replicates": ci.REPLICATES,
        "a1": ci.A[0],
        "a2": ci.A[1],
        "b_schools": ci.B["schools"],
        "b_skill": ci.B["skill"],
        "mediator_shock": ci.MEDIATOR_SHOCK,
        "pi": ci.STRENGTHS["strong"],
        "pi_weak": ci.STRENGTHS["weak"],
        "feedback": ci.FEEDBACK,
        "own_shock": ci.OWN_SHOCK,
        "slope": ci.EFFECT[0],
        "curvature": ci.EFFECT[1],
        "goods": ci.GOODS,
        "spread": ci.SPREAD,
        "scale": ci.SCALE,
        "structural": ci.STRUCTURAL,
    }


def measure(design: mc.Design, draws: int, seed: int, *, run: Run, tests: Draws) -> Covered:
    plan = mc.layout(design)

    def part(name: str, number: int) -> Draws:
        return run(f"{name}, {design.name}, {seed}", lambda numbers: ci.series(name, plan, seed, numbers), number)

    target = ci.slope_as_measured(part("attenuation", 2 * bootstrapped(draws)))
    estimates = part("pipeline", bootstrapped(draws))
    return Covered(
        design,
        part("mediation", bootstrapped(draws)),
        part("instruments", draws),
        ci.pipeline_coverage(estimates, target),
        estimates,
        target,
        tests,
    )


def judged(covered: Covered, full: int) -> list[Finding]:
    name, few = covered.design.name, bootstrapped(full)
    balanced = len(set(covered.design.firms)) == 1
    return [
        *judge(name, covered.mediation, MEDIATION[balanced], full=few, why=too_short),
        *judge(name, covered.instruments, INSTRUMENTS[balanced], full=full, why=lambda *_: ""),
        *judge(name, covered.pipeline, PIPELINE, full=few, why=lambda *_: ""),
    ]


def too_short(band: Band, draws: Draws, value: float) -> str:
    """Said of a bootstrap of few clusters that covers too rarely."""
    if value >= band.low:
        return ""
    other = rate(draws, band.key.replace("percentile", "sobel"))
    return (
        f"a bootstrap of {mc.PROVINCES} clusters is too short where few carry the information: the same estimates +/- "
        f"t({ci.FEW}) times Sobel's error from CR3 cover {other:.4f}"
    )


def same_null(covered: Covered) -> int:
    """In how many draws the Anderson-Rubin set covers where CR1's test of the instrument rejects, or the reverse."""
    n = len(covered.instruments["AR strong covers"])
    accepted = covered.tests["CR1 linear"][:n] > 1 - ci.LEVEL
    return int((accepted != (covered.instruments["AR strong covers"] == 1)).sum())


def sections(covered: Sequence[Covered]) -> Mapping[str, str]:
    """The three tables by name."""
    names = [c.design.name.split(",")[0] for c in covered]
    apart, draws = (sum(f(c) for c in covered) for f in (same_null, lambda c: len(c.instruments["AR strong covers"])))
    return {
        "mediation": _mediation(covered, names),
        "instruments": _instruments(covered, names),
        "pipeline": _pipeline(covered, names),
        "same_null": f"{apart:,} of {draws:,}",
    }


def _mediation(covered: Sequence[Covered], names: Sequence[str]) -> str:
    kinds = {"percentile": "percentile", "bca": "BCa", "sobel": "Sobel, CR3"}
    rows = []
    for name in ci.B:
        for place in ci.PLACES:
            key = f"indirect {name} {place}"
            cells = [rate(c.mediation, f"{key} {kind} covers") for c in covered for kind in kinds]
            z = [float(c.mediation[f"{key} z"].mean()) for c in covered]
            rows.append([f"{name} {place}", *(f"{v:.3f}" for v in cells), *(f"{v:.1f}" for v in z)])
    head = ["", *(f"{n}: {k}" for n in names for k in kinds.values()), *(f"{n}: average z" for n in names)]
    return table(head, rows)


def _instruments(covered: Sequence[Covered], names: Sequence[str]) -> str:
    def share(key: str) -> list[float]:
        return [rate(c.instruments, key) for c in covered]

    lines = {
        "the set covers, strong instrument": share("AR strong covers"),
        "the set covers, weak instrument": share("AR weak covers"),
        "the set on the cluster jackknife (CR3) covers, strong": share("AR strong CR3 covers"),
        "the set on the cluster jackknife (CR3) covers, weak": share("AR weak CR3 covers"),
        "the set on the wild bootstrap (WCR) covers, strong": share("AR strong WCR covers"),
        "the set on the wild bootstrap (WCR) covers, weak": share("AR weak WCR covers"),
        "2SLS +/- t(G - 1) by CR3 covers, strong": share("strong 2SLS covers"),
        "2SLS +/- t(G - 1) by CR3 covers, weak": share("weak 2SLS covers"),
        "the set is an interval, strong": share("AR strong bounded"),
        "the set is an interval, weak": share("AR weak bounded"),
        "x and its square: the joint region covers": share("AR joint covers"),
        "x and its square: the projected set of the slope covers": share("AR projected covers"),
        "x and its square: CR3 accepts the joint null": share("AR joint CR3 covers"),
        "x and its square: WCR accepts the joint null": share("AR joint WCR covers"),
    }
    rows = [[name, *(f"{v:.4f}" for v in values)] for name, values in lines.items()]
    for strength in ci.STRENGTHS:
        medians = [float(np.median(c.instruments[f"{strength} first-stage F"])) for c in covered]
        rows.append([f"first-stage F, median, {strength}", *(f"{v:.1f}" for v in medians)])
    return table(["", *names], rows)


def _pipeline(covered: Sequence[Covered], names: Sequence[str]) -> str:
    numbers = {
        "slope as measured (target)": [c.target for c in covered],
        "estimates: mean": [float(c.estimates["estimate"].mean()) for c in covered],
        "estimates: s.d. over samples": [float(c.estimates["estimate"].std(ddof=1)) for c in covered],
        "bootstrap: mean of its draws": [float(c.estimates["mean"].mean()) for c in covered],
        "bootstrap: error, average": [float(c.estimates["error"].mean()) for c in covered],
        "provinces only: error, average": [float(c.estimates["error by provinces"].mean()) for c in covered],
    }
    kinds = {
        "pipeline": "interval covers",
        "percentile interval": "percentiles cover",
        "provinces only": "provinces only",
    }
    for truth in ("slope as measured", "structural slope"):
        for kind, name in kinds.items():
            numbers[f"{truth}: {name}"] = [rate(c.pipeline, f"{kind} covers {truth}") for c in covered]
    return table(["", *names], [[k, *(f"{v:.3f}" for v in values)] for k, values in numbers.items()])
