"""Do the files meet? Regions of prices and accounts, firms of customs and accounts: counted, other columns tried."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace
from typing import NamedTuple

from integrade.geography import built_in, province_of
from integrade.sources.meaning.stated import money_columns
from integrade.study.proposal.contents import ROWS, Contents
from integrade.study.proposal.files import Guess
from integrade.study.proposal.roles import choose_columns, heading_score

MOSTLY = 0.5
"""The share of firms that two files of accounts have in common."""
BETTER = 0.25
"""By how much more of the names another column must share to be taken in place of the likelier one."""


class Meeting(NamedTuple):
    """How many of the names of one table another has, in the rows that were looked at; ``pad``: with zeros restored.

    ``cut``: one of the files has more rows than were looked at.
    """

    role: str
    one: str
    other: str
    shared: int
    all: int
    example: tuple[str, str] = ("", "")
    pad: tuple[str, int] | None = None
    cut: bool = False


PAIRS = (("region", "firms", "prices"), ("firm", "customs", "firms"))


def meet(guesses: Sequence[Guess]) -> tuple[list[Guess], list[Meeting]]:
    """The guesses with the columns that other files speak for, and how each pair of tables meets."""
    found, meetings = list(guesses), list[Meeting]()
    for role, one, other in PAIRS:
        at = {
            table: next((i for i, g in enumerate(found) if g.table == table and g.choice), None)
            for table in (one, other)
        }
        first, second = at[one], at[other]
        if first is None or second is None:
            continue
        found[first], found[second] = _switched(role, found[first], found[second])
        meetings += _met(role, found[first], found[second])
    with_region = [i for i, g in enumerate(found) if g.table == "covariates" and g.choice]
    firms = next((g for g in found if g.table == "firms" and g.choice), None)
    for i in with_region if firms else ():
        assert firms is not None
        _, found[i] = _switched("region", firms, found[i], fixed=True)
        meetings += _met("region", firms, found[i])
    return found, meetings


def _switched(role: str, one: Guess, other: Guess, *, fixed: bool = False) -> tuple[Guess, Guess]:
    """The two files with the columns that share most names, where the likelier ones share few.

    ``fixed``: the column of the first file stays.
    """
    assert one.choice is not None
    assert other.choice is not None
    mine, theirs = one.choice.column(role), other.choice.column(role)
    best = (_share(mine, theirs) if mine and theirs else -BETTER, mine, theirs)
    for a in [mine] if fixed else _candidates(role, one):
        for b in _candidates(role, other):
            if a is not None and _share(a, b) > best[0] + BETTER:
                best = (_share(a, b), a, b)
    return _with(one, role, best[1]), _with(other, role, best[2])


def accounts_beside(guesses: Sequence[Guess]) -> list[Guess]:
    """The guesses, with files that hold further accounts of the firms of the first as such: the same firms and years,
    and accounts that it lacks.
    """
    firms = [g for g in guesses if g.table == "firms" and g.choice]
    if not firms:
        return list(guesses)
    first = max(firms, key=lambda g: len(g.choice.pairs) if g.choice else 0)
    return [g if g is first else _beside(first, g) for g in guesses]


def _beside(first: Guess, other: Guess) -> Guess:
    assert first.choice is not None
    if other.table not in ("firms", "covariates", "") or not other.sample:
        return other
    choice = choose_columns("firms", other.sample)
    mine, theirs = first.choice.column("firm"), choice.column("firm")
    if mine is None or theirs is None or choice.column("year") is None or _share(mine, theirs) < MOSTLY:
        return other
    had = {p.role for p in first.choice.pairs}
    new = [p for p in choice.pairs if p.role not in had and p.role in money_columns("firms")]
    again = [p for p in choice.pairs if p.role in had and p.role in money_columns("firms")]
    return replace(other, table="beside", choice=choice) if new and not again else other


def _candidates(role: str, guess: Guess) -> list[Contents]:
    """The columns of a file that may be a key: their heading is like one, or they are names of regions that repeat."""
    found = []
    for c in guess.sample:
        names = role == "region" and c.letters > 0.9 and c.distinct <= 3000 and c.repeats < 0.5
        like = heading_score(guess.table, role, c) > 0
        if c.distinct > 1 and c.year < 0.9 and not (c.number > 0.5 and c.whole < 0.99) and (like or names):
            found.append(c)
    return found


def _with(guess: Guess, role: str, column: Contents | None) -> Guess:
    assert guess.choice is not None
    now = guess.choice.column(role)
    if column is None or (now is not None and now.heading == column.heading):
        return guess
    chosen = choose_columns(guess.table, guess.sample, {role: column.heading})
    return replace(guess, choice=chosen) if chosen.column(role) == column and not chosen.lacking else guess


def _share(one: Contents, other: Contents) -> float:
    mine, theirs = _names(one), _names(other)
    return len(mine & theirs) / max(1, min(len(mine), len(theirs)))


def _names(column: Contents) -> Set[str]:
    if column.country_of and column.country_of != "CN":
        return frozenset(map(built_in()[column.country_of].usual, column.texts))
    return frozenset(found.english if (found := province_of(text)) else text for text in column.texts)


def _met(role: str, one: Guess, other: Guess) -> list[Meeting]:
    assert one.choice is not None
    assert other.choice is not None
    a, b = one.choice.column(role), other.choice.column(role)
    if a is None or b is None:
        return []
    mine, theirs = _names(a), _names(b)
    pad = _zeros(one, other, mine, theirs)
    if pad:
        mine, theirs = ({text.zfill(pad[1]) for text in names} for names in (mine, theirs))
    apart = (min(mine - theirs, default=""), min(theirs - mine, default=""))
    cut = max(a.rows, b.rows) >= ROWS
    return [Meeting(role, one.table, other.table, len(mine & theirs), len(mine), apart, pad, cut)]


def _zeros(one: Guess, other: Guess, mine: Set[str], theirs: Set[str]) -> tuple[str, int] | None:
    """The table whose codes lost their first zeros, and their length, where restoring them makes the files meet."""
    if 2 * len(mine & theirs) > min(len(mine), len(theirs)):
        return None
    for guess, short, long in ((one, mine, theirs), (other, theirs, mine)):
        lengths = {len(text) for text in long}
        if len(lengths) == 1 and all(text.isdecimal() for text in short):
            length = min(lengths)
            if 2 * len({text.zfill(length) for text in short} & long) > min(len(short), len(long)):
                return guess.table, length
    return None
