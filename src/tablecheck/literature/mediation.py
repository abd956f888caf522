"""Check mediation from printed numbers: products of paths, their identity, sums of effects, claimed hypotheses."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tablecheck.added import CheckSet, Claim, Facts
from tablecheck.checks.fits import is_least_squares
from tablecheck.checks.terms import Statistics, coefficient, is_difference, places, squares, standard_error, t_range
from tablecheck.digits import Printed
from tablecheck.findings import Finding
from tablecheck.printed import Column, PublishedTable


def check_effects(column: Column, _facts: Facts) -> Iterator[Finding]:
    """Check that the printed total effect is the sum of the direct and the indirect effects.

    An indirect effect without a name may be the sum of the indirect effects with names. Effects that are ratios are
    left out, because they multiply.
    """
    named: dict[str, list[Printed]] = {"total": [], "direct": [], "indirect": [], "indirect of": []}
    for term, estimate in column.estimates.items():
        match = re.fullmatch(r"(total|direct|indirect)(?:effect)?(?:s)?(\W.*|of.*|through.*|via.*)?", term)
        if match and estimate.b is not None:
            named["indirect of" if match[1] == "indirect" and match[2] else match[1]].append(estimate.b)
    indirect = [*named["indirect"], *named["indirect of"]]
    if len(named["total"]) != 1 or len(named["direct"]) != 1 or not indirect or column.ratios:
        return
    parts = [*named["direct"], *indirect]
    ways = [parts, *([*named["direct"], *some] for some in (named["indirect"], named["indirect of"]) if some)]
    low, high = sum(p.low for p in parts), sum(p.high for p in parts)
    (total,) = named["total"]
    if all(total.high < sum(p.low for p in way) or total.low > sum(p.high for p in way) for way in ways):
        sums = " + ".join(f"{p.value:g}" for p in parts)
        yield Finding(
            "effects",
            "contradiction",
            column.table,
            column.label,
            f"the total effect {total.value:g} is not {sums} = {sum(p.value for p in parts):g}",
            {"total": total.value, "low": low, "high": high},
            f"{sums} = {sum(p.value for p in parts):g}",
            places(total, *parts),
            "other mediators that are not shown, or a model in which the product is not the difference",
            "which effects make up the total",
        )


class Chain(NamedTuple):
    """The columns of a mediation: total effect, path to the mediator, and direct effect."""

    total: Column
    path: Column
    direct: Column
    mediator: str
    treatment: str


def chains(columns: Sequence[Column]) -> list[Chain]:
    """Find every mediation: a mediator that is one column's outcome and another column's regressor.

    The total effect is in a third column, with the outcome of the other column and without the mediator.
    """
    chains_found = []
    usable = [c for c in columns if not is_difference(c) and c.outcome]
    with_term: dict[tuple[str, str], list[Column]] = defaultdict(list)
    of_outcome: dict[tuple[str, str], list[Column]] = defaultdict(list)
    for column in usable:
        of_outcome[column.panel, column.outcome].append(column)
        for term in column.estimates:
            with_term[column.panel, term].append(column)
    pairs = ((path, direct) for path in usable for direct in with_term.get((path.panel, path.outcome), ()))
    for path, direct in pairs:
        if path is direct:
            continue
        mediator = path.outcome
        totals = [c for c in of_outcome[direct.panel, direct.outcome] if mediator not in c.estimates]
        terms = [t for t, e in direct.estimates.items() if e.b is not None and t != "constant"]
        treatments = [t for t in terms if t in path.estimates and any(t in c.estimates for c in totals)]
        if totals and treatments:
            squared = [t for t in squares(direct) if t in treatments]
            treatment = (squared or treatments)[0]
            # Of several totals, take the one that has the most terms in common with the direct column.
            candidates = [c for c in totals if treatment in c.estimates]
            shared = [len(set(c.estimates) & set(direct.estimates)) for c in candidates]
            total = candidates[shared.index(max(shared))]
            chains_found.append(Chain(total, path, direct, mediator, treatment))
    return chains_found


def check_product(chain: Chain) -> Iterator[Finding]:
    """Report the product of both paths, its z by Sobel and by Aroian, and whether it is significant."""
    a, b = chain.path.estimates[chain.treatment], chain.direct.estimates[chain.mediator]
    sa, sb = standard_error(a), standard_error(b)
    if not sa or not sb or a.b is None or b.b is None:
        return
    ab, sobel, aroian, p = product_tests(a.b.value, sa, b.b.value, sb)
    numbers = {"ab": ab, "sobel_z": sobel, "aroian_z": aroian, "p": p}
    text = f"through {chain.mediator}: a b = {ab:+.5f}, Sobel z = {sobel:.2f} (p = {p:.3g}), Aroian z = {aroian:.2f}"
    table, where = chain.direct.table, chain.mediator
    total = coefficient(chain.total, chain.treatment)
    cells = places(a.b, b.b, total)
    arithmetic = f"{a.b.value:g} x {b.b.value:g} = {ab:+.5f}"
    ask = "an interval for the indirect effect from a bootstrap of whole clusters"
    # 0.05 is the conventional level of significance.
    if p >= 0.05:
        message = f"{text}: no indirect effect at 5%"
        yield Finding("mediation", "note", table, where, message, numbers, arithmetic, cells, ask=ask)
    elif ab * total.value < 0:
        message = f"{text}: its sign is against the total {total.value:+.4f}, which is suppression"
        yield Finding("mediation", "note", table, where, message, numbers, arithmetic, cells, ask=ask)
    else:
        yield Finding("mediation", "note", table, where, text, numbers, arithmetic, cells)
    square = f"{chain.treatment}^2"
    if square in chain.direct.estimates and square not in chain.path.estimates:
        message = (
            f"the equation of {chain.mediator} has no {square} and that of the outcome has: product and difference of "
            "coefficients need not agree"
        )
        yield Finding("mediation", "doubt", table, where, message, {}, cells=cells, ask=ask)


def check_first_path(chain: Chain) -> Iterator[Finding]:
    """Doubt a first path with |t| of 50 or more: implausible if both variables vary only by region and year."""
    a = chain.path.estimates[chain.treatment]
    span = t_range(a)
    # The value 50 is a convention.
    if span is None or span[0] < 50:
        return
    yield Finding(
        "first path",
        "doubt",
        chain.path.table,
        f"{chain.path.label}, {chain.treatment}",
        f"|t| = {sum(span) / 2:.0f} of {chain.mediator} on {chain.treatment}: implausibly large if both vary only by "
        "region and year (Moulton); clustering at that level would reduce it",
        {"t": sum(span) / 2},
        cells=places(a.b, a.t, a.se),
        innocent="both variables vary from row to row",
        ask="at which level both variables vary, and errors clustered there",
    )


def product_tests(a: float, sa: float, b: float, sb: float) -> tuple[float, float, float, float]:
    """Return a b, z by Sobel, z by Aroian, and the two-sided normal p of z by Sobel."""
    first_order = b * b * sa * sa + a * a * sb * sb
    sobel = a * b / math.sqrt(first_order)
    aroian = a * b / math.sqrt(first_order + sa * sa * sb * sb)
    return a * b, sobel, aroian, math.erfc(abs(sobel) / math.sqrt(2))


def check_identity(chain: Chain, described: Statistics) -> Iterator[Finding]:
    """Check that the slope of the mediator on the treatment is (c - c') / b.

    c is the total effect, c' the direct effect, and b the slope of the outcome on the mediator. The identity holds for
    least squares on one sample, if all three equations contain the treatment in the same form. If only the equations of
    the outcome contain a square, the slope at the median is used and the finding is a doubt. A slope is reported only
    if no rounding permits it. Nothing is checked unless the three columns print the same N and effects, both outcome
    equations have the same other terms, and no column is marked as another method than least squares.
    """
    x, mediator = chain.treatment, chain.mediator
    b, a = coefficient(chain.direct, mediator), coefficient(chain.path, x)
    three = (chain.total, chain.path, chain.direct)
    effects = [{name for name, on in c.effects.items() if on} for c in three]
    same_method = all(is_least_squares(c) and not c.ratios for c in three) and effects[0] == effects[1] == effects[2]
    if b.low <= 0 <= b.high or not _same_rows(chain) or not same_method:
        return
    square = f"{x}^2" in chain.total.estimates and f"{x}^2" in chain.direct.estimates
    exact = set(chain.path.estimates) - {"constant"} == set(chain.total.estimates) - {"constant"}
    middle = described.get(x, {}).get("median")
    if not exact and (not square or middle is None):
        return
    terms = [(x, 1.0)]
    if not exact and middle is not None:
        terms.append((f"{x}^2", 2 * middle.value))
    # The range of (c - c') / b that rounding permits, summed over the terms with their weights.
    pairs = [(weight, coefficient(chain.total, t), coefficient(chain.direct, t)) for t, weight in terms]
    change = sum(weight * (c.value - d.value) for weight, c, d in pairs)
    slack = sum(abs(weight) * (c.half + d.half) for weight, c, d in pairs)
    ends = [(change + sign * slack) / v for sign in (-1, 1) for v in (b.low, b.high)]
    low, high = min(ends), max(ends)
    if a.high < low or a.low > high:
        at = "" if exact else " at the median"
        yield Finding(
            "mediation identity",
            "contradiction" if exact else "doubt",
            chain.direct.table,
            mediator,
            f"the total less the direct effect needs a slope of {mediator} on {x} between {low:+.4f} and {high:+.4f}"
            f"{at}; printed is {a.value:+.4f}: a sign, a sample or an equation is not what the table says",
            {"low": low, "high": high, "a": a.value},
            f"({coefficient(chain.total, x).value:g} - {coefficient(chain.direct, x).value:g}) / {b.value:g}",
            places(a, b, coefficient(chain.total, x), coefficient(chain.direct, x)),
            "other rows or weights in one of the three equations",
            "whether the three equations use the same rows and regressors",
        )


def _same_rows(chain: Chain) -> bool:
    """Return whether the three columns print the same N, and both outcome equations have the same other terms."""
    sizes = [c.nobs.value for c in (chain.total, chain.path, chain.direct) if c.nobs is not None]
    others = set(chain.direct.estimates) - {chain.mediator, "constant"} == set(chain.total.estimates) - {"constant"}
    return len(sizes) == 3 and len(set(sizes)) == 1 and others


def check_mediator_adds(chain: Chain) -> Iterator[Finding]:
    """Note a mediator that does not change any printed digit of R2."""
    before, after = chain.total.sizes.get("r2"), chain.direct.sizes.get("r2")
    if before is None or after is None or before.text != after.text or not _same_rows(chain):
        return
    message = f"R2 is {before.value:g} with and without {chain.mediator}: its contribution is not visible in the table"
    numbers = {"r2": before.value}
    yield Finding(
        "mediator adds", "note", chain.direct.table, chain.mediator, message, numbers, cells=places(before, after)
    )


def check_level(chain: Chain, described: Statistics) -> Iterator[Finding]:
    """Doubt an implied level of the mediator that is more than one standard deviation above its median.

    The level follows from the constant and the slopes, with the regressors at their medians. If effects are absorbed,
    it is the level in the omitted year. The finding also states the level for the opposite sign of the treatment.
    """
    x, outcome = chain.treatment, chain.mediator
    summary, constant = described.get(outcome, {}), chain.path.estimates.get("constant")
    terms = {t: e for t, e in chain.path.estimates.items() if t != "constant" and e.b is not None}
    if constant is None or constant.b is None or not {"median", "sd"} <= set(summary) or not summary["sd"].value:
        return
    if any("median" not in described.get(t, {}) for t in terms):
        return
    level = constant.b.value + sum(coefficient(chain.path, t).value * described[t]["median"].value for t in terms)
    turned = level - 2 * coefficient(chain.path, x).value * described[x]["median"].value
    median, spread = summary["median"].value, summary["sd"].value
    if level - median > spread:
        message = (
            f"constant and slopes at the medians give {outcome} = {level:.3f} in the omitted (first) year, "
            f"{(level - median) / spread:.1f} standard deviations above its median {median:g}; with the sign of {x} "
            f"turned it is {turned:.3f}: check the sign"
        )
        yield Finding(
            "implied level",
            "doubt",
            chain.path.table,
            chain.path.label,
            message,
            {"level": level, "turned": turned, "median": median},
            cells=places(constant.b, coefficient(chain.path, x)),
        )


_VERIFIED = re.compile(
    r"(?:hypothes[ei]s|\bH)\s?-?\s?\d\w?\b.{0,60}?(?:verified|supported|confirmed|holds|established|proved)"
    r"|假设.{0,20}(?:成立|验证|支持)",
    re.IGNORECASE,
)
_RULE = re.compile(
    r"(?:verified|supported|confirmed|established|proved)\s+(?:only\s+)?(?:if|when|where|provided|unless)\b|则为?支持|则.{0,4}成立",
    re.IGNORECASE,
)
"""Words of a rule, which states when a hypothesis would hold and not that it does hold."""


def check_chains(table: PublishedTable, facts: Facts) -> Iterator[Finding]:
    """Check every mediation of a table: the product of its paths, their identity, R2, and the level of the mediator."""
    for chain in chains(table.columns):
        yield from check_product(chain)
        yield from check_first_path(chain)
        yield from check_identity(chain, facts.statistics)
        yield from check_mediator_adds(chain)
        yield from check_level(chain, facts.statistics)


def check_verified(claim: Claim, facts: Facts) -> Iterator[Finding]:
    """Doubt a hypothesis that is called verified although the indirect effect of its mediator may be zero."""
    sentence, context = claim.sentence, f"{claim.before} {claim.sentence}"
    if not _VERIFIED.search(sentence) or _RULE.search(sentence) or re.search(r"\bnot\b|不成立|未", sentence):
        return
    joined = re.sub(r"\b(\w) ?& ?(\w)\b", r"\1\2", context.lower())
    words = f" {re.sub(r'[^a-z0-9一-鿿]+', ' ', joined)} "
    for chain in {c.mediator: c for t in facts.tables for c in chains(t.columns)}.values():
        # Names of more than five letters are unlikely to be parts of other words; a convention.
        named = f" {chain.mediator} " in words or (len(chain.mediator) > 5 and chain.mediator in words.replace(" ", ""))
        a, b = chain.path.estimates[chain.treatment], chain.direct.estimates[chain.mediator]
        sa, sb = standard_error(a), standard_error(b)
        if not named or not sa or not sb or a.b is None or b.b is None:
            continue
        ab, sobel, _, p = product_tests(a.b.value, sa, b.b.value, sb)
        # 0.05 is the conventional level of significance.
        if p >= 0.05:
            message = (
                f"the text takes a hypothesis as verified; the indirect effect through {chain.mediator} is {ab:+.5f} "
                f"with p = {p:.3f}: \u201c{context.strip()[-200:]}\u201d"
            )
            yield Finding(
                "claims",
                "doubt",
                chain.direct.table,
                chain.mediator,
                message,
                {"ab": ab, "sobel_z": sobel, "p": p},
                ask="what the hypothesis predicts",
            )


CHECKS = CheckSet(tables=(check_chains,), columns=(check_effects,), claims=(check_verified,))
