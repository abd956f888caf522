"""Say what a design can find: the sentences and the cells of the tables, for the terminal and for the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from integrade.subjects.power.setting import DEFAULT_GOODS, DEFAULT_NOISE, LARGEST, MOST, WHOLE, Quantity
from integrade.wording.numerals import fixed, percent
from integrade.wording.sheet import Sheet
from plainwords.texts import listed, say

if TYPE_CHECKING:
    from integrade.subjects.power.model import Needed, Power, Smallest

NONE, INVALID = "—", "×"
"""Cells for a size that is not found, and for a test that rejects too often without an effect."""
Rows = tuple[tuple[str, ...], ...]


def answer(power: Power) -> list[str]:
    """Return the sentences that summarise the result, the answer first."""
    path = power["path"]
    sentences = [lead(power), str(say("power.unit"))]
    if power.outcome_sd is not None and power.index_sd is not None:
        units = {"outcome": fixed(power.outcome_sd), "index": fixed(power.index_sd)}
        sentences.append(say("power.unit-known", units=fixed(power.outcome_sd / power.index_sd), **units))
    if power.needed is not None:
        sentences.append(_needed(power, power.needed))
    sentences += [
        say(
            "power.attenuation",
            slope=percent(power.slope, 0),
            square=percent(power.square, 0),
            noise=percent(power.value("noise"), 0),
        ),
        say(
            "power.false-mediator",
            alpha=percent(power.alpha, 0),
            printed=percent(path.size_printed, 0),
            corrected=percent(path.size_corrected, 0),
            assumed=fixed(power.assumed),
        ),
    ]
    if power.left_out:
        sentences.append(say("power.left-out", regions=listed(power.left_out, "comma")))
    return sentences


def lead(power: Power) -> str:
    """Return the first sentence: the smallest effect with the goods of the design, and with four times as many."""
    regions, years, goods = (int(power.value(name)) for name in WHOLE)
    sizes = {name: str(value) for name, value in zip(WHOLE, (regions, years, goods), strict=True)}
    found, more = power["effect"].corrected, power.more_goods
    other = None if more is None else power.at(more, years)
    miss = percent(1 - power.power, 0)
    if found is None and other is None:
        return say("power.lead-never", miss=miss, more=str(more or goods), largest=f"{LARGEST:g}", **sizes)
    if found is None:
        return say("power.lead-none", miss=miss, more=str(more), other=fixed(other), largest=f"{LARGEST:g}", **sizes)
    if other is None:
        return say("power.lead-alone", miss=miss, smallest=fixed(found), **sizes)
    return say("power.lead", miss=miss, smallest=fixed(found), more=str(more), other=fixed(other), **sizes)


def _needed(power: Power, needed: Needed) -> str:
    own = {name: str(int(power.value(name))) for name in ("goods", "years")}
    wanted = percent(power.power, 0)
    if needed.goods is None:
        by_goods = say("power.no-goods", years=own["years"], most=str(MOST["goods"].most), power=wanted)
    else:
        by_goods = say("power.enough-goods", years=own["years"], goods=str(needed.goods), power=wanted)
    if needed.years is None:
        by_years = say("power.no-years", goods=own["goods"], most=str(MOST["years"].most))
    else:
        by_years = say("power.enough-years", goods=own["goods"], years=str(needed.years))
    return say(
        "power.needed",
        effect=fixed(needed.effect),
        power=percent(needed.corrected, 0),
        exact=percent(needed.exact, 0),
        goods=by_goods,
        years=by_years,
    )


def smallest_head(*, units: bool = True) -> tuple[str, ...]:
    """Return the headings of the table of smallest sizes."""
    names = ("question", "in-unit", "printed", "false-printed", "corrected", "false-corrected", "exact")
    heads = {
        "question": say("power.question"),
        "in-unit": say("power.in-unit"),
        "printed": say("power.printed"),
        "false-printed": say("power.false-printed"),
        "corrected": say("power.corrected"),
        "false-corrected": say("power.false-corrected"),
        "exact": say("power.exact"),
    }
    return tuple(str(heads[name]) for name in names if units or name != "in-unit")


def smallest_rows(power: Power, *, units: bool = True) -> Rows:
    """Return the smallest size of every question, with its unit."""
    return tuple(_row(power, s, units=units) for s in power.smallest)


def _row(power: Power, s: Smallest, *, units: bool) -> tuple[str, ...]:
    unit = (str(say(f"power_units.{s.question}")),) if units else ()
    invalid = s.size_printed > 2 * power.alpha
    return (
        str(say(f"power_questions.{s.question}")),
        *unit,
        INVALID if invalid else size_text(s.printed),
        percent(s.size_printed, 0),
        size_text(s.corrected),
        percent(s.size_corrected, 0),
        size_text(s.exact),
    )


def size_text(value: float | None) -> str:
    """Write a size with three decimals; a dash if none is found."""
    return NONE if value is None else fixed(value)


def smallest_notes(power: Power) -> tuple[str, ...]:
    """Return the notes of the table of smallest sizes."""
    cells = [c for row in smallest_rows(power) for c in row]
    error = power["effect"].error
    notes = [
        say("power.about-verdicts", alpha=percent(power.alpha, 0)),
        say("power.about-assumed", assumed=fixed(power.assumed), proxy=fixed(power.value("proxy"), 2)),
    ]
    if NONE in cells:
        notes.append(say("power.about-none", largest=f"{LARGEST:g}"))
    if INVALID in cells:
        notes.append(say("power.about-invalid", twice=percent(2 * power.alpha, 0)))
    if error is not None:
        notes.append(say("power.about-error", error=fixed(error), draws=f"{power.draws:,}", seed=str(power.seed)))
    return tuple(map(str, notes))


def size_head(power: Power) -> tuple[str, ...]:
    """Return the headings of the table of goods and years."""
    return (str(say("power.goods")), *(str(say("power.years", years=str(y))) for y in power.years_tried))


def size_rows(power: Power) -> Rows:
    """Return the smallest effect for numbers of goods (rows) and years (columns)."""
    return tuple(
        (str(goods), *(size_text(power.at(goods, years)) for years in power.years_tried)) for goods in power.goods_tried
    )


def size_note(power: Power) -> str:
    """Return the note of the table of goods and years."""
    return say("power.about-size", years=str(int(power.value("years"))))


def design_head() -> tuple[str, ...]:
    """Return the headings of the table of the design."""
    return tuple(map(str, (say("power.quantity"), say("power.value"), say("power.meaning"), say("power.source"))))


def design_rows(power: Power) -> Rows:
    """Return every quantity of the design with its value, meaning and source."""
    return tuple(
        (
            str(say(f"power_quantities.{q.name.replace('_', '-')}")),
            value_text(q),
            str(say(f"power_meanings.{q.name.replace('_', '-')}")),
            _source(q),
        )
        for q in power.quantities
    )


def value_text(quantity: Quantity) -> str:
    """Write a quantity: numbers of regions, years and goods as they are, others with three significant digits."""
    return str(int(quantity.value)) if quantity.name in WHOLE else f"{quantity.value:.3g}"


def _source(quantity: Quantity) -> str:
    if quantity.name == "noise" and quantity.source == "demo":
        return str(say("power.default-noise", noise=percent(DEFAULT_NOISE, 0), goods=str(DEFAULT_GOODS)))
    return str(say(f"power_sources.{quantity.source}"))


def limits(power: Power) -> list[str]:
    """Return what the simulation does not cover, and how to repeat it."""
    files = any(q.source in ("prices", "panel") for q in power.quantities)
    repeated = (
        say("power.repeat-panel", command=command(power)) if files else say("power.repeat", command=command(power))
    )
    return [str(say("power.normal")), str(say("power.missing")), str(repeated)]


def command(power: Power) -> str:
    """Return the command with every quantity given."""
    flags = [
        f"--{q.name.replace('_', '-')} {int(q.value) if q.name in WHOLE else format(q.value, '.6g')}"
        for q in power.quantities
    ]
    if power.needed is not None:
        flags.append(f"--effect {power.needed.effect:.6g}")
    flags += [f"--power {power.power:g}", f"--alpha {power.alpha:g}", f"--splits {power.splits}"]
    return " ".join(["integrade power", *flags, f"--draws {power.draws}", f"--seed {power.seed}"])


def sheet(power: Power) -> Sheet:
    """Return the answer, the three tables and the limits for a terminal or a notebook."""
    first, *others = answer(power)
    sized = Sheet(
        str(say("power.size-table", power=percent(power.power, 0))), size_head(power), size_rows(power)
    ).text()
    design = Sheet(str(say("power.design-table")), design_head(), design_rows(power)).text()
    below = [*others, "", *smallest_notes(power), "", *sized.split("\n"), size_note(power), "", *design.split("\n"), ""]
    return Sheet(first, smallest_head(units=False), smallest_rows(power, units=False), (*below, *limits(power)))
