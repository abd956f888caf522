"""Printed tables in documents of every kind, damaged: bytes, words, lines, tags, and the parts inside packed ones."""

from __future__ import annotations

import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from integrade.report.table_audit import table_audit_page
from tablecheck import LITERATURE, review
from tablecheck.documents import read_documents
from tablecheck.layout import read_tables
from tablecheck.sarif import to_sarif

Rng = random.Random
Mutate = Callable[[Rng, bytes, int], bytes]
PRINTED = Path(__file__).parents[1] / "tablecheck" / "printed"
LARGEST = 1 << 16
"""Bytes of a document that is taken."""
KINDS = {
    ".csv": 5, ".tsv": 1, ".txt": 8, ".md": 4, ".html": 5, ".tex": 8, ".rtf": 1, ".docx": 4, ".xlsx": 3, ".pdf": 1
}  # fmt: skip
"""How often a kind is drawn; a PDF takes a process."""
PACKED = (".docx", ".xlsx")
CELLS = tuple(
    one.encode(errors="surrogateescape")
    for one in (
        "0.05***", "(0.02)", "[0.1, 0.2]", "-", "−", "<0.001", "1,234", "1.234,5", "1e999", "", "(1)", "***", "(.)",
        "N", "R2", "样本量", "Mean", "Std. Err.", "95% CI", "=", "x" * 300, "0.5.5", "(", "\udcff",
    )
)  # fmt: skip
"""What cells are exchanged for."""
TAGS = (
    b"<table>", b"</table>", b"<td colspan=9999>", b"<td rowspan=9999>", b"</tr>", b"\\hline",
    b"\\multicolumn{9}{c}{", b"\\\\", b"&", b"}", b"{", b"|", b"\n\n", b"-" * 30, b"\\begin{tabular}{lc}",
    b"\\end{tabular}", b"\\par", b"\\cell",
)  # fmt: skip
"""What is put in between."""
_TELLING = re.compile(r"document\.xml$|sheet\d*\.xml$|sharedStrings|styles|workbook")


@cache
def documents() -> dict[str, list[bytes]]:
    """The small printed documents by suffix."""
    found: dict[str, list[bytes]] = {kind: [] for kind in KINDS}
    for path in sorted(PRINTED.rglob("*")):
        if path.suffix in found and path.parent != PRINTED and path.stat().st_size <= LARGEST:
            found[path.suffix].append(path.read_bytes())
    return found


def make(rng: Rng, mutated: Mutate) -> bytes:
    """A document under its suffix, damaged; sometimes under that of another kind."""
    suffix = rng.choices(tuple(KINDS), weights=tuple(KINDS.values()))[0]
    content = rng.choice(documents()[suffix])
    content = _repacked(rng, content, mutated) if suffix in PACKED else _rewritten(rng, content, mutated)
    if rng.random() < 0.03:
        suffix = rng.choice([kind for kind in KINDS if kind != ".pdf"])
    return suffix.encode() + b"\n" + content


def _rewritten(rng: Rng, content: bytes, mutated: Mutate) -> bytes:
    """Content with lines or words exchanged, doubled, left out or put in, then with a few bytes changed."""
    by = rng.choice((rb"(\n)", rb"(\s+)", rb"(<[^>]*>)", rb"([&,|;\t])", rb"(\\[a-z]+|[{}])"))
    parts = re.split(by, content)
    for _ in range(rng.choice((0, 1, 1, 2, 4, 12))):
        at, to = rng.randrange(len(parts)), rng.randrange(len(parts))
        match rng.randrange(6):
            case 0:
                parts[at], parts[to] = parts[to], parts[at]
            case 1:
                parts.insert(to, parts[at])
            case 2 if len(parts) > 1:
                del parts[at]
            case 3:
                parts[at] = rng.choice(CELLS)
            case 4:
                parts.insert(at, rng.choice(TAGS))
            case _:
                parts[at:at] = parts[to : to + rng.choice((3, 30))]
    joined = b"".join(parts)
    return mutated(rng, joined, 4) if rng.random() < 0.4 else joined


def _repacked(rng: Rng, content: bytes, mutated: Mutate) -> bytes:
    """A packed document with one of its parts changed inside, or with its bytes changed."""
    if rng.random() < 0.1:
        return mutated(rng, content, 4)
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = {one.filename: packed.read(one) for one in packed.infolist()}
    telling = [
        name for name in parts if re.search(r"document\.xml$|sheet\d*\.xml$|sharedStrings|styles|workbook", name)
    ]
    name = rng.choice(telling if telling and rng.random() < 0.9 else list(parts))
    if rng.random() < 0.03:
        del parts[name]
    else:
        parts[name] = _rewritten(rng, parts[name], mutated)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for one, text in parts.items():
            made.writestr(one, text)
    return held.getvalue()


def take(data: bytes, folder: Path) -> None:
    """Read it, check its tables, and write all that an audit writes."""
    suffix, _, content = data.partition(b"\n")
    path = folder / f"damaged{suffix.decode()}"
    path.write_bytes(content)
    found = read_documents([path])
    for document in found:
        for grid in document.grids:
            assert len({len(row) for row in grid.rows}) == 1, "a rectangle"
    tables = [table for document in found for table in read_tables(document)]
    said = review(tables, "\n".join(document.text for document in found), checks=LITERATURE)
    str(said)
    said.frame()
    said.cells()
    json.dumps(to_sarif(said), allow_nan=False)
    table_audit_page(said)
