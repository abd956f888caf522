"""Draw the power of a design over the size of the effect."""

from __future__ import annotations

import altair as alt

from integrade.report.style import BLUE, GREEN, MUTED, ORANGE, Chart, Record, data, dressed, percent_axis, tip
from integrade.subjects.power.model import Power
from integrade.subjects.power.sentences import size_text
from integrade.wording.numerals import percent
from plainwords.texts import say


def power_figure(power: Power) -> Chart:
    """Draw the probability that an effect is found, for the three estimators."""
    names = {"printed": say("power.printed"), "corrected": say("power.corrected"), "exact": say("power.exact")}
    rows: list[Record] = [
        {"effect": p.effect, "power": getattr(p, key), "series": str(name)}
        for key, name in names.items()
        for p in power.curve
    ]
    series = [str(name) for name in names.values()]
    colour = alt.Color(
        "series:N",
        scale=alt.Scale(domain=series, range=[ORANGE, BLUE, GREEN]),
        legend=alt.Legend(title=None, orient="top", columns=1),
    )
    x = alt.X("effect:Q", title=str(say("power.figure-axis-effect")))
    y = alt.Y("power:Q", title=str(say("power.figure-axis-power")), scale=alt.Scale(domain=[0, 1]), axis=percent_axis())
    lines = (
        alt.Chart(data(rows))
        .mark_line(strokeWidth=2)
        .encode(x=x, y=y, color=colour, tooltip=[tip("series:N"), tip("effect:Q", ".3f"), tip("power:Q", ".2f")])
    )
    wanted = alt.Chart(data([{"y": power.power}])).mark_rule(color=MUTED, strokeDash=[4, 3]).encode(y=alt.Y("y:Q"))
    sizes = {name: str(int(power.value(name))) for name in ("regions", "years", "goods")}
    return dressed(
        alt.layer(wanted, lines),
        say("power.figure"),
        subtitle=say("power.figure-subtitle", power=percent(power.power, 0), **sizes),
        description=say(
            "power.figure-described", power=percent(power.power, 0), smallest=size_text(power["effect"].corrected)
        ),
        height=300,
    )
