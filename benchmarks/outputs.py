"""Write the outputs that a user can get into one folder, so that two versions of the program can be compared.

    python benchmarks/outputs.py BEFORE     # then change the code
    python benchmarks/outputs.py AFTER
    diff -r BEFORE AFTER

The folder has the runs of the demo, of a new study and of the studies in `examples/`, the help of every command, the
list of measures, the schema of study files and the lineage of every printed number of the demo. Hashes of the program's
own code and times are left out, because they differ although no result does.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parents[1]
VOLATILE = re.compile(
    r'"(key|code|seconds|started|finished|manifest|version|versions|when|platform|python)": ("[^"]*"|\{[^}]*\}|[\d.]+)'
)


def command(words: Sequence[str], folder: Path) -> str:
    """Run the command line in a folder and return what it prints."""
    asked = [sys.executable, "-m", "integrade", *words]
    done = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False)
    return f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"


def kept(study: Path, target: Path) -> None:
    """Copy the latest run of a study, without hashes of code and times."""
    shutil.copytree(study / "runs" / (study / "runs" / "latest").read_text(encoding="utf-8").strip(), target)
    for path in target.rglob("*.json"):
        path.write_text(VOLATILE.sub(r'"\1": "-"', path.read_text(encoding="utf-8")), encoding="utf-8")


def commands() -> list[str]:
    """Return the names of the commands, read from the help."""
    return re.findall(r"^│ (\w+) {2,}\S", command(["--help"], ROOT), re.MULTILINE)


def main(folder: Path) -> None:
    """Write all outputs into a new folder."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        command(["demo", "demo", "--quiet"], work)
        kept(work / "demo", folder / "demo")
        addresses = json.loads(command(["explain", "--json"], work / "demo").split("\n", 1)[1])
        (folder / "addresses.json").write_text(json.dumps(addresses, indent=1), encoding="utf-8")
        command(["new", "fresh"], work)
        command(["run", "--quiet"], work / "fresh")
        kept(work / "fresh", folder / "new")
        tests = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            str(ROOT / "tests" / "test_examples.py"),
            f"--basetemp={work}/examples",
        ]
        subprocess.run(tests, cwd=ROOT, check=True)
        for study in sorted((work / "examples").rglob("runs/latest")):
            kept(study.parents[1], folder / "examples" / study.parents[1].name)
    helps = {name: command([name, "--help"], ROOT) for name in commands()}
    (folder / "help.txt").write_text("\n".join(helps.values()), encoding="utf-8")
    for words in (["list", "--json"], ["show", "schema"]):
        (folder / f"{'_'.join(words)}.txt").write_text(command(words, ROOT), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
