"""Show the power of a design as one page."""

from __future__ import annotations

from integrade.report.self_contained import numbered, paragraphs, sectioned, table_block
from integrade.subjects.power.figures import power_figure
from integrade.subjects.power.model import Power
from integrade.subjects.power.sentences import answer, limits
from integrade.subjects.power.tables import power_tables
from plainwords.texts import say, speaking


def power_page(power: Power, language: str = "en") -> str:
    """Return a self-contained HTML page for the power of a design, in the given language."""
    with speaking(language):
        tables, figures = power_tables(power), {"power": power_figure(power)}
        shown, drawn = {t.number: table_block(t) for t in tables}, numbered(figures)
        return sectioned(
            say("power.title"),
            answer(power),
            [
                ("answers", say("power.answers"), say("power.what-is-found"), shown["1"]),
                ("curve", say("power.curve"), say("power.by-effect"), drawn["power"]),
                ("size", say("power.size"), say("power.by-size"), shown["2"]),
                ("design", say("power.design"), say("power.what-is-assumed"), shown["3"]),
                ("limits", say("power.limits"), say("power.not-covered"), paragraphs(limits(power))),
            ],
            figures,
            tables,
        )
