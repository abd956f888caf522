"""Tables A7 and A7b: the tests of the curve's shape, and who is past its turning point, year by year."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from integrade.judge.bundle import ShapeStudy
from integrade.judge.naming import fieller_text, label_of
from integrade.models.fit.results import UTest
from integrade.models.shape.records import Line
from integrade.numerals import fixed, interval, p_text, percent, stars
from integrade.report.printed import STARS, Origin, PrintedTable, Row

Labels = Mapping[str, str]

QUANTITIES: tuple[tuple[str, str, Callable[[UTest], str]], ...] = (
    ("range", "Range", lambda t: f"{fixed(t.low)} to {fixed(t.high)}"),
    ("slope_low", "Slope at its low end (t)", lambda t: f"{fixed(t.slope_low, 4)} ({fixed(t.t_low, 2)})"),
    ("slope_high", "Slope at its high end (t)", lambda t: f"{fixed(t.slope_high, 4)} ({fixed(t.t_high, 2)})"),
    ("u_test", "p: larger one-sided p of both ends", lambda t: p_text(t.p_value)),
)


def shape_table(found: ShapeStudy, labels: Labels | None = None) -> PrintedTable:
    """U-tests over both ranges, the turning point with both intervals, slopes, the two lines and the cube."""
    labels = labels or {}
    tests, x = (found.whole, found.inner), label_of(found.variable, labels)
    ends = " to ".join(str(e) for e in found.ends)
    level = f"{100 * found.level:g} %"
    t = found.whole
    rows = [
        Row("panel", ("U-test of Lind and Mehlum",)),
        *(Row("test", (name, *(of(test) for test in tests)), key) for key, name, of in QUANTITIES),
        Row("panel", ("Turning point",)),
        Row("test", ("Shape by the sign of the square", t.shape), "shape"),
        Row("test", ("Estimate", fixed(t.turning_point)), "turning_point"),
        Row("test", (f"{level} Fieller interval", fieller_text(t)), "fieller"),
        Row("test", (f"{level} delta interval", interval(t.delta_low, t.delta_high)), "delta"),
        *(
            [Row("test", ("Its place in the sample", f"p{100 * t.quantile_of_turning_point:.0f}"), "quantile")]
            if t.quantile_of_turning_point is not None
            else []
        ),
        *_slope_rows(t),
        *_other_forms(found),
    ]
    title = f"The shape of the curve in {x}"
    return PrintedTable(
        "A7", title, ("", "Whole range", ends), tuple(rows), tuple(_notes(found, x)), origins=(Origin(basis=t.basis),)
    )


def _slope_rows(t: UTest) -> list[Row]:
    if not t.slopes:
        return []
    rows = [
        Row("test", (f"{where} ({fixed(x)})", fixed(b, 4), f"({fixed(e, 4)})"), f"slope.{where}")
        for where, x, b, e in t.slopes
    ]
    return [Row("panel", ("Slope at percentiles of the sample: estimate, standard error",)), *rows]


def _other_forms(found: ShapeStudy) -> list[Row]:
    rows = []
    if found.two_lines is not None:
        lines = found.two_lines
        two = Origin("two lines that meet at a break, in the place of the parabola (Simonsohn)", basis=lines.basis)
        rows += [
            Row("panel", ("Two lines in the place of a parabola (Simonsohn): slope, p",)),
            Row("test", ("Verdict", lines.verdict), "two_lines", (two,)),
            Row("test", ("Break", fixed(lines.break_at)), "two_lines.break", (two,)),
            *(
                Row("test", (f"Slope {where} the break", _slope(line), _line_p(line)), f"two_lines.{where}", (two,))
                for where, line in (("below", lines.first), ("above", lines.second))
            ),
        ]
    if found.cubic is not None:
        c = found.cubic
        wild = f", wild {p_text(c.p_wild)}" if c.p_wild is not None else ""
        rows += [
            Row("panel", ("A cube beside the square: coefficient, p",)),
            Row(
                "test",
                ("Cube", fixed(c.estimate, 4) + stars(c.p_value), p_text(c.p_value) + wild),
                "cube",
                (Origin("the cube added to the regression", c.fit),),
            ),
        ]
    return rows


def _slope(line: Line) -> str:
    return f"{fixed(line.slope, 4)}{stars(line.p_value)}"


def _line_p(line: Line) -> str:
    return p_text(line.p_value) + (f", wild {p_text(line.p_wild)}" if line.p_wild is not None else "")


def _notes(found: ShapeStudy, x: str) -> list[str]:
    notes = [
        f"The U-test asks whether the slope has opposite signs at both ends of a range; the range of percentiles "
        f"leaves out what few rows at the edges decide. {STARS}"
    ]
    if found.two_lines is not None:
        lines = found.two_lines
        notes.append(
            f"Two lines: supported when both slopes have p < {lines.level:g} and opposite signs; break from a spline "
            f"with {lines.knots} knots, so that a parabola is not assumed. {lines.first.rows:,} rows up to the break, "
            f"{lines.second.rows:,} from it on."
        )
    if found.cubic is not None:
        notes.append(f"A significant cube says that a quadratic in {x} does not describe the curve.")
    return notes


def past_table(found: ShapeStudy, labels: Labels | None = None) -> PrintedTable:
    """The share of observations, firms and provinces past the turning point, over all years and in each."""
    x = label_of(found.variable, labels or {})
    rows = tuple(
        Row(
            "text",
            (
                "All years" if p.year == "all" else p.year,
                f"{p.rows:,}",
                percent(p.share_rows),
                f"{p.units:,}" if p.share_units is not None else "",
                percent(p.share_units),
                f"{p.regions:,}",
                percent(p.share_regions),
            ),
        )
        for p in found.past
    )
    columns = ("Year", "Observations", "past", "Firms", "past", "Provinces", "past")
    notes = (
        f"Past: {x} above the turning point, {fixed(found.whole.turning_point)}. A firm or a province is past in a "
        f"year when its mean {x} of that year is; in all years, when its mean over them is.",
    )
    how = Origin("counted over the rows of the regression", basis=found.whole.basis)
    return PrintedTable("A7b", f"Past the turning point of {x}, by year", columns, rows, notes, origins=(how,))
