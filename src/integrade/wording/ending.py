"""Lay out the end of a command for a terminal: labelled texts, wrapped at words, on a bounded number of lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from integrade.wording.sheet import width

MOST = 12
"""Largest number of lines at the end of a command."""
GAP = 2
"""Columns between a label and its text."""
LABEL = 10
"""Width up to which a label of several words stays on one line."""
CUT = "…"
NOT_FIRST = "，。；：！？、）》」』”’％…"
"""Characters that do not begin a line of Chinese text."""
NOT_LAST = "（《「『“‘"
"""Characters that do not end a line of Chinese text."""


class Part(NamedTuple):
    """A text with its label.

    A text may have two cells, separated by a tab; consecutive parts with such texts and one label are a table. ``role``
    chooses a colour (`Piece`). A ``whole`` text is neither wrapped nor cut, because it is a path.
    """

    text: str
    label: str = ""
    role: str = ""
    whole: bool = False


class Piece(NamedTuple):
    """A piece of a line. ``role`` is ``label``, the outcome of a verdict, ``path``, ``warning``, ``done`` or empty."""

    text: str
    role: str = ""


Line = tuple[Piece, ...]


def laid_out(parts: Sequence[Part], columns: int, most: int | None = MOST) -> list[Line]:
    """Return the lines of the parts, each no wider than ``columns``, in at most ``most`` lines where texts can be cut.

    Labels have a column of their own, in which they wrap at words. If there are too many lines, the longest texts lose
    their last lines. A text is then cut after a sentence; an ellipsis marks the cut within a sentence.
    """
    labels = [part.label for part in parts if part.label]
    words = [width(word) for label in labels for word in label.split()]
    margin = max(*words, *(min(width(label), LABEL) for label in labels)) + GAP if labels else 0
    blocks = [_block(part, before, after, margin, columns) for part, before, after in _cells(parts)]
    heights = [block.height for block in blocks]
    while most is not None and sum(heights) > most:
        longer = [i for i, block in enumerate(blocks) if heights[i] > max(len(block.label), 1)]
        if not longer:
            break
        heights[max(longer, key=heights.__getitem__)] -= 1
    return [line for block, height in zip(blocks, heights, strict=True) for line in block.lines(height)]


def wrapped(text: str, columns: int) -> list[str]:
    """Break a text at blanks, and between Chinese characters, into lines of at most ``columns`` terminal columns.

    A word that is wider than a line, such as a path, is not broken.

    Example:
        >>> wrapped("Market raises Quality", 14)
        ['Market raises', 'Quality']
    """
    lines = [""]
    for word in _words(text):
        fits = width((lines[-1] + word).rstrip()) <= columns
        if fits or not lines[-1].strip():
            lines[-1] += word
        else:
            lines[-1] = lines[-1].rstrip()
            lines.append(word.lstrip())
    return [*lines[:-1], lines[-1].rstrip()]


def _words(text: str) -> Iterator[str]:
    """Yield the pieces between which a line may end; a blank belongs to the piece before it."""
    word = ""
    for sign in text:
        if word and _may_break(word[-1], sign):
            yield word
            word = ""
        word += sign
    if word:
        yield word


def _may_break(last: str, sign: str) -> bool:
    if last == " ":
        return sign != " "
    if sign == " " or sign in NOT_FIRST or last in NOT_LAST:
        return False
    return width(last) == 2 or width(sign) == 2


class _Block(NamedTuple):
    """The wrapped lines of a part. ``head`` is its first cell in a table, and ``at`` the column of its text."""

    label: list[str]
    head: Piece
    text: list[str]
    role: str
    margin: int
    at: int
    columns: int

    @property
    def height(self) -> int:
        """The number of lines of the block."""
        return max(len(self.text), len(self.label))

    def lines(self, height: int) -> Iterator[Line]:
        """Yield the first ``height`` lines; if there are more, the text ends after a sentence or with an ellipsis."""
        text = self.text if len(self.text) <= height else _within(self.text[:height], self.columns - self.at)
        for i in range(max(len(text), len(self.label))):
            label = self.label[i] if i < len(self.label) else ""
            head = self.head if i == 0 else Piece("")
            pieces = [
                Piece(label, "label"),
                Piece(" " * (self.margin - width(label))),
                head,
                Piece(" " * (self.at - self.margin - width(head.text))),
                Piece(text[i] if i < len(text) else "", "" if self.head.text else self.role),
            ]
            while pieces and not pieces[-1].text.strip():
                pieces.pop()
            yield tuple(piece for piece in pieces if piece.text)


def _block(part: Part, label: str, at: int, margin: int, columns: int) -> _Block:
    head, tab, text = part.text.rpartition("\t")
    margin = margin if part.label else 0
    at = margin + at
    lines = [text] if part.whole else wrapped(text, columns - at)
    label_lines = wrapped(label, margin - GAP) if label else []
    return _Block(label_lines, Piece(head, part.role if tab else ""), lines, part.role, margin, at, columns)


def _cells(parts: Sequence[Part]) -> Iterator[tuple[Part, str, int]]:
    """Yield each part with the label that is printed, and the columns that first cells of its table take.

    Parts of one table have the label only once.
    """
    for i, part in enumerate(parts):
        table = [p for p in parts if p.label == part.label and "\t" in p.text] if "\t" in part.text else []
        heads = [width(p.text.rpartition("\t")[0]) + GAP for p in table]
        again = bool(table) and i > 0 and parts[i - 1].label == part.label
        yield part, "" if again else part.label, max(heads, default=0)


SENTENCE_ENDS = re.compile(r".*(?:[.!?](?= |\Z)|[。！？])", re.DOTALL)
"""The part of a text up to the end of its last whole sentence; a point within a number ends none."""


def _within(lines: Sequence[str], columns: int) -> list[str]:
    """Return lines cut after their last whole sentence; without one, the last line ends with an ellipsis."""
    whole = SENTENCE_ENDS.match(_joined(lines))
    return wrapped(whole[0], columns) if whole else [*lines[:-1], _cut(lines[-1], columns)]


def _joined(lines: Sequence[str]) -> str:
    """Return wrapped lines as one text, with a blank between lines unless Chinese characters meet there."""
    text = lines[0]
    for line in lines[1:]:
        meet = width(text[-1:]) == 2 or width(line[:1]) == 2
        text += line if meet else f" {line}"
    return text


def _cut(text: str, columns: int) -> str:
    """Return a line that ends with an ellipsis, no wider than ``columns``."""
    words = list(_words(text))
    while words and width("".join(words).rstrip()) + 2 > columns:
        words.pop()
    kept = "".join(words).rstrip()
    return f"{kept} {CUT}" if kept and width(kept[-1]) == 1 else f"{kept}{CUT}"
