"""Decide which standard errors are reliable with few clusters, and write the caution printed with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from integrade.estimate.results import Basis, FitResult
from integrade.records.schema import column_word
from plainwords.texts import say

FEW = 50
"""With fewer clusters, CR1 with t(G - 1) and errors that treat rows as independent get a caution.

It is not a sharp limit: see `caution_of`.
"""


def needs_wild(fit: FitResult) -> bool:
    """Return whether a verdict that rests on these errors needs the wild bootstrap in addition to its t and F tests.

    Only errors by the cluster jackknife (CR3) do not need it. With 31 regions the joint F of x and its square, tested
    at 5%, rejects a true null too often (docs/certification.md): in .06 to .12 of samples by CR3, in .09 to .33 by
    CR1, and in .33 to .95 by errors that treat rows as independent. So a CR1 test, or one that treats rows as
    independent, establishes nothing without the wild bootstrap.
    """
    return fit.kind != "CR3"


def caution_of(result: FitResult | Basis, *, advised: bool = True) -> str | None:
    """Return the caution to print with standard errors of this kind, or None.

    ``advised``: the caution also names the standard errors to rely on.

    Rule: there is a caution for CR1 if the variable with the fewest clusters has fewer than `FEW`. There is also one
    for iid, HC1, HC2 or HC3 if the rows come from fewer than `FEW` regions. CR2 and CR3 have no caution: they are
    advised, together with the wild bootstrap.

    With few or unequal clusters CR1 rejects too often. In simulations with 31 regions of equal size, 5% tests of a
    squared term by CR1 reject in 8% of samples. If five regions have most firms, they reject in 19%. Tests by CR3
    reject in 5% in both cases. Errors that treat rows as independent reject in 24% of samples if regions have their
    own shocks. `FEW` is no sharp limit; MacKinnon, Nielsen and Webb advise CR3 or the wild bootstrap next to CR1 for
    any number of clusters.

    Reference: MacKinnon, Nielsen and Webb (2023, Journal of Econometrics), Cameron and Miller (2015).
    """
    if result.kind == "CR1" and result.clusters:
        name, groups = min(result.clusters.items(), key=lambda one: (one[1], one[0]))
        key = "clustering.cr1" if advised else "clustering.cr1-alone"
        return say(key, n=groups, cluster=column_word(name)) if groups < FEW else None
    if result.kind in ("iid", "HC1", "HC2", "HC3") and result.regions is not None and 1 < result.regions < FEW:
        if not advised:
            return say("clustering.independent-alone", kind=result.kind)
        return say("clustering.independent", kind=result.kind, n=result.regions)
    return None


def cautions(results: Iterable[FitResult | Basis], elsewhere: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the cautions of several results in order: one for each kind of errors, with the fewest clusters.

    For a kind in ``elsewhere``, the caution only names the table whose notes have it in full. The last of the other
    cautions names the standard errors to rely on.
    """
    fewest = dict[str, FitResult | Basis]()
    for result in results:
        if caution_of(result) is not None and _level(result) < _level(fewest.setdefault(result.kind, result)):
            fewest[result.kind] = result
    found, last = dict[str, str](), [kind for kind in fewest if kind not in (elsewhere or {})][-1:]
    for kind, result in fewest.items():
        table, caution = (elsewhere or {}).get(kind), caution_of(result, advised=kind in last)
        if caution is not None:
            found[kind] = caution if table is None else _reference(result, table)
    return found


def _reference(result: FitResult | Basis, table: str) -> str:
    """Return the caution in a few words, with the table that has it in full."""
    key = "clustering.cr1-elsewhere" if result.kind == "CR1" else "clustering.independent-elsewhere"
    return say(key, kind=result.kind, n=_level(result), table=table)


def _level(result: FitResult | Basis) -> int:
    """Return the number of clusters of the errors, or of regions if the errors treat rows as independent."""
    return min(result.clusters.values(), default=result.regions or FEW)
