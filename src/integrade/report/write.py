"""Write a study's report as files: page, Word, PDF, LaTeX, Markdown, with tables and figures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias, get_args

from integrade.errors import UnknownName, did_you_mean
from integrade.records.question import Question
from integrade.report.layouts import LayoutName
from integrade.report.whole_file import write_bytes
from integrade.subjects.audit.switches import Audit
from integrade.verdicts.bundle import StudyResults
from plainwords.escaping import json_text
from plainwords.texts import speaking
from rawcells import doors

if TYPE_CHECKING:
    from integrade.report.document import Document, Front, Shape
    from integrade.report.earlier import Earlier
    from integrade.report.style import Drawing

Format = Literal["html", "docx", "pdf", "tex", "md"]
Language = Literal["en", "zh"]
FORMATS: tuple[Format, ...] = get_args(Format)
LANGUAGES: tuple[Language, ...] = get_args(Language)
LAYOUTS: tuple[LayoutName, ...] = get_args(LayoutName)
OF_PAPERS = ("docx", "pdf", "tex")  # formats in which layout paper has the tables of a journal
KINDS = ("svg", "png")  # file formats of every figure
SINGLE = ("docx", "tex", "md")  # formats in which every table is also written to its own file


def write_report(
    results: StudyResults,
    directory: str | Path,
    formats: Sequence[str] = FORMATS,
    *,
    language: str = "en",
    layout: LayoutName = "paper",
    shape: Shape = "paper",
    front: Front | None = None,
    asked: Sequence[Question] = (),
    audit: Audit | None = None,
    tell: Callable[[str], None] = lambda _: None,
    earlier: Earlier | None = None,
) -> list[Path]:
    """Write ``report.html``, ``.docx``, ``.pdf``, ``.tex`` and ``.md``, with folders ``tables/`` and ``figures/``.

    ``shape`` is what Word, PDF, LaTeX and Markdown print: ``brief`` (the first page), ``paper`` or ``full``. The
    last adds the appendices as ``appendix.docx`` and so on. The page has everything in each shape, folded below the
    brief. ``record.json`` has the settings of the study, the hashes of its files, and the versions of the run.

    ``docx``, ``tex`` and ``md`` also write each table to its own file; every figure is written as .svg and .png.
    ``layout`` is the layout of regression tables in Word, PDF and LaTeX. ``paper`` has the rows that a journal prints,
    with the other rows in an appendix; ``full`` has all rows. The page and Markdown have every row. ``language`` is the
    language of all texts of integrade; labels of the study stay unchanged. ``asked`` are the questions whose sections
    the report may have. The page can show the versions of a stored ``audit`` of the study. ``tell`` is called with
    messages for the reader of a format, such as characters that no font has. Figures that ``earlier`` has too
    (`integrade.report.earlier`) are copied and not drawn; the keys of this report's figures are then noted beside it.

    Returns the paths, the page first. Raises `UnknownName` for an unknown format, language or layout.

    Example:
        >>> write_report(results, "report", formats=("docx", "pdf"), language="zh")  # doctest: +SKIP
    """
    from integrade.report.document import Front, compose, in_paper, shaped, within_pages
    from integrade.report.drawing_process import vega
    from integrade.report.earlier import key_of, note_keys
    from integrade.report.language import said_in
    from integrade.report.style import to_draw, untitled

    check_asked(formats, language, layout, shape)
    if "html" in formats:
        vega()  # another process builds the drawing script while this one composes the report
    front = front or Front()
    with speaking(language):
        composed = compose(results, asked, audit=audit, front=front)
    document = said_in(language, composed)
    printed = said_in(language, within_pages(in_paper(composed) if layout == "paper" else composed))
    plain = {name: untitled(drawing) for name, drawing in document.drawings().items()}
    keys = {} if earlier is None else {name: key_of(drawing) for name, drawing in plain.items()}
    known = {name: earlier for name, key in keys.items() if earlier is not None and earlier.has(name, key)}
    for drawing in (drawing for name, drawing in plain.items() if name not in known):
        to_draw(drawing)  # figures are drawn while this process writes the page and the tables
    folder, wanted = Path(directory), [name for name in FORMATS if name in formats]
    page = {"report.html": WRITERS["html"](document, {}, tell)} if "html" in wanted else {}
    tables = [
        one
        for suffix in SINGLE
        if suffix in formats
        for one in _tables(printed if suffix in OF_PAPERS else document, folder / "tables", suffix)
    ]
    figures = {
        (name, kind): _figure(drawing, folder / "figures" / f"{name}.{kind}", known.get(name))
        for name, drawing in plain.items()
        for kind in KINDS
    }
    files = {  # file -> its format, and the document that it prints
        f"{file}.{name}": (name, part)
        for name in wanted
        if name != "html"
        for file, part in shaped(printed if name in OF_PAPERS else document, shape).items()
    }
    with ThreadPoolExecutor(1) as thread:  # Typst releases the interpreter's lock
        pdf = {
            file: thread.submit(copy_context().run, WRITERS[name], part, figures, tell)
            for file, (name, part) in files.items()
            if name == "pdf"
        }
        contents = page | {
            file: WRITERS[name](part, figures, tell) for file, (name, part) in files.items() if file not in pdf
        }
        contents |= {file: future.result() for file, future in pdf.items()}
    for stale in {f"appendix.{name}" for name in wanted} - contents.keys():
        (folder / stale).unlink(missing_ok=True)  # of another shape, printed earlier
    reports = [write_bytes(folder / file, contents[file]) for file in [*page, *files]]
    if earlier is not None:
        note_keys(folder, keys)
    record = write_bytes(folder / "record.json", record_of(results, front.run))
    return [*reports[: len(page)], *figures.values(), *tables, *reports[len(page) :], record]


def _figure(drawing: Drawing, path: Path, known: Earlier | None) -> Path:
    """Write a figure, or copy it from the earlier report that has it."""
    from integrade.report.style import save_figure

    return save_figure(drawing, path) if known is None else write_bytes(path, known.figure(path.stem, path.suffix[1:]))


def record_of(results: StudyResults, run: Mapping[str, str]) -> bytes:
    """Return the record of a run as JSON: its settings, its raw files with their hashes, and its versions."""
    record = {
        "title": results.title,
        "run": dict(run),
        "settings": dict(results.settings),
        "files": [dict(file) for file in results.provenance],
    }
    return json_text(record, indent=1).encode() + b"\n"


def _tables(document: Document, folder: Path, suffix: str) -> Iterator[Path]:
    """Write each table to its own file; yield the paths."""
    from integrade.report.latex import to_latex
    from integrade.report.layouts import apart
    from integrade.report.markup import to_markdown
    from integrade.report.word import each_to_word

    tables = document.tables()
    numbers = [table.number for table in tables]
    match suffix:
        case "tex":  # as parts of report.tex, which has the other tables
            contents: Iterator[bytes] = (to_latex(table, numbers).encode() for table in tables)
        case "docx":
            contents = each_to_word([apart(table) for table in tables])
        case _:
            contents = (to_markdown(apart(table)).encode() for table in tables)
    for number, content in zip(numbers, contents, strict=True):
        yield write_bytes(folder / f"table{number}.{suffix}", content)


def check_asked(formats: Sequence[str], language: str, layout: str = "paper", shape: str = "paper") -> None:
    """Refuse unknown formats, languages, layouts and shapes. Raises `UnknownName`."""
    from integrade.report.document import SHAPES

    asked: list[tuple[str, str, Sequence[str]]] = [
        *(("format", f, FORMATS) for f in formats),
        ("language", language, LANGUAGES),
    ]
    asked += [("layout", layout, LAYOUTS), ("shape", shape, SHAPES)]
    for kind, name, known in asked:
        if name not in known:
            raise UnknownName(f"no report {kind} {name!r}", remedy=did_you_mean(name, known))


Figures: TypeAlias = Mapping[tuple[str, str], Path]
Tell: TypeAlias = Callable[[str], None]
Writer: TypeAlias = "Callable[[Document, Figures, Tell], bytes]"


def _contents_of(figures: Figures, kind: str) -> dict[str, bytes]:
    return {name: doors.read_bytes(path) for (name, k), path in figures.items() if k == kind}


def _paths_of(figures: Figures, kind: str) -> dict[str, str]:
    return {name: f"figures/{path.name}" for (name, k), path in figures.items() if k == kind}


def _html(document: Document, _: Figures, __: Tell) -> bytes:
    from integrade.report.html import page_of

    return page_of(document).encode()


def _docx(document: Document, figures: Figures, _: Tell) -> bytes:
    from integrade.report.word_document import document_to_word

    return document_to_word(document, _contents_of(figures, "png"))


def _pdf(document: Document, figures: Figures, tell: Tell) -> bytes:
    from integrade.report.pdf import to_pdf

    return to_pdf(document, _contents_of(figures, "svg"), tell)


def _tex(document: Document, figures: Figures, _: Tell) -> bytes:
    from integrade.report.latex_document import to_latex_document

    return to_latex_document(document, _paths_of(figures, "png")).encode()


def _md(document: Document, figures: Figures, _: Tell) -> bytes:
    from integrade.report.markdown import to_markdown_document

    return to_markdown_document(document, _paths_of(figures, "png")).encode()


WRITERS: dict[str, Writer] = {"html": _html, "docx": _docx, "pdf": _pdf, "tex": _tex, "md": _md}
