"""Names that a formula can write: letters, digits, underscores and points, whatever the headings of a file are."""

from __future__ import annotations

import re
from collections.abc import Iterable

PLAIN = re.compile(r"[^\W\d][\w.]*\Z")
"""What a formula takes as a name without backticks."""


def plain_name(heading: str) -> str:
    """A heading as a name of a formula: other characters become underscores; a name that is plain stays as it is.

    Example:
        >>> [plain_name(one) for one in ("Total assets (RM'000)", "lev", "2010 sales", "出口质量")]
        ['Total_assets_RM_000', 'lev', 'x_2010_sales', '出口质量']
    """
    if PLAIN.match(heading):
        return heading
    made = re.sub(r"[^\w]+", "_", heading).strip("_") or "x"
    return made if PLAIN.match(made) else f"x_{made.lstrip('_')}"


def plain_names(headings: Iterable[str]) -> dict[str, str]:
    """Heading -> name, each name once: of two headings with one name the later has a number behind it.

    Headings that are plain keep their name, wherever they stand.

    Example:
        >>> plain_names(["a b", "a_b", "a-b"])
        {'a b': 'a_b_2', 'a_b': 'a_b', 'a-b': 'a_b_3'}
    """
    known = list(headings)
    taken, found = {one for one in known if PLAIN.match(one)}, dict[str, str]()
    for heading in known:
        name, n = plain_name(heading), 2
        if name != heading:
            while name in taken:
                name, n = f"{plain_name(heading)}_{n}", n + 1
            taken.add(name)
        found[heading] = name
    return found
