"""LaTeX whose macros stand for each other: read in a bounded amount of work, and as an own expansion of them says."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from unittest.mock import patch

from pylatexenc.latexwalker import LatexWalker

from fuzzing.known import Wrong
from integrade.errors import IntegradeError
from tablecheck.documents import read_documents
from tablecheck.documents.latex import FREE_WORK, WORK_OF_CHARACTER

Rng = random.Random
NAMES = tuple(f"z{a}{b}" for a in "abcd" for b in "abcde")
FORMS = (r"\newcommand{\NAME}{BODY}", r"\newcommand\NAME{BODY}", r"\renewcommand*{\NAME}{BODY}")
FORMS += (r"\def\NAME{BODY}",)
FORMS += (r"\providecommand{\NAME}[1]{BODY#1}", r"\newcommand{\NAME}[2][x]{BODY#1#2}", r"\def\NAME#1{BODY#1}")
WORDS = ("0.5", "x", "12", "(0.1)", "-", "N", "w")
ODD = (
    r"\footnote[", r"\caption[", r"\makecell[x]{", "{", "}", "[", "]", r"\begin{tabular}{lc}", r"\end{tabular}", "$",
    "&", r"\\", r"\multicolumn{2}{c}{", "#1", "%", r"\newcommand{\zaa}{", r"\sym{", "^", "_", r"\input{damaged}",
    r"\item[",
)  # fmt: skip
"""What is put between uses of macros."""
MOST_EXPANDED = 10_000
"""Characters of a table up to which it must be read, not refused."""
DEEP = 25
"""Macros in macros that must be read."""


def macros(rng: Rng, folder: Path) -> None:
    """Random macros in each other and a table that uses them. Raises `known.Wrong`."""
    plain = rng.random() < 0.5
    bodies = _bodies(rng, plain)
    forms = FORMS[:4] if plain else FORMS
    lines = [rng.choice(forms).replace("NAME", name).replace("BODY", body) for name, body in bodies.items()]
    cells = ["".join(_pieces(rng, list(bodies), plain, 4)) for _ in range(4)]
    rng.shuffle(lines)
    text = "\n".join([*lines, rf"\begin{{tabular}}{{lc}} a & {cells[0]} \\ {cells[1]} & {cells[2]} \\ \end{{tabular}}"])
    if not plain and rng.random() < 0.5:
        text += cells[3] * rng.choice((1, 3, 40))
    _judge(folder, text, bodies, cells if plain else ())


def _bodies(rng: Rng, plain: bool) -> Mapping[str, str]:
    """What macros stand for; where they are plain, each uses later ones alone."""
    names = NAMES[: rng.randint(2, len(NAMES))]
    most = rng.choice((1, 2, 3, 9))
    return {
        name: "".join(_pieces(rng, names[at + 1 :] if plain else names, plain, most)) for at, name in enumerate(names)
    }


def _pieces(rng: Rng, names: Sequence[str], plain: bool, most: int) -> list[str]:
    made = []
    for _ in range(rng.randint(1, most)):
        draw = rng.random()
        if names and draw < 0.7:
            made.append(f"\\{rng.choice(names)}{{}}" if plain else f"\\{rng.choice(names)} ")
        elif plain or draw < 0.85:
            made.append(f"{rng.choice(WORDS)} ")
        else:
            made.append(rng.choice(ODD) * rng.choice((1, 1, 1, 2, 30)))
    return made


def _judge(folder: Path, text: str, bodies: Mapping[str, str], cells: Sequence[str]) -> None:
    path = folder / "damaged.tex"
    path.write_text(text, encoding="utf-8")
    most = FREE_WORK + WORK_OF_CHARACTER * len(text)
    read, tokens = LatexWalker.get_token, [0]

    def counted(self: LatexWalker, *args: object, **options: object) -> object:
        tokens[0] += 1
        return read(self, *args, **options)

    sizes = _sizes(bodies) if cells else {}
    small = bool(cells) and sum(_size(cell, sizes) for cell in cells) < MOST_EXPANDED and len(bodies) < DEEP
    try:
        with patch.object(LatexWalker, "get_token", counted):
            (document,) = read_documents([path])
    except IntegradeError as problem:
        if small:
            raise Wrong("value", f"{problem} of\n{text}") from None
        raise
    finally:
        if tokens[0] > most + 1:
            raise Wrong("work", f"{tokens[0]:,} tokens of {len(text):,} characters:\n{text}")
    shown = sum(len(cell.text) for grid in document.grids for row in grid.rows for cell in row) + len(document.text)
    if shown > 2 * most:
        raise Wrong("work", f"{shown:,} characters of {len(text):,}:\n{text}")
    if small:
        found = [[_plain(cell.text + cell.raised) for cell in row] for row in document.grids[0].rows]
        wanted = [["a", _expanded(cells[0], bodies)], [_expanded(cells[1], bodies), _expanded(cells[2], bodies)]]
        if found != wanted:
            raise Wrong("value", f"{found} in place of {wanted} in\n{text}")


def _sizes(bodies: Mapping[str, str]) -> dict[str, int]:
    """Characters that macros stand for; each uses later ones alone."""
    sizes: dict[str, int] = {}
    for name in reversed(bodies):
        sizes[name] = 10 + len(bodies[name]) + _size(bodies[name], sizes)
    return sizes


def _size(text: str, sizes: Mapping[str, int]) -> int:
    return len(text) + sum(sizes[name] for name in re.findall(r"\\(z\w\w)", text))


def _expanded(text: str, bodies: Mapping[str, str]) -> str:
    while used := re.search(r"\\(z\w\w)\{\}", text):
        text = text[: used.start()] + bodies[used[1]] + text[used.end() :]
    return _plain(text)


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", text.replace("−", "-"))
