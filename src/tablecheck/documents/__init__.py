"""Read documents with printed tables: the tables as cells with titles and notes, and the text.

`read_documents` is the only entry point. The format of a file is recognised by its first bytes and then by its suffix,
because packages write HTML and RTF under the suffixes .doc and .xls.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from plainwords.errors import ExplainedError, Problems
from rawcells import doors
from rawcells.bytes import archives
from rawcells.bytes.bounds import beyond
from rawcells.bytes.damage import parsing
from rawcells.errors import Unreadable
from tablecheck.documents.decoded import decoded
from tablecheck.documents.folders import left_out_of, places_of
from tablecheck.documents.shaping import bounded
from tablecheck.documents.wording import is_number
from tablecheck.grid import Document

MOST_BYTES = 1 << 28
"""Largest number of bytes of a document (256 MiB); a convention."""
MOST_TEXT = 1 << 24
"""Largest number of bytes of a document that is text (16 MiB); a convention."""
SEPARATED = (".csv", ".tsv", ".tab")
FIXED = (".txt", ".text", ".log", ".smcl", ".out", ".asc", ".lst")
MARKDOWN = (".md", ".markdown", ".qmd", ".rmd")
HTML = (".html", ".htm", ".xhtml")
LATEX = (".tex", ".ltx")
WORD = (".docx", ".docm")
WORKBOOK = (".xlsx", ".xlsm", ".xls")
OTHER = (".pdf", ".rtf", ".doc")
SUFFIXES = (*SEPARATED, *FIXED, *MARKDOWN, *HTML, *LATEX, *WORD, *WORKBOOK, *OTHER)
"""Suffixes of the files that are read from a folder."""
_OLE = b"\xd0\xcf\x11\xe0"


def read_documents(files: Sequence[str | Path]) -> tuple[Document, ...]:
    """Read the tables and the text of every file, in the order given.

    For a folder, all files with a suffix of `SUFFIXES` in it and in its subfolders are read, in natural order. The name
    of a table is unique among all files. A file in a folder that cannot be read leaves a document without tables
    (`Document.damage`), if another file can be read. Raises `FileMissing`, `Unreadable`; several errors are
    raised together as `Problems`.

    Example:
        >>> read_documents([])
        ()
    """
    documents: list[Document] = []
    problems: list[ExplainedError] = []
    damaged = 0
    for given in files:
        is_folder = Path(given).is_dir()
        for path, shown in places_of([given], SUFFIXES):
            try:
                documents.append(_with_folder(read_document(path), shown))
            except ExplainedError as problem:
                problems += problem.problems if isinstance(problem, Problems) else [problem]
                if is_folder:
                    documents.append(Document(shown, (), damage=str(problem).split("\n")[0]))
                    damaged += 1
    if problems and (len(problems) > damaged or damaged == len(documents)):
        raise problems[0] if len(problems) == 1 else Problems(problems)
    return _unique(documents)


def left_out(files: Sequence[str | Path]) -> tuple[str, ...]:
    """Return the files in the given folders that are not read: links, and files whose suffix is not in `SUFFIXES`."""
    return left_out_of(files, SUFFIXES)


def _with_folder(document: Document, shown: str) -> Document:
    """Name a document and its tables by its path within the given folder."""
    folder, _, name = shown.rpartition("/")
    if not folder:
        return document
    grids = [replace(grid, name=f"{folder}/{grid.name}", file=shown) for grid in document.grids]
    return replace(document, file=shown if document.file == name else document.file, grids=tuple(grids))


def read_document(path: Path) -> Document:
    """Read the tables and the text of one file. Raises `Unreadable` with a remedy for a file that cannot be read."""
    if (size := path.stat().st_size) > MOST_BYTES:
        raise beyond(path, f"has {size:,} bytes", f"{MOST_BYTES:,}", "give the pages with tables as a file")
    with doors.open_bytes(path) as file:
        head = file.read(4096)
    kind = _kind(path, head)
    remedy = "save it again, or write its tables as csv"
    try:
        with parsing(path, "", remedy), bounded(path):
            return _read(path, kind)
    except UnicodeDecodeError as problem:  # a name or a part of a packed file; texts have an encoding by now
        raise Unreadable(f"{path.name} is damaged: {problem}", where=str(path), remedy=remedy) from None


def _kind(path: Path, head: bytes) -> str:
    """Return the suffix of the format that a file has by its content."""
    suffix = path.suffix.lower()
    if b"%PDF-" in head[:1024]:
        return ".pdf"
    if head.lstrip()[:5] == b"{\\rtf":
        return ".rtf"
    if head.startswith(archives.BEGINS):
        return suffix if suffix in (*WORD, *WORKBOOK) else _packed(path)
    if head.startswith(_OLE):
        if suffix not in WORKBOOK:
            raise Unreadable(
                f"{path.name} is a document of Word 97 to 2003 (or locked with a password)",
                where=str(path),
                remedy="open it and save it as .docx, without a password",
            )
        return ".xls"
    start = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if suffix in WORD and not start.startswith(b"<"):
        raise Unreadable(f"{path.name} is not a Word document", where=str(path), remedy="fetch or save the file again")
    if suffix in (*WORKBOOK, *WORD, ".doc") and not re.match(
        rb"(<\?[^>]*\?>\s*)*(<!--.*?-->\s*)?<\w*:?workbook", start
    ):
        return ".html" if start.startswith(b"<") else ".txt"
    if suffix in (".pdf", ".rtf"):
        raise Unreadable(
            f"{path.name} is not a {suffix[1:]} file", where=str(path), remedy="fetch or save the file again"
        )
    if suffix in FIXED and start.startswith((b"<!doctype html", b"<html", b"<table")):
        return ".html"
    if suffix in FIXED and re.search(rb"\\begin\{(tabular|table|longtable|threeparttable)", head):
        return ".tex"
    return suffix


def _packed(path: Path) -> str:
    """Return the suffix of the format of a packed document, recognised by its parts."""
    from zipfile import BadZipFile

    try:
        with archives.opened(path) as parts:
            names = set(parts.namelist())
    except (BadZipFile, OSError) as problem:
        raise Unreadable(f"{path.name} is damaged: {problem}", where=str(path), remedy="fetch it again") from None
    if "word/document.xml" in names:
        return ".docx"
    if "xl/workbook.xml" in names:
        return ".xlsx"
    raise Unreadable(
        f"{path.name} is an archive, not a document", where=str(path), remedy="unpack it and name its files"
    )


def _read(path: Path, kind: str) -> Document:
    """Read a file of a known format; each reader and its library are imported only when they are needed."""
    if kind == ".pdf":
        from tablecheck.documents.pdf import read_pdf

        return read_pdf(path)
    if kind in WORKBOOK:
        from tablecheck.documents.sheets import read_sheets

        return read_sheets(path)
    if kind in WORD:
        from tablecheck.documents.word import read_word

        return read_word(path)
    if kind == ".rtf":
        from tablecheck.documents.rtf import read_rtf

        return read_rtf(path)
    text = _text_of(path)
    if kind in HTML:
        from tablecheck.documents.html import read_html

        return read_html(path, text)
    if kind in MARKDOWN:
        from tablecheck.documents.markdown import read_markdown

        return read_markdown(path, text)
    if kind in LATEX:
        from tablecheck.documents.latex import read_latex

        return read_latex(path, text)
    return _read_plain(path, kind, text)


def _read_plain(path: Path, kind: str, text: str) -> Document:
    """Read a text whose cells are separated by signs or aligned in columns."""
    from tablecheck.documents.fixed import read_fixed
    from tablecheck.documents.separated import read_separated, separator_of

    if kind in SEPARATED or _is_separated(text):
        if separator := separator_of(text):
            return read_separated(path, text, separator)
        if kind in SEPARATED and not any(is_number(word) for word in text.split()):
            raise Unreadable(f"{path.name} has no table", where=str(path), remedy="separate its cells with commas")
    return read_fixed(path, text)


def _text_of(path: Path) -> str:
    """Read a file's text in any encoding.

    Raises `Unreadable` for bytes that fit no encoding, and for too many bytes.
    """
    if (size := path.stat().st_size) > MOST_TEXT:
        raise beyond(path, f"has {size:,} bytes", f"{MOST_TEXT:,}", "give the part with the tables as a file")
    text = decoded(path)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Unreadable(
            f"{path.name} has a zero byte in line {line:,}, which text files do not have",
            where=str(path),
            remedy="save it again as text",
        )
    return text


def _is_separated(text: str) -> bool:
    """Return whether more than two thirds of the lines with digits have a tab between texts."""
    lines = [line for line in text.splitlines()[:400] if any(c.isdigit() for c in line)]
    return bool(lines) and sum("\t" in line.strip() for line in lines) * 3 > 2 * len(lines)


def _unique(documents: Sequence[Document]) -> tuple[Document, ...]:
    """Make the names of tables unique, by adding a number to a name that a table of another file already has."""
    taken: set[str] = set()
    renamed = []
    for document in documents:
        grids = []
        for grid in document.grids:
            name, n = grid.name, 1
            while name in taken:
                n += 1
                name = f"{grid.name} ({n})"
            taken.add(name)
            grids.append(replace(grid, name=name))
        renamed.append(replace(document, grids=tuple(grids)))
    return tuple(renamed)
