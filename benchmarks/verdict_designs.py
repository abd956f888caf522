"""What is simulated for the section on verdicts: designs of known truth, by subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

Draw = Mapping[str, float]
"""What one sample gave: 0 or 1 by name; ``supported`` is always there."""


class Design(NamedTuple):
    """One truth: its name, whether support would be false, and the function that judges one sample (seed, number).

    ``times`` multiplies the number of draws, for rates that docs/verdicts.md quotes.
    """

    name: str
    false: bool
    draw: Callable[[int, int], Draw]
    times: int = 1


class Subject(NamedTuple):
    """One hypothesis: its heading, what the page says above its table, designs, columns, the code that draws depend on.

    ``columns`` are pairs of a heading and a name in a draw, ``supported`` first; ``code`` are files and folders of
    src/integrade, to which the file of the subject itself is added.
    """

    heading: str
    about: str
    designs: tuple[Design, ...]
    columns: tuple[tuple[str, str], ...]
    code: tuple[str, ...]
    file: str
