"""A mediation analysis as text for the terminal."""

from __future__ import annotations

from integrade.models.mediation.records import CellPath, Indirect, MediationResult, Mediator


def summary(result: MediationResult) -> str:
    """The paths, the indirect effects with their intervals, the verdict, the identity and what to keep in mind."""
    names = ", ".join(m.name for m in result.mediators)
    how = {"percentile": "cluster bootstrap, percentile", "bca": "cluster bootstrap, BCa", "monte_carlo": "Monte Carlo"}
    lines = [
        f"mediation of {result.treatment} -> {result.outcome} through {names}  (n = {result.total.nobs:,})",
        f"  {100 * result.level:g} % intervals: {how[result.interval]}, {result.draws:,} draws"
        + (f" of {result.cluster}" if result.cluster and result.interval != "monte_carlo" else ""),
        f"  joint p: total effect {result.total_joint.p_value:.4f}, direct effect {result.direct_joint.p_value:.4f}",
        f"  {'':<10} {'total':>12} {'direct':>12} {'indirect':>12}  {'interval':<26} share",
    ]
    lines += [
        f"  {_place(d.place, d.x):<10} {d.total:>12.5g} {d.direct:>12.5g} {d.indirect:>12.5g}  "
        f"{_ends(d.conf_low, d.conf_high):<26} {_share(d.share, d.share_low, d.share_high)}"
        for d in result.together
    ]
    for m in result.mediators:
        lines += _mediator(m)
    for i in result.identity:
        lines.append(
            f"  {i.term}: total - direct = {i.total - i.direct:.6g}, sum of a b = {i.indirect:.6g} (gap {i.gap:.1e})"
        )
    lines.append(f"  the mediators add {result.r2_gain:.2g} to the (within) R2 of the outcome")
    return "\n".join([*lines, *(f"  ! {note}" for note in result.notes)])


def _mediator(m: Mediator) -> list[str]:
    lines = [m.sentence]
    lines += [f"  step {s.number}: {s.question}: p = {s.p_value:.4f}, {'yes' if s.passed else 'no'}" for s in m.steps]
    lines += [_effect(i) for i in (*m.indirect, *m.by_term)]
    s = m.sensitivity
    lines.append(
        f"  errors correlated by {s.rho_zero:.3f} do away with it (R2 product {s.r2_residual:.4f} of what is left, "
        f"{s.r2_total:.4f} of everything)"
    )
    return lines + ([] if m.cells is None else _cells(m.cells))


def _effect(i: Indirect) -> str:
    return (
        f"  {_place(i.place, i.x):<16} a {i.a:.5g} ({i.a_std_error:.3g}), b {i.b:.5g} ({i.b_std_error:.3g}), "
        f"a b {i.estimate:.5g} {_ends(i.conf_low, i.conf_high)}; Sobel z {i.sobel.z:.3f} (p {i.sobel.p_value:.4f}), "
        f"Aroian {i.aroian.z:.3f}, Goodman {i.goodman.z:.3f}; share {_share(i.share, i.share_low, i.share_high)}"
    )


def _cells(c: CellPath) -> list[str]:
    left = f"; left out: {', '.join(c.left_out)}" if c.left_out else ""
    return [
        f"  a-path on {c.n_cells:,} cells of {', '.join(c.keys)}{left}: joint p {c.weighted_joint.p_value:.4f} "
        f"weighted by rows, {c.unweighted_joint.p_value:.4f} unweighted"
    ]


def _place(place: str, x: float | None) -> str:
    return place if x is None else f"{place} {x:.4g}"


def _ends(low: float, high: float) -> str:
    return f"[{low:.5g}, {high:.5g}]"


def _share(share: float, low: float, high: float) -> str:
    return f"{100 * share:.1f} % [{100 * low:.1f}, {100 * high:.1f}]"
