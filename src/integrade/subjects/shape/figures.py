"""Draw the sizes of effects in standard deviations of the outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import altair as alt

from integrade.errors import EmptyTable
from integrade.report.style import (
    BLUE,
    INK,
    MUTED,
    Chart,
    Record,
    colour_where,
    data,
    dressed,
    names_axis,
    rows_high,
    tip,
)
from integrade.subjects.shape.effect_size import EffectSizes
from integrade.verdicts.naming import label_of, move_word, prose_of
from plainwords.texts import listed, say

Labels = Mapping[str, str]


def effects_figure(found: EffectSizes, labels: Labels | None = None) -> Chart:
    """Draw the change of the outcome for each move of a regressor within the data, with 95% intervals.

    Changes are in standard deviations of the outcome.

    Raises `EmptyTable` without effect sizes.
    """
    labels = labels or {}
    if not found.rows or not found.sd > 0:
        raise EmptyTable("the fit has no effect sizes")
    moves = Counter(e.variable for e in found.rows)
    rows: list[Record] = [
        {
            "name": say(
                "effect_figures.variable-and-move", variable=label_of(e.variable, labels), move=move_word(e.move)
            ),
            "value": e.in_sd,
            "low": e.conf_low / found.sd,
            "high": e.conf_high / found.sd,
            "curve": moves[e.variable] > 1,
        }
        for e in found.rows
    ]
    names = [str(r["name"]) for r in rows]
    y = alt.Y("name:N", sort=names, title=None, axis=names_axis(names))
    sizes = [say("effect_figures.size", what=str(r["name"]), size=f"{float(r['value']):.2f}") for r in rows]
    name = prose_of(found.outcome, labels)
    x = alt.X("value:Q", title=say("effect_figures.change-in-sd", outcome=name))
    colour = colour_where("datum.curve", BLUE, MUTED)
    base = alt.Chart(data(rows))
    tips = [tip("name:N"), *(tip(f"{k}:Q", ".3f") for k in ("value", "low", "high"))]
    layers = [
        alt.Chart(data([{"zero": 0}])).mark_rule(color=INK).encode(x=alt.X("zero:Q")),
        base.mark_rule(strokeWidth=2.5).encode(y=y, x=alt.X("low:Q"), x2=alt.X2("high:Q"), color=colour),
        base.mark_circle(size=70, opacity=1).encode(y=y, x=x, color=colour, tooltip=tips),
    ]
    return dressed(
        alt.layer(*layers),
        say("effect_figures.how-large", outcome=name),
        subtitle=say("effect_figures.effects-colours"),
        description=say("figures.sentence", text=listed(sizes, "semicolon")),
        height=rows_high(names, 22) + 10,
    )
