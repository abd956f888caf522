"""Count how many regions and firms the files have in common, and try other columns if there are few."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace
from typing import NamedTuple

from integrade.geography import built_in, province_of, province_of_county
from integrade.sources.meaning.stated import money_columns
from integrade.study.proposal.contents import ROWS, Contents
from integrade.study.proposal.files import Guess
from integrade.study.proposal.roles import choose_columns, heading_score

MOSTLY = 0.5
"""Two files of accounts are taken to be of the same firms if they share at least this share of firms. A convention."""
BETTER = 0.25
"""Another column replaces the likelier column only if its share of common names is larger by this much. A convention.
"""


class Meeting(NamedTuple):
    """The number of names in the column ``role`` of table ``one`` that table ``other`` has too (``shared`` of ``all``).

    ``pad``: the table whose codes lost leading zeros, and their full length. ``cut``: only the first rows of a file
    were read. ``by_name``: if ``role`` is the firm and both tables have names of firms, how many different names the
    first has, and how many of them the second has too.
    """

    role: str
    one: str
    other: str
    shared: int
    all: int
    example: tuple[str, str] = ("", "")
    pad: tuple[str, int] | None = None
    cut: bool = False
    by_name: tuple[int, int] | None = None


def meet(guesses: Sequence[Guess]) -> tuple[list[Guess], list[Meeting]]:
    """Return the guesses with the columns that other files support, and how many names each pair of tables shares."""
    result, meetings = list(guesses), list[Meeting]()
    for role, first_table, second_table in (("region", "firms", "prices"), ("firm", "customs", "firms")):
        at = {
            table: next((i for i, g in enumerate(result) if g.table == table and g.choice), None)
            for table in (first_table, second_table)
        }
        first, second = at[first_table], at[second_table]
        if first is None or second is None:
            continue
        result[first], result[second] = _switched(role, result[first], result[second])
        meetings += _meetings(role, result[first], result[second])
    with_region = [i for i, g in enumerate(result) if g.table == "covariates" and g.choice]
    firms = next((g for g in result if g.table == "firms" and g.choice), None)
    for i in with_region if firms else ():
        assert firms is not None
        _, result[i] = _switched("region", firms, result[i], fixed=True)
        meetings += _meetings("region", firms, result[i])
    return result, meetings


def _switched(role: str, one: Guess, other: Guess, *, fixed: bool = False) -> tuple[Guess, Guess]:
    """Return two guesses, with the pair of columns for ``role`` that has clearly more names in common, if there is one.

    ``fixed``: the column of the first file is kept.
    """
    assert one.choice is not None
    assert other.choice is not None
    mine, theirs = one.choice.column(role), other.choice.column(role)
    best = (_share(mine, theirs) if mine and theirs else -BETTER, mine, theirs)
    for a in [mine] if fixed else _candidates(role, one):
        for b in _candidates(role, other):
            if a is not None and _share(a, b) > best[0] + BETTER:
                best = (_share(a, b), a, b)
    return _with_column(one, role, best[1]), _with_column(other, role, best[2])


def accounts_beside(guesses: Sequence[Guess]) -> list[Guess]:
    """Mark files with further accounts of the firms in the main file, which has the most recognised columns."""
    firms = [g for g in guesses if g.table == "firms" and g.choice]
    if not firms:
        return list(guesses)
    first = max(firms, key=lambda g: len(g.choice.pairs) if g.choice else 0)
    return [g if g is first else _as_further_accounts(first, g) for g in guesses]


def _as_further_accounts(first: Guess, other: Guess) -> Guess:
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
    """Return columns that may be a key: their heading resembles a key, or they are repeated names of regions.

    A table that its reader names has no other column for it.
    """
    if guess.as_read:
        assert guess.choice is not None
        return [c for c in [guess.choice.column(role)] if c is not None]
    columns = []
    for c in guess.sample:
        # regions: texts, few enough for a country's regions, each on many rows; the numbers are conventions
        names = role == "region" and c.letters > 0.9 and c.distinct <= 3000 and c.repeats < 0.5
        like = heading_score(guess.table, role, c) > 0
        if c.distinct > 1 and c.year < 0.9 and not (c.number > 0.5 and c.whole < 0.99) and (like or names):
            columns.append(c)
    return columns


def _with_column(guess: Guess, role: str, column: Contents | None) -> Guess:
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
    if column.counties:
        return frozenset(province.english for text in column.texts if (province := province_of_county(text)))
    if column.country_of and column.country_of != "CN":
        return frozenset(map(built_in()[column.country_of].usual, column.texts))
    return frozenset(province.english if (province := province_of(text)) else text for text in column.texts)


def _meetings(role: str, one: Guess, other: Guess) -> list[Meeting]:
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
    return [
        Meeting(
            role, one.table, other.table, len(mine & theirs), len(mine), apart, pad, cut, _by_name(role, one, other)
        )
    ]


def _by_name(role: str, one: Guess, other: Guess) -> tuple[int, int] | None:
    """Return how many names of firms the first table has and how many of them the second has; None if one has none."""
    assert one.choice is not None
    assert other.choice is not None
    a, b = one.choice.column("name"), other.choice.column("name")
    if role != "firm" or a is None or b is None:
        return None
    mine, theirs = ({"".join(text.split()).casefold() for text in column.texts} for column in (a, b))
    return len(mine), len(mine & theirs)


def _zeros(one: Guess, other: Guess, mine: Set[str], theirs: Set[str]) -> tuple[str, int] | None:
    """Return the table whose codes lost leading zeros, and the full length, if restored zeros make the files match."""
    if 2 * len(mine & theirs) > min(len(mine), len(theirs)):
        return None
    for guess, short, long in ((one, mine, theirs), (other, theirs, mine)):
        lengths = {len(text) for text in long}
        if len(lengths) == 1 and all(text.isdecimal() for text in short):
            length = min(lengths)
            if 2 * len({text.zfill(length) for text in short} & long) > min(len(short), len(long)):
                return guess.table, length
    return None
