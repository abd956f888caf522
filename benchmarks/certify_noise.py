"""Coverage of 95% intervals on an index with sampling error, where the true curve is a parabola.

Run: python benchmarks/certify_noise.py [docs/certification.md] [--draws 40] [--batch 20] [--part 0/2] [--only-page]
Without a page a reduced form (2 draws of each economy) goes to the terminal.
Finished batches are kept in build/certify and used again as long as the estimation code and the simulation are the
same, so a run that was ended goes on where it stopped. With a page, its section on noise is written again, and so are
the numbers that reports quote (src/integrade/subjects/noise/noise_coverage.json) and the figure
(docs/images/noise.svg). ``--part 0/2`` simulates every second economy and writes nothing; ``--only-page`` uses what is
there.

The economies are those of tests/other_economy.py, which shares no code with the program. Firms of a region are one row
with their number as weight: without firm-level regressors, coefficients and CR3 of that row are those of the firms.
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
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported
os.environ.setdefault("POLARS_MAX_THREADS", "1")

import numpy as np
import polars as pl

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import other_economy as economies  # noqa: E402
from integrade.errors import NotIdentified  # noqa: E402
from integrade.estimate.contrasts import combination  # noqa: E402
from integrade.estimate.inverted_u import UTest, u_test  # noqa: E402
from integrade.estimate.linear import Fit  # noqa: E402
from integrade.estimate.results import FitResult  # noqa: E402
from integrade.integration.options import RelativePrice  # noqa: E402
from integrade.subjects.inference.clusters import cluster_report  # noqa: E402
from integrade.subjects.noise.corrected import CorrectedOptions, correct  # noqa: E402
from integrade.subjects.noise.halves import Halves, halves_of  # noqa: E402
from integrade.subjects.noise.simex import SimexOptions, simex  # noqa: E402

KEEP = ROOT / "build" / "certify"
PRINTING = ("verdict", "tables", "question")
"""Files of the subject that compute nothing."""
QUOTED = ROOT / "src" / "integrade" / "subjects" / "noise" / "noise_coverage.json"
FIGURE = ROOT / "docs" / "images" / "noise.svg"
TEXT = Path(__file__).with_name("certification_noise.txt")
FORMULA = "y ~ market + market^2 | region + year"
HOW = Fit(cluster="region", vcov="CR3", weights="firms")
INDEX = RelativePrice(basis="link")  # a sample of far prices may not show its basis
FULL, REDUCED = 40, 2
SPLITS = 20
SIMEX_DRAWS, SIMEX_SAMPLES = 40, 40
CLUSTER_SAMPLES = 20
CURVES = (-0.1, -0.25, -0.6)
MIDDLE = (-0.25, "equal")
"""The curve and the regions for which SIMEX is drawn and a mediator is tested."""
FIRMS, NOISE = 6, 0.6
PLACES = (10, 50, 90)
QUANTITIES = ("p10", "p50", "p90", "move", "turning")
WAYS = ("none", "halves", "simex_goods")
NAMES = {"none": "as printed", "halves": "halves of goods", "simex_goods": "SIMEX, goods"}
NETS = (0.2, 0.4, 0.6, 0.8)
SPREADS = {
    ("normal", 5): (1.1, 0.53, 0.32, 0.18),
    ("normal", 10): (0.72, 0.34, 0.2, 0.11),
    ("normal", 20): (0.39, 0.215, 0.135, 0.072),
    ("normal", 40): (0.275, 0.155, 0.097, 0.044),
    ("t5", 5): (1.2, 0.8, 0.455, 0.24),
    ("t5", 10): (0.98, 0.495, 0.285, 0.16),
    ("t5", 20): (0.62, 0.34, 0.215, 0.13),
    ("t5", 40): (0.49, 0.275, 0.17, 0.093),
}
"""Innovations of log distances for which the net share of noise is near `NETS` (found by trial; 5 draws of each)."""


@dataclass(frozen=True)
class Economy:
    """Prices of one kind: number of goods, tails of price changes, their shared part, and the target share of noise.

    With ``tails`` ``added normal`` or ``added t5`` there are no prices: the error of the index is the mean over goods
    of independent draws, so that it does not come from the logarithm of a variance.
    """

    goods: int
    tails: str
    shared: float
    net: float

    @property
    def name(self) -> str:
        return f"noise {self.goods} goods {self.tails} {self.shared:g} shared {self.net:g} net"

    @property
    def added(self) -> bool:
        return self.tails.startswith("added")


ECONOMIES = tuple(
    Economy(goods, tails, shared, net)
    for net in NETS
    for goods, tails, shared in (
        *product((5, 10, 20, 40), ("normal", "t5"), (0.0,)),
        *((goods, "normal", 0.3) for goods in (10, 20)),
        *((10, f"added {tails}", 0.0) for tails in ("normal", "t5")),
    )
)


def designs_of(economy: Economy) -> tuple[tuple[float, str], ...]:
    """Curves and sizes of regions: every curve with equal regions, the middle one also with skewed ones."""
    skewed = ((MIDDLE[0], "skewed"),) if not economy.shared else ()
    return (*((curve, "equal") for curve in CURVES), *skewed)


class Sample(NamedTuple):
    """One economy: halves of the goods, the prices, the true and the measured index (R, T), standardised by the truth.

    The measured index has the mean of the true one: ``offset`` and ``sd`` take ``measured`` to the program's index.
    """

    halves: Halves
    prices: pl.DataFrame | None
    true: economies.Vector
    measured: economies.Vector
    offset: float
    sd: float


def sample(economy: Economy, number: int) -> Sample:
    """Draw the prices of one economy."""
    random = np.random.default_rng([number, *economy.name.encode()])
    tails = economy.tails.removeprefix("added ")
    spread = 0.3 if economy.added else SPREADS[tails, economy.goods][NETS.index(economy.net)]
    like: dict[str, Any] = {"goods": economy.goods, "tails": tails, "shared": economy.shared, "spread": spread}
    design = economies.Design(**like)
    drawn = economies.distances(design, random)
    true = economies.limit(design, drawn)
    if economy.added:
        prices, halves = None, _added(economy, true, random)
    else:
        prices = economies.price_table(economies.price_changes(design, random, drawn, economy.goods))
        halves = halves_of(prices, INDEX, SPLITS, number)
    measured, centre, sd = halves.whole.T, float(true.mean()), float(true.std())
    offset = float(measured.mean())
    return Sample(halves, prices, (true - centre) / sd, (measured - offset) / sd, offset, sd)


def _added(economy: Economy, true: economies.Vector, random: np.random.Generator) -> Halves:
    """Halves of an index that is the true one plus the mean over goods of independent errors."""
    shape = (economy.goods, *true.T.shape)
    u = random.normal(size=shape) if economy.tails == "added normal" else random.standard_t(5, shape)
    noise = within(u.mean(axis=0).T).var()
    u *= math.sqrt(economy.net / (1 - economy.net) * within(true).var() / noise)
    pairs = []
    for _ in range(SPLITS):
        order = random.permutation(economy.goods)
        pairs.append([u[order[: economy.goods // 2]].mean(axis=0), u[order[economy.goods // 2 :]].mean(axis=0)])
    whole, halves = true.T + u.mean(axis=0), true.T + np.array(pairs)
    halves += whole.mean() - halves.mean(axis=(2, 3), keepdims=True)
    n, years = true.shape
    names = tuple(f"R{i:02d}" for i in range(n))
    return Halves(names, tuple(range(economies.FIRST_YEAR, economies.FIRST_YEAR + years)), whole, halves, economy.goods)


def within(x: economies.Vector) -> economies.Vector:
    """Return values (R, T) less the means of their region and year."""
    return np.asarray(x - x.mean(axis=0) - x.mean(axis=1, keepdims=True) + x.mean())


Interval = tuple[float, float, float]  # estimate, low, high; for turning points covered and informative (1 or 0)


def outcomes(economy: Economy, number: int) -> dict[str, Any]:
    """One economy: shares of noise, tails, effective clusters, and the error and interval of every way.

    Keys of ``found`` are way, curve and regions, then the quantity. Errors and intervals are less the truth.
    """
    made = sample(economy, number)
    random = np.random.default_rng([number, 2, *economy.name.encode()])
    shape = made.true.shape
    shock = economies.persistent(random, shape, 0.7, 0.15)
    mediator = 0.5 * made.true + economies.persistent(random, shape, 0.7, 0.4)
    error = NOISE * random.normal(size=shape)
    firms = {"equal": np.full(shape[0], FIRMS)}
    firms["skewed"] = np.round(3 + 3 * np.exp(1.1 * random.normal(size=shape[0])))
    net = float((within(made.measured - made.true) ** 2).sum() / (within(made.measured) ** 2).sum())
    kept: dict[str, Any] = {"net": net, "tails": made.halves.tails, "found": {}, "clusters": {}, "bend": {}}
    for curve, regions in designs_of(economy):
        y = made.true + curve * made.true**2 + shock + error / np.sqrt(firms[regions])[:, None]
        panel = _panel(made, y, mediator, firms[regions])
        options = CorrectedOptions(fit=HOW)
        result = correct(made.halves, panel, FORMULA, options)
        key = f"{curve:g} {regions}"
        kept["bend"][key] = _bend(made, curve)
        kept["found"][f"none {key}"] = _of_fit(result.naive, made, curve)
        kept["found"][f"halves {key}"] = _of_fit(result.fit, made, curve) if result.identified else None
        if curve == MIDDLE[0] and number < CLUSTER_SAMPLES:
            report = cluster_report(panel, FORMULA, options=HOW)
            kept["clusters"][regions] = next(t.g_star for t in report.terms if t.term == "market^2")
        if (curve, regions) == MIDDLE:
            kept["estimated"] = result.noise_share
            with_mediator = correct(made.halves, panel, FORMULA.replace(" |", " + m |"), options)
            kept["mediator"] = [
                with_mediator.naive["m"].p_value,
                with_mediator.fit["m"].p_value if with_mediator.identified else None,
            ]
            if made.prices is not None and number < SIMEX_SAMPLES:
                kept["found"][f"simex_goods {key}"], kept["simex"] = _of_simex(made, panel, curve, number)
    return kept


def _of_simex(
    made: Sample, panel: pl.DataFrame, curve: float, number: int
) -> tuple[dict[str, Interval] | None, float | None]:
    chosen = SimexOptions(draws=SIMEX_DRAWS, errors="goods", seed=number, index=INDEX, fit=HOW)
    try:
        result = simex(made.prices, panel, FORMULA, chosen)
    except NotIdentified:
        return None, None
    return _of_fit(result.corrected, made, curve), result.noise_share


def _panel(made: Sample, y: economies.Vector, mediator: economies.Vector, firms: economies.Vector) -> pl.DataFrame:
    i, t = np.indices(y.shape).reshape(2, -1)
    return pl.DataFrame(
        {
            "region": np.array(made.halves.regions)[i],
            "year": economies.FIRST_YEAR + t,
            "market": made.halves.whole.T.ravel(),
            "y": y.ravel(),
            "m": mediator.ravel(),
            "firms": firms[i],
        }
    )


def _slope(curve: float, z: float) -> float:
    return 1 + 2 * curve * z


def _bend(made: Sample, curve: float) -> float:
    """|s10 - s90| / (|s10| + |s90|), s the true slope at p10 and p90 of the measured index."""
    low, high = (_slope(curve, float(np.quantile(made.measured, p / 100))) for p in (10, 90))
    return abs(low - high) / (abs(low) + abs(high))


def _of_fit(fit: FitResult, made: Sample, curve: float) -> dict[str, Interval]:
    def index(z: float) -> float:
        return made.offset + made.sd * z

    def z_at(percent: float) -> float:
        return float(np.quantile(made.measured, percent / 100))

    asked = {f"p{p}": (1.0, 2 * index(z_at(p)), _slope(curve, z_at(p)) / made.sd) for p in PLACES}
    a, b = z_at(25), z_at(75)
    change = (b - a) + curve * (b * b - a * a)
    asked["move"] = (index(b) - index(a), index(b) ** 2 - index(a) ** 2, change)
    found = {}
    for name, (g1, g2, truth) in asked.items():
        c = combination(fit, {"market": g1, "market^2": g2}, name)
        found[name] = (c.estimate / truth, (c.conf_low - truth) / abs(truth), (c.conf_high - truth) / abs(truth))
    low, high = (float(np.quantile(made.halves.whole, p / 100)) for p in (0, 100))
    test = u_test(fit, "market", low=low, high=high)
    turn = index(-1 / (2 * curve))
    informative = test.fieller_kind != "line"
    found["turning"] = ((test.turning_point - turn) / made.sd, float(_covers(test, turn)), float(informative))
    return found


def _covers(test: UTest, turn: float) -> bool:
    """Whether Fieller's set holds the turning point."""
    if test.fieller_low is None or test.fieller_high is None:
        return True
    inside = test.fieller_low <= turn <= test.fieller_high
    return inside if test.fieller_kind == "interval" else not inside


# ---- batches that are kept


@functools.cache
def fingerprint() -> str:
    """Of the code of measurement error and of this simulation, whatever its comments say."""
    folder = ROOT / "src" / "integrade" / "subjects" / "noise"
    files = [f for f in sorted(folder.glob("*.py")) if f.stem not in PRINTING]
    trees = [ast.parse(f.read_text(encoding="utf-8")) for f in (*files, Path(economies.__file__))]
    own = ast.parse(Path(__file__).read_text(encoding="utf-8"))
    parts = [ast.dump(_without_words(tree)) for tree in trees]
    parts += [ast.dump(n) for n in _without_words(own).body if isinstance(n, ast.FunctionDef) and n.name in SIMULATED]
    constants = (FORMULA, SPLITS, SIMEX_DRAWS, SIMEX_SAMPLES, CURVES, MIDDLE, FIRMS, NOISE, SPREADS)
    return hashlib.sha256(repr((parts, constants)).encode()).hexdigest()[:12]


SIMULATED = (
    *("designs_of", "sample", "_added", "within", "outcomes", "_of_simex", "_panel", "_slope", "_bend"),
    *("_of_fit", "_covers"),
)


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


Draws = list[dict[str, Any]]


def run(economy: Economy, draws: int, batch: int, keep: Path, *, only_kept: bool = False) -> Draws:
    """All draws of an economy, batch by batch; with ``only_kept`` those of finished batches."""
    found: Draws = []
    for start in range(0, draws, batch):
        numbers = range(start, min(start + batch, draws))
        name = f"{economy.name} {fingerprint()} {start} {len(numbers)}".replace(" ", "-")
        file = keep / f"{name}.json"
        if file.exists():
            found += json.loads(file.read_text())
        elif not only_kept:
            began = time.process_time()
            drawn = [outcomes(economy, n) for n in numbers]
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            part.write_text(json.dumps(drawn))
            part.replace(file)
            found += drawn
            seconds = f"{time.process_time() - began:.0f} s"
            print(f"{economy.name}: {numbers.start}-{numbers.stop - 1}, {seconds}", flush=True)
    return found


# ---- the page


class Shares(NamedTuple):
    """Coverage of one way: ``draws`` of ``asked`` samples had an interval; the turning point where it is placed."""

    asked: int
    draws: int
    p10: float
    p50: float
    p90: float
    move: float
    turning: float
    uninformative: float

    @property
    def slopes(self) -> float:
        """The smallest of the three."""
        return min(self.p10, self.p50, self.p90)


def shares(drawn: Draws, keys: Sequence[str]) -> Shares | None:
    """Coverage over samples and keys (way, curve, regions); None where nothing was simulated.

    A set for the turning point that is the whole line is uninformative and counted by itself.
    """
    asked = [d["found"][key] for d in drawn for key in keys if key in d["found"]]
    rows = [found for found in asked if found is not None]
    if not rows:
        return None
    held = [float(np.mean([low <= 0 <= high for _, low, high in (r[q] for r in rows)])) for q in QUANTITIES[:4]]
    placed = [r["turning"][1] > 0 for r in rows if r["turning"][2] > 0]
    turning = float(np.mean(placed)) if placed else float("nan")
    p10, p50, p90, move = held
    return Shares(len(asked), len(rows), p10, p50, p90, move, turning, 1 - len(placed) / len(rows))


def rejected(drawn: Draws, place: int) -> float:
    """Share of samples in which a mediator without effect is significant at 5%: as printed (0) or corrected (1)."""
    return float(np.mean([(d["mediator"][place] or 1.0) < 0.05 for d in drawn]))


def mean(drawn: Draws, name: str) -> float:
    """Mean over samples of what all or some of them have."""
    return float(np.mean([d[name] for d in drawn if d.get(name) is not None]))


def _table(head: Sequence[str], rows: Iterator[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _rate(value: float | None) -> str:
    return "" if value is None or math.isnan(value) else f"{value:.3f}"


def _of_way(drawn: Draws, way: str, keys: Sequence[str]) -> Iterator[str]:
    found = shares(drawn, [f"{way} {key}" for key in keys])
    if found is None:
        yield from [""] * 4
        return
    yield from map(_rate, (found.move, found.slopes, found.turning, found.uninformative))


def _key(curve: float, regions: str) -> str:
    return f"{curve:g} {regions}"


def _over_noise(found: Mapping[Economy, Draws]) -> Iterator[Sequence[str]]:
    """By share of noise and way: economies with prices, the middle curve, equal regions."""
    for net in NETS:
        drawn = [d for e, draws in found.items() if e.net == net and not e.added for d in draws]
        for way in WAYS if drawn else ():
            mine = shares(drawn, [f"{way} {_key(*MIDDLE)}"])
            tested = {"none": 0, "halves": 1}
            yield [
                f"{mean(drawn, 'net'):.2f}",
                NAMES[way],
                "" if mine is None else f"{mine.draws:,}",
                *_of_way(drawn, way, [_key(*MIDDLE)]),
                _rate(rejected(drawn, tested[way])) if way in tested else "",
                "" if mine is None else _rate(1 - mine.draws / mine.asked),
            ]


def in_order(economy: Economy) -> tuple[bool, int, str, float]:
    """The order of the page's table; economies that differ in noise alone keep theirs."""
    return (economy.added, economy.goods, economy.tails, economy.shared)


def _by_goods(found: Mapping[Economy, Draws]) -> Iterator[Sequence[str]]:
    """Every economy: coverage of the move and false mediators, the middle curve, equal regions."""
    for e, drawn in sorted(found.items(), key=lambda item: in_order(item[0])):
        moves = [shares(drawn, [f"{way} {_key(*MIDDLE)}"]) for way in WAYS]
        lost = moves[1]
        yield [
            str(e.goods),
            e.tails,
            f"{e.shared:g}",
            f"{mean(drawn, 'net'):.2f}",
            f"{mean(drawn, 'estimated'):.2f}",
            "" if e.added else f"{mean(drawn, 'tails'):.2f}",
            *(_rate(None if m is None else m.move) for m in moves),
            _rate(rejected(drawn, 0)),
            _rate(rejected(drawn, 1)),
            _rate(1.0 if lost is None else 1 - lost.draws / lost.asked),
        ]


def _by_curve(found: Mapping[Economy, Draws]) -> Iterator[Sequence[str]]:
    """By curve and sizes of regions: economies with prices and without a shared part."""
    drawn = [d for e, draws in found.items() if not e.added and not e.shared for d in draws]
    for curve, regions in (*((c, "equal") for c in CURVES), (MIDDLE[0], "skewed")):
        key = _key(curve, regions)
        bend = np.mean([d["bend"][key] for d in drawn])
        clusters = np.mean([d["clusters"][regions] for d in drawn if d["clusters"]])
        for way in WAYS[:2]:
            yield [f"{curve:g}", f"{bend:.2f}", regions, f"{clusters:.1f}", NAMES[way], *_of_way(drawn, way, [key])]


OVER_NOISE = (
    "noise",
    "",
    "samples",
    "p25 to p75",
    "slopes",
    "turning point",
    "whole line",
    "false mediator",
    "no interval",
)
BY_CURVE = ("b", "bend", "regions", "effective clusters", "", "p25 to p75", "slopes", "turning point", "whole line")
BY_GOODS = (
    *("goods", "price changes", "shared", "noise", "estimated", "tails"),
    *(f"p25 to p75: {NAMES[way]}" for way in WAYS),
    *("false mediator: as printed", "halves", "halves: no interval"),
)


def section(found: Mapping[Economy, Draws]) -> str:
    """The page's section on noise in the index."""
    fewest = min(len(drawn) for drawn in found.values())
    return TEXT.read_text(encoding="utf-8").format(
        splits=SPLITS,
        simex=SIMEX_DRAWS,
        samples=min(SIMEX_SAMPLES, fewest),
        draws=fewest,
        code=fingerprint(),
        firms=FIRMS,
        curves=", ".join(f"{c:g}" for c in CURVES),
        middle=f"{MIDDLE[0]:g}",
        error=f"{math.sqrt(0.05 * 0.95 / fewest):.3f}",
        over_noise=_table(OVER_NOISE, _over_noise(found)),
        by_curve=_table(BY_CURVE, _by_curve(found)),
        by_goods=_table(BY_GOODS, _by_goods(found)),
    )


COLUMNS = (
    *("way", "design", "economy", "goods", "net", "tails", "clusters", "bend", "draws"),
    *("p10", "p50", "p90", "move", "turning", "uninformative"),
)


def quoted(found: Mapping[Economy, Draws]) -> dict[str, Any]:
    """Coverage by way and design, for the sentences of reports: the share of noise is the one that halves estimate."""
    rows, design = [], 0
    with_prices = [(e, drawn) for e, drawn in found.items() if not e.added]
    for number, (economy, drawn) in enumerate(with_prices):
        for curve, regions in designs_of(economy):
            clusters = np.mean([d["clusters"][regions] for d in drawn if d["clusters"]])
            bend = np.mean([d["bend"][_key(curve, regions)] for d in drawn])
            like = (mean(drawn, "estimated"), mean(drawn, "tails"), float(clusters), float(bend))
            for way in WAYS:
                mine = shares(drawn, [f"{way} {_key(curve, regions)}"])
                if mine is None or mine.draws < FEWEST or math.isnan(mine.turning):
                    continue
                rates = (mine.p10, mine.p50, mine.p90, mine.move, mine.turning, mine.uninformative)
                at = [round(x, 3) for x in like]
                rows.append([way, design, number, economy.goods, *at, mine.draws, *(round(x, 3) for x in rates)])
            design += 1
    return {"columns": list(COLUMNS), "rows": rows}


FEWEST = 10
"""Fewest samples with an interval for which a design is written down."""


def as_json(table: Mapping[str, Any]) -> str:
    """The table with a line for each row."""
    rows = ",\n".join(json.dumps(row) for row in table["rows"])
    return f'{{"columns": {json.dumps(table["columns"])},\n"rows": [\n{rows}\n]}}\n'


def picture(found: Mapping[Economy, Draws]) -> str:
    """Two panels over the share of noise (SVG): coverage of the move, and false rejections of a mediator."""
    coverage: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS}
    errors: dict[str, list[tuple[float, float]]] = {way: [] for way in WAYS[:2]}
    for net in NETS:
        drawn = [d for e, draws in found.items() if e.net == net and not e.added for d in draws]
        if not drawn:
            continue
        at = mean(drawn, "net")
        for place, way in enumerate(WAYS):
            mine = shares(drawn, [f"{way} {_key(*MIDDLE)}"])
            coverage[way] += [] if mine is None else [(at, mine.move)]
            if way in errors:
                errors[way].append((at, rejected(drawn, place)))
    panels = (
        _panel_of(40, "95% intervals that cover the effect of the move", coverage, 0.95),
        _panel_of(400, "False mediators at 5%", errors, 0.05),
    )
    keys = [
        f'<path d="M{40 + 200 * i},262h24" stroke="{COLOURS[way]}" stroke-width="2"/>'
        f'<text x="{70 + 200 * i}" y="266">{NAMES[way]}</text>'
        for i, way in enumerate(WAYS)
    ]
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 280" font-family="sans-serif" font-size="12">'
    return "\n".join([head, '<rect width="720" height="280" fill="white"/>', *panels, *keys, "</svg>\n"])


COLOURS = {"none": "#b04a3c", "halves": "#2a6f97", "simex_goods": "#8a8a2f"}


def _panel_of(left: int, title: str, lines: Mapping[str, Sequence[tuple[float, float]]], level: float) -> str:
    """One panel of 280 by 180 at ``left``: a line for each way, a broken line at the nominal level."""

    def place(x: float, y: float) -> str:
        return f"{left + 280 * x:.1f},{30 + 180 * (1 - y):.1f}"

    parts = [f'<text x="{left}" y="18" font-weight="bold">{title}</text>']
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts.append(f'<path d="M{place(0, tick)}h280" stroke="#ddd"/>')
        parts.append(f'<text x="{left - 6}" y="{34 + 180 * (1 - tick):.0f}" text-anchor="end">{tick:g}</text>')
        parts.append(f'<text x="{left + 280 * tick:.0f}" y="226" text-anchor="middle">{tick:g}</text>')
    parts.append(f'<text x="{left + 140}" y="243" text-anchor="middle">net share of noise in the index</text>')
    parts.append(f'<path d="M{place(0, level)}h280" stroke="#555" stroke-dasharray="4 3"/>')
    for way, points in lines.items():
        path = " ".join(place(*point) for point in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[way]}" stroke-width="2"/>')
    return "\n".join(parts)


def with_section(page: str, text: str) -> str:
    """The page with its section of the same heading replaced; put before the bands where there is none."""
    heading = text.partition("\n")[0]
    before, mark, after = page.partition(f"{heading}\n")
    if mark:
        rest = after.partition("\n## ")
        return f"{before}{text.rstrip()}\n{rest[1]}{rest[2]}"
    before, mark, after = page.partition("## Bands\n")
    return f"{before}{text.rstrip()}\n\n{mark}{after}"


def measured(draws: int, batch: int, keep: Path, part: tuple[int, int], *, only_kept: bool) -> dict[Economy, Draws]:
    """Round after round over the economies, so that a run that was ended has draws of each."""
    mine = [e for i, e in enumerate(ECONOMIES) if i % part[1] == part[0]]
    for upto in range(batch, draws + batch, batch) if not only_kept else ():
        for economy in mine:
            run(economy, min(upto, draws), batch, keep)
    found = {economy: run(economy, draws, batch, keep, only_kept=True) for economy in mine}
    return {economy: drawn for economy, drawn in found.items() if drawn}


def main() -> int:
    parser = argparse.ArgumentParser(description="Coverage on an index with sampling error.")
    parser.add_argument("page", nargs="?", type=Path)
    parser.add_argument("--draws", type=int)
    parser.add_argument("--batch", type=int, default=20)
    parser.add_argument("--keep", type=Path, default=KEEP)
    parser.add_argument("--part", default="0/1")
    parser.add_argument("--only-page", action="store_true")
    arguments = parser.parse_args()
    draws = arguments.draws or (FULL if arguments.page or arguments.part != "0/1" else REDUCED)
    first, parts = map(int, arguments.part.split("/"))
    batch = min(arguments.batch, draws)
    found = measured(draws, batch, arguments.keep, (first, parts), only_kept=arguments.only_page)
    if not found:
        print("no finished batch", file=sys.stderr)
        return 1
    if parts > 1:
        return 0
    text = section(found)
    if arguments.page is None:
        print(text)
        return 0
    arguments.page.write_text(with_section(arguments.page.read_text(encoding="utf-8"), text), encoding="utf-8")
    QUOTED.write_text(as_json(quoted(found)), encoding="utf-8")
    FIGURE.write_text(picture(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
