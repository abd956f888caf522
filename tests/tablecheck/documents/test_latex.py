"""LaTeX as packages and people write it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from pylatexenc.latexwalker import LatexWalker

from each import each
from printed_documents import read, read_text, shown, spans, texts
from rawcells.bytes.damage import parsing
from rawcells.errors import Unreadable
from tablecheck.documents.latex import FREE_WORK, MOST_FILES, WORK_OF_CHARACTER

PAPER = r"""
\documentclass{article}
\def\sym#1{\ifmmode^{#1}\else\(^{#1}\)\fi}
\newcommand{\onep}{***}
\begin{document}
\section{Results}
The slope is $\beta = 0.05$, a 5\% effect.

Second paragraph --- more.
\begin{table}[htbp]\centering
\caption{Market \& quality}\label{t}
\resizebox{\textwidth}{!}{%
\begin{threeparttable}
\begin{tabular}{l*{3}{S[table-format=2.3]}}
\toprule
            & \multicolumn{2}{c}{Full sample} & {East} \\ \cmidrule(lr){2-3}\cmidrule(l){4-4}
            &\multicolumn{1}{c}{(1)}&\multicolumn{1}{c}{(2)}&\multicolumn{1}{c}{(3)}\\
\midrule
\multirow{2}{*}{Market}      &      -0.051\sym{***}& $-$0.5$^{**}$ & 0.1\onep \\ % comment & x
            &     (0.012)         & (0.2) & {[}0.1{]} \\[1em]
Market$^2$   & \num{1.2e-3} & 1{,}234 & --- \\
\makecell{Two \\ lines} & \makecell{0.1\\(0.2)} & \makecell{0.3\\(0.4)} & \textless{}0.001 \\
\hline
Adj.\ $R^{2}$ & 0.2 & 5\% & \textbf{0.4}\textsuperscript{a} \\
\bottomrule
\multicolumn{4}{l}{\footnotesize \sym{*} \(p<0.05\), \sym{**} \(p<0.01\)}\\
\end{tabular}
\begin{tablenotes}\footnotesize
\item Notes: clustered by firm.
\end{tablenotes}
\end{threeparttable}}
\end{table}
Text after.
\input{tables/t9}
\end{document}
"""


def test_a_table_of_a_paper(tmp_path: Path) -> None:
    document = read_text(tmp_path, "a.tex", PAPER)
    (grid,) = document.grids
    assert shown(grid) == [
        ["", "Full sample", "", "East"],
        ["", "(1)", "(2)", "(3)"],
        ["Market", "-0.051***", "-0.5**", "0.1***"],
        ["", "(0.012)", "(0.2)", "[0.1]"],
        ["Market^2", "1.2e-3", "1,234", "—"],
        ["Two lines", "0.1", "0.3", "<0.001"],
        ["", "(0.2)", "(0.4)", ""],
        ["Adj. R^2", "0.2", "5%", "0.4a"],
    ]
    assert spans(grid) == {"Full sample": (2, 1), "Market": (1, 2)}
    assert (grid.title, sorted(grid.ruled)) == ("Market & quality", [0, 2, 7])
    assert grid.notes == ("* p<0.05, ** p<0.01", "Notes: clustered by firm.")
    assert grid.rows[2][1].place == "line 19, column 2"
    assert "Second paragraph — more." in document.text
    assert document.text.endswith("Text after.")
    (lost,) = document.lost
    assert "tables/t9" in lost


def test_parts_of_a_long_table(tmp_path: Path) -> None:
    text = r"""\begin{longtable}{lc}
\caption{Long one}\\ \hline a & b \\ \hline \endfirsthead
\multicolumn{2}{c}{continued}\\ a & b\\ \hline \endhead
\hline \multicolumn{2}{r}{next page}\\ \endfoot
\hline \endlastfoot
x & 1.0 \\
y & 2.0 \\
\end{longtable}"""
    (grid,) = read_text(tmp_path, "a.tex", text).grids
    assert texts(grid) == [["a", "b"], ["x", "1.0"], ["y", "2.0"]]
    assert (grid.title, grid.head, sorted(grid.ruled)) == ("Long one", 1, [0, 1])


def test_tabularray_says_title_notes_and_spans_in_options(tmp_path: Path) -> None:
    text = r"""\begin{talltblr}[caption={Tiny}, note{}={+ p \num{< 0.1}, * p \num{< 0.05}},]{
colspec={Q[]Q[]Q[]}, cell{1}{2}={c=2}{halign=c},}
\toprule
& OLS &  \\
& (1) & (2) \\ \midrule
hp & \num{30.1}*** & -1.5 \\
\bottomrule
\end{talltblr}"""
    (grid,) = read_text(tmp_path, "a.tex", text).grids
    assert texts(grid) == [["", "OLS", ""], ["", "(1)", "(2)"], ["hp", "30.1***", "-1.5"]]
    assert (spans(grid), grid.title, grid.notes) == ({"OLS": (2, 1)}, "Tiny", ("+ p < 0.1, * p < 0.05",))


def test_a_cell_of_tabularray_says_its_span_itself(tmp_path: Path) -> None:
    text = r"\begin{tblr}{lcc} & \SetCell[c = 2]{c} OLS & \\ & (1) & (2) \\ hp & 30.1 & -1.5 \\ \end{tblr}"
    (grid,) = read_text(tmp_path, "a.tex", text).grids
    assert spans(grid) == {"OLS": (2, 1)}


def test_two_tables_in_a_float_share_title_and_notes(tmp_path: Path) -> None:
    part = r"\begin{tabular}{lc} & (1) \\ x & 1.0 \\ \end{tabular}"
    text = rf"\begin{{table}}\caption{{Both}} {part} Panel B {part} \\ Robust errors. \end{{table}}"
    first, second = read_text(tmp_path, "a.tex", text).grids
    assert (first.title, second.title) == ("Both", "Both Panel B")
    assert first.notes == second.notes == ("Robust errors.",)


def test_a_number_that_a_macro_of_another_file_stands_for_is_seen(tmp_path: Path) -> None:
    text = r"\begin{tabular}{lcc} & (1) & (2) \\ x & \mainestimate & 1.0 \\ \end{tabular}"
    (grid,) = read_text(tmp_path, "a.tex", text).grids
    assert texts(grid) == [["", "(1)", "(2)"], ["x", r"\mainestimate", "1.0"]]


def test_braces_without_bound_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        read_text(tmp_path, "a.tex", "{" * 3000 + r"\begin{tabular}{l}1\end{tabular}")
    assert caught.value.remedy


def macros(form: str, levels: int, times: int) -> str:
    """Macros that each stand for the next one several times, in a definition of this form."""
    names = "abcdefghijklmnop"[: levels + 1]
    bodies = [f"\\z{name} " * times for name in names[1:]] + ["1"]
    lines = [form.replace("NAME", f"\\z{n}").replace("BODY", b) for n, b in zip(names, bodies, strict=True)]
    return "\n".join([*lines, TABLE.replace("CELL", "\\za")])


TABLE = "\\begin{tabular}{lc}\nA & B\\\\\nx & CELL\\\\\n\\end{tabular}\n"
IN_EACH_OTHER = "".join(
    f"\\newcommand{{\\z{a}}}{{{''.join(f'{chr(92)}z{b} ' for b in 'abcdefghi' if b != a)}}}\n" for a in "abcdefghi"
)
BOMBS = {
    "newcommand": macros(r"\newcommand{NAME}{BODY}", 12, 8),
    "renewcommand": macros(r"\renewcommand*{NAME}{BODY}", 12, 8),
    "providecommand": macros(r"\providecommand NAME {BODY}", 12, 8),
    "def": macros(r"\def NAME{BODY}", 12, 8),
    "each other": IN_EACH_OTHER + TABLE.replace("CELL", r"\za"),
    "in a caption": macros(r"\newcommand{NAME}{BODY}", 12, 8).replace("A & B", r"\caption{\za} A & B"),
    "in the text": macros(r"\newcommand{NAME}{BODY}", 12, 8) + r"\za",
    "deep": "".join(f"\\newcommand{{\\z{'a' * i}}}{{{{\\z{'a' * (i + 1)}}}}}\n" for i in range(1, 200))
    + TABLE.replace("CELL", r"\za"),
    "open brackets": TABLE.replace("CELL", r"\footnote[" * 40),
    "open brackets of a macro": r"\newcommand{\za}{" + r"\footnote[" * 40 + "}" + TABLE.replace("CELL", r"\za"),
}


@each("name", BOMBS)
def test_a_short_file_that_asks_for_any_amount_of_work_is_refused(name: str, tmp_path: Path) -> None:
    """Macros in macros doubled the text with each level, and the parser its work with each bracket left open."""
    read, tokens = LatexWalker.get_token, 0

    def counted(self: LatexWalker, *args: Any, **options: Any) -> Any:
        nonlocal tokens
        tokens += 1
        assert tokens < MOST_TOKENS
        return read(self, *args, **options)

    with patch.object(LatexWalker, "get_token", counted), pytest.raises(Unreadable) as caught:
        read_text(tmp_path, "a.tex", BOMBS[name])
    assert tokens < MOST_TOKENS
    assert caught.value.remedy
    assert "brackets [" in caught.value.what or r"\za" in caught.value.what, "the macro is named"


MOST_TOKENS = FREE_WORK + WORK_OF_CHARACTER * 4000 + 2


def test_macros_with_arguments_and_macros_of_themselves_end(tmp_path: Path) -> None:
    own = r"\newcommand{\za}{\za\za}\newcommand{\zb}[2]{#1#2\zb{#1}{#2}}\def\zc#1{\zc{#1}\zc{#1}}\newcommand{\zd}{2}"
    grid = read_text(tmp_path, "a.tex", own + TABLE.replace("CELL", r"\za\zb{1}{2}\zc{3}\zd")).grids[0]
    assert texts(grid)[1][1].endswith("2")


def test_a_long_macro_is_shown_whole(tmp_path: Path) -> None:
    """What stood behind the first thousand characters of a macro was left out."""
    text = "\\newcommand{\\za}{" + "long " * 400 + "end}" + TABLE.replace("CELL", r"\za")
    assert texts(read_text(tmp_path, "a.tex", text).grids[0])[1][1].endswith("long end")


def test_files_that_take_in_each_other_are_read_so_many_times_at_most(tmp_path: Path) -> None:
    for i in range(30):
        (tmp_path / f"t{i}.tex").write_text(TABLE.replace("CELL", "1.0") + f"\\input{{t{(i + 1) % 30}}}" * 2)
    document = read(tmp_path / "t0.tex")
    assert len(document.grids) == MOST_FILES + 1


def test_files_of_the_folder_that_are_taken_in(tmp_path: Path) -> None:
    (tmp_path / "paper" / "tables").mkdir(parents=True)
    table = "% first\n\\begin{tabular}{lc} & (1) \\\\\nx\\sym{2} & 1.0\\sym{*} \\\\ \\end{tabular}\n"
    (tmp_path / "paper" / "tables" / "t1.tex").write_text(table, encoding="utf-8")
    (tmp_path / "other.tex").write_text(table, encoding="utf-8")
    text = r"\newcommand{\sym}[1]{\textsuperscript{#1}} before \begin{document} words \begin{table} \caption{One}"
    text += r"\input{tables/t1} Notes: x. \end{table} \input{../other} \input{paper.tex} \end{document} behind"
    document = read_text(tmp_path / "paper", "paper.tex", text)
    (grid,) = document.grids
    assert shown(grid) == [["", "(1)"], ["x^2", "1.0*"]]
    assert (grid.title, grid.notes, grid.rows[1][1].place) == ("One", ("Notes: x.",), "tables/t1, line 3, column 2")
    assert document.text == "words"
    assert [("other" in one, "paper.tex" in one) for one in document.lost] == [(True, False), (False, True)]


def test_a_distance_below_a_row_is_none_of_the_next(tmp_path: Path) -> None:
    text = "\\begin{tabular}{lc} & (1) \\\\\n[1em]\nx\\_y & 1.0 \\\\\n[0.1] & [0.2] \\\\ \\end{tabular}"
    (grid,) = read_text(tmp_path, "a.tex", text).grids
    assert texts(grid) == [["", "(1)"], ["x_y", "1.0"], ["[0.1]", "[0.2]"]]


def test_macros_that_cannot_be_shown_print_no_lines_of_a_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    read_text(tmp_path, "frac.tex", r"\begin{tabular}{lc} a & $" + r"\frac{1}\frac{1}" * 20 + r"$ \\ \end{tabular}")
    assert caplog.records == []


def test_what_nests_too_deep_for_the_parser_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be read: it is nested too deep"), parsing(tmp_path / "a.tex", "", "x"):
        raise RecursionError("maximum recursion depth exceeded while calling a Python object")
    with pytest.raises(KeyboardInterrupt), parsing(tmp_path / "a.tex", "", "x"):
        raise KeyboardInterrupt


ROWS = r"""            &\multicolumn{1}{c}{(1)}&\multicolumn{1}{c}{(2)}\\
\hline Rent      &   0.150***&   0.031   \\
          &  (0.050)   &  (0.040)   \\
R \& D    &   0.210** &   0.100 \\ [0.5em]
          &  (0.100)   &  (0.090)   \\
Obs       &     500    &     480 % those with rent"""


def test_a_file_with_only_the_rows_of_a_table_is_a_table(tmp_path: Path) -> None:
    (grid,) = read_text(tmp_path, "rows.tex", ROWS).grids
    assert texts(grid)[1:3] == [["Rent", "0.150***", "0.031"], ["", "(0.050)", "(0.040)"]]
    assert texts(grid)[-1] == ["Obs", "500", "480"]
    assert grid.rows[1][1].place.startswith("line 2")
    assert not read_text(tmp_path, "R \\& D \\\\\n" * 9, "words.tex").grids
