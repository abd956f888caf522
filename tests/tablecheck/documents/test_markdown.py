"""Markdown: pipe tables, HTML inside, grid and simple tables of pandoc."""

from __future__ import annotations

from pathlib import Path

from printed_documents import read_text, shown, texts

TEXT = r"""# Results

Some text with *emphasis* and
more.

Table: (\#tab:x) Growth

|            | (1)       | (2)      |
|:-----------|:---------:|---------:|
| **Market** | 0.05\*\*\*| -0.1***  |
|            | (0.01)    | (0.05)   |
| R^2^       | 0.5<sup>a</sup> | $R^2$ |
| a \| b     | 200<br>(3)| 1<br>(2) |

*p<0.1; **p<0.05

  Right     Left
-------     ------
     12     12
    123     123

: A simple one

<table><tr><td>x</td><td>1.5<sup>**</sup></td></tr></table>

The end.
"""


def test_every_kind_of_table(tmp_path: Path) -> None:
    document = read_text(tmp_path, "a.md", TEXT)
    pipes, simple, page = document.grids
    assert shown(pipes) == [
        ["", "(1)", "(2)"],
        ["Market", "0.05***", "-0.1***"],
        ["", "(0.01)", "(0.05)"],
        ["R^2", "0.5a", "R^2"],
        ["a | b", "200", "1"],
        ["", "(3)", "(2)"],
    ]
    assert (pipes.title, pipes.head, pipes.notes) == ("Growth", 1, ("*p<0.1; **p<0.05",))
    assert (texts(simple), simple.title) == ([["Right", "Left"], ["12", "12"], ["123", "123"]], "A simple one")
    assert shown(page) == [["x", "1.5**"]]
    assert document.text == "Results\nSome text with emphasis and more.\nThe end."
    assert pipes.rows[1][1].place == "line 10, column 2"


def test_code_above_its_output_is_no_heading(tmp_path: Path) -> None:
    rule = "-" * 44
    text = f"""# Results

```stata
  *-method 1: one step
  reg y  x1   // c.t is a trend
  esttab one two, nogap
{rule}
                      (1)             (2)
                        y             e_y
{rule}
x1                  0.964***        0.811***
                  (19.58)         (12.41)
{rule}
```
"""
    (grid,) = read_text(tmp_path, "a.md", text).grids
    assert shown(grid) == [
        ["", "(1)", "(2)"],
        ["", "y", "e_y"],
        ["x1", "0.964***", "0.811***"],
        ["", "(19.58)", "(12.41)"],
    ]
