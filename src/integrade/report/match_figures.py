"""Draw the pairs that each threshold of a linkage would link, and the number of false ones."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from integrade.errors import EmptyTable
from integrade.panel.review_links import Threshold
from integrade.report.style import BLUE, INK, MUTED, ORANGE, Chart, data, dressed, tip
from plainwords.texts import say


def threshold_figure(thresholds: Sequence[Threshold], chosen: float) -> Chart:
    """Draw the number of linked pairs at every threshold of the match weight, and how many of them are false.

    The false pairs are an expected number: one line by the weights, one by the provinces of both sides (if known).
    ``chosen`` is the threshold in use.

    Raises `EmptyTable` if no pair was found.
    """
    if not thresholds:
        raise EmptyTable("no pair of similar names was found, so there is no threshold to choose")
    names = [say(key) for key in ("match_figures.linked", "match_figures.by-weights", "match_figures.by-provinces")]
    rows: list[dict[str, object]] = []
    for t in thresholds:
        audited = None if t.audited is None else t.pairs * t.audited
        for line, pairs in zip(names, (t.pairs, t.pairs * t.share_false, audited), strict=True):
            if pairs is not None:
                rows.append({"weight": t.weight, "pairs": pairs, "line": line})
    colour = alt.Color(
        "line:N",
        title=None,
        scale=alt.Scale(domain=names, range=[BLUE, MUTED, ORANGE]),
        legend=alt.Legend(orient="top"),
    )
    tips = [tip("line:N"), tip("weight:Q"), tip("pairs:Q", ",.1f")]
    lines = (
        alt.Chart(data(rows))
        .mark_line(interpolate="step-after", strokeWidth=2)
        .encode(
            x=alt.X("weight:Q", title=say("match_figures.weight")),
            y=alt.Y("pairs:Q", title=say("match_figures.pairs")),
            color=colour,
            tooltip=tips,
        )
    )
    rule = alt.Chart(data([{"weight": chosen}])).mark_rule(color=INK, strokeDash=[4, 3]).encode(x=alt.X("weight:Q"))
    return dressed(
        alt.layer(lines, rule),
        say("match_figures.what-each-threshold-links"),
        subtitle=say("match_figures.dashed"),
        description=say("match_figures.described"),
    )
