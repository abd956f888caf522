"""Gather the contradictions of a table that do not concern single estimates, and weaken those of PDF pages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from tablecheck.checks.causes import MOST
from tablecheck.findings import Finding

OF_ESTIMATES = ("stars", "tests", "signs")
"""Checks that compare the numbers of one estimate: they gather their own contradictions (`causes.common_causes`)."""


def local_only(findings: Iterable[Finding], drawn: frozenset[str]) -> list[Finding]:
    """Return findings in which no check contradicts a table in more than `MOST` places.

    More contradictions of one check in one table are one doubt: the table was probably read in another way than it is
    meant. ``drawn`` are the tables whose cells were found by their place on a page: what is said of their other
    statistics is a doubt, because one number in a wrong column is enough for it.
    """
    every = list(findings)
    groups: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in every:
        if finding.grade == "contradiction" and finding.check not in OF_ESTIMATES:
            groups[finding.table, finding.check].append(finding)
    many = {key: group for key, group in groups.items() if len(group) > MOST}
    kept: list[Finding] = []
    for finding in every:
        group = groups.get((finding.table, finding.check), [])
        if not any(finding is one for one in group):
            kept.append(finding)
        elif (finding.table, finding.check) not in many:
            kept.append(replace(finding, grade="doubt") if finding.table in drawn else finding)
        elif finding is group[0]:
            kept.append(_gathered(group))
    return kept


def _gathered(group: list[Finding]) -> Finding:
    """Return one doubt for the contradictions of one check in one table."""
    first = group[0]
    return replace(
        first,
        grade="doubt",
        where="",
        sentence=f"{len(group)} contradictions of this kind, so the table may be read in another way than it is meant; "
        f"the first, {first.where}: {first.sentence}",
        cells=tuple(dict.fromkeys(cell for one in group for cell in one.cells)),
    )
