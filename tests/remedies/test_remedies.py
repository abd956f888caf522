"""Every remedy that is printed works: a test follows it and gets further."""

from __future__ import annotations

from collections import Counter

import pytest

from each import each
from remedies import rooms
from remedies.census import untried
from remedies.frame import Case, tried


@pytest.mark.parametrize("name", rooms.NAMES)
def test_remedies_lead_further(name: str) -> None:
    @each("case", rooms.cases([name]), ids=lambda case: case.name)
    def leads_further(case: Case) -> None:
        tried(case)

    leads_further()


def test_names_of_cases_differ() -> None:
    assert [name for name, n in Counter(case.name for case in rooms.cases()).items() if n > 1] == []


def test_remedies_without_a_case_only_become_fewer() -> None:
    left = untried(rooms.cases())
    counts = Counter(one.room for one in left)
    more = [str(one) for one in left if counts[one.room] > rooms.UNTRIED.get(one.room, 0)]
    assert not more, "no case follows these; add one (tests/remedies):\n" + "\n".join(more)
