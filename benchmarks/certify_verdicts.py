"""How often each verdict is given where it is false, and where it is true: the page's section on verdicts.

Run: python benchmarks/certify_verdicts.py docs/certification.md [--draws 300] [--seed 20240101] [--only shape]
Without a file the section goes to the terminal. Each subject (`SUBJECTS`) is a function that draws one sample of one
design, judges it with the product's own rule and returns 0 or 1 by name; finished designs are kept in build/certify and
used again as long as the rule and what it rests on have not changed. Exit code 1: a false verdict of support is more
frequent than 5 % beyond what chance explains.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import os
import sys
import textwrap
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # before polars is imported: the tables are small

import numpy as np
import polars as pl
from bands import table
from scipy import special

from integrade.integration.dispersion import whole
from integrade.judge.shape import Curve, concluded, inverted_u_established, inverted_u_parts
from integrade.models.fit.fit import fit
from integrade.models.measurement_error.index_draws import limit, simulated
from integrade.models.shape.inverted_u import u_test
from integrade.models.shape.two_lines import two_lines

ROOT = Path(__file__).parents[1]
KEEP = ROOT / "build" / "certify"
SOURCE = ROOT / "src" / "integrade"
LEVEL = 0.05
REGIONS, YEARS, FIRMS, GOODS = 31, 10, 5, 10
PERSISTENCE, SHOCK, NOISE = 0.7, 0.25, 0.5
SCALE, SPREAD = 0.012, 0.43  # of tau, the s.d. of a region's price shocks: its median, the s.d. of its logarithm
WILD = 399

Vector = np.ndarray
Draw = Mapping[str, float]
Rates = dict[str, list[float]]


class Design(NamedTuple):
    """One truth: its name, what the verdict should be, and the function that judges one sample of it."""

    name: str
    false: bool  # whether support would be false
    draw: Callable[[int, int], Draw]  # seed, number


class Subject(NamedTuple):
    """One hypothesis: its heading, what the page says above its table, designs, columns, the code it rests on."""

    heading: str
    about: str
    designs: tuple[Design, ...]
    columns: tuple[tuple[str, str], ...]  # heading, name in a draw
    code: tuple[str, ...]


# ---- H1: the shape


TRUTHS: Mapping[str, Callable[[Vector], Vector]] = {
    "-0.3 exp(-1.2 z): rises ever more slowly": lambda z: -0.3 * np.exp(-1.2 * z),
    "0.8 ln(z + 5): rises almost as a line": lambda z: 0.8 * np.log(np.maximum(z + 5, 0.1)),
    "0.5 Phi(z + 1): saturates": lambda z: 0.5 * special.ndtr(z + 1),
    "0.4 min(z, 0): flat after a kink": lambda z: 0.4 * np.minimum(z, 0),
    "no effect": lambda z: 0 * z,
}
INVERTED: Mapping[str, Callable[[Vector], Vector]] = {
    "-0.25 z^2: an inverted U that turns at the mean": lambda z: -0.25 * z**2,
    "-0.12 (z + 0.4)^2: an inverted U with 65 % past its turn, as in the demo": lambda z: -0.12 * (z + 0.4) ** 2,
}


def persistent(rng: np.random.Generator, spread: float) -> Vector:
    """AR(0.7) by region with innovations of this s.d. from its stationary distribution, shape (regions, years)."""
    e = spread * rng.normal(size=(REGIONS, YEARS))
    e[:, 0] /= math.sqrt(1 - PERSISTENCE**2)
    for t in range(1, YEARS):
        e[:, t] += PERSISTENCE * e[:, t - 1]
    return e


def indices(rng: np.random.Generator) -> tuple[Vector, Vector]:
    """The true index and that of ten goods, both in standard deviations of the true one: (regions, years) each."""
    log_tau = persistent(rng, SPREAD * math.sqrt(1 - PERSISTENCE**2))
    tau = SCALE * np.exp(log_tau.T)  # (T, N)
    true = np.array([limit(t) for t in tau])
    measured = simulated(rng.normal(size=(YEARS, REGIONS, GOODS)) * tau[:, :, None], whole)[:, :, 0]
    centre, scale = true.mean(), true.std()
    return ((true - centre) / scale).T, ((measured - centre) / scale).T


def shape_draw(f: Callable[[Vector], Vector], noisy: bool) -> Callable[[int, int], Draw]:
    """One sample of a truth, judged by H1: firms of 31 regions in 10 years, f of the true index, shocks of regions."""

    def draw(seed: int, number: int) -> Draw:
        rng = np.random.default_rng([seed, number, 11])
        true, measured = indices(rng)
        shock = persistent(rng, SHOCK)
        own = rng.normal(size=(REGIONS, FIRMS, 1))
        noise = NOISE * rng.normal(size=(REGIONS, FIRMS, YEARS))
        y = own + (f(true) + shock)[:, None, :] + noise
        at = np.indices(y.shape).reshape(3, -1)
        x = np.broadcast_to((measured if noisy else true)[:, None, :], y.shape)
        panel = pl.DataFrame(
            {"firm": at[0] * FIRMS + at[1], "region": at[0], "year": 2000 + at[2], "market": x.ravel(), "y": y.ravel()}
        )
        return judged_shape(panel, "y ~ market + market^2 | firm + year", number)

    return draw


def judged_shape(panel: pl.DataFrame, formula: str, seed: int) -> Draw:
    """H1's verdict and parts; the wild bootstrap is drawn where all other parts hold: it decides nothing elsewhere."""
    plain = fit(panel, formula, cluster="region", vcov="CR3")
    lines = two_lines(panel, formula, variable="market", cluster="region", vcov="CR3")
    curve = Curve(plain, u_test(plain, "market"), lines)
    if inverted_u_established(curve):
        curve = replace(curve, fit=fit(panel, formula, cluster="region", vcov="CR3", wild=WILD, seed=seed))
    outcome, _ = concluded(curve)
    held = {part.key: float(part.holds is True) for part in inverted_u_parts(curve)}
    return {"supported": float(outcome == "supported"), "contradicted": float(outcome == "contradicted"), **held}


def shape_designs() -> tuple[Design, ...]:
    found = []
    for noisy in (False, True):
        under = "index of ten goods" if noisy else "true index"
        for truths, false in ((TRUTHS, True), (INVERTED, False)):
            for name, f in truths.items():
                found.append(Design(f"{name}; {under}", false, shape_draw(f, noisy)))
    return tuple(found)


SHAPE = Subject(
    "H1, an inverted U",
    f"{REGIONS} regions, {YEARS} years, {FIRMS} firms a region; firm and year effects, a region-year shock (AR(0.7), "
    f"innovations of s.d. {SHOCK}) and firm noise of s.d. {NOISE}; CR3 by region. z is the index of infinitely many "
    f"goods in its standard deviations; *index of ten goods*: the regression has the index that {GOODS} goods give, "
    "whose errors the regions share through the goods. The wild bootstrap (399 draws) is drawn where all other parts "
    "hold. A support is false where the truth never falls. The other columns are parts of the rule, each alone.",
    shape_designs(),
    (
        ("supported", "supported"),
        ("contradicted", "contradicted"),
        ("U-test, whole range", "u_test"),
        ("U-test, p5 to p95", "u_test_inner"),
        ("two lines", "two_lines"),
    ),
    ("judge/shape.py", "models/shape", "models/fit", "regress"),
)

SUBJECTS: Mapping[str, Subject] = {"shape": SHAPE}
"""One hypothesis each; a further one is a `Subject` here."""


# ---- draws, kept by the code that made them


def fingerprint(subject: Subject) -> str:
    """Of the rule and what it rests on, and of this file."""
    files = [Path(__file__)]
    for name in subject.code:
        path = SOURCE / name
        files += sorted(path.glob("*.py")) if path.is_dir() else [path]
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:12]


def drawn(key: str, subject: Subject, design: Design, draws: int, seed: int, keep: Path) -> Rates:
    """All draws of a design, from the file of an earlier run where there is one."""
    name = "".join(c if c.isalnum() else "-" for c in f"verdicts {key} {design.name} {draws} {seed}")
    file = keep / f"{name} {fingerprint(subject)}.json"
    if file.exists():
        stored: Rates = json.loads(file.read_text())
        return stored
    started, found = time.perf_counter(), Rates()
    for number in range(draws):
        for column, value in design.draw(seed, number).items():
            found.setdefault(column, []).append(value)
    keep.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(found))
    part.replace(file)
    say(f"{design.name}: {np.mean(found['supported']):.3f} in {time.perf_counter() - started:.0f} s")
    return found


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# ---- the page


def section_of(key: str, draws: int, seed: int, keep: Path) -> tuple[str, bool]:
    """The text of a subject, and whether no false support is more frequent than 5 % and two standard errors."""
    subject, rows, good = SUBJECTS[key], list[list[str]](), True
    for design in subject.designs:
        found = drawn(key, subject, design, draws, seed, keep)
        share = float(np.mean(found["supported"]))
        good = good and not (design.false and share > LEVEL + 2 * error(LEVEL, draws))
        shown = f"{share:.3f} ({error(share, draws):.3f})"
        others = [f"{np.mean(found[name]):.3f}" for _, name in subject.columns[1:]]
        rows.append([design.name, "false" if design.false else "true", shown, *others])
    head = ["truth", "support is", *(heading for heading, _ in subject.columns)]
    worst = max(float(row[2].split()[0]) for row in rows if row[1] == "false")
    said = f"{draws:,} draws a truth, Monte Carlo standard errors in parentheses. False support: {worst:.3f} at most."
    return f"### {subject.heading}\n\n{wrapped(f'{subject.about} {said}')}\n\n{table(head, rows)}", good


def wrapped(text: str) -> str:
    return textwrap.fill(text, 118, break_long_words=False, break_on_hyphens=False)


def error(share: float, draws: int) -> float:
    """Binomial standard error; that of one half of a draw where no or every draw counts."""
    inside = min(max(share, 0.5 / draws), 1 - 0.5 / draws)
    return math.sqrt(inside * (1 - inside) / draws)


def written(page: str, section: str) -> str:
    """The page with this section in the place of the one it has, or at its end."""
    before, found, rest = page.partition("\n## Verdicts\n")
    _, mark, after = rest.partition("\n## ") if found else ("", "", "")
    return f"{before.rstrip()}\n\n{section.rstrip()}\n" + (f"\n## {after}" if mark else "")


def certify(keys: Sequence[str], draws: int, seed: int, keep: Path) -> tuple[str, bool]:
    parts = [section_of(key, draws, seed, keep) for key in keys]
    about = (
        "How often a verdict of support is given where it is false, and where it is true, each by the whole rule as "
        "docs/verdicts.md states it (benchmarks/certify_verdicts.py)."
    )
    head = f"## Verdicts\n\n{wrapped(about)}"
    return "\n\n".join([head, *(text for text, _ in parts)]), all(good for _, good in parts)


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the section on verdicts of the certification page.")
    parser.add_argument("output", nargs="?", type=Path)
    parser.add_argument("--draws", type=int, default=300)
    parser.add_argument("--seed", type=int, default=20240101)
    parser.add_argument("--only", choices=[*SUBJECTS], action="append")
    parser.add_argument("--keep", type=Path, default=KEEP)
    arguments = parser.parse_args()
    text, good = certify(arguments.only or [*SUBJECTS], arguments.draws, arguments.seed, arguments.keep)
    if arguments.output:
        page = arguments.output.read_text(encoding="utf-8")
        arguments.output.write_text(written(page, text), encoding="utf-8")
    else:
        print(text)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
