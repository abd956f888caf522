"""An audit as one page: the headline under every choice moved, as a tornado and as a table. From the record alone."""

from __future__ import annotations

import altair as alt

from integrade.models.samples.switches import Audit, Headline, Switch
from integrade.numerals import fixed, p_equals, p_text, percent
from integrade.report.printed import PrintedTable, Row
from integrade.report.self_contained import numbered, sectioned, table_block
from integrade.report.style import BLUE, INK, MUTED, ORANGE, Chart, Record, data, dressed

MOST = 30  # choices in the figure; the table has all
ENDS = (("low", "Slope at the 10th percentile", BLUE), ("high", "Slope at the 90th percentile", ORANGE))


def audit_page(audit: Audit) -> str:
    """A self-contained HTML page."""
    tables, figures = audit_tables(audit), {"tornado": tornado_figure(audit)}
    shown, drawn = {t.number: table_block(t) for t in tables}, numbered(figures)
    return sectioned(
        f"Audit: {audit.title}",
        sentences(audit),
        [
            ("moves", "Moves", "What moves the headline", drawn["tornado"]),
            ("choices", "Choices", "Every choice", shown["1"]),
            ("impossible", "Not possible", "Choices the data do not allow", shown.get("2", "")),
        ],
        figures,
        tables,
    )


def sentences(audit: Audit) -> list[str]:
    """What the audit says: the baseline, how many choices keep its verdict, which ones do not, what moves it most."""
    base, ranked = audit.baseline, audit.ranked
    other = [s for s in ranked if s.found is not None and s.found.verdict != base.verdict]
    said = [
        f"Baseline: {audit.formula}, {base.kind}, {base.nobs:,} rows. Verdict: {base.verdict} "
        f"(U-test {p_equals(base.u_test_p)}), turning point {fixed(base.turning_point)}"
        + (f", {percent(base.past)} of rows past it." if base.past is not None else "."),
        f"{len(ranked)} choices were moved one at a time; {len(ranked) - len(other)} leave the verdict as it is.",
    ]
    if other:
        listed = "; ".join(f"{s.name} ({s.found.verdict})" for s in other if s.found)
        said.append(f"Another verdict under: {listed}.")
    if ranked:
        said.append("The slopes move most under " + "; ".join(s.name for s in ranked[:3]) + ".")
    return said


def audit_tables(audit: Audit) -> list[PrintedTable]:
    """Every choice with its headline, largest moves first; and those that could not be made, with the reason."""
    lost = [s for s in audit.switches if s.found is None]
    rows = [Row("text", ("(baseline)", "", *_cells(audit.baseline)))]
    rows += [Row("text", (s.name, s.before, *_cells(s.found))) for s in audit.ranked if s.found]
    columns = (
        "Choice",
        "Baseline has",
        "Slope p10",
        "Slope p90",
        "Turning point",
        "Past it",
        "U-test p",
        "Verdict",
        "N",
        "Errors",
    )
    notes = (
        f"Slopes of {audit.outcome} on {audit.treatment} at the 10th and 90th percentile of each version's own index, "
        "in standard deviations of outcome and index. The turning point is in the units of each version's index.",
        "Verdict: inverted U or U where the U-test has p < 0.05; else rises or falls where both slopes have one sign "
        "and intervals without zero; else nothing.",
    )
    tables = [PrintedTable("1", "The headline under every choice", columns, tuple(rows), notes, (0, 1))]
    if lost:
        reasons = tuple(Row("text", (s.name, s.why_not)) for s in lost)
        tables.append(PrintedTable("2", "Choices that could not be made", ("Choice", "Reason"), reasons, (), (0, 1)))
    return tables


def _cells(h: Headline) -> tuple[str, ...]:
    return (
        fixed(h.low[0]),
        fixed(h.high[0]),
        fixed(h.turning_point),
        percent(h.past, 0),
        p_text(h.u_test_p),
        h.verdict,
        f"{h.nobs:,}",
        h.kind,
    )


def tornado_figure(audit: Audit) -> Chart:
    """Both slopes with their intervals under the choices that move them most, beside the baseline's."""
    chosen = audit.ranked[:MOST]
    names = ["(baseline)", *(s.name for s in chosen)]
    rows = [r for name, h in _headlines(audit, chosen) for r in _points(name, h)]
    titles = [title for _, title, _ in ENDS]
    colour = alt.Color(
        "end:N",
        scale=alt.Scale(domain=titles, range=[c for _, _, c in ENDS]),
        legend=alt.Legend(title=None, orient="top"),
    )
    base = alt.Chart(data(rows))
    y = alt.Y("name:N", sort=names, title=None, axis=alt.Axis(labelLimit=280, labelOverlap=False, labelColor=INK))
    offset = alt.YOffset("end:N", sort=titles)
    x = alt.X("low:Q", title="Standard deviations of the outcome for one of the index", axis=alt.Axis(grid=True))
    tips = ["name:N", "end:N", *(alt.Tooltip(f"{f}:Q", format=".4f") for f in ("slope", "low", "high"))]
    spans = base.mark_rule(strokeWidth=2, opacity=0.55).encode(x=x, x2="high:Q", y=y, yOffset=offset, color=colour)
    dots = base.mark_circle(size=42, opacity=1).encode(x="slope:Q", y=y, yOffset=offset, color=colour, tooltip=tips)
    marks = [{"x": getattr(audit.baseline, end)[0], "c": title} for end, title, _ in ENDS]
    own = alt.Color("c:N", scale=alt.Scale(domain=titles, range=[c for _, _, c in ENDS]), legend=None)
    lines = alt.Chart(data(marks)).mark_rule(strokeDash=[4, 3]).encode(x="x:Q", color=own)
    zero = alt.Chart(data([{"x": 0.0}])).mark_rule(color=MUTED).encode(x="x:Q")
    more = len(audit.ranked) - len(chosen)
    return dressed(
        alt.layer(zero, lines, spans, dots),
        "The headline under one choice moved at a time",
        subtitle="Largest moves first; dashed: the baseline; lines: 95 % intervals"
        + (f". {more} choices that move less are in Table 1" if more else ""),
        description=f"Slopes at the 10th and 90th percentile under {len(chosen)} choices; the numbers are in Table 1.",
        height=26 * len(names) + 30,
    )


def _headlines(audit: Audit, chosen: tuple[Switch, ...]) -> list[tuple[str, Headline]]:
    return [("(baseline)", audit.baseline), *((s.name, s.found) for s in chosen if s.found)]


def _points(name: str, h: Headline) -> list[Record]:
    found: list[Record] = []
    for end, title, _ in ENDS:
        estimate, low, high = getattr(h, end)
        found.append({"name": name, "end": title, "slope": estimate, "low": low, "high": high})
    return found
