"""Leave imports out of customs records that have exports and imports: a column ``flow`` states the direction."""

from __future__ import annotations

import narwhals as nw

from integrade.engine.frames import Frame, collect
from integrade.errors import option
from plainwords.account import Entry
from plainwords.texts import listed, say

OUT = ("出口", "出", "export", "exports", "exp", "x", "e")
IN = ("进口", "进", "import", "imports", "imp", "m", "i")
"""Words for exports and imports in the column ``flow``, in lower case."""


def plain(column: str) -> nw.Expr:
    """Return the text of a column in lower case, without blanks at its ends."""
    return nw.col(column).cast(nw.String).str.strip_chars().str.to_lowercase()


def without_imports(frame: Frame, table: str) -> tuple[Frame, list[Entry]]:
    """Leave out and count the imports of customs records that have other records, too.

    Rows without a direction stay, and so does a table that has only imports. If a table has several directions and one
    is neither export nor import (such as 0 and 1), the rows stay and a warning names the value.
    """
    if table != "customs" or "flow" not in frame.collect_schema().names():
        return frame, []
    counts = dict(sorted(collect(frame.group_by("flow").agg(n=nw.len())).iter_rows(), key=lambda row: str(row[0])))
    seen = {str(word): n for word, n in counts.items() if word is not None and str(word).strip()}
    into = {word: n for word, n in seen.items() if _plain_word(word) in IN}
    unknown = [word for word in seen if _plain_word(word) not in (*OUT, *IN)]
    entries = list[Entry]()
    if unknown and len(seen) > 1:
        reason = say("sources.directions-not-known", words=_quoted(unknown), option=option("where"))
        entries.append(Entry("read", table, "warning", reason, 0))
    if into and len(into) < len(counts):
        reason = say("sources.imports-named", words=_quoted(list(into)))
        entries.append(Entry("read", table, "dropped", reason, sum(into.values())))
        frame = frame.filter(~plain("flow").is_in(list(IN)).fill_null(False))
    return frame, entries


def _plain_word(word: str) -> str:
    return word.strip().lower()


def _quoted(words: list[str]) -> str:
    return listed([repr(word) for word in words[:5]], "comma")
