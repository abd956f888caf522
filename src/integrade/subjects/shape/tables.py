"""Build the tests of the curve's shape, and the shares past its turning point by year."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from integrade.estimate.inverted_u import UTest
from integrade.report.printed import PrintedTable, stars_note
from integrade.report.rows import Origin, Row
from integrade.subjects.shape.two_lines import ShapeStudy
from integrade.subjects.shape.verdict import size_of_shape
from integrade.verdicts import places
from integrade.verdicts.naming import fieller_text, followed, prose_of, shape_word, sign_of_square
from integrade.wording.numerals import Printing, between, fixed, p_text, percent, placed, shared, stars
from plainwords.texts import listed, say

Labels = Mapping[str, str]

QUANTITIES: tuple[tuple[str, str, Callable[[UTest, Printing], str]], ...] = (
    ("range", "shape_tables.range", lambda t, _: say("shape_tables.from-to", low=placed(t.low), high=placed(t.high))),
    ("slope_low", "shape_tables.slope-low", lambda t, slope: f"{slope(t.slope_low)} ({fixed(t.t_low, 2)})"),
    ("slope_high", "shape_tables.slope-high", lambda t, slope: f"{slope(t.slope_high)} ({fixed(t.t_high, 2)})"),
    ("u_test", "shape_tables.larger-p", lambda t, _: p_text(t.p_value)),
)


def shape_table(found: ShapeStudy, labels: Labels | None = None) -> PrintedTable:
    """Build Table 4f: U-tests over both ranges, turning point with both intervals, slopes, two lines, and the cube."""
    labels = labels or {}
    tests, x = (found.whole, found.inner), prose_of(found.variable, labels)
    low, high = (str(e) for e in found.ends)
    level = f"{100 * found.level:g}%"
    t = found.whole
    slope = size_of_shape(found)
    rows = [
        Row("panel", (say("shape_tables.lind-mehlum"),)),
        *(Row("test", (say(name), *(of(test, slope) for test in tests)), key) for key, name, of in QUANTITIES),
        Row("panel", (say("printed.turning-point"),)),
        Row("test", (say("regression.sign-of-square"), sign_of_square(t)), "shape"),
        Row("test", (say("printed.estimate"), placed(t.turning_point)), "turning_point"),
        Row("test", (say("shape_tables.fieller", level=level), fieller_text(t)), "fieller"),
        Row("test", (say("shape_tables.delta", level=level), between(placed, t.delta_low, t.delta_high)), "delta"),
    ]
    if t.quantile_of_turning_point is not None:
        rows.append(Row("test", (say("shape_tables.place"), f"p{100 * t.quantile_of_turning_point:.0f}"), "quantile"))
    if t.slopes:
        rows.append(Row("panel", (say("shape_tables.slopes"),)))
    rows += [
        Row("test", (f"{where} ({placed(at)})", slope(b), f"({slope(error)})"), f"slope.{where}")
        for where, at, b, error in t.slopes
    ]
    rows += _other_forms(found, slope)
    return PrintedTable(
        places.SHAPE,
        say("shape_tables.title", x=x),
        ("", say("shape_tables.whole-range"), say("shape_tables.from-to", low=low, high=high)),
        tuple(rows),
        tuple(_notes(found, x)),
        origins=(Origin(basis=t.basis),),
        column_keys=("whole_range", f"{low}_to_{high}"),
    )


def _other_forms(found: ShapeStudy, slope: Printing) -> list[Row]:
    """Return the rows of the tests with another form of the curve: two lines, and the cube."""
    rows = []
    if found.two_lines is not None:
        lines = found.two_lines
        two = (Origin(say("shape_tables.two-lines-origin"), basis=lines.basis),)
        rows += [
            Row("panel", (say("shape_tables.two-lines"),)),
            Row("test", (say("shape_tables.verdict"), shape_word(lines.verdict)), "two_lines", two),
            Row("test", (say("shape_tables.break"), placed(lines.break_at)), "two_lines.break", two),
        ]
        for where, name, line in (
            ("below", say("shape_tables.slope-below"), lines.first),
            ("above", say("shape_tables.slope-above"), lines.second),
        ):
            texts = (name, slope(line.slope) + stars(line.p_value), _both_p(line.p_value, line.p_wild))
            rows.append(Row("test", texts, f"two_lines.{where}", two))
    if found.cubic is not None:
        c = found.cubic
        cube = shared([c.estimate], [c.std_error], 4)(c.estimate) + stars(c.p_value)
        rows += [
            Row("panel", (say("shape_tables.cube-beside"),)),
            Row(
                "test",
                (say("shape_tables.cube"), cube, _both_p(c.p_value, c.p_wild)),
                "cube",
                (Origin(say("shape_tables.cube-origin"), c.fit),),
            ),
        ]
    return rows


def _both_p(p: float, wild: float | None) -> str:
    """Return text with the p-value and, if there is one, the wild bootstrap's p-value."""
    return p_text(p) if wild is None else say("shape_tables.with-wild", p=p_text(p), wild=p_text(wild))


def _notes(found: ShapeStudy, x: str) -> list[str]:
    notes: list[str] = [say("shape_tables.u-test-note", stars=stars_note())]
    if found.two_lines is not None:
        lines = found.two_lines
        two_lines = say(
            "shape_tables.two-lines-note",
            level=f"{lines.alpha:g}",
            knots=lines.knots,
            below=lines.first.rows,
            above=lines.second.rows,
        )
        both = lines.first.rows + lines.second.rows - lines.nobs
        notes.append(
            listed([two_lines, say("shape_tables.two-lines-both", rows=both)], "sentences") if both > 0 else two_lines
        )
    if found.cubic is not None:
        notes.append(say("shape_tables.cube-note", x=x))
    return notes


def past_table(found: ShapeStudy, labels: Labels | None = None, *, established: bool) -> PrintedTable:
    """Build Table 4g: shares of observations, firms and regions past the turning point, in all years and in each.

    ``established`` is whether the curve is known to turn (`integrade.subjects.shape.verdict.turn_established`).
    """
    x = prose_of(found.variable, labels or {})
    rows = tuple(
        Row(
            "text",
            (
                say("shape_tables.all-years") if p.year == "all" else p.year,
                f"{p.rows:,}",
                percent(p.share_rows),
                f"{p.units:,}" if p.share_units is not None else "",
                percent(p.share_units),
                f"{p.regions:,}",
                percent(p.share_regions),
            ),
            "all_years" if p.year == "all" else p.year,
        )
        for p in found.past
    )
    past = say("shape_tables.past")
    notes = [say("shape_tables.past-note", x=x, turning=placed(found.whole.turning_point))]
    if not established:
        notes.append(say("shape_tables.past-not-established"))
    columns = (
        say("printed.year"),
        say("printed.observations"),
        past,
        say("shape_tables.firms", units=followed(labels or {}, heading=True)),
        past,
        say("shape_tables.regions"),
        past,
    )
    return PrintedTable(
        places.PAST,
        say("shape_tables.past-title", x=x),
        columns,
        rows,
        tuple(notes),
        origins=(Origin(say("shape_tables.past-origin"), basis=found.whole.basis),),
        column_keys=("observations", "past", "firms", "past", "regions", "past"),
    )
