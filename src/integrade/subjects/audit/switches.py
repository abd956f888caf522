"""Define the records of an audit: the main result after each change of one choice, as frozen plain numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass

from integrade.estimate.results import Basis
from integrade.wording.numerals import below
from integrade.wording.sheet import Sheet, of_text, shown


@dataclass(frozen=True)
class Drawn:
    """Numbers from which the curve of a version is drawn, and numbers of the version's first sentence.

    ``curve``: low, high, centre, b1, b2, w11, w12, w22 (`integrade.estimate.inverted_u.Parabola`). ``move`` holds the
    25th and 75th percentile of the version's own index, and the change of the outcome between them with its 95%
    interval. ``fieller`` holds the ends of the interval of the turning point; they are missing if the interval is every
    number. ``between`` is false if the interval is all numbers except the numbers between the ends.
    """

    curve: tuple[float, ...]
    move: tuple[float, ...]
    fieller: tuple[float, ...] = ()
    between: bool = True


@dataclass(frozen=True)
class Headline:
    """The main result of one version of a study.

    ``low`` and ``high`` are the slopes at the 10th and 90th percentile of the version's own index. They are in standard
    deviations of the outcome per standard deviation of the index, so that versions with other units are comparable.
    Their intervals use the version's covariance. ``past`` is the share of rows beyond the turning point of an inverted
    U; for a U it is missing. ``basis`` holds the rows, effects, errors and clusters behind the numbers. ``drawn`` is
    the curve. ``spread`` is the standard deviation of the outcome in the version's rows.
    """

    nobs: int
    b1: float
    b2: float
    turning_point: float
    fieller: str
    u_test_p: float
    low: tuple[float, float, float]  # estimate, conf_low, conf_high
    high: tuple[float, float, float]
    past: float | None
    kind: str
    basis: Basis | None = None
    drawn: Drawn | None = None
    spread: float | None = None

    @property
    def verdict(self) -> str:
        """The shape: "inverted U" or "U" if the U-test has p < .05, the usual size of a test.

        Otherwise it is "rises" or "falls" if both intervals exclude zero on the same side, else "nothing".
        """
        if below(self.u_test_p, 0.05):
            return "inverted U" if self.b2 < 0 else "U"
        clear = [not a <= 0 <= b for _, a, b in (self.low, self.high)]
        if all(clear) and self.low[0] * self.high[0] > 0:
            return "rises" if self.low[0] > 0 else "falls"
        return "nothing"


@dataclass(frozen=True)
class Switch:
    """One changed choice: key, values before and after, why it matters, and the main result or why there is none."""

    key: str
    before: str
    after: str
    about: str
    found: Headline | None
    why_not: str = ""

    @property
    def name(self) -> str:
        """Key and new value, such as ``integration.ddof = 0``."""
        return f"{self.key} = {self.after}"


@shown
@dataclass(frozen=True)
class Audit:
    """The baseline and every switch, in the order of the study's steps."""

    title: str
    treatment: str
    outcome: str
    formula: str
    baseline: Headline
    switches: tuple[Switch, ...]

    @property
    def ranked(self) -> tuple[Switch, ...]:
        """Switches that have a main result, ordered by their `shift`, largest first."""
        return tuple(sorted((s for s in self.switches if s.found), key=lambda s: (-self.shift(s), s.name)))

    def shift(self, switch: Switch) -> float:
        """Return the larger change of the two standardised slopes; zero without a main result."""
        if switch.found is None:
            return 0.0
        moves = [abs(getattr(switch.found, e)[0] - getattr(self.baseline, e)[0]) for e in ("low", "high")]
        return max((m for m in moves if math.isfinite(m)), default=0.0)

    def sheet(self) -> Sheet:
        """Return the audit for the terminal."""
        done = [s for s in self.switches if s.found]
        same = sum(s.found is not None and s.found.verdict == self.baseline.verdict for s in done)
        lines = [
            f"baseline: {self.formula} ({self.baseline.kind}, {self.baseline.nobs:,} rows): {self.baseline.verdict}",
            f"{len(done)} choices moved one at a time; {same} leave the verdict as it is",
            f"{'choice':<52} {'slope p10':>10} {'slope p90':>10} {'turning':>9} {'past':>6} {'U-test p':>9}  verdict",
            _line("(baseline)", self.baseline),
        ]
        lines += [_line(s.name, s.found) for s in self.ranked if s.found]
        lines += [f"{s.name:<52} not possible: {s.why_not}" for s in self.switches if not s.found]
        return of_text("\n".join([*lines, "slopes in standard deviations of outcome and index; largest moves first"]))


def _line(name: str, h: Headline) -> str:
    past = "" if h.past is None else f"{100 * h.past:.0f}%"
    return (
        f"{name:<52} {h.low[0]:>10.4f} {h.high[0]:>10.4f} {h.turning_point:>9.4g} {past:>6} {h.u_test_p:>9.4f}  "
        f"{h.verdict}"
    )
