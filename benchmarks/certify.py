"""Certification: NIST's linear sets, the size of every test and the coverage of every interval, written as a page.

Run: python benchmarks/certify.py docs/certification.md [--draws 2000] [--seed 20240101] [--date 2025-01-31]
Without a file a reduced form (100 draws) goes to the terminal. Finished batches are kept in build/certify and used
again as long as neither the estimation code nor the simulation has changed. Exit code 1: a band is missed without a
reason, or a set has too few digits.
"""

from __future__ import annotations

import argparse
import datetime
import functools
import hashlib
import importlib.metadata
import json
import math
import platform
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import certify_intervals as ci
import intervals
import monte_carlo as mc
import nist
import numpy as np
from bands import LEVEL, Band, Draws, Finding, band_section, judge, rate, table
from scipy import special

ROOT = Path(__file__).parents[1]
PAGE = Path(__file__).with_name("certification.txt")
KEEP = ROOT / "build" / "certify"
IMPORTED = tuple(
    Path(str(module.__file__))
    for name, module in sorted(sys.modules.items())
    if name.startswith(("integrade.regress", "integrade.integration", "integrade.subjects"))
)
DESIGNS = (mc.balanced(40), mc.balanced(400), mc.skewed(40), mc.skewed(400))
FULL, BATCH = 2000, 250
FEW = mc.PROVINCES - 1
KINDS = ("iid", "firm", "CR1", "CR2", "CR3", "WCR")


BALANCED = (
    Band("iid linear", 0.15, 1, shown=True),
    Band("firm linear", 0.15, 1, shown=True),
    Band("CR1 linear", 0.04, 0.08),
    Band("CR1 square", 0.065, 1, shown=True),
    Band("CR1 joint", 0.065, 1, shown=True),
    *(Band(f"{kind} {test}", 0.035, 0.065) for kind in ("CR3", "WCR") for test in ("linear", "square", "joint")),
    *(Band(f"{kind} U none", 0, 0.06) for kind in ("CR1", "CR3")),
    *(Band(f"{kind} U edge", 0, 0.085) for kind in ("CR1", "CR3")),
    *(Band(f"{kind} Fieller strong", 0.92, 0.97) for kind in ("CR1", "CR3")),
)
SKEWED = (
    *(Band(f"CR1 {test}", 0.1, 1, shown=True) for test in ("linear", "square", "joint")),
    *(Band(f"CR3 {test}", 0.035, 0.075) for test in ("linear", "square")),
    Band("CR3 joint", 0.075, 1, shown=True),
    *(Band(f"WCR {test}", 0, 0.1) for test in ("linear", "square", "joint")),
    Band("CR1 U edge", 0.085, 1, shown=True),
    Band("CR3 U none", 0, 0.06),
    Band("CR3 U edge", 0, 0.085),
    Band("CR1 Fieller strong", 0, 0.92, shown=True),
    Band("CR3 Fieller strong", 0.92, 0.97),
)


def bands(design: mc.Design) -> tuple[Band, ...]:
    return BALANCED if len(set(design.firms)) == 1 else SKEWED


def reason(band: Band, draws: Draws, value: float) -> str:
    """Why a test rejects more often than its band allows, where that is known; empty otherwise."""
    test = band.key.removeprefix("CR3 ")
    if value < band.low or test not in ("linear", "square", "joint"):
        return ""
    df = float(satterthwaite_df(draws, test).mean())
    return (
        f"few provinces carry the information, so G - 1 = {FEW} degrees of freedom are too many: the same "
        f"statistics with Satterthwaite's ({df:.1f} on average) reject {satterthwaite_rate(draws, test):.4f}"
    )


def satterthwaite_df(draws: Draws, test: str) -> np.ndarray:
    """CR2's degrees of freedom of each draw; for both terms the smaller."""
    return np.minimum(draws["df linear"], draws["df square"]) if test == "joint" else draws[f"df {test}"]


def satterthwaite_rate(draws: Draws, test: str) -> float:
    """Rejections of CR3's statistics against t or F with Satterthwaite's degrees of freedom instead of G - 1."""
    p, df = draws[f"CR3 {test}"], satterthwaite_df(draws, test)
    if test == "joint":
        again = special.fdtrc(2, df, special.fdtri(2, FEW, 1 - p))
    else:
        again = 2 * special.stdtr(df, special.stdtrit(FEW, p / 2))
    return float(np.mean(again <= LEVEL))


@functools.cache
def fingerprint(kind: str) -> str:
    """Of the code that the draws depend on: those of the tests, or those of the intervals."""
    source = ROOT / "src" / "integrade"
    if kind == "tests":
        shape = source / "estimate" / "inverted_u.py"
        tails = ROOT / "src" / "tablecheck" / "students.py"
        files = [*sorted((source / "regress").glob("*.py")), tails, shape, Path(mc.__file__)]
    else:
        files = [*IMPORTED, Path(mc.__file__), Path(intervals.__file__)]
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:12]


def run(name: str, series: ci.Series, draws: int, keep: Path) -> Draws:
    """All draws of one kind, batch by batch; ``name`` says all that they depend on."""
    found: dict[str, list[float]] = {}
    for start in range(0, draws, BATCH):
        numbers = range(start, min(start + BATCH, draws))
        file = "".join(c if c.isalnum() else "-" for c in f"{name} {start} {len(numbers)}")
        for key, values in _batch(name, series, numbers, keep / f"{file}.json").items():
            found.setdefault(key, []).extend(values)
    return {key: np.array(values) for key, values in found.items()}


def _batch(name: str, series: ci.Series, numbers: range, file: Path) -> dict[str, list[float]]:
    if file.exists():
        stored: dict[str, list[float]] = json.loads(file.read_text())
        return stored
    started = time.perf_counter()
    batch = series(numbers)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(batch))
    part.replace(file)
    say(f"{name}: draws {numbers.start}-{numbers.stop - 1} in {time.perf_counter() - started:.0f} s")
    return batch


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def nist_section() -> tuple[str, bool]:
    rows, good = [], True
    for problem in nist.problems():
        d = nist.measure(problem)
        passed = min(d.refined, d.formula, d.std_error) >= d.required
        good = good and passed
        numbers = [d.plain, d.refined, d.formula, d.std_error, d.attainable]
        condition = [f"{d.condition:.1e}", f"{d.scaled_condition:.1e}"]
        digits = ["exact is 0" if math.isinf(v) else f"{v:.1f}" for v in numbers]
        rows.append([d.name, *condition, *digits, f"{d.required:.0f}", "pass" if passed else "fail"])
    absent = sorted({"Filip", "Longley"} - {r[0] for r in rows})
    head = [
        "set",
        "condition",
        "unit columns",
        "plain QR",
        "least_squares",
        "fit",
        "fit, errors",
        "attainable",
        "required",
        "",
    ]
    note = f"\n\nNot run, their data are not here: {', '.join(absent)}." if absent else ""
    return table(head, rows) + note, good


def size_section(design: mc.Design, draws: Draws) -> str:
    rows = []
    for test, name in (("linear", "x alone, t"), ("square", "square, t"), ("joint", "x and its square, F")):
        numbers = [*(rate(draws, f"{kind} {test}") for kind in KINDS), satterthwaite_rate(draws, test)]
        rows.append([name, *(f"{v:.4f}" for v in numbers)])
    df = ", ".join(f"{float(draws[f'df {test}'].mean()):.1f} ({test})" for test in ("linear", "square"))
    head = ["", "iid", "by firm", "CR1", "CR2", "CR3", "WCR", "CR3, Satterthwaite"]
    body = table(head, rows)
    return (
        f"### {design.name.capitalize()}\n\n{body}\n\nSatterthwaite degrees of freedom of CR2, average: {df}.\n\n"
        + (_u_table(draws))
    )


def _u_table(draws: Draws) -> str:
    lines = (
        ("U-test, no effect: called an inverted U", "U none"),
        ("U-test, no effect: called either shape", "U none, either shape"),
        ("U-test, slope zero at the largest x", "U edge"),
        ("Fieller covers the turning point", "Fieller strong"),
        ("delta interval covers the turning point, strong curvature", "delta strong"),
        ("delta interval covers the turning point, weak curvature", "delta weak"),
        ("Fieller set is a bounded interval, strong curvature", "bounded strong"),
        ("Fieller set is a bounded interval, weak curvature", "bounded weak"),
    )
    return table(
        ["", "CR1", "CR3"],
        [[name, *(f"{rate(draws, f'{kind} {key}'):.4f}" for kind in ("CR1", "CR3"))] for name, key in lines],
    )


def page(arguments: argparse.Namespace, findings: Sequence[Finding], parts: Mapping[str, str]) -> str:
    versions = (f"{name} {importlib.metadata.version(name)}" for name in ("integrade", "numpy", "scipy", "polars"))
    count = {result: sum(f.result == result for f in findings) for result in ("pass", "as shown", "outside")}
    summary = f"{count['pass']} of {count['pass'] + count['outside']} bands hold" + (
        f"; {count['outside']} do not, for the reasons in the last table" if count["outside"] else ""
    )
    summary += (
        f". {count['as shown']} further numbers show failures:\nno clusters by province; CR1, in Anderson-Rubin sets "
        "too; joint F-tests; BCa intervals where provinces differ in size."
    )
    return PAGE.read_text(encoding="utf-8").format(
        date=arguments.date,
        seed=arguments.seed,
        draws=arguments.draws,
        wild=mc.WILD_DRAWS,
        full=FULL,
        form="full form" if arguments.draws >= FULL else f"REDUCED: the full form has {FULL:,} draws",
        python=platform.python_version(),
        machine=platform.machine(),
        versions=", ".join(versions),
        code=fingerprint("tests"),
        interval_code=fingerprint("intervals"),
        **ci.settings(arguments.draws, FULL),
        summary=summary,
        provinces=mc.PROVINCES,
        years=mc.YEARS,
        persistence=mc.PERSISTENCE,
        shock=mc.SHOCK,
        df=FEW,
        boundary=mc.BOUNDARY,
        turning=mc.TURNING_POINT,
        **mc.CURVATURES,
        **parts,
    )


def certify(arguments: argparse.Namespace) -> tuple[str, bool]:
    nist_text, good = nist_section()
    say("NIST's sets: done")
    findings: list[Finding] = []
    tests, worst = {}, 0.0
    for design in DESIGNS:
        tests[design.name] = draws = sizes_of(design, arguments)
        worst = max(worst, mc.disagreement(mc.layout(design), arguments.seed, range(1)))
        findings += judge(design.name, draws, bands(design), full=FULL, why=reason)
    covered, apart = [], 0.0
    for design in ci.DESIGNS:
        found = ci.measure(design, arguments.draws, arguments.seed, run=keeping(arguments), tests=tests[design.name])
        apart = max(apart, intervals.disagreement(mc.layout(design), arguments.seed, 0))
        findings += ci.judged(found, FULL)
        covered.append(found)
    parts = {
        "nist": nist_text,
        "agreement": f"{worst:.0e}",
        "interval_agreement": f"{apart:.0e}",
        "sizes": "\n\n".join(size_section(design, tests[design.name]) for design in DESIGNS),
        "bands": band_section(findings),
        **ci.sections(covered),
    }
    good = good and max(worst, apart) < 1e-9 and all(f.reason for f in findings if f.result == "outside")
    return page(arguments, findings, parts), good


def sizes_of(design: mc.Design, arguments: argparse.Namespace) -> Draws:
    plan, seed = mc.layout(design), arguments.seed
    name = f"{design.name}, {seed}, {fingerprint('tests')}"
    return run(name, lambda numbers: mc.series(plan, seed, numbers), arguments.draws, arguments.keep)


def keeping(arguments: argparse.Namespace) -> ci.Run:
    """`run` for intervals: batches are kept by the code that made them."""
    return lambda name, series, draws: run(f"{name}, {fingerprint('intervals')}", series, draws, arguments.keep)


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the certification page.")
    parser.add_argument("output", nargs="?", type=Path)
    parser.add_argument("--draws", type=int)
    parser.add_argument("--seed", type=int, default=20240101)
    parser.add_argument("--date", default=datetime.date.today().isoformat())
    parser.add_argument("--keep", type=Path, default=KEEP)
    arguments = parser.parse_args()
    arguments.draws = arguments.draws or (FULL if arguments.output else 100)
    started = time.perf_counter()
    text, good = certify(arguments)
    if arguments.output:
        arguments.output.write_text(text, encoding="utf-8")
    else:
        print(text)
    say(f"{time.perf_counter() - started:.0f} s; " + ("certified" if good else "NOT certified"))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
