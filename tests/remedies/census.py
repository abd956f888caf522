"""Every remedy in the source: where a call is given ``remedy=``.

``python -m remedies.census`` (from tests/) prints those that no case follows.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from remedies.frame import FOLDERS, Cases, Site, place, tried

SAYS = ("say", "super().__init__", "Scored")
"""Calls that are given a remedy and are no error: `Scored` keeps it until there is one."""
HANDS_ON = re.compile(r"^(?!scored)\w+\.remedy$")
"""A remedy that only hands on what another error says."""


@dataclass(frozen=True)
class Remedy:
    """One remedy: the call that it is given to, the function around it, what the call makes, the words."""

    site: Site
    function: str
    makes: str
    words: str

    @property
    def room(self) -> str:
        """The folder, or the file of the ground floor."""
        return self.site[0].split("/")[0]

    def __str__(self) -> str:
        """A line of a list."""
        return f"{self.site[0]}:{self.site[1]} {self.function}: {self.makes} {self.words}"


@cache
def remedies() -> tuple[Remedy, ...]:
    """All remedies, in the order of files and lines, without those that only hand on what another one says."""
    found: list[Remedy] = []
    for path in sorted(path for folder in FOLDERS for path in folder.rglob("*.py")):
        found += _of(place(path), ast.parse(path.read_text(encoding="utf-8")), ())
    return tuple(found)


def _of(file: str, node: ast.AST, within: Sequence[str]) -> Iterator[Remedy]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        within = (*within, node.name)
    if isinstance(node, ast.Call):
        said = next((k.value for k in node.keywords if k.arg == "remedy"), None)
        makes = ast.unparse(node.func)
        if said is not None and makes not in SAYS and not HANDS_ON.search(ast.unparse(said)):
            yield Remedy((file, node.lineno, node.col_offset), ".".join(within), makes, ast.unparse(said))
    for child in ast.iter_child_nodes(node):
        yield from _of(file, child, within)


def untried(cases: Cases) -> list[Remedy]:
    """The remedies that no case follows."""
    seen: set[Site] = set()
    for case in cases:
        try:
            seen |= tried(case)
        except AssertionError:  # its own test tells
            continue
    return [one for one in remedies() if one.site not in seen]


if __name__ == "__main__":
    from remedies import rooms

    for one in untried(rooms.cases()):
        print(one)
