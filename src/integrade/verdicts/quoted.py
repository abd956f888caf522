"""Write the numbers that several sentences quote, each as text with the cell of the report that prints it."""

from __future__ import annotations

from integrade.subjects.inference.clusters import ClusterTerm
from integrade.verdicts import places
from integrade.verdicts.bundle import Index
from integrade.wording.numerals import fixed, noise_text, percent
from plainwords.texts import Cell, quoted

RELIABILITY = Cell(places.TRUST, "value", "reliability_spearman_brown")


def effective(term: ClusterTerm) -> str:
    """Return the effective number of clusters for independent errors, as text with its cell."""
    return quoted(fixed(term.g_star, 1), Cell(places.INFERENCE, f"{term.term}_t", "effective_number_g"))


def largest_share(term: ClusterTerm) -> str:
    """Return the largest share of one cluster in what identifies a coefficient, as text with its cell."""
    cell = Cell(places.INFERENCE, f"{term.term}_t", "largest_share_in_what_identifies_it")
    return quoted(percent(term.partial_leverage, 0), cell)


def noise_between(share: float | None) -> str:
    """Return the share of sampling error in the differences of the index between the regions of a year.

    The share is text with the cell that prints it.
    """
    return quoted(noise_text(share), Cell(places.TRUST, "value", "noise_share"))


def reliability_text(index: Index) -> str:
    """Return the reliability of the index, as text with its cell."""
    return quoted(fixed(index.spearman_brown, 2), RELIABILITY)
