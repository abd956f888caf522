"""Write what users get into one folder, so that two versions of the program can be compared.

    python benchmarks/outputs.py BEFORE     # then change the code
    python benchmarks/outputs.py AFTER
    diff -r BEFORE AFTER

The folder has the runs of the demo, of a new study and of the studies in `examples/`, the study file and the schema of
the new study, the help of every command, the list of measures, and what `explain` prints of every table and figure of
the demo. Of manifest.json only inputs and account are kept: keys of steps, versions and times differ although no
result does.
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


def command(words: Sequence[str], folder: Path) -> str:
    """Run the command line in a folder and return what it prints."""
    asked = [sys.executable, "-m", "integrade", *words]
    done = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False)
    return f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"


def keep_run(study: Path, target: Path) -> None:
    """Copy the latest run of a study; of its manifest, keep inputs and account."""
    runs = study / "runs"
    shutil.copytree(runs / (runs / "latest").read_text(encoding="utf-8").strip(), target)
    manifest = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    kept = {name: manifest.get(name) for name in ("inputs", "account")}
    (target / "manifest.json").write_text(json.dumps(kept, indent=1), encoding="utf-8")


def lineages(study: Path) -> str:
    """Return what `explain` prints of every table and figure."""
    names = json.loads(command(["explain", "--json"], study).split("\n", 1)[1])["names"]
    return "\n".join(command(["explain", name], study) for name in names)


def main(folder: Path) -> None:
    """Write all outputs into a new folder."""
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        command(["demo", "demo", "--quiet"], work)
        keep_run(work / "demo", folder / "demo")
        (folder / "lineages.txt").write_text(lineages(work / "demo"), encoding="utf-8")
        command(["new", "fresh"], work)
        command(["run", "--quiet"], work / "fresh")
        keep_run(work / "fresh", folder / "new")
        for file in ("study.toml", "study.schema.json"):
            shutil.copy(work / "fresh" / file, folder / "new" / file)
        examples = [str(ROOT / "tests" / "test_examples.py"), f"--basetemp={work}/examples"]
        subprocess.run([sys.executable, "-m", "pytest", "-q", *examples], cwd=ROOT, check=True)
        for latest in sorted((work / "examples").rglob("runs/latest")):
            study = latest.parents[1]
            keep_run(study, folder / "examples" / study.name)
    commands = re.findall(r"^│ (\w+) {2,}\S", command(["--help"], ROOT), re.MULTILINE)
    helps = "\n".join(command([name, "--help"], ROOT) for name in commands)
    (folder / "help.txt").write_text(helps, encoding="utf-8")
    (folder / "measures.json").write_text(command(["list", "--json"], ROOT), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
