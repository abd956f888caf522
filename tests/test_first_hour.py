"""The first hour is true in both languages: commands run in order, edits apply, and the program says what is quoted."""

from __future__ import annotations

import re
import runpy
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from integrade.cli import run

DOCS = Path(__file__).parents[1] / "docs"
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """A fenced block of the page: its language and its lines."""

    kind: str
    lines: tuple[str, ...]


def blocks(name: str) -> Iterator[Block]:
    for kind, body in FENCE.findall((DOCS / name).read_text(encoding="utf-8")):
        yield Block(kind, tuple(body.splitlines()))


def call(line: str) -> None:
    """What a line at the prompt does."""
    program, *words = shlex.split(line.removeprefix("$ "))
    if program == "python":
        assert words[0] == "docs/first_hour.py"
        written = "write_chinese" if words[2:] == ["china"] else "write_files"
        runpy.run_path(str(DOCS / "first_hour.py"))[written](Path(words[1]))
    else:
        assert program == "integrade"
        run(words)


def apply(diff: Block) -> None:
    """An edit of a file: each line with - goes, each with + comes behind the line before it."""
    path = Path(diff.lines[0].removeprefix("--- "))
    text = path.read_text(encoding="utf-8").splitlines()
    at = 0
    for line in diff.lines[1:]:
        if line[0] == "+":
            text.insert(at, line[1:])
            at += 1
            continue
        at = text.index(line[1:])
        at += line[0] == " "
        if line[0] == "-":
            del text[at]
    path.write_text("\n".join(text) + "\n", encoding="utf-8")


def quoted_in(quoted: tuple[str, ...], said: list[str]) -> str:
    """The first line of a quotation that is not said where it should be; ``...`` stands for any lines."""
    at, loose = 0, False
    for line in quoted:
        if line == "...":
            loose = True
            continue
        found = said.index(line, at) if loose and line in said[at:] else at
        if found >= len(said) or said[found] != line:
            return line
        at, loose = found + 1, False
    return ""


def test_a_quotation_holds_only_where_it_is_said() -> None:
    said = ["one", "two", "three", "four"]
    assert quoted_in(("one", "two"), said) == ""
    assert quoted_in(("...", "two", "...", "four"), said) == ""
    assert quoted_in(("one", "three"), said) == "three"
    assert quoted_in(("two",), said) == "two"
    assert quoted_in(("one", "...", "one"), said) == "one"
    assert quoted_in(("...", "four", "five"), said) == "five"


def walk(page: list[Block], folder: Path, capfd: pytest.CaptureFixture[str]) -> int:
    """Do what the blocks say in a folder; the number of quotations that held."""
    held = 0
    study = next(block.lines[0].split()[3] for block in page if block.lines[0].startswith("$ integrade new "))
    for block in page:
        if block.kind == "diff":
            apply(block)
            continue
        if block.kind == "toml":
            said, quoted = (
                (folder / study / "study.toml").read_text(encoding="utf-8").splitlines(),
                ("...", *block.lines),
            )
        else:
            capfd.readouterr()
            call(block.lines[0])
            out, err = capfd.readouterr()
            said, quoted = [line.rstrip() for line in (out + err).splitlines()], block.lines[1:]
        wrong = quoted_in(tuple(line.rstrip() for line in quoted), said)
        assert not wrong, f"{block.lines[0]}\nquotes: {wrong}\nsaid:\n" + "\n".join(said)
        held += bool(quoted)
    return held


PAGES = pytest.mark.parametrize("name", ["first_hour.md", "zh/first_hour.md"])


@PAGES
def test_the_page_from_an_empty_folder_to_a_checked_study(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    page = list(blocks(name))
    until = next(i for i, block in enumerate(page) if block.lines[0].startswith("$ integrade new ")) + 3
    assert walk(page[:until], tmp_path, capfd) == 3, "proposed, study.toml, checked"


@pytest.mark.slow
@PAGES
def test_the_whole_page(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    page = list(blocks(name))
    assert {block.kind for block in page} == {"console", "diff", "toml"}
    assert walk(page, tmp_path, capfd) == sum(len(b.lines) > 1 and b.kind != "diff" for b in page)
    (report,) = tmp_path.glob("*/runs/*/report/report.html")
    assert ("Terengganu" if name == "first_hour.md" else "广东") in report.read_text(encoding="utf-8")
