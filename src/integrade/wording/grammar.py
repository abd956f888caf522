"""Parse conditions that users write: tokens, a cursor over them, and parts joined by ``and``, ``or``, ``not``.

    condition := condition "or" condition | condition "and" condition | "not" condition | "(" condition ")" | one

The option ``--where`` and the rules of hypotheses are such languages; each has its own parts and messages.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

DEEPEST = 50
"""Largest depth to which parentheses and ``not`` may be nested. A convention that limits recursion."""
T = TypeVar("T")


class Token(NamedTuple):
    """Token of a text with its start; ``kind`` is a group of the language's pattern, "word" or "end"."""

    kind: str
    value: str
    start: int


def tokens(
    text: str,
    pattern: re.Pattern[str],
    read: Callable[[str, str], tuple[str, str]],
    unknown: Callable[[str, int], Exception],
) -> Iterator[Token]:
    """Yield the tokens of a text except blanks, and an "end".

    ``read``: returns the kind and value of a token, given the group that matched and its text. ``unknown``: builds the
    error about a position where no token begins.
    """
    at = 0
    while at < len(text):
        match = pattern.match(text, at)
        if match is None:
            raise unknown(text, at)
        kind, value = read(match.lastgroup or "", match.group())
        if kind != "blank":
            yield Token(kind, value, at)
        at = match.end()
    yield Token("end", "", len(text))


@dataclass
class Cursor:
    """Position in the tokens of a text; ``fault`` builds the error about the text, a position in it and a reason."""

    text: str
    tokens: Sequence[Token]
    fault: Callable[[str, int, str], Exception]
    at: int = 0
    depth: int = 0

    @property
    def next(self) -> Token:
        """The token at the position."""
        return self.tokens[self.at]

    def take(self, kind: str, value: str | None = None) -> Token | None:
        """Move past the next token if it is of this kind and, if given, this value. Returns None for another one."""
        token = self.tokens[self.at]
        if token.kind != kind or (value is not None and token.value != value):
            return None
        self.at += 1
        return token

    def expected(self, why: str) -> Exception:
        """Return the error about the next token."""
        return self.fault(self.text, self.next.start, why)


class Messages(NamedTuple):
    """Messages of a language: the text goes on, a parenthesis is not closed, and the error about too deep nesting."""

    unfinished: str
    unclosed: str
    too_deep: Callable[[str, int], Exception]


def parse(
    cursor: Cursor,
    messages: Messages,
    one: Callable[[], T],
    joined: Callable[[str, Sequence[T]], T],
    negated: Callable[[T], T],
) -> T:
    """Parse a whole text.

    ``one``: reads a part that has no ``and``, ``or``, ``not``. ``joined``: joins parts, given the word between them.
    """

    def either() -> T:
        return chain("or", both)

    def both() -> T:
        return chain("and", single)

    def chain(word: str, part: Callable[[], T]) -> T:
        parts = [part()]
        while cursor.take("word", word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else joined(word, parts)

    def single() -> T:
        cursor.depth += 1
        if cursor.depth > DEEPEST:
            raise messages.too_deep(cursor.text, cursor.next.start)
        if cursor.take("word", "not"):
            condition = negated(single())
        elif cursor.take("mark", "("):
            condition = either()
            if not cursor.take("mark", ")"):
                raise cursor.expected(messages.unclosed)
        else:
            condition = one()
        cursor.depth -= 1
        return condition

    condition = either()
    if cursor.next.kind != "end":
        raise cursor.expected(messages.unfinished)
    return condition
