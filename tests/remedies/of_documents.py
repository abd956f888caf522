"""Remedies of documents with printed tables."""

from __future__ import annotations

import io
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import docx
import pypdfium2

from remedies.frame import Call, Cases, Follow, done, meant
from remedies.tables import FOLDER
from tablecheck import audit_table, read_printed
from tablecheck.accepting import read_accepted
from tablecheck.documents import pdf

CASES = Cases()
refused = CASES.refused
PRINTED = "variable,stat,(1)\nmarket,b,0.5***\nmarket,t,3.2\nN,n,900\n"
PAGE = Path(__file__).parents[1] / "tablecheck" / "printed" / "pdf" / "journal_main.pdf"


def read(content: str | bytes, name: str = "typed.csv") -> Any:
    """A document of this content and name, read."""
    folder = FOLDER / "documents"
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_printed([path])


def by(says: str, content: str | bytes, name: str = "typed.csv") -> Follow:
    """What a remedy says in prose, done by another file."""
    return done(says, lambda call: call.with_args(content, name))


def word() -> bytes:
    """A document of Word with the table."""
    document, held = docx.Document(), io.BytesIO()
    rows = [line.split(",") for line in PRINTED.splitlines()]
    table = document.add_table(len(rows), 3)
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            table.cell(i, j).text = text
    document.save(held)
    return held.getvalue()


def with_a_part_without_name() -> bytes:
    """A document of Word, one part of which has a name that is no text."""
    held = io.BytesIO(word())
    with zipfile.ZipFile(held, "a") as parts:
        parts.writestr("word/é.xml", "")
    return held.getvalue().replace("é".encode(), b"\xff\xff")


def packed() -> bytes:
    """A zip file with the table."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as parts:
        parts.writestr("typed.csv", PRINTED)
    return held.getvalue()


def empty_page() -> bytes:
    """A PDF of one page without text."""
    document, held = pypdfium2.PdfDocument.new(), io.BytesIO()
    document.new_page(300, 400)
    document.save(held)
    return held.getvalue()


def hurried() -> Any:
    """A page that is given no time."""
    with patch.object(pdf, "PATIENCE", 0.001):
        return read(PAGE.read_bytes(), "slow.pdf")


EMPTY = FOLDER / "without tables"
EMPTY.mkdir()
FULL = FOLDER / "with tables"
FULL.mkdir()
(FULL / "one.csv").write_text(PRINTED)
SETTLED = FOLDER / "settled.toml"
SETTLED.write_text('[[accepted]]\nfinding = "0a1b2c3d"\nreason = "a misprint"\n')
refused(
    "folder without tables",
    "U104",
    read_printed,
    [EMPTY],
    then=done("give a folder with files", lambda c: c.with_args([FULL])),
)
CASES.command(
    "text without a table",
    "U100",
    "audit",
    "--text",
    str(FULL / "one.csv"),
    then=done("--table FILE", lambda c: c.with_args("audit", "--table", str(FULL / "one.csv"))),
)
CASES.command(
    "findings as another kind of file",
    "U100",
    "audit",
    "--table",
    str(FULL / "one.csv"),
    "--out",
    str(FOLDER / "findings.ods"),
    then=done("known: .html", lambda c: c.with_args(*c.args[:-1], str(FOLDER / "findings.json"))),
)
refused("set of checks misspelt", "U101", audit_table, FULL / "one.csv", checks=("square",), then=meant("square"))
refused(
    "file of settled findings absent",
    "U104",
    read_accepted,
    FOLDER / "none.toml",
    then=done("name a file", lambda c: c.with_args(SETTLED)),
)
refused("printed table of another kind", "D208", read, "a,b\n1,2\n", then=by("regressions (coefficients", PRINTED))
refused("document of Word 97", "D208", read, b"\xd0\xcf\x11\xe0" * 9, "old.doc", then=by(".docx", word(), "old.docx"))
refused("no document of Word", "D208", read, "nothing", "a.docx", then=by("save the file again", word(), "a.docx"))
refused(
    "part without a name",
    "D208",
    read,
    with_a_part_without_name(),
    "l.docx",
    then=by("save it again", word(), "l.docx"),
)
refused("no PDF", "D208", read, "nothing", "a.pdf", then=by("fetch or save", PAGE.read_bytes(), "a.pdf"))
MIXED = "\u4e2d\u56fd,1\n".encode("gb18030") + "\u4e2d\u56fd,2\n".encode()
refused("document of two encodings", "D208", read, MIXED, "m.csv", then=by("save it in UTF-8", PRINTED))
refused("packed and damaged", "D208", read, b"PK\x03\x04" + b"x" * 40, "b.csv", then=by("fetch it again", PRINTED))
refused("an archive, not a document", "D208", read, packed(), "c.csv", then=by("unpack it", PRINTED))
refused("text without cells", "D208", read, "hello\nworld\n", "d.csv", then=by("with commas", PRINTED))
refused("zero byte in a table", "D208", read, f"{PRINTED}\0", "e.csv", then=by("save it again as text", PRINTED))
refused("nested too deeply", "D208", read, "<div>" * 20_000, "f.html", then=by("tables as csv", PRINTED))
refused("braces in braces", "D208", read, "{" * 20_000, "g.tex", then=by("close open braces", PRINTED))
MACROS = (
    "".join(f"\\def\\z{a}{{{f'{chr(92)}z{b} ' * 9}}}" for a, b in pairwise("abcdefghij")) + "\\begin{tabular}{l}\\za"
)
refused("macros in macros", "D208", read, MACROS, "m.tex", then=by("replace them by their definition", PRINTED))
BRACKETS = "\\begin{tabular}{l}x & " + "\\footnote[" * 40
refused("brackets left open", "D208", read, BRACKETS, "n.tex", then=by("close them", PRINTED))
refused("page without text", "D208", read, empty_page(), "h.pdf", then=by("type its tables as csv", PRINTED))
refused("damaged page", "D208", read, b"%PDF-1.7 no more", "i.pdf", then=by("again", PAGE.read_bytes(), "i.pdf"))
refused("braces of RTF", "D208", read, "{\\rtf1" + "{" * 300, "j.rtf", then=by(".docx", word(), "j.docx"))
refused("open quotes of a table", "D208", read, 'variable,stat,(1)\nx,b,"1', "k.csv", then=by("close the", PRINTED))
refused("slow page", "D208", hurried, then=done("the pages", lambda _: Call(read, (PAGE.read_bytes(), "s.pdf"))))
