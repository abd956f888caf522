"""Check phrases that name a column, a sign, a count or a kind of number against the table that they refer to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tablecheck.checks.terms import Statistics, p_range, t_range
from tablecheck.digits import Printed, plain
from tablecheck.findings import Finding
from tablecheck.printed import Column, Estimate, PublishedTable
from tablecheck.words import is_number_of_column


class Phrase(NamedTuple):
    """A sentence with the table that it refers to, and the estimates of the terms that it names (by term)."""

    sentence: str
    table: PublishedTable
    named: Mapping[str, Sequence[tuple[Column, Estimate]]]

    @property
    def where(self) -> str:
        """The sentence as findings quote it."""
        return f"\u201c{self.sentence[:160]}\u201d"


_COLUMN = re.compile(r"\bcol(?:umn|\.)?\s*[(（]?(\d{1,2})[)）]?|第?\s*[(（]?(\d{1,2})[)）]?\s*列", re.IGNORECASE)
_SEVERAL = re.compile(r"\bcol(?:umn)?s\b|[(（]\d{1,2}[)）]\s*(?:-|–|to|and|至|和|、)\s*[(（]?\d", re.IGNORECASE)


def columns_named(phrase: Phrase) -> list[Column]:
    """Return the columns with the number that a sentence gives first; empty if it gives none or a list of numbers."""
    numbers = [a or b for a, b in _COLUMN.findall(phrase.sentence)]
    if not numbers or _SEVERAL.search(phrase.sentence):
        return []
    number = numbers[0]
    return [c for c in phrase.table.columns if any(_is_column(head, number) for head in c.heads)]


def _is_column(head: str, number: str) -> bool:
    """Return whether a heading is, or begins or ends with, the number of a column."""
    alone = is_number_of_column(head) and re.findall(r"\d+", head) == [number]
    return alone or bool(re.search(rf"^\({number}\)\s|\s\({number}\)$", plain(head)))


_DOWN = (
    r"reduc|lower|decreas|declin|negativ|fall|fell|drop|mitigat|smaller|less\b|weaken|inhibit|shrink|minus"
    r"|下降|降低|减少|负|抑制|削弱"
)
_STATES = r"(?:coefficients?|estimates?|effects?|slopes?|系数|估计值|效应)"
_IS = r"(?:is|was|are|equals?|of|为|是|等于)"
_NUMBER = r"(?<![\d.])[-+]?\d*\.\d{2,}(?!\d|\.\d|\s?%)"


def check_sign(phrase: Phrase) -> Iterator[Finding]:
    """Doubt a coefficient that is quoted with another sign than the table prints.

    The sentence must say that a coefficient or an effect is the number, and must have no word for a decrease. The table
    must print the digits with one sign only.
    """
    text = plain(phrase.sentence)
    if re.search(_DOWN, text, re.IGNORECASE):
        return
    for match in re.finditer(rf"{_STATES}\b[^.]{{0,80}}?\b{_IS}\s+(?:about\s+)?({_NUMBER})", text, re.IGNORECASE):
        quoted = match[1].lstrip("+")
        same = [b for b in _coefficients(phrase) if _digits(b) == quoted.lstrip("-").lstrip("0")]
        if same and all((b.value < 0) != quoted.startswith("-") for b in same):
            yield claim(
                phrase,
                f"the text quotes {quoted} from {phrase.table.name}, which prints {same[0].text}",
                same[0].place,
                "which sign the coefficient has",
            )


def _coefficients(phrase: Phrase) -> list[Printed]:
    """Return the coefficients that a sentence may quote: of its column, else of its terms, else of the table."""
    in_column = [e for c in columns_named(phrase) for e in c.estimates.values()]
    of_terms = [e for pairs in phrase.named.values() for _, e in pairs]
    every = [e for c in phrase.table.columns for e in c.estimates.values()]
    return [e.b for e in in_column or of_terms or every if e.b is not None]


def _digits(number: Printed) -> str:
    """Return the absolute value of a number as printed, without leading zeros."""
    return f"{abs(number.value):.{number.decimals}f}".lstrip("0")


_VERBS = {
    -1: r"(?:reduces?|reduced|lowers?|lowered|decreases?|decreased|inhibits?|inhibited|降低了?|减少了?|抑制了?)",
    +1: r"(?:increases?|increased|raises?|raised|promotes?|promoted|improves?|improved|提高了?|增加了?|促进了?)",
}
_ADVERB = r"(?:\s*(?:significantly|strongly|clearly|also|thus|therefore|显著地?|明显|也))?"


def check_direction(phrase: Phrase) -> Iterator[Finding]:
    """Doubt a verb of increase or decrease behind a term whose estimates all have the other sign and a star."""
    if len(phrase.named) != 1:
        return
    (pairs,) = phrase.named.values()
    numbers = [e.b for _, e in pairs if e.b is not None and e.marks]
    if not numbers or len(numbers) < len(pairs):
        return
    for sign, verb in _VERBS.items():
        label = re.escape(pairs[0][1].label.strip())
        says = re.search(rf"{label}{_ADVERB}\s*{verb}(?![a-z])", phrase.sentence, re.IGNORECASE)
        if says and all(b.value * sign < 0 for b in numbers):
            first = numbers[0]
            message = f"the text says “{says[0]}”; all of {phrase.table.name} has the other sign, such as {first.text}"
            yield claim(phrase, message, first.place, "the direction of the effect, or which outcome is meant")


_SIGNIFICANT = re.compile(r"\bsignificant(?:ly)?\b|显著", re.IGNORECASE)
_NOT = re.compile(
    r"\bno[tr]?\b|n't|insignifican|without|neither|fail|lack|cease|lose|lost|less|economically|不|未|无|没有",
    re.IGNORECASE,
)
WEAKEST = 0.1
"""The largest p that authors call significant."""


def check_significance(phrase: Phrase) -> Iterator[Finding]:
    """Doubt a term that is called significant, without a level, although every p of it is above `WEAKEST`."""
    if len(phrase.named) != 1 or not _SIGNIFICANT.search(phrase.sentence) or _NOT.search(phrase.sentence):
        return
    ((term, pairs),) = phrase.named.items()
    columns = columns_named(phrase)
    pairs = [(c, e) for c, e in pairs if not columns or c in columns]
    spans = [(c, s) for c, e in pairs if (s := t_range(e, c)) is not None]
    if spans and len(spans) == len(pairs) and all(p_range(s[1], c)[0] >= WEAKEST for c, s in spans):
        t = max(s[1] for _, s in spans)
        yield claim(
            phrase,
            f"the text calls {term} significant; its largest |t| in {phrase.table.name} is at most {t:.2f}",
            pairs[0][1].place,
            "which column is meant",
        )


_UNITS = (
    r"(provinces|regions|countries|cities|industries|sectors|states"
    r"|个?省(?:份|区|市)?|个?地区|个?国家|个?城市|个?行业)"
)


def check_count(phrase: Phrase) -> Iterator[Finding]:
    """Doubt a count of ranked units that differs by one or two from the rows of the ranking that the text names."""
    if phrase.table.ranked is None:
        return
    rows = len(phrase.table.ranked.rows)
    for match in re.finditer(rf"(?<![\d.,])(\d{{1,3}})\s*{_UNITS}", phrase.sentence, re.IGNORECASE):
        count = int(match[1])
        if 0 < abs(count - rows) <= 2:
            yield claim(
                phrase,
                f"the text counts {match[0]}; {phrase.table.name} has {rows} rows",
                "",
                "which rows are left out",
            )


_SHARE = r"(?:ratio|share|proportion|percentage|比例|比重|占比|比值|之比)"


def check_shares(text: str, where: str, statistics: Statistics) -> Iterator[Finding]:
    """Doubt a variable that the text defines as a share or ratio of a part, if all its values are above one.

    Only names in brackets behind their words are checked: ``R&D intensity (RD) is the ratio of spending to output``.
    """
    for name, row in statistics.items():
        low, high = row.get("min"), row.get("max")
        if low is None or high is None or low.low <= 1 or high.value > 100:
            continue
        pattern = rf"[(（]{re.escape(name)}[)）][^.。()（）]{{0,160}}?{_SHARE}"
        match = re.search(pattern, text, re.IGNORECASE)
        if match and not re.search(r"\blog|\bln\b|logarithm|对数", match[0], re.IGNORECASE):
            yield Finding(
                "definitions",
                "doubt",
                where,
                name,
                f"the text defines {name} as a ratio; its values run from {low.value:g} to {high.value:g}",
                {"min": low.value, "max": high.value},
                cells=tuple(filter(None, (low.place, high.place))),
                innocent="a ratio in per cent, or of numbers in different units",
                ask=f"the unit of {name}, and whether it is a logarithm",
            )


def claim(phrase: Phrase, message: str, place: str, ask: str) -> Finding:
    """Return a doubt about a sentence, with the sentence quoted after the message."""
    cells = (place,) if place else ()
    return Finding("claims", "doubt", phrase.table.name, "", f"{message}: {phrase.where}", {}, cells=cells, ask=ask)
