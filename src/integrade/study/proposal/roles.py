"""Choose which column of a file is which column of a table, by headings and contents of all columns together.

A pair (column, role) has a score in log odds. The score comes from the cells of the column, and from its heading: known
for this role, similar to such a heading, or known for another role. Each column and each role is used at most once; of
all such assignments, the one with the highest total score is chosen (`scipy.optimize.linear_sum_assignment`). A role
may stay empty. The certainty of a pair follows from its margin: how much lower the best total is without that pair.
`CERTAINTY` turns a margin into a certainty. The certainty is lower than the share of right guesses on simulated files,
which `tests/study/proposal/test_roles.py` computes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from integrade.records.schema import TABLES
from integrade.sources.meaning.money import CURRENCY
from integrade.sources.meaning.synonyms import (
    COLUMNS,
    MONEY,
    PSEUDO,
    Tiers,
    headings_of,
    holds_money,
    key_of,
    vocabulary,
)
from integrade.sources.meaning.units import without_accents
from integrade.study.proposal.contents import ROWS, Contents

KNOWN, LIKE, OTHER = 7.0, 5.0, -3.0
"""Log odds of a heading that is known, is most similar to a known heading, or is known for another role. Conventions.
"""
NEVER = -30.0
"""Score that excludes a pair."""
LEAST = 1.5
"""Lowest score at which a pair is taken. A convention."""
CERTAINTY = (-0.8, 0.8)
"""Log odds that a guess is right: a constant, and a slope for each unit of its margin.

Simulated files gave -0.8 and 1.3. Real headings are worse than simulated ones, so a margin counts for less here.
"""
TWO_DIGITS = (50, 99)
"""Whole numbers that may be years of the 1900s without their century."""
MOST, FEWEST = 0.99, 0.5
"""Largest and smallest certainty of a guess. Conventions."""
CIF = "cif"
"""Role of a value with insurance and freight. It has its own role so that it is not taken for the FOB value."""


@dataclass(frozen=True)
class Pair:
    """A column taken for a role, with certainty, reasons, and the other columns that could have it (``rivals``)."""

    column: Contents
    role: str
    certainty: float
    known: bool
    why: tuple[str, ...]
    rivals: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """The roles of the columns of a file in one table, the total score, and the needed roles without a column."""

    table: str
    pairs: tuple[Pair, ...]
    score: float
    lacking: tuple[str, ...]

    def column(self, role: str) -> Contents | None:
        """Return the column taken for a role; None if there is none."""
        return next((p.column for p in self.pairs if p.role == role), None)

    @property
    def renamed(self) -> dict[str, str]:
        """Return heading -> role for the columns whose heading is not the name of their role."""
        return {p.column.heading: p.role for p in self.pairs if p.column.heading != p.role and p.role != CIF}


def choose_columns(table: str, columns: Sequence[Contents], prefer: Mapping[str, str] | None = None) -> Choice:
    """Assign the columns of a file to the roles of a table.

    ``prefer``: role -> heading that other files support.
    """
    roles = roles_of(table)
    scores = np.array([[_score(table, role, c, columns) for role in roles] for c in columns]).reshape(-1, len(roles))
    for role, heading in (prefer or {}).items():
        for i, c in enumerate(columns):
            if role in roles and c.heading == heading:
                scores[i, roles.index(role)] += 3 * KNOWN
    best, total = _assigned(scores)
    pairs = []
    for i, j in best:
        without = scores.copy()
        without[i, j] = NEVER
        margin = total - _assigned(without)[1]
        rivals = [k for k in range(len(columns)) if k != i and scores[k, j] >= max(LEAST, scores[i, j] - 2.5)]
        free = [columns[k].heading for k in rivals if not any(k == a and scores[k, b] >= KNOWN for a, b in best)]
        known = _is_known(table, roles[j], columns[i], columns)
        pairs.append(Pair(columns[i], roles[j], certainty_of(margin), known, _why(roles[j], columns[i]), tuple(free)))
    if _stated(table, pairs):
        pairs = [p for p in pairs if p.role != CURRENCY]
    taken = {p.role for p in pairs}
    needed = [c.name for c in TABLES[table].columns if c.required] if table in TABLES else []
    needed += {"education": ["region", "year", "h1"], "covariates": [], "customs": []}.get(table, [])
    lacking = tuple(r for r in dict.fromkeys(needed) if r not in taken)
    return Choice(table, tuple(sorted(pairs, key=lambda p: roles.index(p.role))), total, lacking)


def named_by_reader(table: str, columns: Sequence[Contents]) -> Choice:
    """Return the choice of a table whose reader (a source, a layout) names the columns: each is what its name says."""
    return Choice(table, tuple(Pair(c, c.heading, MOST, known=True, why=()) for c in columns), 0.0, ())


def _stated(table: str, pairs: Sequence[Pair]) -> bool:
    """Return whether all columns of money state their currency; a column of currency codes then refers to invoices."""
    money = [p.column.unit for p in pairs if holds_money(table, p.role)]
    return bool(money) and all(unit is not None and unit.measure == "money" for unit in money)


def certainty_of(margin: float) -> float:
    """Return the certainty of a guess from its margin (`CERTAINTY`)."""
    constant, slope = CERTAINTY
    return float(min(MOST, max(FEWEST, 1 / (1 + math.exp(-constant - slope * margin)))))


def units_of_another(choice: Choice) -> Pair | None:
    """Return the column of units if it has several units but the heading of the quantity states a unit; else None.

    Such a column has the units of another quantity.
    """
    quantity = choice.column("quantity")
    stated = quantity is not None and quantity.unit is not None and quantity.unit.name not in ("", "number")
    return next((p for p in choice.pairs if stated and p.role == "unit" and p.column.distinct > 1), None)


def why_unused(choice: Choice, column: Contents, columns: Sequence[Contents]) -> str:
    """Return why a column is not used in a table: another column has its role, or it resembles no role."""
    if not column.filled:
        return "its cells are empty"
    scores = {role: _score(choice.table, role, column, columns) for role in roles_of(choice.table)}
    best = max(scores, key=lambda role: scores[role])
    if scores[best] >= LEAST and best == CURRENCY and _stated(choice.table, choice.pairs):
        codes = ", ".join(column.currencies[:8])
        return f"currencies{f' ({codes})' if codes else ''} beside money whose headings state their own"
    named = [role for role in scores if scores[role] >= LEAST and _both_alike(choice.table, role, column)]
    if not named:
        return f"no column of {choice.table} is like it"
    best = max(named, key=lambda role: scores[role])
    taken = choice.column(best)
    return f"it may be {best}, too, for which {taken.heading!r} was taken" if taken else f"it is hardly {best}"


def _both_alike(table: str, role: str, column: Contents) -> bool:
    """Return whether heading and cells both support a role; cells alone would support too many roles."""
    return heading_score(table, role, column) >= 0.7 * LIKE and CONTENT[_kind(table, role)](column) > -1


def roles_of(table: str) -> list[str]:
    """Return the roles that a column of a table may have."""
    return [*(c for c in COLUMNS[table] if c not in PSEUDO), *_MORE.get(table, {})]


_MORE: Mapping[str, Mapping[str, Tiers]] = {"customs": {CIF: ((CIF,),)}}
_CIF_WORDS = (
    "cif",
    "cif value",
    "value cif",
    "valor cif",
    "valeur caf",
    "caf",
    "cif wert",
    "nilai cif",
    "trị giá cif",
    "到岸价",
)


def _tiers(table: str, role: str) -> Tiers:
    """Return the headings of a role in order of preference. A whole date counts as a year."""
    return (
        (("year",), ("period",), ("month", "quarter"))
        if role == "year"
        else COLUMNS[table].get(role) or _MORE[table][role]
    )


def _assigned(scores: np.ndarray) -> tuple[list[tuple[int, int]], float]:
    """Return the pairs (row, column) with the highest total score, and the total.

    Each row and column is used at most once, and no pair has a score below `LEAST`.
    """
    gain = np.where(scores >= LEAST, scores, 0.0)
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(gain, maximize=True)
    pairs = [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if gain[i, j] > 0]
    return pairs, float(sum(gain[i, j] for i, j in pairs))


def _is_known(table: str, role: str, column: Contents, columns: Sequence[Contents]) -> bool:
    """Return whether the reader of the table recognises the heading as the role without being told."""
    if column.heading == role:
        return True
    if role not in COLUMNS[table]:
        return False
    headings = headings_of(table, role, [c.heading for c in columns])
    return [h.old for h in headings] == [column.heading]


def _score(table: str, role: str, column: Contents, columns: Sequence[Contents]) -> float:
    """Return the score of a column for a role: of its heading, of its cells, and of the other columns of the file."""
    content = CONTENT[_kind(table, role)](column)
    if content <= NEVER:
        return NEVER
    beside_names = 0.0
    if role == "region" and column.letters < 0.5:  # if there is a column of names too, prefer it to the codes
        others = [c for c in columns if c.distinct == column.distinct and c.letters > 0.9 and c is not column]
        if any(not any(letter.isdigit() for letter in "".join(c.texts)) for c in others):
            beside_names = -3.0
    return max(NEVER, heading_score(table, role, column) + content + beside_names)


def heading_score(table: str, role: str, column: Contents) -> float:
    """Return the score of a heading for a role of a table, in log odds."""
    exact = _exact(column.heading, column.words)
    if key_of(role) in exact:
        return KNOWN + 1
    for i, tier in enumerate(_tiers(table, role)):
        if exact & _words(tier):
            return KNOWN - 2 * i
    others = [role_other for role_other in roles_of(table) if role_other != role]
    named = any(exact & _all_words(table, o) for o in others)
    near = max((_likeness(column.words, tier) for tier in _tiers(table, role)), default=0.0)
    return (LIKE * near if near >= 0.5 else -0.5) + (OTHER if named else 0.0)


@cache
def _exact(heading: str, words: str) -> frozenset[str]:
    return frozenset((key_of(heading), key_of(words)))


@cache
def _all_words(table: str, role: str) -> frozenset[str]:
    return frozenset([key_of(role)]).union(*(_words(tier) for tier in _tiers(table, role)))


@cache
def _words(tier: tuple[str, ...]) -> frozenset[str]:
    if tier == (CIF,):
        return frozenset(map(key_of, _CIF_WORDS))
    return frozenset(key_of(word) for key in tier for word in vocabulary().get(key, ()))


@cache
def _likeness(words: str, tier: tuple[str, ...]) -> float:
    """Return how similar a heading is to the nearest known heading, from 0 to 1."""
    grams, tokens = _grams(key_of(words)), _tokens(words)
    best = 0.0
    for grams_known, parts in _listed(tier):
        best = max(
            best, 2 * len(grams & grams_known) / max(1, len(grams) + len(grams_known)), _by_tokens(tokens, parts)
        )
    return best


@cache
def _listed(tier: tuple[str, ...]) -> tuple[tuple[frozenset[str], tuple[str, ...]], ...]:
    """Return known headings in the form in which they are compared: as three-letter pieces and as words."""
    words = _CIF_WORDS if tier == (CIF,) else [word for key in tier for word in vocabulary().get(key, ())]
    return tuple((_grams(key_of(word)), _tokens(word)) for word in words)


def _by_tokens(own: Sequence[str], known: Sequence[str]) -> float:
    """Return the similarity, from 0 to 0.8, of a heading that adds words to a known heading or shortens its words."""
    if not own or not known:
        return 0.0
    if all(any(t == k or (len(k) >= 5 and t.startswith(k)) for t in own) for k in known):
        letters = sum(map(len, known))
        return 0.8 if len(known) > 1 or letters >= 5 else 0.6
    cut = len(own) == len(known) and all(
        k.startswith(t) and (len(t) >= 3 or t == k) for t, k in zip(own, known, strict=True)
    )
    return 0.8 if cut and sum(map(len, own)) >= 4 else 0.0


@cache
def _grams(key: str) -> frozenset[str]:
    if key.isascii():
        return frozenset(f" {key} "[i : i + 3] for i in range(len(key)))
    return frozenset([*key, *(key[i : i + 2] for i in range(len(key) - 1))])


@cache
def _tokens(words: str) -> tuple[str, ...]:
    plain = "".join(c if c.isalnum() else " " for c in without_accents(words))
    return tuple(plain.split())


def _kind(table: str, role: str) -> str:
    """Return the kind of cells that a role has."""
    if role in ("firm", "respondent"):
        return "id" if table in ("firms", "registry", "survey") else "exporter"
    if table in ("firms", "registry") and role == "product":
        return "text"
    if table == "flows" and role in ("origin", "destination"):
        return "region"
    if table == "customs" and role == "region":
        return "origin"
    if role in CONTENT:
        return role
    keys = {key for tier in _tiers(table, role) for key in tier}
    if keys & MONEY or role == CIF:
        return "signed" if role == "net_profit" else "money"
    if role.startswith("h") and role[1:].isdecimal():
        return "percent"
    return _BY_ROLE.get(role, "text")


_BY_ROLE = {
    **dict.fromkeys(("employees", "employment", "plants"), "count"),
    **dict.fromkeys(("score", "weight", "distance", "area", "size_squared", "sigma", "price"), "number"),
    "founded_month": "month",
}


# The functions below score cells in log odds. Shares such as 0.97 or 0.9 allow for a few wrong cells; the other numbers
# are conventions. `test_roles` measures on simulated files how often the resulting guesses are right.
def _year(c: Contents) -> float:
    if c.number > 0.97 and c.whole > 0.97 and c.distinct > 1 and TWO_DIGITS[0] <= c.least and c.most <= TWO_DIGITS[1]:
        return 0.0  # 90 to 96: years if the heading says so
    if c.year < 0.97:
        months = c.least >= 190001 and c.most <= 210012 and c.number > 0.97 and c.distinct <= 600  # 200405
        if months and c.dated >= 0.97:  # some codes of products are like months, so that the heading decides
            return -2.0
        return 1.0 if c.dated >= 0.97 and (c.letters > 0 or c.number < 0.5) else NEVER
    return 3.0 - (2.0 if c.distinct > 60 else 0.0) - (2.0 if c.low < 1900 else 0.0)


def _month(c: Contents) -> float:
    return NEVER if c.month < 0.99 or c.distinct > 12 else 1.0 + (c.distinct == 12)


def _founded(c: Contents) -> float:
    return NEVER if c.year < 0.95 else 1.0 + (c.distinct > 12)


def _region(c: Contents) -> float:
    if c.year > 0.9 or (c.number > 0.9 and c.whole < 0.99) or c.filled == 0:
        return NEVER
    score = (1.0 if c.letters > 0.9 else -2.0) - 3.0 * (c.distinct < 2)
    score += 1.0 if c.distinct <= 3000 and (c.repeats <= 0.5 or c.rows < 40) else -3.0
    score += (
        3.0 * c.province - (4.0 if c.measured > 0.8 else 0.0) - (3.0 if c.country > 0.6 and c.province < 0.2 else 0.0)
    )
    return score - (2.0 if c.length > 40 else 0.0)


def _origin(c: Contents) -> float:
    """Return the score of cells as the exporter's region.

    It is lower than the score of a region, because customs records need not have the column.
    """
    return _region(c) - 2.5


def _good(c: Contents) -> float:
    if c.number > 0.5:  # codes of goods, such as 01 to 12 of COICOP
        return -4.0 if c.whole > 0.99 * c.number else NEVER
    score = -3.0 * (c.distinct < 2) + (1.0 if c.distinct <= 2000 and (c.repeats <= 0.5 or c.rows < 40) else -3.0)
    return score - 3.0 * (c.country > 0.6) - 3.0 * (c.province > 0.5)


def _index(c: Contents) -> float:
    if c.number < 0.95 or c.year > 0.97:
        return NEVER
    if c.negative > 0.01:  # rates of change
        return -2.0 if c.low > -60 and c.high < 200 else NEVER
    return 2.0 if 50 <= c.middle <= 300 and c.low >= 20 and c.high <= 1000 else -1.0


def _exporter(c: Contents) -> float:
    if c.year > 0.97 or (c.number > 0.9 and c.whole < 0.99) or c.distinct < 2:
        return NEVER
    score = (0.5 if c.spaces < 0.3 else -1.0) - (5.0 if c.country > 0.6 else 0.0) - (3.0 if c.measured > 0.8 else 0.0)
    return score + (1.0 if c.distinct > 30 else -1.0) - (1.0 if c.digits > 0.95 and len(c.lengths) <= 2 else 0.0)


def _id(c: Contents) -> float:
    return _exporter(c) - (2.0 if c.province > 0.5 else 0.0)


def _name(c: Contents) -> float:
    return -4.0 if c.letters < 0.9 or c.country > 0.6 or c.province > 0.5 else (0.5 if c.distinct > 20 else -2.0)


def _product(c: Contents) -> float:
    if c.digits < 0.8 or not c.lengths:
        return -8.0
    even = all(n % 2 == 0 for n in c.lengths) or (len(c.lengths) == 2 and c.lengths[1] - c.lengths[0] == 1)
    score = 2.5 if c.digits >= 0.95 else 0.0
    return score + (1.0 if even and c.lengths[-1] >= 4 else -2.0) - (6.0 if c.year > 0.97 and c.distinct < 60 else 0.0)


def _destination(c: Contents) -> float:
    if c.country >= 0.5:
        return 4.0 if c.country >= 0.8 else 2.0
    return -8.0 if c.number > 0.5 and c.whole < 0.99 else -1.0


def _money(c: Contents) -> float:
    return _amount(c, ("money", "unclear"), ("mass", "volume", "percent", "area", "length")) - (
        2.0 if c.negative > 0.02 else 0.0
    )


def _signed(c: Contents) -> float:
    return _amount(c, ("money", "unclear"), ("mass", "volume", "percent")) + (1.5 if c.negative > 0.02 else 0.0)


def _quantity(c: Contents) -> float:
    return _amount(c, ("mass", "volume", "count", "length", "area"), ("money", "unclear", "percent"))


def _amount(c: Contents, own: Sequence[str], other: Sequence[str]) -> float:
    if c.number < 0.9 or c.year > 0.97:
        return NEVER
    score = 0.5 if c.distinct >= 10 else -2.0
    score -= 1.5 if c.month > 0.99 else 0.0
    if c.unit is not None:
        score += 2.5 if c.unit.measure in own else -6.0 if c.unit.measure in other else 0.0
    return score


def _unit(c: Contents) -> float:
    if c.number > 0.5:
        return NEVER
    return 4.0 if c.measured > 0.8 else (-1.0 if c.distinct <= 40 and c.length < 20 else -6.0)


def _currency(c: Contents) -> float:
    """Return the score of a column as currency codes.

    Several codes count under any heading; a single code counts only under a heading of currencies.
    """
    if c.number > 0.5:
        return NEVER
    return 5.0 if len(c.currencies) > 1 else -1.0 if c.currencies or c.distinct <= 60 else -6.0


def _industry(c: Contents) -> float:
    if c.year > 0.97 or (c.number > 0.9 and c.whole < 0.99) or c.distinct < 2:
        return NEVER
    return 0.5 if c.distinct <= 1000 and (c.repeats < 0.5 or c.rows < 40) else -3.0


def _count(c: Contents) -> float:
    return NEVER if c.number < 0.9 or c.year > 0.97 or c.negative > 0.02 else (0.5 if c.whole > 0.9 else -2.0)


def _percent(c: Contents) -> float:
    """Return the score of cells as a share of a class in per cent, or as its persons: whole numbers above 100."""
    if c.number < 0.9 or c.negative > 0.01:
        return NEVER
    return 0.5 if c.high <= 100 else -1.0 if c.whole > 0.99 else NEVER


def _number(c: Contents) -> float:
    return NEVER if c.number < 0.9 else 0.0


def _text(c: Contents) -> float:
    return -2.0 if c.number > 0.9 and c.whole < 0.99 else -0.5


CONTENT: Mapping[str, Callable[[Contents], float]] = {
    "year": _year,
    "month": _month,
    "founded": _founded,
    "region": _region,
    "origin": _origin,
    "commodity": _good,
    "index": _index,
    "exporter": _exporter,
    "id": _id,
    "name": _name,
    "product": _product,
    "destination": _destination,
    "money": _money,
    "signed": _signed,
    "quantity": _quantity,
    "unit": _unit,
    "currency": _currency,
    "industry": _industry,
    "count": _count,
    "percent": _percent,
    "number": _number,
    "text": _text,
}


def _why(role: str, c: Contents) -> tuple[str, ...]:
    """Return what the cells show about the role, as texts for a comment."""
    reasons = []
    if role in ("region", "firm", "commodity", "industry", "destination", "product", "name", "origin"):
        reasons.append(f"{c.distinct:,} different" + (f" in the first {ROWS:,} rows" if c.rows == ROWS else ""))
    if role == "product" and c.digits > 0.8:
        reasons.append(f"HS chapters, {' or '.join(map(str, c.lengths))} digits")
    if role == "destination" and c.country >= 0.5:
        reasons.append("names or codes of countries")
    if role in ("year", "founded") and c.year > 0.9:
        reasons.append(f"{c.least:.0f} to {c.most:.0f}" if c.least < c.most else f"{c.least:.0f}")
    if role == "year" and c.year <= 0.9:
        reasons.append("dates")
    if role == "currency" and c.currencies:
        reasons.append(", ".join(c.currencies[:8]))
    if role == "index" and not c.either_mark:
        reasons.append(f"half of the values below {c.middle:g}")
    return tuple(reasons)
