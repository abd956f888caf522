"""Turn headings into names that a formula can contain: letters, digits, underscores and points."""

from __future__ import annotations

import re
from collections.abc import Iterable

PLAIN = re.compile(r"[^\W\d][\w.]*\Z")
"""Pattern of names that a formula accepts without backticks."""


def plain_name(heading: str) -> str:
    """Turn a heading into a name for a formula; other characters become underscores, and a plain name stays unchanged.

    Example:
        >>> [plain_name(one) for one in ("Total assets (RM'000)", "lev", "2010 sales", "出口质量")]
        ['Total_assets_RM_000', 'lev', 'x_2010_sales', '出口质量']
    """
    if PLAIN.match(heading):
        return heading
    name = re.sub(r"[^\w]+", "_", heading).strip("_") or "x"
    return name if PLAIN.match(name) else f"x_{name.lstrip('_')}"


def plain_names(headings: Iterable[str]) -> dict[str, str]:
    """Return a different name for each heading; if two headings give one name, the second gets a number.

    Headings that are plain names keep their name, wherever they are in the list.

    Example:
        >>> plain_names(["a b", "a_b", "a-b"])
        {'a b': 'a_b_2', 'a_b': 'a_b', 'a-b': 'a_b_3'}
    """
    known = list(headings)
    taken, name_of_heading = {one for one in known if PLAIN.match(one)}, dict[str, str]()
    for heading in known:
        name, n = plain_name(heading), 2
        if name != heading:
            while name in taken:
                name, n = f"{plain_name(heading)}_{n}", n + 1
            taken.add(name)
        name_of_heading[heading] = name
    return name_of_heading
