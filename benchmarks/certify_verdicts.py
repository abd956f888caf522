"""How often each verdict is given where it is false, and where it is true: the page's section on verdicts.

Run: python benchmarks/certify_verdicts.py docs/certification.md [--draws 200] [--seed 20240101] [--only shape]
Without a file the section goes to the terminal; with one, the subsections of the subjects asked for take the place of
those that the page has. A subject (`SUBJECTS`) stands in a file of its own (verdicts_shape.py): each of its designs
draws one sample, judges it with the product's own rule and returns 0 or 1 by name. Finished designs are kept in
build/certify and used again as long as the rule and what it rests on have not changed. With a file, the rates that
reports quote (src/integrade/verdicts/noise_rates.json) are written too. Exit code 1: a false verdict of
support is more frequent than 5% beyond what chance explains.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import re
import sys
import textwrap
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from bands import table
from verdict_designs import Design, Subject
from verdicts_channels import ACTS, PROMOTES
from verdicts_groups import DIFFERS, STRONGER
from verdicts_noise import BENT, LATER, PROXY, UNEQUAL, quoted_rates
from verdicts_shape import SHAPE

ROOT = Path(__file__).parents[1]
KEEP = ROOT / "build" / "certify"
SOURCE = ROOT / "src" / "integrade"
QUOTED = SOURCE / "verdicts" / "noise_rates.json"
LEVEL = 0.05

Rates = dict[str, list[float]]

SUBJECTS: Mapping[str, Subject] = {
    "shape": SHAPE,
    "promotes": PROMOTES,
    "acts": ACTS,
    "differs": DIFFERS,
    "stronger": STRONGER,
    "noise_proxy": PROXY,
    "noise_groups": UNEQUAL,
    "noise_years": LATER,
    "noise_curve": BENT,
}
"""One hypothesis each; a further one is a `Subject` here."""


# ---- draws, kept by the code that made them


def fingerprint(subject: Subject) -> str:
    """Of the rule and what it rests on, and of the file of the subject."""
    files = [Path(subject.file)]
    for name in subject.code:
        path = SOURCE / name
        files += sorted(path.glob("*.py")) if path.is_dir() else [path]
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:12]


def drawn(key: str, subject: Subject, design: Design, draws: int, seed: int, keep: Path) -> Rates:
    """All draws of a design, from the file of an earlier run where there is one."""
    name = "".join(c if c.isalnum() else "-" for c in f"verdicts {key} {design.name} {draws} {seed}")
    file = keep / f"{name} {fingerprint(subject)}.json"
    if file.exists():
        stored: Rates = json.loads(file.read_text())
        return stored
    started, found = time.perf_counter(), Rates()
    for number in range(draws):
        for column, value in design.draw(seed, number).items():
            found.setdefault(column, []).append(value)
    keep.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(json.dumps(found))
    part.replace(file)
    say(f"{design.name}: {np.mean(found['supported']):.3f} in {time.perf_counter() - started:.0f} s")
    return found


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# ---- the page


def section_of(key: str, draws: int, seed: int, keep: Path) -> tuple[str, bool]:
    """The text of a subject, and whether no false support is more frequent than 5% and two standard errors."""
    subject, rows, good = SUBJECTS[key], list[list[str]](), True
    for design in subject.designs:
        own = draws * design.times
        found = drawn(key, subject, design, own, seed, keep)
        share = float(np.mean(found["supported"]))
        good = good and not (design.false and share > LEVEL + 2 * error(LEVEL, own))
        shown = f"{share:.3f} ({error(share, own):.3f})"
        others = [f"{np.mean(found[name]):.3f}" for _, name in subject.columns[1:]]
        rows.append([design.name, "false" if design.false else "true", shown, *others, f"{own:,}"])
    head = ["truth", "support is", *(heading for heading, _ in subject.columns), "draws"]
    worst = max(float(row[2].split()[0]) for row in rows if row[1] == "false")
    said = (
        f"{draws:,} draws a truth, Monte Carlo standard errors in parentheses. "
        f"False support in at most {worst:.3f} of samples."
    )
    if all(design.times == 1 for design in subject.designs):
        head, rows = head[:-1], [row[:-1] for row in rows]
    else:
        said = said.replace(" a truth", " a truth, more where the last column says so", 1)
    return f"### {subject.heading}\n\n{wrapped(f'{subject.about} {said}')}\n\n{table(head, rows)}", good


def wrapped(text: str) -> str:
    return textwrap.fill(text, 118, break_long_words=False, break_on_hyphens=False)


def error(share: float, draws: int) -> float:
    """Binomial standard error; that of one half of a draw where no or every draw counts."""
    inside = min(max(share, 0.5 / draws), 1 - 0.5 / draws)
    return math.sqrt(inside * (1 - inside) / draws)


def written(page: str, sections: Sequence[str]) -> str:
    """The page with each subsection in the place of the one it has under this heading, or at the end of its section."""
    before, _, rest = page.partition("\n## Verdicts\n")
    own, mark, after = rest.partition("\n## ")
    _, *there = re.split(r"^(?=### )", own, flags=re.M)
    kept = {text.partition("\n")[0]: text.rstrip() for text in there}
    kept |= {text.partition("\n")[0]: text.rstrip() for text in sections}
    whole = "\n\n".join([f"## Verdicts\n\n{wrapped(ABOUT)}", *kept.values()])
    return f"{before.rstrip()}\n\n{whole}\n" + (f"\n## {after}" if mark else "")


ABOUT = (
    "How often the whole rule of docs/verdicts.md supports a claim, if the claim is false and if it is true "
    "(benchmarks/certify_verdicts.py)."
)


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the section on verdicts of the certification page.")
    parser.add_argument("output", nargs="?", type=Path)
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--seed", type=int, default=20240101)
    parser.add_argument("--only", choices=[*SUBJECTS], action="append")
    parser.add_argument("--keep", type=Path, default=KEEP)
    arguments = parser.parse_args()
    keys = arguments.only or [*SUBJECTS]
    parts = [section_of(key, arguments.draws, arguments.seed, arguments.keep) for key in keys]
    page = arguments.output.read_text(encoding="utf-8") if arguments.output else ""
    text = written(page, [section for section, _ in parts])
    if arguments.output:
        arguments.output.write_text(text, encoding="utf-8")
        if "noise_proxy" in keys:
            asked = (arguments.draws, arguments.seed, arguments.keep)
            found = {d.name: drawn("noise_proxy", PROXY, d, asked[0] * d.times, *asked[1:]) for d in PROXY.designs}
            QUOTED.write_text(quoted_rates(found), encoding="utf-8")
    else:
        print(text)
    return 0 if all(good for _, good in parts) else 1


if __name__ == "__main__":
    sys.exit(main())
