"""Every command line that a page shows calls a command that exists with flags that it has."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from integrade.cli import COMMANDS, run
from pages import DOCS, ROOT

GENERATED = ("commands.md", "measures.md", "sources.md")
FENCE = re.compile(r"^```[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"(?:^|\$ |[\s/])integrade ([a-z]+)( .*)?$")


def lines() -> Iterator[tuple[str, str]]:
    """(page, line) of fenced blocks and of code within sentences."""
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))):
        if path.name not in GENERATED:
            yield from ((path.name, line) for line in shown(path))


def shown(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    for body in FENCE.findall(text):
        yield from body.splitlines()
    yield from re.findall(r"`(integrade [^`\n]+)`", text)


def called(line: str) -> tuple[str, list[str]] | None:
    """The command of a line and its words; what stands behind a comment or two blanks is a remark."""
    found = CALL.search(re.split(r" #|  ", line)[0].rstrip("\\"))
    if found is None or line.startswith("import "):
        return None
    return found[1], shlex.split(found[2] or "")


@cache
def flags(command: str, method: tuple[str, ...]) -> set[str]:
    with contextlib.redirect_stdout(io.StringIO()) as said:
        assert run([command, *method, "--help"]) == 0
    return {"--help", *re.findall(r"(?<![\w-])--[a-z][\w-]*", said.getvalue())}


def test_commands_and_flags_exist() -> None:
    seen, wrong = 0, []
    for page, line in lines():
        call = called(line)
        if call is None:
            continue
        command, words = call
        seen += 1
        if command not in COMMANDS:
            wrong.append((page, line))
        elif "--plugin" not in words:  # whose flags are the plugin's
            method = tuple(words[i : i + 2] for i, w in enumerate(words) if w == "--method")
            known = flags(command, tuple(method[0]) if method else ())
            given = [word.partition("=")[0] for word in words if re.match("--[a-z]", word)]
            wrong += [(page, line, flag) for flag in given if flag not in known]
    assert seen > 100
    assert not wrong


def test_settings_of_the_environment_exist() -> None:
    code = "".join(
        path.read_text(encoding="utf-8") for folder in ("src", "tests") for path in (ROOT / folder).rglob("*.py")
    )
    read = set(re.findall(r"\bINTEGRADE_[A-Z_]+", code))
    pages = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md")))
    named = {(p.name, n) for p in pages for n in re.findall(r"\bINTEGRADE_\w+", p.read_text(encoding="utf-8"))}
    assert {name for _, name in named} >= {"INTEGRADE_MEMORY", "INTEGRADE_STAGE"}
    assert not [one for one in named if one[1] not in read]


def test_a_line_is_taken_apart() -> None:
    assert called("$ integrade new x --kind index   # a remark") == ("new", ["x", "--kind", "index"])
    assert called(".venv/bin/integrade --version") is None
    assert called("import integrade as ig") is None
    assert called('integrade fit p.dta "y ~ x" --cluster r') == ("fit", ["p.dta", "y ~ x", "--cluster", "r"])
