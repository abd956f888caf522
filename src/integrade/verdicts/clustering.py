"""Decide which standard errors are reliable with few clusters, and write the caution printed with them."""

from __future__ import annotations

from collections.abc import Iterable

from integrade.estimate.results import Basis, FitResult
from integrade.records.schema import column_word
from integrade.wording.texts import say

FEW = 50
"""Clusters below which CR1 with t(G - 1), or errors that take rows as independent, are not called reliable.

No sharp limit: see `caution_of`.
"""


def needs_wild(found: FitResult) -> bool:
    """Return whether a verdict that rests on these errors needs the wild bootstrap in addition to its t and F tests.

    Only the cluster jackknife (CR3) does not require it. With 31 regions the joint F of x and its square rejects a true
    null at 5 % in .06 to .12 of samples by CR3, in .09 to .33 by CR1, in .33 to .95 by errors that treat rows as
    independent (docs/certification.md); without the wild bootstrap such a test establishes nothing.
    """
    return found.kind != "CR3"


def caution_of(found: FitResult | Basis) -> str | None:
    """Return the caution to print with standard errors of this kind, or None.

    Rule: CR1 with fewer than `FEW` clusters (of the variable with the fewest), and iid, HC1, HC2 or HC3 if the rows
    come from fewer than `FEW` regions. CR2 and CR3 need no caution: they are the advised choice, with the wild
    bootstrap.

    With few or unequal clusters CR1 rejects too often: simulated at 31 regions, 5 % tests of a squared term reject in 8
    % of samples if clusters have equal size and in 19 % if five regions have most firms, CR3 in 5 % of both; errors
    that take rows as independent reject in 24 % of samples if regions have their own shocks. 50 is no sharp limit;
    MacKinnon, Nielsen and Webb advise CR3 or the wild bootstrap next to CR1 for any number of clusters.

    Reference: MacKinnon, Nielsen and Webb (2023, Journal of Econometrics), Cameron and Miller (2015).
    """
    if found.kind == "CR1" and found.clusters:
        name, groups = min(found.clusters.items(), key=lambda one: (one[1], one[0]))
        return say("clustering.cr1", n=groups, cluster=column_word(name)) if groups < FEW else None
    if found.kind in ("iid", "HC1", "HC2", "HC3") and found.regions is not None and 1 < found.regions < FEW:
        return say("clustering.independent", kind=found.kind, n=found.regions)
    return None


def cautions(found: Iterable[FitResult | Basis]) -> list[str]:
    """Return the cautions of several results, each once, in order."""
    sentences = [caution for result in found if (caution := caution_of(result)) is not None]
    return list(dict.fromkeys(sentences))
