"""Check sentences that give the rank of a unit or the range of a variable against the table that they refer to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from tablecheck.checks.phrases import Phrase, claim
from tablecheck.digits import Printed, plain
from tablecheck.findings import Finding

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_NUMERALS = "一二三四五六七八九十"
_ONE = rf"(?:\d{{1,3}}(?!\d|[.,]\d|\s?%)(?:st|nd|rd|th)?|{'|'.join(_ORDINALS)}|[{_NUMERALS}])"
_AND = r"\s*(?:,\s*and|,|，|、|and\b|和|及)\s*"
_SAID = re.compile(
    rf"(?:\brank(?:s|ed|ing)?\s+(?:(?:only|as|the|number|no\.)\s*)*|(?:排名?在?|位居|居|列)(?:全国)?第)\s?"
    rf"(?P<ranks>{_ONE}(?:{_AND}第?\s?{_ONE})*)(?![\w-])|(?P<top>居首|排名首)",
    re.IGNORECASE,
)
_OTHER_ORDER = re.compile(
    r"\bfrom (?:the )?(?:bottom|below|last)|倒数|\b(?:second|third|next)[- ]to[- ]last|\bamong\s+(?!them)|\bwithin\b"
    r"|\bbefore\b|\b(?:not|no longer|would|if|hypothes)\b|并列",
    re.IGNORECASE,
)
"""Words of another order, of another set of units, or of a rank that is not the unit's own."""


def check_rank(phrase: Phrase) -> Iterator[Finding]:
    """Doubt the ranks that a sentence gives to the units that it names, if no column of the table prints them.

    There must be as many units as ranks behind the ranks, or else before them; both are taken in their order.
    """
    ranked = phrase.table.ranked
    said = list(_SAID.finditer(phrase.sentence))
    if ranked is None or len(said) != 1 or _OTHER_ORDER.search(phrase.sentence):
        return
    quoted = _numbers(said[0]["ranks"] or "first")
    parts = (phrase.sentence[said[0].end() :], phrase.sentence[: said[0].start()])
    units = next((u for part in parts if len(u := _units(ranked.rows, part)) == len(quoted)), [])
    for unit, rank in zip(units, quoted, strict=False):
        possible = _ranks(ranked.rows[unit], phrase.sentence)
        if possible and rank not in possible and rank <= len(ranked.rows):
            shown = ", ".join(str(r) for r in sorted(possible)[:6])
            yield claim(
                phrase,
                f"the text ranks {unit} {rank}; its ranks in {phrase.table.name} are {shown}",
                next((n.place for n in ranked.rows[unit].values()), ""),
                "which units, which column and which order the rank refers to",
            )


def _numbers(text: str) -> list[int]:
    """Return the ranks in a list such as ``fourth, 5th and 6``."""
    words = re.findall(_ONE, text, re.IGNORECASE)
    return [_number(re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", w.lower())) for w in words]


def _number(word: str) -> int:
    """Return the number of a rank in digits, as an English ordinal or as a Chinese numeral."""
    if word.isdigit():
        return int(word)
    return _ORDINALS.index(word) + 1 if word in _ORDINALS else _NUMERALS.index(word) + 1


def _units(rows: Mapping[str, object], sentence: str) -> list[str]:
    """Return the units of a ranking that a sentence names, as whole words or in Chinese, in the sentence's order."""
    places = {n: m.start() for n in rows if len(n) > 1 and (m := re.search(_whole(n), sentence, re.IGNORECASE))}
    alone = [n for n in places if not any(n != other and n.lower() in other.lower() for other in places)]
    return sorted(alone, key=lambda n: places[n])


def _whole(name: str) -> str:
    """Return a pattern for a name; letters may not go on before or behind it."""
    return rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])"


def _ranks(row: Mapping[str, Printed], sentence: str) -> set[int]:
    """Return the ranks printed for a unit; only those of one year if the sentence names one year of the table."""
    ranks = {n: int(v.value) for n, v in row.items() if re.match(r"rank|排名|名次|位次", n)}
    years = {y for y in re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", sentence) if f"rank {y}" in ranks}
    return {ranks[f"rank {y}"] for y in years} if len(years) == 1 else set(ranks.values())


_VALUE = r"([-+]?\d[\d,]*(?:\.\d+)?|[-+]?\.\d+)"
_RANGES = re.compile(
    rf"\b(?:ranges?|ranging|varies|vary|varying|runs?|running)\s+(?:widely\s+|only\s+)?(?:from|between)\s+{_VALUE}"
    rf"\s+(?:to|and)\s+{_VALUE}(?!\s?%|\d)"
    rf"|\bminimum(?:\s+\w+)?\s+(?:is|was|of)\s+{_VALUE}\D{{1,40}}\bmaximum(?:\s+\w+)?\s+(?:is|was|of)\s+{_VALUE}(?!\s?%|\d)"
    rf"|(?:介于|范围(?:为|是)|从)\s?{_VALUE}\s?(?:到|至|和|与|[-~—–])\s?{_VALUE}(?!\s?%|\d)"
    rf"|最小值(?:为|是)\s?{_VALUE}[^\d]{{1,20}}最大值(?:为|是)\s?{_VALUE}(?!\s?%|\d)",
    re.IGNORECASE,
)


def check_range(phrase: Phrase) -> Iterator[Finding]:
    """Doubt the range that a sentence gives to the one variable that it names, if the table prints other ends.

    The ends may be rounded. They are compared with the minimum and maximum of the variable in descriptive statistics,
    and with the smallest and largest pair of printed percentiles.
    """
    found = list(_RANGES.finditer(plain(phrase.sentence)))
    rows = {name: row for part in phrase.table.described for name, row in part.rows.items()}
    named = [name for name in _units(rows, phrase.sentence) if {"min", "max"} <= set(rows[name])]
    if len(found) != 1 or len(named) != 1 or re.search(r"\blog|\bln\b|对数|%", phrase.sentence):
        return
    (name,) = named
    low, high = (g.replace(",", "") for g in found[0].groups() if g)
    pairs = [(rows[name][a], rows[name][b]) for a, b in _ENDS if {a, b} <= set(rows[name])]
    if not any(_agrees(low, a) and _agrees(high, b) for a, b in pairs):
        least, most = rows[name]["min"], rows[name]["max"]
        yield claim(
            phrase,
            f"the text gives {name} the range {low} to {high}; {phrase.table.name} prints {least.text} to {most.text}",
            least.place,
            "which sample and which unit the range refers to",
        )


_ENDS: Sequence[tuple[str, str]] = (("min", "max"), ("p1", "p99"), ("p5", "p95"), ("p10", "p90"), ("p25", "p75"))


def _agrees(quoted: str, printed: Printed) -> bool:
    """Return whether a quoted number may be the printed one, rounded or not, without regard to a power of ten."""
    half = 0.5 * 10.0 ** -len(quoted.partition(".")[2])
    value = float(quoted)
    return any(
        value * scale + half * scale >= printed.low and value * scale - half * scale <= printed.high
        for scale in (1.0, 100.0, 0.01, 1e3, 1e-3, 1e6, 1e-6)
    )
