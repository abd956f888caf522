"""Show an audit as one page: the headline under every single change, as a tornado figure and a table."""

from __future__ import annotations

import altair as alt

from integrade.report.printed import PrintedTable, sentence
from integrade.report.rows import Row
from integrade.report.self_contained import numbered, sectioned, table_block
from integrade.report.style import BLUE, MUTED, ORANGE, Chart, Record, data, dressed, names_axis, rows_high, tip
from integrade.subjects.audit.switches import Audit, Headline
from integrade.verdicts.clustering import cautions
from integrade.verdicts.naming import conclusion_word
from integrade.wording.numerals import fixed, p_equals, p_text, percent, placed
from plainwords.texts import in_language, language_spoken, listed, say, speaking

MOST = 30  # choices in the figure, a convention; the table has all


def audit_page(audit: Audit, language: str = "en") -> str:
    """Return a self-contained HTML page for the audit, in the given language."""
    with speaking(language):
        tables, figures = audit_tables(audit), {"tornado": tornado_figure(audit)}
        shown, drawn = {t.number: table_block(t) for t in tables}, numbered(figures)
        return sectioned(
            say("audit.title", study=audit.title),
            sentences(audit),
            [
                ("moves", say("audit.moves"), say("audit.what-moves"), drawn["tornado"]),
                ("choices", say("audit.choices"), say("audit.every-choice"), shown["1"]),
                ("impossible", say("audit.not-possible"), say("audit.not-allowed"), shown.get("2", "")),
            ],
            figures,
            tables,
        )


def sentences(audit: Audit) -> list[str]:
    """Return the sentences that summarise the audit.

    They give the baseline, how many choices keep its verdict, which choices do not, and which move the result most.
    """
    base, ranked = audit.baseline, audit.ranked
    changed_verdicts = [s for s in ranked if s.found is not None and s.found.verdict != base.verdict]
    concluded = say(
        "audit.verdict",
        verdict=conclusion_word(base.verdict),
        p=p_equals(base.u_test_p),
        point=placed(base.turning_point),
    )
    past = [say("audit.share-past", share=percent(base.past))] if base.past is not None else []
    texts: list[str] = [
        say(
            "audit.baseline",
            formula=audit.formula,
            errors=base.kind,
            rows=base.nobs,
            verdict=listed([concluded, *past], "clauses"),
        ),
        say("audit.kept", choices=len(ranked), kept=len(ranked) - len(changed_verdicts)),
    ]
    if changed_verdicts:
        changed = [
            say("audit.choice-and-verdict", choice=s.name, verdict=conclusion_word(s.found.verdict))
            for s in changed_verdicts
            if s.found
        ]
        texts.append(say("audit.another-verdict", choices=listed(changed, "semicolon")))
    if ranked:
        texts.append(say("audit.move-most", choices=listed([s.name for s in ranked[:3]], "semicolon")))
    return texts


def audit_tables(audit: Audit) -> list[PrintedTable]:
    """Build a table of every choice with its headline, largest moves first.

    If some choices are impossible, a second table lists them with the reason.
    """
    impossible = [s for s in audit.switches if s.found is None]
    language = language_spoken()
    rows = [Row("text", (say("audit.the-baseline"), "", *_cells(audit.baseline)))]
    rows += [Row("text", (s.name, s.before, *_cells(s.found))) for s in audit.ranked if s.found]
    columns = (
        say("audit.choice"),
        say("audit.baseline-has"),
        say("audit.slope-p10"),
        say("audit.slope-p90"),
        say("audit.turning-point"),
        say("audit.past-it"),
        say("audit.u-test-p"),
        say("audit.conclusion"),
        "N",
        say("audit.errors"),
    )
    warnings = cautions(h.basis for h in (audit.baseline, *(s.found for s in audit.ranked)) if h and h.basis)
    notes = (
        say("audit.about-slopes", outcome=audit.outcome, treatment=audit.treatment),
        say("audit.about-verdicts"),
        *(sentence(one) for one in warnings.values()),
    )
    title = say("audit.under-every-choice")
    tables = [PrintedTable("1", title, columns, tuple(rows), notes, (0, 1), language=language)]
    if impossible:
        reasons = tuple(Row("text", (s.name, in_language(s.why_not, language))) for s in impossible)
        title, heads = say("audit.could-not-be-made"), (say("audit.choice"), say("audit.reason"))
        tables.append(PrintedTable("2", title, heads, reasons, (), (0, 1), language=language))
    return tables


def _cells(h: Headline) -> tuple[str, ...]:
    return (
        fixed(h.low[0]),
        fixed(h.high[0]),
        placed(h.turning_point),
        percent(h.past, 0),
        p_text(h.u_test_p),
        conclusion_word(h.verdict),
        f"{h.nobs:,}",
        h.kind,
    )


def tornado_figure(audit: Audit) -> Chart:
    """Draw both slopes with intervals, for the baseline and for the choices that move them most."""
    chosen = audit.ranked[:MOST]
    names = [str(say("audit.the-baseline")), *(s.name for s in chosen)]
    headlines = [(say("audit.the-baseline"), audit.baseline), *((s.name, s.found) for s in chosen if s.found)]
    ends = {"low": say("audit.slope-at-p10"), "high": say("audit.slope-at-p90")}
    rows: list[Record] = []
    for name, headline in headlines:
        for end, title in ends.items():
            slope, low, high = getattr(headline, end)
            rows.append({"name": name, "end": title, "slope": slope, "low": low, "high": high})
    titles = list(ends.values())
    colour = alt.Color(
        "end:N", scale=alt.Scale(domain=titles, range=[BLUE, ORANGE]), legend=alt.Legend(title=None, orient="top")
    )
    base = alt.Chart(data(rows))
    y = alt.Y("name:N", sort=names, title=None, axis=names_axis(names))
    offset = alt.YOffset("end:N", sort=titles)
    x = alt.X("low:Q", title=say("audit.axis"), axis=alt.Axis(grid=True))
    tips = [tip("name:N"), tip("end:N"), *(tip(f"{f}:Q", ".4f") for f in ("slope", "low", "high"))]
    spans = base.mark_rule(strokeWidth=2, opacity=0.55).encode(
        x=x, x2=alt.X2("high:Q"), y=y, yOffset=offset, color=colour
    )
    dots = base.mark_circle(size=42, opacity=1).encode(
        x=alt.X("slope:Q"), y=y, yOffset=offset, color=colour, tooltip=tips
    )
    marks = [{"x": getattr(audit.baseline, end)[0], "end": title} for end, title in ends.items()]
    lines = alt.Chart(data(marks)).mark_rule(strokeDash=[4, 3]).encode(x=alt.X("x:Q"), color=colour)
    zero = alt.Chart(data([{"x": 0.0}])).mark_rule(color=MUTED).encode(x=alt.X("x:Q"))
    more = len(audit.ranked) - len(chosen)
    return dressed(
        alt.layer(zero, lines, spans, dots),
        say("audit.one-choice-at-a-time"),
        subtitle=say("audit.marks-and-more", more=str(more)) if more else say("audit.marks"),
        description=say("audit.described", choices=str(len(chosen))),
        height=rows_high(names, 26) + 30,
    )
