"""Coverage of 95 % intervals on an index with sampling error, where the true curve is a parabola.

Run: python benchmarks/certify_noise.py [docs/certification.md] [--draws 200] [--batch 20] [--only-page]
Without a page a reduced form (5 draws a design) goes to the terminal.
Finished batches are kept in build/certify and used again as long as the estimation code and the simulation are the
same, so a run that was ended goes on where it stopped. With a page, its section on noise is written anew, and so are
the numbers that reports quote (src/integrade/subjects/noise/noise_coverage.json). ``--only-page`` uses what is there.
"""

from __future__ import annotations

import argparse
import ast
import functools
import hashlib
import json
import math
import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported
os.environ.setdefault("POLARS_MAX_THREADS", "1")

import numpy as np
import polars as pl

import integrade as ig
from integrade.estimate.contrasts import combination
from integrade.estimate.inverted_u import UTest, percentile_of
from integrade.estimate.results import FitResult
from integrade.subjects.noise.index_draws import limit
from integrade.subjects.noise.pipeline import PipelineBootstrap

ROOT = Path(__file__).parents[1]
KEEP = ROOT / "build" / "certify"
PRINTING = ("verdict", "tables", "question")
"""Files of the subject that compute nothing."""
QUOTED = ROOT / "src" / "integrade" / "subjects" / "noise" / "noise_coverage.json"
TEXT = Path(__file__).with_name("certification_noise.txt")
REGIONS, YEARS, FIRMS = 31, 10, 3
SCALE, SPREAD, OWN_SPREAD, PERSISTENCE = 0.012, 0.35, 0.25, 0.6  # of shocks to prices
SHOCK, NOISE = 0.15, 0.3  # region-year shocks to the outcome, AR(0.6); firm-years
SLOPE = 1.0
FORMULA = "y ~ market + market^2 | firm + year"
FULL, REDUCED = 200, 5
SIMEX_DRAWS, REPLICATES = 100, 199
PLACES = (10, 50, 90)
QUANTITIES = ("p10", "p50", "p90", "move", "turning")
WAYS = ("true_index", "none", "simex_goods", "simex_independent", "oriv", "pipeline")
NAMES = {
    "true_index": "true index, CR3",
    "none": "headline, CR3",
    "simex_goods": "SIMEX, goods",
    "simex_independent": "SIMEX, independent",
    "oriv": "ORIV, CR3",
    "pipeline": "pipeline bootstrap",
}
Interval = tuple[float, float, float]  # estimate, low, high; for turning points covered (1 or 0) in the place of low


@dataclass(frozen=True)
class Design:
    """Goods of the index and curvature of the truth x + b2 x^2, x the index of infinitely many goods less its mean."""

    goods: int
    curvature: float

    @property
    def name(self) -> str:
        return f"noise {self.goods} goods {self.curvature:g}"


DESIGNS = tuple(Design(goods, curvature) for goods in (10, 40) for curvature in (-0.6, -1.5, -4.0))


@dataclass(frozen=True)
class Sample:
    """Prices and the panel with the measured index and the true one; ``centre`` is the mean of the true index."""

    prices: pl.DataFrame
    panel: pl.DataFrame
    centre: float

    def place(self, percent: float) -> float:
        """A percentile of the true index over regions and years."""
        return float(np.quantile(self.panel["true"].to_numpy(), percent / 100))


def sample(design: Design, number: int) -> Sample:
    """One economy; what is drawn depends on the goods and the number alone, so curvatures share their economies."""
    r = np.random.default_rng([number, design.goods, 12])
    log_tau = r.normal(size=REGIONS) * OWN_SPREAD + _persistent(r, SPREAD * math.sqrt(1 - PERSISTENCE**2), SPREAD)
    tau = SCALE * np.exp(log_tau)
    changes = r.normal(size=(YEARS, REGIONS, design.goods)) * tau[:, :, None]
    true = np.array([limit(t) for t in tau])
    centre = float(true.mean())
    x = true - centre
    outcome = SLOPE * x + design.curvature * x**2 + _persistent(r, SHOCK, SHOCK)
    regions = np.array([f"P{i:02d}" for i in range(REGIONS)])
    t, i, k = np.indices(changes.shape).reshape(3, -1)
    goods = np.array([f"g{n:02d}" for n in range(design.goods)])
    prices = pl.DataFrame(
        {"region": regions[i], "year": 2000 + t, "commodity": goods[k], "index": 100 * np.exp(changes).ravel()}
    )
    m, t, i = np.indices((FIRMS, YEARS, REGIONS)).reshape(3, -1)
    y = outcome[t, i] + r.normal(size=(FIRMS, REGIONS))[m, i] + 0.1 * t + NOISE * r.normal(size=len(t))
    index = ig.relative_price(prices).select("region", "year", market="integration")
    panel = pl.DataFrame(
        {"firm": m * REGIONS + i, "region": regions[i], "year": 2000 + t, "y": y, "true": true[t, i]}
    ).join(index, on=["region", "year"])
    return Sample(prices, panel.sort("firm", "year"), centre)


def _persistent(r: np.random.Generator, innovation: float, first: float) -> np.ndarray:
    """AR by region, (T, N)."""
    found = np.empty((YEARS, REGIONS))
    found[0] = r.normal(size=REGIONS) * first
    for t in range(1, YEARS):
        found[t] = PERSISTENCE * found[t - 1] + innovation * r.normal(size=REGIONS)
    return found


def intervals(design: Design, number: int) -> dict[str, dict[str, Interval]]:
    """Every way's error of estimation and interval around it, by quantity: the truth is subtracted."""
    made = sample(design, number)
    panel, clustered = made.panel, {"cluster": "region", "vcov": "CR3"}
    found = {}
    naive = ig.fit(panel, FORMULA, **clustered)
    moves = tuple(percentile_of(naive, "market", p) for p in (25, 75))
    found["none"] = _of_fit(naive, design, made, moves)
    renamed = panel.with_columns(market="true")
    found["true_index"] = _of_fit(ig.fit(renamed, FORMULA, **clustered), design, made, moves)
    for errors in ("goods", "independent"):
        corrected = ig.simex(made.prices, panel, FORMULA, draws=SIMEX_DRAWS, errors=errors, seed=number).corrected
        found[f"simex_{errors}"] = _of_fit(corrected, design, made, moves)
    halves = ig.join_instrument(panel, ig.split_goods(made.prices, seed=number))
    found["oriv"] = _of_fit(ig.oriv(halves, FORMULA, vcov="CR3").fit, design, made, moves)
    drawn = ig.pipeline_bootstrap(made.prices, panel, FORMULA, draws=REPLICATES, seed=number)
    found["pipeline"] = _of_pipeline(drawn, ig.u_test(naive, "market"), design, made)
    return found


def _truth(design: Design, made: Sample, x: float) -> float:
    return SLOPE + 2 * design.curvature * (x - made.centre)


def _of_fit(fit: FitResult, design: Design, made: Sample, moves: tuple[float, float]) -> dict[str, Interval]:
    a, b = (x - made.centre for x in moves)
    change = SLOPE * (b - a) + design.curvature * (b * b - a * a)
    asked = {f"p{p}": (1.0, 2 * made.place(p), _truth(design, made, made.place(p))) for p in PLACES}
    asked["move"] = (moves[1] - moves[0], moves[1] ** 2 - moves[0] ** 2, change)
    found = {}
    for name, (g1, g2, truth) in asked.items():
        c = combination(fit, {"market": g1, "market^2": g2}, name)
        found[name] = (c.estimate - truth, c.conf_low - truth, c.conf_high - truth)
    test = ig.u_test(fit, "market")
    turn = made.centre - SLOPE / (2 * design.curvature)
    found["turning"] = (test.turning_point - turn, float(_covers(test, turn)), float(test.fieller_kind == "interval"))
    return found


def _covers(test: UTest, turn: float) -> bool:
    """Whether Fieller's set holds the turning point."""
    if test.fieller_low is None or test.fieller_high is None:
        return True
    inside = test.fieller_low <= turn <= test.fieller_high
    return inside if test.fieller_kind == "interval" else not inside


def _of_pipeline(drawn: PipelineBootstrap, naive: UTest, design: Design, made: Sample) -> dict[str, Interval]:
    """Slopes at percentiles of the measured index, which is where the bootstrap has them."""
    at = {where: x for where, x, *_ in naive.slopes}
    found = {}
    for p in PLACES:
        q, truth = drawn[f"slope at p{p}"], _truth(design, made, at[f"p{p}"])
        found[f"p{p}"] = (q.estimate - truth, q.conf_low - truth, q.conf_high - truth)
    q, turn = drawn["turning point"], made.centre - SLOPE / (2 * design.curvature)
    found["turning"] = (q.estimate - turn, float(q.percentile_low <= turn <= q.percentile_high), 1.0)
    return found


def bend(design: Design) -> float:
    """|s10 - s90| / (|s10| + |s90|), s the true slope at p10 and p90 of the true index: the average of 20 economies."""
    found = []
    for number in range(20):
        made = sample(design, number)
        low, high = (_truth(design, made, made.place(p)) for p in (10, 90))
        found.append(abs(low - high) / (abs(low) + abs(high)))
    return float(np.mean(found))


# ---- batches that are kept


@functools.cache
def fingerprint() -> str:
    """Of the code of measurement error and of this simulation, whatever its comments say."""
    folder = ROOT / "src" / "integrade" / "subjects" / "noise"
    trees = [ast.parse(f.read_text(encoding="utf-8")) for f in sorted(folder.glob("*.py")) if f.stem not in PRINTING]
    own = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    simulated = ("sample", "_persistent", "intervals", "_truth", "_of_fit", "_covers", "_of_pipeline")
    parts = [ast.dump(_without_words(tree)) for tree in trees]
    parts += [ast.dump(n) for n in _without_words(own).body if isinstance(n, ast.FunctionDef) and n.name in simulated]
    constants = (REGIONS, YEARS, FIRMS, SCALE, SPREAD, OWN_SPREAD, PERSISTENCE, SHOCK, NOISE, SLOPE, FORMULA)
    return hashlib.sha256(repr((parts, constants, SIMEX_DRAWS, REPLICATES)).encode()).hexdigest()[:12]


def _without_words(tree: ast.Module) -> ast.Module:
    """The tree without docstrings and other bare texts."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [s for s in body if not _is_text(s)]  # type: ignore[attr-defined]
    return tree


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


Draws = list[dict[str, dict[str, Interval]]]


def run(design: Design, draws: int, batch: int, keep: Path, *, only_kept: bool = False) -> Draws:
    """All draws of a design, batch by batch; with ``only_kept`` those of finished batches."""
    found: Draws = []
    for start in range(0, draws, batch):
        numbers = range(start, min(start + batch, draws))
        name = f"{design.name} {fingerprint()} {start} {len(numbers)}".replace(" ", "-")
        file = keep / f"{name}.json"
        if file.exists():
            found += json.loads(file.read_text())
        elif not only_kept:
            began = time.perf_counter()
            drawn = [intervals(design, n) for n in numbers]
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            part.write_text(json.dumps(drawn))
            part.replace(file)
            found += drawn
            print(
                f"{design.name}: {numbers.start}-{numbers.stop - 1} in {time.perf_counter() - began:.0f} s", flush=True
            )
    return found


# ---- the page


def covered(drawn: Draws, way: str, quantity: str) -> float | None:
    """Share of draws whose interval holds the truth; nothing where the way has no such interval."""
    rows = [d[way][quantity] for d in drawn if quantity in d[way]]
    if not rows:
        return None
    if quantity == "turning":
        return float(np.mean([held > 0 for _, held, _ in rows]))
    return float(np.mean([low <= 0 <= high for _, low, high in rows]))


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _rate(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _coverage_rows(drawn: Draws) -> Iterator[Sequence[str]]:
    for way in WAYS:
        yield [NAMES[way], *(_rate(covered(drawn, way, q)) for q in QUANTITIES)]


def _size_rows(drawn: Draws) -> Iterator[Sequence[str]]:
    """Median error of estimation and median length."""
    for way in WAYS:
        cells = [NAMES[way]]
        for q in QUANTITIES:
            rows = np.array([d[way][q] for d in drawn if q in d[way]])
            if not len(rows):
                cells.append("")
                continue
            bias = f"{np.median(rows[:, 0]):+.2f}"
            cells.append(bias if q == "turning" else f"{bias} ({np.median(rows[:, 2] - rows[:, 1]):.2f})")
        yield cells


HEAD = ("", "slope at p10", "p50", "p90", "p25 to p75", "turning point")


def section(found: Mapping[Design, Draws]) -> str:
    """The page's section on noise in the index."""
    parts = []
    for design, drawn in found.items():
        title = f"### {design.goods} goods, curvature {design.curvature:g}\n\n{len(drawn)} draws. Coverage:"
        sizes = "Median error of estimation, and median length of the interval in parentheses:"
        tables = (_table(HEAD, _coverage_rows(drawn)), _table(HEAD, _size_rows(drawn)))
        parts.append(f"{title}\n\n{tables[0]}\n\n{sizes}\n\n{tables[1]}")
    fewest = min(len(drawn) for drawn in found.values())
    return TEXT.read_text(encoding="utf-8").format(
        regions=REGIONS,
        years=YEARS,
        firms=FIRMS,
        scale=SCALE,
        spread=SPREAD,
        own=OWN_SPREAD,
        persistence=PERSISTENCE,
        shock=SHOCK,
        noise=NOISE,
        slope=f"{SLOPE:g}",
        simex=SIMEX_DRAWS,
        replicates=REPLICATES,
        code=fingerprint(),
        error=f"{math.sqrt(0.05 * 0.95 / fewest):.3f}",
        designs="\n\n".join(parts),
    )


def quoted(found: Mapping[Design, Draws]) -> list[dict[str, object]]:
    """Coverage by way and design, for the sentences of reports."""
    return [
        {
            "way": way,
            "goods": design.goods,
            "curvature": design.curvature,
            "bend": round(bend(design), 2),
            "draws": len(drawn),
            **{q: round(value, 3) for q in QUANTITIES if (value := covered(drawn, way, q)) is not None},
        }
        for design, drawn in found.items()
        for way in WAYS
        if way not in ("true_index", "pipeline")
    ]


def with_section(page: str, text: str) -> str:
    """The page with its section of the same heading replaced; put before the bands where there is none."""
    heading = text.partition("\n")[0]
    before, mark, after = page.partition(f"{heading}\n")
    if mark:
        rest = after.partition("\n## ")
        return f"{before}{text.rstrip()}\n{rest[1]}{rest[2]}"
    before, mark, after = page.partition("## Bands\n")
    return f"{before}{text.rstrip()}\n\n{mark}{after}"


def measured(draws: int, batch: int, keep: Path, *, only_kept: bool) -> dict[Design, Draws]:
    """Round after round over the designs, so that a run that was ended has draws of each."""
    for upto in range(batch, draws + batch, batch) if not only_kept else ():
        for design in DESIGNS:
            run(design, min(upto, draws), batch, keep)
    found = {design: run(design, draws, batch, keep, only_kept=True) for design in DESIGNS}
    return {design: drawn for design, drawn in found.items() if drawn}


def main() -> int:
    parser = argparse.ArgumentParser(description="Coverage on an index with sampling error.")
    parser.add_argument("page", nargs="?", type=Path)
    parser.add_argument("--draws", type=int)
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--keep", type=Path, default=KEEP)
    parser.add_argument("--only-page", action="store_true")
    arguments = parser.parse_args()
    draws = arguments.draws or (FULL if arguments.page else REDUCED)
    found = measured(draws, min(arguments.batch, draws), arguments.keep, only_kept=arguments.only_page)
    if not found:
        print("no finished batch", file=sys.stderr)
        return 1
    text = section(found)
    if arguments.page is None:
        print(text)
        return 0
    arguments.page.write_text(with_section(arguments.page.read_text(encoding="utf-8"), text), encoding="utf-8")
    QUOTED.write_text(json.dumps(quoted(found), indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
