"""Completion in a shell: the script is the library's, and it completes commands, flags and choices."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from integrade.cli import run

ASKED = """
source "$1"
completed() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _integrade; echo "${COMPREPLY[*]}"; }
completed integrade audi
completed integrade integration --tran
completed integrade fit --vc
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_bash_completes_commands_and_flags(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", "bash"]) == 0
    script = tmp_path / "integrade"
    script.write_text(capsys.readouterr().out, encoding="utf-8")
    said = subprocess.run(["bash", "-c", ASKED, "bash", str(script)], capture_output=True, text=True, check=True)
    assert said.stdout.split() == ["audit", "--transform", "--vcov"]


@pytest.mark.parametrize(("shell", "first"), [("zsh", "#compdef integrade"), ("fish", "complete -c integrade")])
def test_the_other_shells_have_theirs(shell: str, first: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert first in script
    assert "completion" in script


def test_an_unknown_shell_is_refused_with_those_that_are_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["completion", "tcsh"]) == 2
    said = capsys.readouterr().err
    assert all(shell in said for shell in ("bash", "zsh", "fish"))
