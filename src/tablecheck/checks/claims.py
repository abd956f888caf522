"""Check sentences of a text against the tables: quoted numbers, signs, significance, definitions of variables."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence

from tablecheck.added import CheckSet, Claim, Facts
from tablecheck.checks.phrases import (
    Phrase,
    check_count,
    check_direction,
    check_shares,
    check_sign,
    check_significance,
    columns_named,
)
from tablecheck.checks.ranks import check_range, check_rank
from tablecheck.checks.terms import Statistics, p_range, t_range
from tablecheck.digits import LONGEST, decimal_point, plain, tokens
from tablecheck.findings import Finding
from tablecheck.printed import Column, Estimate, PublishedTable
from tablecheck.students import t_two_sided

LONGEST_SENTENCE = 2_000
_REFERENCE = re.compile(r"(?:table|tab\.|表)\s*(\d+(?:\.\d+)?[a-z]?|[IVX]+\b)", re.IGNORECASE)
_NEGATED = re.compile(r"\b(?:not|in)(?:\s+\w+)?\s*-?significant|insignificant|不显著|未通过", re.IGNORECASE)
_LEVEL = re.compile(
    r"significan\w+\s+(?:\w+\s+){0,3}?(?:at|below)\s+(?:the\s+)?(?:level\s+of\s+)?(\d{1,2})\s?(?:%|per\s?cent|percent)"
    r"|(?:at|passed)\s+the\s+(\d{1,2})\s?%\s+(?:level|significance)|(\d{1,2})\s?%\s?(?:的)?(?:显著性)?水平",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """Split a running text into sentences; a line break inside a sentence becomes a blank."""
    flat = re.sub(r"\s+", " ", text)
    return [
        s.strip()[:LONGEST_SENTENCE]
        for s in re.split(r"(?<=[a-z)%0-9][.!?])\s+(?=[A-Z(])|(?<=[。！？；])", flat)
        if s.strip()
    ]


def check_claims(text: str, facts: Facts, added: CheckSet) -> Iterator[Finding]:
    """Check every sentence that refers to a table against that table, and run the ``added`` checks of sentences.

    A claim of significance in a sentence without a table number is checked against the last table named before it, and
    a claim of rank against the ranking, if there is only one.
    """
    by_number = _numbered(facts.tables)
    everywhere = {number: place for t in facts.tables for number, place in _numbers_of(t).items()}
    ranking = _only_ranking(facts.tables)
    current: PublishedTable | None = None
    before = ""
    for sentence in sentences(text):
        if ranking is not None:
            yield from check_rank(Phrase(sentence, ranking, {}))
        references = [r for r in _REFERENCE.findall(sentence) if r.lower() in by_number]
        current = by_number[references[0].lower()] if references else current
        if current is not None:
            yield from _against_table(sentence, current, everywhere, is_only=len(references) == 1)
        yield from added.of_claim(Claim(sentence, before, current, bool(references)), facts)
        before = sentence


def _against_table(
    sentence: str, table: PublishedTable, everywhere: Mapping[str, str], *, is_only: bool
) -> Iterator[Finding]:
    """Check a sentence against one table; ``is_only`` tells whether the sentence names this table and no other."""
    if is_only:
        phrase = Phrase(sentence, table, _named(table, sentence))
        yield from _quoted(phrase, everywhere)
        yield from check_sign(phrase)
        yield from check_direction(phrase)
        yield from check_count(phrase)
        yield from check_range(phrase)
        if not _LEVEL.search(sentence):
            yield from check_significance(phrase)
    yield from _significant(table, sentence, f"\u201c{sentence[:160]}\u201d")


def _only_ranking(tables: Sequence[PublishedTable]) -> PublishedTable | None:
    """Return the only table that ranks units; None if there is none or if there are several."""
    rankings = [t for t in tables if t.ranked is not None]
    return rankings[0] if len(rankings) == 1 else None


def _numbered(tables: Sequence[PublishedTable]) -> dict[str, PublishedTable]:
    """Return the tables by their number in the text, from the title or else from the table's name."""
    tables_by_number: dict[str, PublishedTable] = {}
    for table in tables:
        for text in (table.grid.title, table.name):
            match = _REFERENCE.search(text) or re.search(r"table[_ -]?(\d+\w?)", text, re.IGNORECASE)
            if match:
                tables_by_number.setdefault(match[1].lower(), table)
                break
    return tables_by_number


def _numbers_of(table: PublishedTable) -> dict[str, str]:
    """Return the numbers of a table as printed, but without signs, each with the position of its first cell."""
    cells = [c for row in table.grid.rows for c in row if c.text]
    point = decimal_point([c.text for c in cells]) or "."
    places_of: dict[str, str] = {}
    for n in (n for c in cells for token in tokens(c.text, point, place=c.place) for n in token.values):
        places_of.setdefault(f"{abs(n.value):.{n.decimals}f}", n.place)
    return places_of


_COEFFICIENT = re.compile(r"coefficient|estimate|slope|系数|估计值", re.IGNORECASE)


def _quoted(phrase: Phrase, everywhere: Mapping[str, str]) -> Iterator[Finding]:
    """Doubt a quoted coefficient that differs by a slip from one of a term or a column that the sentence names.

    A quoted number is not doubted if some table prints it or a number that rounds to it. Numbers that differ from the
    coefficients by more than a slip are ignored, because they may be computed or may come from another source.
    """
    table, sentence, where = phrase.table, phrase.sentence, phrase.where
    in_column = [e.b for c in columns_named(phrase) for e in c.estimates.values() if e.b is not None]
    if not in_column and not _COEFFICIENT.search(sentence):
        return
    named = [e.b for pairs in phrase.named.values() for _, e in pairs if e.b is not None]
    named = in_column or named
    printed = {f"{abs(b.value):.{b.decimals}f}": b.place for b in named}
    bare = _REFERENCE.sub(" ", sentence)
    for number in re.findall(r"(?<![\d.])-?\d*\.\d{3,}(?!\d|\.\d)", plain(bare)):
        digits = number.lstrip("-")
        digits = digits if not digits.startswith(".") else f"0{digits}"
        if digits in everywhere or any(_rounds_to(p, digits) for p in everywhere):
            continue
        near = sorted(p for p in printed if _is_slip(p, digits))
        if near:
            message = f"the text quotes {number} from {table.name}, which prints {near[0]}: {where}"
            cells = tuple(filter(None, (printed[near[0]],)))
            numbers = {"quoted": float(number)}
            yield Finding(
                "claims", "doubt", table.name, "", message, numbers, cells=cells, ask="which of the two is right"
            )


def _rounds_to(printed: str, quoted: str) -> bool:
    """Return whether a printed number, rounded to the decimals of a quoted one, is that number."""
    numbers = tokens(printed) if len(printed) <= LONGEST else ()
    decimals = len(quoted.partition(".")[2])
    return bool(numbers) and f"{abs(numbers[0].values[0].value):.{decimals}f}" == quoted


def _is_slip(printed: str, quoted: str) -> bool:
    """Return whether two numbers differ by one changed digit, or by two adjacent digits that are exchanged."""
    if len(printed) != len(quoted) or not re.fullmatch(r"\d*\.\d+", printed):
        return False
    apart = [n for n, (a, b) in enumerate(zip(printed, quoted, strict=True)) if a != b]
    if len(apart) == 1:
        return printed[apart[0]].isdigit() and len(printed.replace(".", "").lstrip("0")) >= 3
    swapped = len(apart) == 2 and apart[1] == apart[0] + 1
    return swapped and printed[apart[0]] == quoted[apart[1]] and printed[apart[1]] == quoted[apart[0]]


def _named(table: PublishedTable, sentence: str) -> dict[str, list[tuple[Column, Estimate]]]:
    """Return the terms of a table that a sentence names, with their estimates; in ``L.size``, ``size`` is not named."""
    words = f" {re.sub(r'[^a-z0-9^#一-鿿]+', ' ', sentence.lower())} "
    named: dict[str, list[tuple[Column, str, Estimate]]] = {}
    for column in table.columns:
        for term, estimate in column.estimates.items():
            label = re.sub(r"[^a-z0-9^#一-鿿]+", " ", estimate.label.lower()).strip()
            if len(label) >= 2 and "^2" not in term and f" {label} " in words:
                named.setdefault(label, []).append((column, term, estimate))
    estimates: dict[str, list[tuple[Column, Estimate]]] = {}
    for label in sorted(named, key=len, reverse=True):
        if f" {label} " in words:
            words = words.replace(f" {label} ", " / ")
            for column, term, estimate in named[label]:
                estimates.setdefault(term, []).append((column, estimate))
    return estimates


def _significant(table: PublishedTable, sentence: str, where: str) -> Iterator[Finding]:
    """Doubt a term that is called significant at a level which none of its estimates in the table reaches."""
    match = _LEVEL.search(sentence)
    if not match or _NEGATED.search(sentence):
        return
    level = int(next(g for g in match.groups() if g)) / 100
    named = _named(table, sentence)
    if len(named) != 1:
        return
    ((term, estimates),) = named.items()
    spans = [(c, s) for c, e in estimates if (s := t_range(e, c)) is not None]
    if len(spans) == len(estimates) and all(p_range(span[1], column)[0] >= level for column, span in spans):
        p = min(p_range(span[1], column)[0] for column, span in spans)
        message = (
            f"the text calls {term} significant at {level:.0%}; its smallest p in {table.name} is {p:.3f}: {where}"
        )
        yield Finding(
            "claims", "doubt", table.name, term, message, {"p": p, "level": level}, ask="which column is meant"
        )


def check_definitions(text: str, tables: Sequence[PublishedTable], statistics: Statistics) -> Iterator[Finding]:
    """Check statements about variables and rows against descriptive statistics: tails, lags, the size of the sample."""
    if not statistics:
        return
    flat = re.sub(r"\s+", " ", text)
    where = next((t.name for t in tables if t.described), "")
    yield from _tails(flat, where, statistics)
    yield from _lagged_definitions(flat, where, tables, statistics)
    yield from _cut_sizes(flat, where, statistics)
    yield from check_shares(flat, where, statistics)


def _tails(text: str, where: str, statistics: Statistics) -> Iterator[Finding]:
    """Note a variable whose bounds are too far from the median for the share of rows that the text says was cut."""
    pattern = r"(?:winsor\w*|tail(?:ing|ed)|trimm\w*|缩尾)[^.]{0,40}?(\d{1,2})\s?%"
    for match in re.finditer(pattern, text, re.IGNORECASE):
        share = int(match[1]) / 100
        before = text[max(0, match.start() - 160) : match.start()].rpartition(".")[2].lower()
        named = [n for n in statistics if re.search(rf"\b{re.escape(n)}\b", before)]
        for name in named[-1:]:
            row = statistics[name]
            if not {"min", "max", "median", "sd"} <= set(row) or not row["sd"].value:
                continue
            z = [abs(row[k].value - row["median"].value) / row["sd"].value for k in ("min", "max")]
            tails = [t_two_sided(v, math.inf) / 2 for v in z]
            if max(tails) < share / 2:
                message = (
                    f"the text cuts {name} at {share:.0%}; its bounds lie {z[0]:.2f} and {z[1]:.2f} standard "
                    f"deviations from the median, where a bell has {tails[0]:.1%} and {tails[1]:.1%} of the rows beyond"
                )
                numbers = {"share": share, "low": tails[0], "high": tails[1]}
                yield Finding("definitions", "note", where, name, message, numbers, ask="how much of each tail was cut")


def _lagged_definitions(
    text: str, where: str, tables: Sequence[PublishedTable], statistics: Statistics
) -> Iterator[Finding]:
    """Doubt a variable defined as the value of the year before, if it has more rows than any column with lags."""
    lagged = [
        c.nobs.value
        for t in tables
        for c in t.columns
        if c.nobs is not None and any(x.startswith("L.") for x in c.estimates)
    ]
    for name, row in statistics.items():
        n = row.get("n")
        if n is None or not lagged or max(lagged) >= n.value:
            continue
        pattern = (
            rf"\({re.escape(name)}\)[^()]{{0,500}}?(?:previous year|last year|prior year"
            rf"|year before|上年|上一年|滞后一期)"
        )
        if re.search(pattern, text, re.IGNORECASE):
            message = (
                f"the text defines {name} by the year before, and it has {n.value:,.0f} rows, as many as there are; a "
                f"lag of one year leaves {max(lagged):,.0f} in these tables"
            )
            numbers = {"n": n.value, "lagged": max(lagged)}
            yield Finding(
                "definitions", "doubt", where, name, message, numbers, ask=f"where the values of {name} come from"
            )


def _cut_sizes(text: str, where: str, statistics: Statistics) -> Iterator[Finding]:
    """Doubt a count of firms or observations in the text that equals the last digits of a printed number of rows."""
    # Smaller counts end in the same digits by chance too often; 10,000 is a convention.
    sizes = {f"{row['n'].value:.0f}" for row in statistics.values() if "n" in row and row["n"].value >= 10_000}
    for match in re.finditer(
        r"(?<![\d.,])(\d{3,6})(?![\d.,]*\d) (?:\w+ ){0,3}?(?:firms|enterprises|companies|observations|samples)", text
    ):
        for size in sizes:
            if size != match[1] and size.endswith(match[1]):
                message = (
                    f"the text counts {match[0]}; the tables have {int(size):,} rows, of which {match[1]} is the end"
                )
                yield Finding("definitions", "doubt", where, "", message, {"n": float(size)}, ask="how many there are")
                return
