"""Define the records of a mediation analysis: frozen plain numbers and fits, without data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from integrade.estimate.contrasts import JointTest
from integrade.estimate.results import Basis, Coefficient, FitResult
from integrade.records import tidied
from integrade.wording.sheet import Sheet, of_text, shown

if TYPE_CHECKING:
    import polars as pl

Word = Literal["mediated", "partially mediated", "suppression", "mixed", "not mediated"]
Sense = Literal["rises and raises", "rises and lowers", "falls and raises", "falls and lowers", "open"]
"""The findings on two paths at a value of the treatment.

The first verb is the treatment's effect on the mediator, the second the mediator's effect on the outcome. ``open``
means that nothing is established.
"""


@dataclass(frozen=True)
class ZTest:
    """A test of a product: its standard error, z (the product divided by the error), and the two-sided normal p."""

    std_error: float
    z: float
    p_value: float


@dataclass(frozen=True)
class Indirect:
    """The indirect effect a b through one mediator, at one value of the treatment or for one term.

    ``place`` names a value ``x`` of the treatment, for example a percentile; there a = a1 + 2 a2 x. Or ``place`` is a
    term (``market^2``) with its own a and no x. ``share`` is a b divided by the total slope at x (or by the term's
    coefficient). It is None if the 95% interval of that slope includes zero. ``goodman`` is missing (NaN) if its
    variance is negative. Intervals of shares are missing (NaN) with ``monte_carlo``.

    ``p_a`` is the two-sided p of a at x. ``p_draws`` is the p of a b from the draws behind its interval. ``p_value`` is
    the largest of ``p_a``, ``p_draws`` and the p of b. It tests whether both paths and the product are established.
    ``p_holm`` is the same with ``p_a`` and ``p_draws`` Holm-adjusted over the values x; it is None for a term.
    ``sense`` gives the signs of a and b if ``p_holm`` is below 1 - level; otherwise it is ``open``.
    """

    place: str
    x: float | None
    a: float
    a_std_error: float
    b: float
    b_std_error: float
    estimate: float
    sobel: ZTest
    aroian: ZTest
    goodman: ZTest
    conf_low: float
    conf_high: float
    share: float | None
    share_low: float | None
    share_high: float | None
    p_a: float
    p_draws: float
    p_value: float
    p_holm: float | None
    sense: Sense


@dataclass(frozen=True)
class Step:
    """One of the steps of Baron and Kenny (1986)."""

    number: int
    question: str
    p_value: float
    passed: bool


@dataclass(frozen=True)
class Sensitivity:
    """The correlation rho of the two equations' errors at which the indirect effect becomes zero.

    ``rho_zero`` is that correlation. An omitted variable would have to explain a share of both residual variances;
    ``r2_residual`` = rho_zero^2 is the product of these two shares. ``r2_total`` is the product of the shares of the
    total variances. ``grid`` holds (rho, b, indirect effect at ``place``): b and the effect as they would be if the
    errors correlated by rho.
    """

    rho_zero: float
    r2_residual: float
    r2_total: float
    place: str
    grid: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True)
class CellPath:
    """The a-path on one row per cell (region and year), for a mediator that varies only by cell.

    ``weighted`` counts each cell by its rows, ``unweighted`` counts all cells equally. ``left_out`` are the controls
    that vary within cells.
    """

    keys: tuple[str, ...]
    n_cells: int
    weighted: FitResult
    weighted_joint: JointTest
    unweighted: FitResult
    unweighted_joint: JointTest
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class ByClusters:
    """The indirect effects, tested with clusters also if the standard errors of the table are of another kind.

    Both paths have CR3 standard errors by ``cluster`` (``n`` clusters). Their product is tested with ``draws`` of whole
    clusters. ``others`` are further cluster variables with their numbers of clusters; the largest p over all of them
    counts. The path to the mediator is also tested on one row per cell: ``cells`` is the number of cells, None if there
    is no such test. ``p_b`` is the p of the path from the mediator to the outcome. ``indirect`` has the other p-values,
    and the sense established at each value of the treatment.
    """

    cluster: str
    n: int
    draws: int
    cells: int | None
    p_b: float
    indirect: tuple[Indirect, ...]
    others: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Mediator:
    """All results on one mediator.

    ``indirect`` holds the indirect effect at each value of the treatment, ``by_term`` the indirect effect for each
    term. ``verdict`` considers every value (`integrade.subjects.mediation.indirect.verdict`); ``suppression`` is true
    if the verdict is suppression. ``clustered`` has the tests by clusters; it is None if there is no cluster variable
    to draw.
    """

    name: str
    a_path: FitResult
    a_joint: JointTest
    b: Coefficient
    indirect: tuple[Indirect, ...]
    by_term: tuple[Indirect, ...]
    steps: tuple[Step, ...]
    sensitivity: Sensitivity
    cells: CellPath | None
    verdict: Word
    suppression: bool
    sentence: str
    clustered: ByClusters | None = None

    def at(self, place: str) -> Indirect:
        """Return the indirect effect at a percentile of the treatment (``p50``) or for a term (``market^2``)."""
        return next(i for i in (*self.indirect, *self.by_term) if i.place == place)


@dataclass(frozen=True)
class Decomposition:
    """The total slope of the outcome at one value of the treatment: its direct part and the part through all mediators.

    The share of the total slope is None if the 95% interval of that slope includes zero.
    """

    place: str
    x: float
    total: float
    total_std_error: float
    direct: float
    direct_std_error: float
    indirect: float
    conf_low: float
    conf_high: float
    share: float | None
    share_low: float | None
    share_high: float | None


@dataclass(frozen=True)
class Identity:
    """For one term, c - c' and the sum of a b over the mediators; ``gap`` is their difference."""

    term: str
    total: float
    direct: float
    indirect: float
    gap: float


@shown
@dataclass(frozen=True)
class MediationResult:
    """The fits of a mediation analysis on one sample, and the results from them.

    The fits are the outcome on the treatment, each mediator on the treatment, and the outcome on both. ``interval`` is
    how intervals were computed: percentile or bca of a cluster bootstrap, or monte_carlo. ``r2_gain`` is how much the
    mediators raise the within R2 of the outcome (R2 in a model without effects). ``lost`` counts replicates in which a
    coefficient was not identified.

    ``corrected`` is the same analysis corrected for noise in the treatment (`subjects.noise.corrected`), with CR3
    errors by clusters and normal draws; None if it was not asked for. ``uncorrected`` is the reason why it was asked
    for and could not be made.
    """

    outcome: str
    treatment: str
    a_path: str
    total: FitResult
    total_joint: JointTest
    direct: FitResult
    direct_joint: JointTest
    mediators: tuple[Mediator, ...]
    together: tuple[Decomposition, ...]
    identity: tuple[Identity, ...]
    r2_gain: float
    interval: str
    level: float
    draws: int
    lost: int
    seed: int
    cluster: str | None
    notes: tuple[str, ...] = ()
    corrected: MediationResult | None = None
    uncorrected: str = ""

    def __getitem__(self, mediator: str) -> Mediator:
        """Return one mediator by name."""
        return next(m for m in self.mediators if m.name == mediator)

    @property
    def basis(self) -> Basis:
        """Rows, effects, kind of errors, clusters and degrees of freedom of the result."""
        return self.total.basis

    def tidy(self) -> pl.DataFrame:
        """Return one row per estimate (or row of the result), with broom's columns (`integrade.records.tidied`)."""
        return tidied.tidy(self)

    def glance(self) -> pl.DataFrame:
        """Return the numbers of the result as a table of one row."""
        return tidied.glance(self)

    def sheet(self) -> Sheet:
        """Return the paths, indirect effects with intervals, the verdict, the identity and the notes."""
        names = ", ".join(m.name for m in self.mediators)
        how = {
            "percentile": "cluster bootstrap, percentile",
            "bca": "cluster bootstrap, BCa",
            "monte_carlo": "Monte Carlo",
        }
        lines = [
            f"mediation of {self.treatment} -> {self.outcome} through {names}  (n = {self.total.nobs:,})",
            f"  {100 * self.level:g}% intervals: {how[self.interval]}, {self.draws:,} draws"
            + (f" of {self.cluster}" if self.cluster and self.interval != "monte_carlo" else ""),
            f"  joint p: total effect {self.total_joint.p_value:.4f}, direct effect {self.direct_joint.p_value:.4f}",
            f"  {'':<10} {'total':>12} {'direct':>12} {'indirect':>12}  {'interval':<26} share",
        ]
        lines += [
            f"  {_place(d.place, d.x):<10} {d.total:>12.5g} {d.direct:>12.5g} {d.indirect:>12.5g}  "
            f"{_ends(d.conf_low, d.conf_high):<26} {_share(d.share, d.share_low, d.share_high)}"
            for d in self.together
        ]
        for m in self.mediators:
            lines += _mediator(m)
        for i in self.identity:
            difference = f"total - direct = {i.total - i.direct:.6g}"
            lines.append(f"  {i.term}: {difference}, sum of a b = {i.indirect:.6g} (gap {i.gap:.1e})")
        lines.append(f"  the mediators add {self.r2_gain:.2g} to the (within) R2 of the outcome")
        lines += [f"  ! {note}" for note in self.notes]
        if self.corrected is not None:
            lines.append("with the index corrected for noise:")
            for m in self.corrected.mediators:
                lines += [m.sentence, *(_effect(i) for i in m.indirect)]
        elif self.uncorrected:
            lines.append(f"  ! not corrected for noise in the index: {self.uncorrected}")
        return of_text("\n".join(lines))


def _mediator(m: Mediator) -> list[str]:
    lines = [m.sentence]
    lines += [f"  step {s.number}: {s.question}: p = {s.p_value:.4f}, {'yes' if s.passed else 'no'}" for s in m.steps]
    lines += [_effect(i) for i in (*m.indirect, *m.by_term)]
    s = m.sensitivity
    lines.append(
        f"  errors correlated by {s.rho_zero:.3f} do away with it (R2 product {s.r2_residual:.4f} of what is left, "
        f"{s.r2_total:.4f} of everything)"
    )
    if m.cells is not None:
        c = m.cells
        left_out = f"; left out: {', '.join(c.left_out)}" if c.left_out else ""
        lines.append(
            f"  a-path on {c.n_cells:,} cells of {', '.join(c.keys)}{left_out}: joint p {c.weighted_joint.p_value:.4f} "
            f"weighted by rows, {c.unweighted_joint.p_value:.4f} unweighted"
        )
    return lines


def _effect(i: Indirect) -> str:
    return (
        f"  {_place(i.place, i.x):<16} a {i.a:.5g} ({i.a_std_error:.3g}), b {i.b:.5g} ({i.b_std_error:.3g}), "
        f"a b {i.estimate:.5g} {_ends(i.conf_low, i.conf_high)}; Sobel z {i.sobel.z:.3f} (p {i.sobel.p_value:.4f}), "
        f"Aroian {i.aroian.z:.3f}, Goodman {i.goodman.z:.3f}; share {_share(i.share, i.share_low, i.share_high)}"
        + ("" if i.p_holm is None else f"; paths and product p {i.p_value:.4f}, Holm {i.p_holm:.4f}")
    )


def _place(place: str, x: float | None) -> str:
    return place if x is None else f"{place} {x:.4g}"


def _ends(low: float, high: float) -> str:
    return f"[{low:.5g}, {high:.5g}]"


def _share(share: float | None, low: float | None, high: float | None) -> str:
    if share is None or low is None or high is None:
        return "- (the total slope is not away from zero)"
    return f"{100 * share:.1f}% [{100 * low:.1f}, {100 * high:.1f}]"
