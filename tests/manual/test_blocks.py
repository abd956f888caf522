"""Every code block of the tutorial, the guides, the gallery and the phrasebooks runs, and every picture is made."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pytest

from library import needs, needs_tex
from pages import DOCS, ROOT, module

BOOKS = ("stata", "fixest", "pyfixest")
QUICK = ("few_clusters", "into_a_paper", "matching", "referee", "large_files", *BOOKS)


def executed() -> Iterator[Any]:
    """Every page that is executed when the site is built; those that run a study are slow."""
    for path in sorted(DOCS.rglob("*.md")):
        name = path.relative_to(DOCS).as_posix()
        if name.startswith(module("manual").EXECUTED) and "```" in path.read_text(encoding="utf-8"):
            yield pytest.param(name, marks=() if path.stem in QUICK else pytest.mark.slow, id=name)


@pytest.mark.parametrize("name", list(executed()))
def test_a_page_runs_from_an_empty_folder(name: str, tmp_path: Path) -> None:
    blocks = module("blocks")
    text = (DOCS / name).read_text(encoding="utf-8")
    said = blocks.execute(text, tmp_path)
    assert said.count("```") >= text.count("```") > 0
    assert "done in" not in said, "how long a run took differs between builds"
    for picture, _ in blocks.pictures(text):
        (found,) = tmp_path.glob(picture)
        assert found.read_bytes().startswith(b"\x89PNG")


def test_what_a_block_prints_and_writes_stands_in_the_page(tmp_path: Path) -> None:
    shown = "from pathlib import Path\nprint(Path('a/b.txt').read_text())"
    page = f"```python\n# file: a/b.txt\none\n```\n```python\n{shown}\n```\n"
    said = module("blocks").execute(page, tmp_path)
    assert said.endswith("```\n\n```text\none\n```\n")
    more = module("blocks").execute("```toml\n# added to a/b.txt\ntwo\n```\n", tmp_path)
    assert (tmp_path / "a" / "b.txt").read_text(encoding="utf-8") == "one\n\ntwo\n"
    assert more.count("```") == 2


@pytest.mark.system
def test_the_documents_of_the_guide_on_papers_compile(tmp_path: Path) -> None:
    """An article, a journal's class and two columns: nothing is missing, and nothing sticks out of the page."""
    needs_tex("siunitx.sty", "threeparttable.sty", "rotating.sty", "elsarticle.cls")
    module("blocks").execute((DOCS / "guides" / "into_a_paper.md").read_text(encoding="utf-8"), tmp_path)
    for name in ("paper", "journal", "columns"):
        call = [needs("pdflatex"), "-interaction=nonstopmode", f"{name}.tex"]
        said = [subprocess.run(call, cwd=tmp_path, capture_output=True, check=False) for _ in range(2)][-1]
        log = said.stdout.decode("utf-8", "replace")
        assert said.returncode == 0, log[-2000:]
        assert "Overfull" not in log, name
        assert "undefined" not in log, name
        assert (tmp_path / f"{name}.pdf").read_bytes().startswith(b"%PDF")
    saved = docx.Document(str(tmp_path / "table1.docx"))
    assert [c.text for c in saved.tables[0].rows[0].cells][1:] == ["(1) Quality", "(2) Quality"]


def test_a_command_is_quoted_with_what_it_prints(tmp_path: Path) -> None:
    said = module("blocks").execute("```console\n$ integrade list herfindahl\n```\n", tmp_path)
    assert said.startswith("```console\n$ integrade list herfindahl\nherfindahl")
    quoted = "```console\n$ integrade list herfindahl\n...\n```\n"
    assert module("blocks").execute(quoted, tmp_path) == quoted


CHANGED = '```console\n$ integrade list "herfindahl`echo`"\n```\n'


@pytest.mark.parametrize(
    "block",
    ["```python\n1 / 0\n```\n", "```console\n$ integrade lost\n```\n", "```console\n$ rm -r x\n```\n", CHANGED],
    ids=["python", "command", "another program", "what a shell runs"],
)
def test_a_block_that_does_not_run_is_an_error(block: str, tmp_path: Path) -> None:
    blocks = module("blocks")
    here = Path.cwd()
    with pytest.raises(blocks.Failed):
        blocks.execute(block, tmp_path)
    assert Path.cwd() == here


@pytest.mark.parametrize("book", BOOKS)
def test_the_right_column_of_a_phrasebook_runs(book: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (DOCS / "phrasebooks" / f"{book}.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    for block in module("blocks").blocks(text):
        if block.kind == "python":
            exec(block.body, names)
    calls = [call for row in re.findall(r"^\|.*\|$", text, re.MULTILINE) for call in calls_of(row)]
    assert len(calls) >= 12
    for call in calls:
        eval(call, names)


def calls_of(row: str) -> list[str]:
    """The Python calls of the right column of a row."""
    cells = re.split(r"(?<!\\)\|", row)
    codes = re.findall("`([^`]+)`", cells[2]) if len(cells) > 2 else []
    return [code.replace("\\|", "|") for code in codes if re.match(r"(?:ig|base)\.", code)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_the_readme_shows_what_its_code_prints(name: str, tmp_path: Path) -> None:
    """From an empty folder."""
    (shown,) = re.findall(r"^```python\n.*?^```$\n\n^```text\n.*?^```$", (ROOT / name).read_text("utf-8"), re.M | re.S)
    assert module("blocks").execute(shown.partition("\n\n```text")[0], tmp_path) == shown


def test_a_long_output_is_cut_where_the_page_says_so(tmp_path: Path) -> None:
    execute = module("blocks").execute
    said = execute("```python 3\nprint(*range(9), sep='\\n')\n```\n", tmp_path)
    assert said == "```python\nprint(*range(9), sep='\\n')\n```\n\n```text\n0\n1\n...\n8\n```\n"
    cut = execute("```console 2\n$ integrade list herfindahl\n```\n", tmp_path).splitlines()
    assert cut[1] == "$ integrade list herfindahl"
    assert "..." in cut[3:5]
