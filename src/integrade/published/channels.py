"""Mediation and lags from printed numbers: products of paths, their identity, outcomes lagged by mistake."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from integrade.published.columns import Statistics, outcome_of, squares, standard_error, t_range
from integrade.published.findings import Finding
from integrade.published.printed import Estimate, Printed, PrintedColumn


class Chain(NamedTuple):
    """Total, first and second step of a mediation table."""

    total: PrintedColumn
    path: PrintedColumn
    direct: PrintedColumn
    mediator: str
    treatment: str


def chains(columns: Sequence[PrintedColumn]) -> list[Chain]:
    """Every mediator that is one column's outcome and another's regressor, beside that outcome's column without it."""
    found = []
    for path, direct in itertools.permutations(columns, 2):
        mediator = outcome_of(path)
        if mediator not in direct.estimates:
            continue
        totals = [c for c in columns if outcome_of(c) == outcome_of(direct) and mediator not in c.estimates]
        treatments = [t for t in direct.estimates if t in path.estimates and any(t in c.estimates for c in totals)]
        if totals and treatments:
            squared = [t for t in squares(direct) if t in treatments]
            found.append(Chain(totals[0], path, direct, mediator, (squared or treatments)[0]))
    return found


def check_product(chain: Chain) -> Iterator[Finding]:
    """The product of both paths with Sobel's and Aroian's z, and whether both paths hold."""
    a, b = chain.path.estimates[chain.treatment], chain.direct.estimates[chain.mediator]
    sa, sb = standard_error(a), standard_error(b)
    if not sa or not sb:
        return
    ab, sobel, aroian, p = product_tests(a.b.value, sa, b.b.value, sb)
    numbers = {"ab": ab, "sobel_z": sobel, "aroian_z": aroian, "p": p}
    text = f"through {chain.mediator}: a b = {ab:+.5f}, Sobel z = {sobel:.2f} (p = {p:.3g}), Aroian z = {aroian:.2f}"
    table, where = chain.direct.table, chain.mediator
    c = chain.total.estimates[chain.treatment].b.value
    if p >= 0.05:
        yield Finding("mediation", "weakness", table, where, f"{text}: no indirect effect at 5 %", numbers)
    elif ab * c < 0:
        yield Finding(
            "mediation",
            "weakness",
            table,
            where,
            f"{text}: its sign is against the total {c:+.4f}, which is suppression",
            numbers,
        )
    else:
        yield Finding("mediation", "note", table, where, text, numbers)
    clear = f"{chain.treatment}^2"
    if clear in chain.direct.estimates and clear not in chain.path.estimates:
        yield Finding(
            "mediation",
            "weakness",
            table,
            where,
            f"the equation of {chain.mediator} has no {clear} and that of the outcome has: product and "
            "difference of coefficients need not agree",
            {},
        )


def product_tests(a: float, sa: float, b: float, sb: float) -> tuple[float, float, float, float]:
    """a b, Sobel's z, Aroian's z, and the two-sided normal p of Sobel's."""
    first_order = b * b * sa * sa + a * a * sb * sb
    sobel = a * b / math.sqrt(first_order)
    aroian = a * b / math.sqrt(first_order + sa * sa * sb * sb)
    return a * b, sobel, aroian, math.erfc(abs(sobel) / math.sqrt(2))


def check_identity(chain: Chain, described: Statistics) -> Iterator[Finding]:
    """(c - c') / b is the slope of the mediator on the treatment (least squares, one sample): is it the printed one?

    With a square the slope is taken at the median; the range is over everything that rounding allows.
    """
    x, mediator = chain.treatment, chain.mediator
    b, a = chain.direct.estimates[mediator].b, chain.path.estimates[x].b
    if b.low <= 0 <= b.high:
        return
    middle = described.get(x, {}).get("median")
    square = f"{x}^2" in chain.total.estimates and f"{x}^2" in chain.direct.estimates
    if square and middle is None:
        return
    terms = [(x, 1.0)] + ([(f"{x}^2", 2 * middle.value)] if square and middle is not None else [])
    low, high = _slope_range(chain, terms, b)
    numbers = {"low": low, "high": high, "a": a.value}
    if a.high < low or a.low > high:
        yield Finding(
            "mediation identity",
            "contradiction" if not square else "weakness",
            chain.direct.table,
            mediator,
            f"the total less the direct effect needs a slope of {mediator} on {x} between {low:+.4f} and {high:+.4f}"
            f"{' at the median' if square else ''}; printed is {a.value:+.4f}: a sign, a sample or an equation is not "
            "what the table says",
            numbers,
        )


def _slope_range(chain: Chain, terms: Sequence[tuple[str, float]], b: Printed) -> tuple[float, float]:
    middle = sum(k * (chain.total.estimates[t].b.value - chain.direct.estimates[t].b.value) for t, k in terms)
    slack = sum(abs(k) * (chain.total.estimates[t].b.half + chain.direct.estimates[t].b.half) for t, k in terms)
    ends = [(middle + s * slack) / v for s in (-1, 1) for v in (b.low, b.high)]
    return min(ends), max(ends)


def check_level(chain: Chain, described: Statistics) -> Iterator[Finding]:
    """The mediator's level that its constant implies at the medians, as printed and with the treatment's sign turned.

    Where effects are absorbed the constant with the slopes gives the level of the omitted year.
    """
    x, outcome = chain.treatment, chain.mediator
    own, constant = described.get(outcome, {}), chain.path.estimates.get("constant")
    terms = {t: e for t, e in chain.path.estimates.items() if t != "constant"}
    if constant is None or not {"median", "sd"} <= set(own) or any("median" not in described.get(t, {}) for t in terms):
        return
    level = constant.b.value + sum(e.b.value * described[t]["median"].value for t, e in terms.items())
    turned = level - 2 * terms[x].b.value * described[x]["median"].value
    median, spread = own["median"].value, own["sd"].value
    if level - median > spread:
        yield Finding(
            "implied level",
            "weakness",
            chain.path.table,
            chain.path.label,
            f"constant and slopes at the medians give {outcome} = {level:.3f} in the omitted (first) year, "
            f"{(level - median) / spread:.1f} standard deviations above its median {median:g}; with the sign "
            f"of {x} turned it is {turned:.3f}: check the sign",
            {"level": level, "turned": turned, "median": median},
        )


_LAG = re.compile(r"^[LF]\d*\.")


def check_lagged_outcome(columns: Sequence[PrintedColumn]) -> Iterator[Finding]:
    """A lag table whose outcome carries the lag, and that lacks the square the benchmark has."""
    lagged = [c for c in columns if any(_LAG.match(t) for t in c.estimates)]
    for column in lagged:
        if _LAG.match(outcome_of(column)):
            every = all(_LAG.match(t) for t in column.estimates if t != "constant")
            what = (
                "every regressor carries it too: a regression within the same year on fewer rows"
                if every
                else ("controls of this year explain the outcome of an earlier one")
            )
            yield Finding(
                "lags",
                "weakness",
                column.table,
                column.label,
                f"the outcome is lagged ({outcome_of(column)}): {what}; nothing here relates the outcome to "
                "the past of the treatment",
                {},
            )
    if lagged and not any(squares(c) for c in lagged):
        yield Finding(
            "lags",
            "weakness",
            lagged[0].table,
            "",
            "no column has a squared term: nothing here can confirm a U or an inverted U",
            {},
        )


def check_same_as_benchmark(columns: Sequence[PrintedColumn], benchmark: PrintedColumn) -> Iterator[Finding]:
    """Columns whose lagged controls have the benchmark's coefficients (|t| > 2 there): both sides were lagged."""
    compared = [
        t
        for t, e in benchmark.estimates.items()
        if _clear(e) and not {t, t.removesuffix("^2")} & {*squares(benchmark), "constant"}
    ]
    for column in columns:
        pairs = [
            (estimate, benchmark.estimates[bare])
            for term, estimate in column.estimates.items()
            if _LAG.match(term) and (bare := _LAG.sub("", term)) in compared
        ]
        near = [a for a, b in pairs if _near(a, b)]
        if len(pairs) >= 3 and len(near) >= 0.6 * len(pairs):
            yield Finding(
                "lags",
                "weakness",
                column.table,
                column.label,
                f"{len(near)} of {len(pairs)} lagged coefficients are those of {benchmark.table} "
                f"{benchmark.label} (within 25 %): they do not decay, as in a regression within one year "
                f"on {column.nobs or 0:,} rows",
                {"near": float(len(near)), "of": float(len(pairs))},
            )


def _clear(estimate: Estimate) -> bool:
    span = t_range(estimate)
    return span is not None and span[0] > 2


def _near(a: Estimate, b: Estimate) -> bool:
    return a.b.value * b.b.value > 0 and abs(a.b.value - b.b.value) <= 0.25 * abs(b.b.value)
