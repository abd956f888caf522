"""Define the nodes of a parsed rule of the study file (`integrade.verdicts.hypotheses`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Quantity:
    """A quantity in a rule: the name of a result, its argument in parentheses, and the version it is read from."""

    name: str
    argument: str = ""
    version: str = ""

    def __str__(self) -> str:
        """Return the quantity as a rule writes it."""
        inner = f"({self.argument})" if self.argument else ""
        return f"{self.name}{inner}" + (f' in "{self.version}"' if self.version else "")


@dataclass(frozen=True)
class Node:
    """A node of a rule: its kind (``and``, ``or``, ``not``, ``compare`` with signs, or ``truth``) and its parts."""

    kind: str
    parts: tuple[Any, ...]
    signs: tuple[str, ...] = ()


def group_of(version: str) -> tuple[str, str]:
    """Return the title of the split and the group that a text such as ``ownership: state`` names."""
    title, _, group = version.replace("：", ":").rpartition(":")
    return title.strip(), group.strip()
