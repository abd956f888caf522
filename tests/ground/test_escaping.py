"""Hostile titles, labels and names in every writer: they stay text, and no process ends by them."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
import shutil
import subprocess
import tomllib
import zipfile
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import polars as pl
import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

import report_example as example
from each import each
from integrade.cli import say
from integrade.errors import UsageError, did_you_mean
from integrade.estimate.formula import parse_formula
from integrade.report import figures, style
from integrade.report.markup import to_csv
from integrade.report.printed import PrintedTable
from integrade.report.rows import Row
from integrade.report.write import write_report
from integrade.sources import read_table, write_table
from integrade.study.export import Model, r_script, stata, variables
from integrade.study.propose import Guess, study_text
from integrade.verdicts.bundle import StudyResults
from integrade.wording.sheet import Sheet
from plainwords import escaping
from plainwords.account import Entry

UNSEEN = [
    "\x00",
    "\x07",
    "\x1b[31m",
    "\x7f",
    "\x85",
    "\x9b31m",
    "\u2028",
    "\u2029",
    "\u202e",
    "\u2066",
    "\ufffe",
    "\ufdd0",
    "\U0001ffff",
    "\ud800",
    "\udfff",
    "\r",
    "\n",
    "\r\n",
    "\x0b",
    "\x0c",
    "\t",
]
SIGNS = [
    "`",
    "$x",
    "$(",
    "`=1'",
    "/*",
    "*/",
    "//",
    "///",
    '"',
    "'",
    '`"',
    "\"'",
    "\\",
    "[a](http://x)",
    "![i](http://x)",
    "<script>",
    "</script>",
    "<!--",
    "|",
    "*",
    "_",
    "#",
    "~",
    "&amp;",
    "{",
    "}",
    "^",
    "%",
    "@",
    "=1+1",
    "+1",
    "-1",
    "1. a",
    "- a",
    "---",
    "省份",
    "é",
    "a",
    " ",
    ";",
    "system('x')",
    "\\input{x}",
    "#let",
    "]]>",
    "\\end{document}",
]
HOSTILE = st.lists(st.sampled_from(UNSEEN + SIGNS), max_size=8).map("".join) | st.text(
    st.characters(codec=None, exclude_categories=[]), max_size=20
)
EVERYTHING = "".join(UNSEEN) + " ".join(SIGNS)
many = settings(max_examples=200, deadline=None)


@given(HOSTILE)
@many
def test_the_first_steps(text: str) -> None:
    line = escaping.one_line(text)
    assert escaping.one_line(line) == line
    assert len(line.splitlines()) <= 1
    line.encode()
    assert escaping.visible(escaping.visible(text)) == escaping.visible(text)
    assert not escaping.HIDDEN.search(escaping.for_terminal(text))
    assert json.loads(escaping.json_text({"a": f"x{text}"})) == json.loads(json.dumps({"a": f"x{text}"}))
    assert not escaping.HIDDEN.search(escaping.json_text(text))
    assert tomllib.loads(f"a = {escaping.for_toml(text)}")["a"] == escaping.visible(text)
    ElementTree.fromstring(f"<a>{escaping.for_html(text)}</a>")


@given(HOSTILE)
@many
def test_markdown_shows_the_text(text: str) -> None:
    """A parser of CommonMark with tables finds the text, and nothing but text, in a heading, a cell and a paragraph."""
    parser, wanted = MarkdownIt("commonmark").enable(["table", "strikethrough"]), escaping.one_line(text)
    for source in (
        f"# {escaping.for_markdown(text)}",
        f"| {escaping.for_markdown(text)} |\n|---|\n| b |",
        escaping.for_markdown(text),
    ):
        inline = [t for t in parser.parse(source) if t.type == "inline"]
        kinds = {child.type for t in inline for child in t.children or ()}
        assert kinds <= {"text", "text_special", "softbreak"}, (source, kinds)
        shown = "".join(child.content for child in (inline[0].children or ())) if inline else ""
        assert re.sub(r"\s+", " ", shown).strip() == re.sub(r"\s+", " ", wanted).strip()
        assert not {t.type for t in parser.parse(source)} & {
            "bullet_list_open",
            "ordered_list_open",
            "fence",
            "hr",
            "code_block",
            "html_block",
            "blockquote_open",
        }


@given(HOSTILE)
@many
def test_latex_has_no_live_sign(text: str) -> None:
    rest = re.sub(r"\\text[a-z]+\{\}|\\ensuremath\{[^}]*\}|\\[&%$#_{}]", "", escaping.for_latex(text))
    assert not re.search(r"[\\&%$#_{}~^\n\r\x00]", rest)


@given(HOSTILE)
@many
def test_stata_and_r_comments_end_where_they_end(text: str) -> None:
    found = escaping.for_stata(text)
    assert len(found.splitlines()) <= 1
    assert not re.search(r"[`$]|/\*|\*/|//", found)
    assert len(escaping.for_r_comment(text).splitlines()) <= 1
    body = escaping.for_r_string(text)[1:-1]
    assert not re.search(r'(?<!\\)(?:\\\\)*"', body)
    name = escaping.for_r_name(text or "x")
    assert re.fullmatch(r"[A-Za-z.][\w.]*|`(?:[^`\\]|\\.)*`", name)


@given(HOSTILE)
@many
def test_csv_of_a_table_calculates_nothing(text: str) -> None:
    table = PrintedTable("1", text, ("", text), (Row("text", (text, text)), Row("text", ("x", "-0.5***"))))
    rows = list(csv.reader(io.StringIO(to_csv(table))))
    assert all(len(row) == 2 for row in rows)
    for cell in (c for row in rows for c in row):
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")) or re.match(r"[-+]?[\d.]|-infinite", cell)
    assert rows[-1] == ["x", "-0.5***"]


def test_numbers_of_a_table_stay_numbers() -> None:
    for number in ("-0.25", "-1,234.5", "-3.2e-05***", "+1", "-12.5%", "-infinite", "[-1, 2]", "(-7.45)", "0.5"):
        assert escaping.for_csv(number) == number
    assert escaping.for_csv("-1+cmd|' /C calc'!A0") == "'-1+cmd|' /C calc'!A0"
    assert escaping.for_csv("@SUM(A1)") == "'@SUM(A1)"


@each("before", ["", " ", "    ", "\u3000"])
@each("sign", ["=", "+", "@", "＝", "＋", "－", "＠"])
def test_a_formula_behind_spaces_or_of_full_width_is_text(before: str, sign: str) -> None:
    """Spreadsheets of East Asia take signs of full width for their own."""
    assert escaping.for_csv(f"{before}{sign}SUM(A1)") == f"'{before}{sign}SUM(A1)"
    assert escaping.for_csv(" -1.5***") == " -1.5***"


@given(st.lists(HOSTILE, min_size=1, max_size=6))
@settings(max_examples=15, deadline=None)
def test_typst_takes_every_string(texts: list[str]) -> None:
    source = "\n".join(f"#{escaping.for_typst(t)}" for t in texts)
    assert typst.compile(source.encode(), format="pdf")


@given(HOSTILE)
@settings(max_examples=60, deadline=None)
def test_a_word_document_takes_every_text(text: str) -> None:
    import docx

    document = docx.Document()
    document.add_paragraph().add_run(escaping.for_word(text))
    document.core_properties.title = escaping.one_line(text)[:255]
    document.save(io.BytesIO())


def scripts(title: str) -> tuple[str, str]:
    formula = parse_formula("quality ~ market + market^2 + `if` | firm + industry^year")
    terms = (("market", 1.0, 0.1), ("market^2", -0.1, 0.01))
    model = Model("column 1, CR1 by region", formula, "CR1", "region", terms, 10, "reghdfe")
    return in_both([model], title)


def in_both(found: list[Model], title: str) -> tuple[str, str]:
    columns = dict.fromkeys(
        c for m in found for c in (*m.formula.numeric_columns, *m.formula.effect_columns, m.cluster)
    )
    names = variables([*filter(None, columns), "in_sample"], found)
    kinds: dict[str, pl.DataType] = dict.fromkeys(names.columns.values(), pl.Float64())
    return stata(found, title, names, {}), r_script(found, title, names, kinds, {"market": f"of {title}"})


@given(HOSTILE)
@many
def test_a_title_adds_no_line_to_a_script(title: str) -> None:
    for bare, made in zip(scripts("a title"), scripts(title), strict=True):
        first, *rest = made.split("\n")
        assert [line for line in rest if '"label")' not in line] == [
            line for line in bare.split("\n")[1:] if '"label")' not in line
        ]
        assert first[0] in "*#"
        assert len(made.splitlines()) == len(bare.splitlines())


def test_scripts_name_what_their_language_takes(tmp_path: Path) -> None:
    do, r = scripts("t")
    assert "panel$if_" in r or "+ if_" in r
    assert "panel$code_industry_year <-" in r
    long = parse_formula(f"quality ~ market | {'a' * 20}^{'b' * 20}")
    model = Model("column 1, CR1", long, "iid", "", (("market", 1.0, 0.1),), 10, "reghdfe")
    names = re.findall(r"\bcode_\w+", in_both([model], "t")[0])
    assert len(set(names)) == 1
    assert max(map(len, names)) <= 32
    if shutil.which("Rscript"):
        (tmp_path / "a.R").write_text(scripts(EVERYTHING)[1], encoding="utf-8")
        subprocess.run(["Rscript", "-e", f"invisible(parse('{tmp_path}/a.R'))"], check=True)
    assert do.startswith("* t: ")


@each("name", ["if", "_all", "strL", "str12", "using", "a\nb", "a b", "1a", "a" * 33, "`x'"])
def test_a_name_that_stata_does_not_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a Stata variable"):
        write_table(pl.DataFrame({name: [1.0]}), tmp_path / "t.dta")
    assert not list(tmp_path.iterdir())


def test_workbooks_hold_texts_not_formulas(tmp_path: Path) -> None:
    texts = ["=1+1", "{=1}", "+1", "@a", "\x1b[31m", "a\x00", "\ufffe", "http://x", "_x0041_"]
    rows = pl.DataFrame({"=1+1": texts, "@SUM(A1)": texts})
    write_table(rows, tmp_path / "t.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx").active
    assert [c.data_type for row in sheet.iter_rows() for c in row] == ["s"] * (2 * len(texts) + 2)
    assert [c.value for c in sheet[1]] == rows.columns
    with zipfile.ZipFile(tmp_path / "t.xlsx") as archive:
        ElementTree.fromstring(archive.read("xl/worksheets/sheet1.xml"))
    with pytest.raises(UsageError, match="zero byte"):
        write_table(rows, tmp_path / "t.csv")
    write_table(rows.filter(~pl.col("=1+1").str.contains("\0", literal=True)), tmp_path / "t.csv")
    assert read_table(tmp_path / "t.csv").polars()["=1+1"].to_list()[:4] == texts[:4], "data read back the same"
    with pytest.raises(UsageError, match="is too long for a sheet"):
        write_table(pl.DataFrame({"a": ["x" * 40_000]}), tmp_path / "long.xlsx")


def test_the_terminal_gets_no_code(capsys: pytest.CaptureFixture[str]) -> None:
    bad = "a\x1b[31mb\ud800[/]"
    say.note(bad)
    say.as_json({"a": bad})
    say.frame(pl.DataFrame({"x\x1b[0m": ["[red]a", "[/]", "\x1b]0;t\x07"]}), title="[/] \x1b[31m")
    print(Sheet(bad, (bad,), ((bad,),), (bad,)).text())
    print(Entry("read", "prices", "dropped", bad, 1), UsageError(bad, example=bad))
    print(PrintedTable("1", bad, (bad, bad), (Row("text", (bad, bad)),), (bad,)))
    said = "".join(capsys.readouterr())
    assert not escaping.HIDDEN.search(said)
    assert "\\x1b[31m" in said, "a message shows the code"
    assert "[red]a" in said, "no mark of rich"


def test_commands_print_through_one_place() -> None:
    folder = Path(say.__file__).parent
    assert [p.name for p in folder.glob("*.py") if re.search(r"(?<![\w.])print\(", p.read_text())] == ["say.py"]


def test_the_name_of_a_file_is_no_line_of_a_proposed_study() -> None:
    name = 'raw/x"\n[truth]\nfiles = ["/etc/passwd"]\n#.csv'
    text = study_text(
        [
            Guess((name,), "prices", 3, "2004", ""),
            Guess((name,), "prices", 3, "2004", ""),
            Guess((name,), "", 0, "", f"no {name}"),
        ]
    )
    read = tomllib.loads(text)
    assert read["prices"]["files"] == [name]
    assert "truth" not in read


def hostile(value: Any, ending: str) -> Any:
    """Results with an ending on the names of regions, series, labels, reasons and the title."""
    named = ("region", "title", "label", "reason", "series", "good", "industry", "group", "sentence", "example")
    if isinstance(value, tuple):
        return tuple(hostile(v, ending) for v in value)
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    own = {f.name: getattr(value, f.name) for f in dataclasses.fields(value) if f.init}
    changed = {k: v + ending if k in named and isinstance(v, str) else hostile(v, ending) for k, v in own.items()}
    return dataclasses.replace(value, **changed)


def results(ending: str) -> StudyResults:
    labels = {"market": f"Market{ending}", "scale": f"Scale{ending}"}
    return hostile(example.study(title="A study", labels=labels), ending)  # type: ignore[no-any-return]


class _Ids(HTMLParser):
    """Elements and their attributes; scripts beyond those of the page would show here."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


@pytest.mark.slow
def test_a_report_of_hostile_names_is_written_in_every_format(tmp_path: Path) -> None:
    write_report(results(" x"), tmp_path / "plain", shape="full")
    write_report(results(EVERYTHING), tmp_path / "bad", shape="full")
    names = {root: {p.relative_to(tmp_path / root) for p in (tmp_path / root).rglob("*")} for root in ("plain", "bad")}
    assert names["plain"] == names["bad"], "no name of a file comes from a text"
    for path in (tmp_path / "bad").rglob("*.*"):
        if path.suffix in (".svg",):
            ElementTree.fromstring(path.read_text(encoding="utf-8"))
        elif path.suffix == ".docx":
            with zipfile.ZipFile(path) as archive:
                for part in (n for n in archive.namelist() if n.endswith(".xml")):
                    ElementTree.fromstring(archive.read(part))
        elif path.suffix in (".md", ".tex", ".html"):
            text = path.read_text(encoding="utf-8")
            assert not escaping.HIDDEN.search(text.split("<script>")[0]), path
    assert (tmp_path / "bad" / "report.pdf").read_bytes().startswith(b"%PDF")
    pages = []
    for root in ("plain", "bad"):
        page = _Ids()
        page.feed((tmp_path / root / "report.html").read_text(encoding="utf-8"))
        pages.append((Counter(page.tags), page.handlers))
    more = pages[1][0] - pages[0][0]
    own = ("wbr", "p")  # breaks in long words; sentences that share a paragraph or not
    assert {tag: n for tag, n in more.items() if tag not in own} == {"li": 1}, "one warning, no element of a name"
    assert not pages[1][1]
    text = "\n".join((tmp_path / "bad" / f"{name}.md").read_text(encoding="utf-8") for name in ("report", "appendix"))
    assert "http://x" in text
    links = [t for block in MarkdownIt("commonmark").enable("table").parse(text) for t in block.children or ()]
    assert not [t for t in links if t.type == "link_open" and "//x" in str(t.attrGet("href"))]
    assert not [t for t in links if t.type == "image" and "//x" in str(t.attrGet("src"))]
    assert "cannot be printed" in text, "the report says that something was left out"


@pytest.mark.parametrize(
    "sign", [pytest.param(s, marks=() if s in ("\0", "\n", "\ud800") else pytest.mark.slow) for s in UNSEEN]
)
def test_a_figure_survives_each_sign_alone(sign: str) -> None:
    chart = figures.ranking_figure(hostile(example.index(), sign))
    ElementTree.fromstring(style.image(chart, "svg").decode())
    assert style.image(chart, "png").startswith(b"\x89PNG")


def test_an_error_keeps_each_part_on_its_line() -> None:
    """A name with line breaks makes no line of its own, so it forges no remedy; the caret under an expression stays."""
    name = "y\n  remedy: rm -rf /\r\u2028z.csv"
    shown = str(UsageError(f"no file {name}", where=name, example=name, remedy=did_you_mean(name, [name])))
    assert len(shown.splitlines()) == 4
    assert [line.split(":")[0] for line in shown.splitlines()[1:]] == ["  where", "  example", "  remedy"]
    assert r"y\n  remedy: rm -rf /\r\u2028z.csv" in shown
    pointed = str(UsageError("cannot be read", where="a\nb === 1\n             ^", remedy="write =="))
    assert pointed.splitlines()[1:3] == [r"  where: a\nb === 1", "             ^"]
    entry = Entry("read", "customs", "dropped", f"in {name}", 1, example=name)
    assert len(str(entry).splitlines()) == 1
