"""Tell which mediators of a study are the paper's: human capital (H2, Table 6) and research (H3, Table 7)."""

from __future__ import annotations

import re
from collections.abc import Iterable

HUMAN_CAPITAL = "human_capital"
RESEARCH = "rd"

SCHOOLING = re.compile(r"human_?cap|humcap|school|educat|(?<![a-z0-9])(edu|educ|hc)(?![a-z0-9])|人力资本|教育|学历")
RESEARCH_WORDS = re.compile(
    r"research|(?<![a-z0-9])r_?n?_?d(?![a-z0-9])|研发|研究与试验|研究与开发"
    r"|(?<![a-z0-9])rd_?(spend|exp|inten|inv|input|ratio|share|gdp|output|stock)"
)
"""Patterns of names in lower case, with every run of other characters as one underscore. A convention."""


def role_of(mediator: str) -> str:
    """Return the paper's mediator that a column or term names: ``human_capital``, ``rd``, or an empty text.

    The words of the name decide, so ``humancapital`` and ``log(schooling)`` are human capital, and ``log(rd_spending)``
    and ``rd_intensity`` are research. ``rdebt`` is neither.
    """
    name = re.sub(r"[^\w]+", "_", mediator.lower()).strip("_")
    if SCHOOLING.search(name):
        return HUMAN_CAPITAL
    return RESEARCH if RESEARCH_WORDS.search(name) else ""


def by_role(mediators: Iterable[str]) -> dict[str, str]:
    """Return the mediator of each role: the one with exactly the role's name, else the first whose name fits."""
    named = list(mediators)
    found = dict[str, str]()
    for name in sorted(named, key=lambda name: name not in (HUMAN_CAPITAL, RESEARCH)):
        if role := role_of(name):
            found.setdefault(role, name)
    return found
