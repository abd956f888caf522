"""The way in: files and folders, names, what is missing, several problems, any bytes."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each
from plainwords.errors import ExplainedError, Problems
from rawcells.errors import FileMissing, Unreadable
from tablecheck import read_printed
from tablecheck.documents import SUFFIXES, folders, left_out, read_documents

CSV = "x,(1)\nMarket,0.5\nSize,0.7\n"


def test_a_folder_is_read_in_natural_order(tmp_path: Path) -> None:
    for name in ("table10.csv", "table2.csv", "notes.bin", ".hidden.csv"):
        (tmp_path / name).write_text(CSV, encoding="utf-8")
    assert [document.file for document in read_documents([tmp_path])] == ["table2.csv", "table10.csv"]


def test_raised_and_endless_digits_are_no_numbers_of_files_or_rows(tmp_path: Path) -> None:
    """`int` refuses ``²``, which `str.isdigit` takes for a digit, and texts of more than 4,300 digits."""
    for name in ("²1.csv", "1²2.csv"):
        (tmp_path / name).write_text(CSV, encoding="utf-8")
    assert len(read_documents([tmp_path])) == 2
    for odd in ("²", "9" * 5000):
        path = tmp_path / "odd.csv"
        path.write_text(f",x,(1)\n{odd},Market,0.5***\n{odd},,(0.1)\n{odd},N,700\n", encoding="utf-8")
        assert read_printed([path])[0].columns


def test_folders_in_a_folder_are_read_and_what_is_left_out_is_said(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    root = tmp_path / "root"
    for name in (
        "b.csv",
        "a/table10.csv",
        "a/table2.csv",
        "a/b/c/b.csv",
        ".git/x.csv",
        "old/x.zip",
        "a/y.png",
        "z.png",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(CSV, encoding="utf-8")
    elsewhere.mkdir()
    (elsewhere / "far.csv").write_text(CSV, encoding="utf-8")
    (root / "round").symlink_to(root)
    (root / "a" / "far.csv").symlink_to(elsewhere / "far.csv")
    found = read_documents([root])
    assert [d.file for d in found] == ["b.csv", "a/table2.csv", "a/table10.csv", "a/b/c/b.csv"]
    assert [g.name for d in found for g in d.grids] == ["b", "a/table2", "a/table10", "a/b/c/b"]
    (said,) = left_out([root, root / "b.csv"])
    assert all(words in said for words in ("root", ".png (2)", ".zip", "a link (2)"))
    assert left_out([root / "b.csv"]) == ()


def test_a_folder_of_very_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST_FILES", 3)
    for k in range(5):
        (tmp_path / f"{k}.csv").write_text(CSV, encoding="utf-8")
    with pytest.raises(Unreadable, match="more than 3 files"):
        read_documents([tmp_path])


@pytest.mark.parametrize("note", ["Each row is a separate regression", "各行为分组回归的估计结果及样本"])
def test_a_last_row_of_words_is_a_note(tmp_path: Path, note: str) -> None:
    (tmp_path / "a.csv").write_text(f"{CSV}{note},\n", encoding="utf-8")
    ((grid,),) = [d.grids for d in read_documents([tmp_path / "a.csv"])]
    assert grid.notes == (note,)
    assert len(grid.rows) == 3


@pytest.mark.parametrize("label", ["Panel B: the firms of the east", "Year fixed effects", "(二) 东部地区企业的样本"])
def test_a_last_row_that_names_a_part_is_none(tmp_path: Path, label: str) -> None:
    (tmp_path / "a.csv").write_text(f"{CSV}{label},\n", encoding="utf-8")
    ((grid,),) = [d.grids for d in read_documents([tmp_path / "a.csv"])]
    assert (grid.notes, len(grid.rows)) == ((), 4)


def test_names_of_tables_are_their_own(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    for path in (tmp_path / "t.csv", tmp_path / "a" / "t.csv"):
        path.write_text(CSV, encoding="utf-8")
    names = [grid.name for document in read_documents([tmp_path / "t.csv", tmp_path / "a"]) for grid in document.grids]
    assert names == ["t", "t (2)"]


def test_what_is_missing_says_what_is_near(tmp_path: Path) -> None:
    (tmp_path / "table4.csv").write_text(CSV, encoding="utf-8")
    with pytest.raises(FileMissing, match="no file") as caught:
        read_documents([tmp_path / "tabel4.csv"])
    assert "table4.csv" in caught.value.remedy
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileMissing, match="no document"):
        read_documents([tmp_path / "empty"])


def test_all_problems_are_said(tmp_path: Path) -> None:
    for name in ("a.docx", "b.pdf"):
        (tmp_path / name).write_bytes(b"broken")
    with pytest.raises(Problems) as caught:
        read_documents([tmp_path])
    assert len(caught.value.problems) == 2


BARS = [
    "|",
    "+---+",
    "-----",
    "=====",
    "(1)",
    "0.05***",
    "(0.1)",
    "\n",
    "\n\n",
    "  ",
    "\t",
    ",",
    ";",
    '"',
    "Table 1",
    "Note: x",
]
LATEX = [
    "\\begin{tabular}{lc}",
    "\\end{tabular}",
    "&",
    "\\\\",
    "\\multicolumn{2}{c}{",
    "}",
    "{",
    "\\multirow{3}{*}{",
    "$",
    "^",
]
MARKS = [
    "<table>",
    "<tr>",
    "<td rowspan=3>",
    "</table>",
    "<sup>",
    "\\cell",
    "\\row",
    "\\trowd",
    "*",
    "%",
    "\x00",
    "\r",
    "市场",
]
TEXTS = st.lists(st.sampled_from([*BARS, *LATEX, *MARKS]), max_size=60).map("".join)


@pytest.mark.parametrize("suffix", [s for s in SUFFIXES if s not in (".pdf", ".xls")])
@settings(max_examples=25, deadline=None)
@given(text=TEXTS)
def test_any_text_is_read_or_refused(suffix: str, text: str) -> None:
    _read_or_refuse(suffix, ("{\\rtf1 " + text if suffix == ".rtf" else text).encode())


@pytest.mark.parametrize("suffix", [s for s in SUFFIXES if s not in (".pdf", ".xls")])
@settings(max_examples=10, deadline=None)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(suffix: str, content: bytes) -> None:
    _read_or_refuse(suffix, content)


def _read_or_refuse(suffix: str, content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"a{suffix}"
        path.write_bytes(content)
        try:
            (document,) = read_documents([path])
        except ExplainedError:
            return
    for grid in document.grids:
        assert len({len(row) for row in grid.rows}) == 1
        assert all(c.text == " ".join(c.text.split()) for row in grid.rows for c in row)


@each(
    ("name", "text"),
    [
        ("a.txt", "-" * 900 + "\n" + ("x " + "1 " * 300 + "\n") * 40 + "-" * 900),
        ("a.txt", "-" * 900 + "\n" + ("x  " + "1.25 (df = 2) " * 60 + "\n") * 20 + "-" * 900),
        ("a.txt", "a  b\n" * 40_000),
        ("a.txt", "x  1" + "*" * 150 + "y\n" * 500),
        ("a.txt", ("word  1 * * * * * * * * * * * * * * * * * * * * * * * * * * * * * * *(" + "\n") * 200),
        ("a.csv", "a,b\n" + "1" + "*" * 180 + "x,2\n" * 300),
        ("a.md", "<sup>" * 20_000 + "\n\n| a | b |\n|---|---|\n| " + "<sup>*" * 20_000 + " | 1 |\n"),
        ("a.md", "[" * 20_000 + "\n" + "*a " * 20_000),
        ("a.tex", "\\begin{tabular}{lc}" + " & 1 \\\\\n" * 2000 + "\\end{tabular}" + "\\" * 50_001),
        ("a.html", "<table>" + "<tr><td>1</td><td>2<td>" * 2000 + "</table>" + "<b>" * 200),
    ],
)
def test_work_is_bounded_by_the_size(tmp_path: Path, name: str, text: str) -> None:
    """Each ends at once; cutting lines by trying every way, or patterns in squared time, would not."""
    (tmp_path / name).write_text(text, encoding="utf-8")
    (document,) = read_documents([tmp_path / name])
    assert document.file == name


def test_a_table_without_bound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("a,b,c\n1,2,3\n" * 80_000, encoding="utf-8")
    (tmp_path / "a.txt").write_text("-----------\n" + "x  1  2\n" * 30_000, encoding="utf-8")
    (tmp_path / "b.md").write_text("| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 250_000, encoding="utf-8")
    with pytest.raises(Problems) as caught:
        read_documents([tmp_path])
    assert ["at most" in str(one) for one in caught.value.problems] == [True] * 3
