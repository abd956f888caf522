"""`python -m tablecheck`, the command of the package without integrade."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def tablecheck(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "tablecheck", *words], capture_output=True, text=True, check=False)


def test_the_exit_code_says_what_was_found_and_the_formats_hold_it(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("variable,stat,(1)\nmarket,b,0.04*\nmarket,t,0.56\nN,,1000\n", encoding="utf-8")
    text = tablecheck(str(table))
    assert (text.returncode, text.stderr) == (1, "")
    assert "contradiction (1)" in text.stdout
    stored = json.loads(tablecheck(str(table), "--format", "json").stdout)
    assert [finding["check"] for finding in stored["findings"]] == ["stars"]
    lost = tablecheck(str(tmp_path / "lost.csv"))
    assert lost.returncode == 2
    assert lost.stderr.startswith("U104 ")
    table.write_bytes(b"a,b\n" + "\u4e2d\u56fd,1\n".encode("gb18030") + "\u4e2d\u56fd,2\n".encode())
    damaged = tablecheck(str(table))
    assert damaged.returncode == 2, "1 is for contradictions"
    assert "UTF-8" in damaged.stderr
    assert "encoding=" not in damaged.stderr, "there is no such option"
