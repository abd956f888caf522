"""The regression in groups, and tests of the differences."""

from __future__ import annotations

from integrade.account import Entry
from integrade.errors import UsageError
from integrade.models.groups.compare import Groups, compare_groups
from integrade.models.groups.records import GroupSplit
from integrade.study import config
from integrade.study.questions.asked import Answer, Asked, options_of, tried
from integrade.study.questions.splits import grouped, title_of


def answer(asked: Asked) -> Answer:
    """One comparison for each section whose groups can be compared. Raises `UsageError` for twins in name."""
    said, account, sections = list[str](), list[Entry](), asked.study.groups
    _require_titles([title_of(g) for g in sections])
    found = [tried(said, f"groups by {g.by} are", lambda g=g: _split(asked, g, account)) for g in sections]  # type: ignore[misc]
    return Answer(tuple(s for s in found if s), tuple(said), tuple(account))


def _require_titles(titles: list[str]) -> None:
    twice = [t for i, t in enumerate(titles) if t in titles[:i]]
    if twice:
        raise UsageError(f"two sections [[groups]] are called {twice[0]!r}", remedy='give one of them title = "..."')


def _split(asked: Asked, section: config.Groups, account: list[Entry]) -> GroupSplit:
    """The comparison; what became of the rows is added to the account."""
    chosen = asked.study.regression
    rows, by = grouped(asked.sample, section)
    account += rows.account
    options = Groups(
        treatment=chosen.treatment,
        permutations=section.permutations,
        permute=section.permute,
        fit=options_of(chosen, wild=chosen.wild),
    )
    return GroupSplit(section.how, title_of(section), compare_groups(rows, asked.formula, by, options))
