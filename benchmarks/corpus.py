"""Measure `integrade audit --table` on real documents: what it says wrongly, and which planted errors it finds.

Run: python benchmarks/corpus.py --mirrors DIR [--half seen|hidden|third] [--plant [N]] [--out docs] [--said FILE]
DIR has a clone of each repository under OWNER+NAME/repo. corpus.tsv names the documents by repository, commit and path;
they are read with `git show` and never stored. corpus_judged.tsv has a verdict for each contradiction, by its hash.
--plant plants errors, in N documents of the whole corpus that are drawn at random.
With --out, the figures are written to corpus_figures.json and to the pages of that folder. --said lists what was found.
Exit code 1: a contradiction is not judged, or more than 1% of the documents of a half have a false one.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import multiprocessing
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path

HERE = Path(__file__).parent
CORPUS, JUDGED, FIGURES = (HERE / f"corpus{x}" for x in (".tsv", "_judged.tsv", "_figures.json"))
HALVES = ("seen", "hidden", "third")
TITLES = {
    "seen": "First half, used in development",
    "hidden": "Second half, after corrections",
    "third at first sight": "Third set, at first sight",
    "third": "Third set, after corrections",
}
"""Titles of the figures. Those of the third set at first sight are kept as they were measured once."""
VERDICTS = ("true", "false", "cannot be told")
START, END = "<!-- corpus -->", "<!-- end of corpus -->"
LIMIT = 240
"""Seconds after which a document counts as not finished."""
MOST_FALSE = 0.01
"""Largest share of documents with a false contradiction that passes."""
LEAST_FOUND = 0.9
"""Smallest share of planted errors found that passes."""
DRAWN_BY = 20261202
"""Seed of the order in which documents are drawn for planted errors."""
KINDS = {
    "PDF": (".pdf",),
    "LaTeX": (".tex",),
    "HTML": (".html", ".htm"),
    "Markdown": (".md", ".qmd", ".rmd"),
    "text and logs": (".txt", ".log", ".smcl"),
    "Word and RTF": (".docx", ".doc", ".rtf"),
    "Excel": (".xlsx", ".xls", ".xml"),
    "csv": (".csv", ".tsv"),
}


@dataclass(frozen=True)
class Item:
    """A document of the corpus."""

    repository: str
    commit: str
    path: str
    half: str

    @property
    def kind(self) -> str:
        """The kind of file, by its suffix."""
        suffix = Path(self.path).suffix.lower()
        return next((kind for kind, suffixes in KINDS.items() if suffix in suffixes), "other")


@dataclass(frozen=True)
class Said:
    """A finding, with the texts of its cells and the hash that a verdict refers to."""

    hash: str
    grade: str
    check: str
    table: str
    where: str
    sentence: str


@dataclass
class Result:
    """Result of a document; ``planted`` has, for each error: kind, if it can be told, if it was found, the change."""

    item: Item
    problem: str = ""
    understood: int = 0
    other: int = 0
    coefficients: int = 0
    seconds: float = 0.0
    said: list[Said] = field(default_factory=list)
    planted: list[tuple[str, bool, bool, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """Judgement of a contradiction by a person who read the document, with the reason."""

    repository: str
    path: str
    verdict: str
    reason: str


def items(file: Path = CORPUS) -> list[Item]:
    """Read the documents of the corpus."""
    with file.open(encoding="utf-8", newline="") as lines:
        return [Item(**row) for row in csv.DictReader(lines, delimiter="\t")]


def drawn(every: Sequence[Item], number: int | None) -> set[Item]:
    """Draw documents at random with a fixed seed; all without a number."""
    order = list(every)
    random.Random(DRAWN_BY).shuffle(order)
    return set(order[:number])


def verdicts(file: Path = JUDGED) -> dict[str, Verdict]:
    """Read the verdicts by hash. Raises `ValueError` for an unknown verdict and for a hash that occurs twice."""
    judged: dict[str, Verdict] = {}
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t"):
            one = Verdict(row["repository"], row["path"], row["verdict"], row["reason"])
            if one.verdict not in VERDICTS:
                raise ValueError(f"{file.name}: {row['hash']} has the verdict {one.verdict!r}, not one of {VERDICTS}")
            if row["hash"] in judged:
                raise ValueError(f"{file.name}: {row['hash']} has two verdicts")
            judged[row["hash"]] = one
    return judged


def hash_of(repository: str, path: str, check: str, cells: Iterable[tuple[str, str]], numbers: Iterable[float]) -> str:
    """Return the hash of a finding, which neither its wording, its grade nor the order of its cells changes.

    ``cells`` are the positions and the texts of the cells. The numbers count only if a finding names no cells.
    """
    where = sorted(f"{place}={re.sub(r'[^0-9.,()*-]', '', text)}" for place, text in cells)
    what = where or sorted(f"{number:.5g}" for number in numbers)
    return hashlib.sha256("\x1f".join([repository, path, check, *what]).encode()).hexdigest()[:12]


def repository_folder(mirrors: Path, repository: str) -> Path:
    """Return the git directory of a mirror; a snapshot with a work tree has it in ``.git``."""
    folder = mirrors / repository.replace("/", "+", 1) / "repo"
    return folder / ".git" if (folder / ".git").exists() else folder


def content(mirrors: Path, item: Item) -> bytes:
    """Read a document from its mirror. Raises `OSError` if the mirror does not have it."""
    folder = repository_folder(mirrors, item.repository)
    shown = subprocess.run(
        ["git", "-C", str(folder), "show", f"{item.commit}:{item.path}"], capture_output=True, check=False
    )
    if shown.returncode:
        raise OSError(f"{item.repository} {item.path}: {shown.stderr.decode(errors='replace').strip()[:200]}")
    return shown.stdout


def measured(mirrors: Path, chosen: Sequence[Item], *, plant: Collection[Item], workers: int) -> list[Result]:
    """Audit documents, each in a process of its own with a time limit; results are in the order of the documents.

    Errors are planted in the documents ``plant``.
    """
    from corpus_one import audited  # loaded once, before the processes start

    fork = multiprocessing.get_context("fork")
    results: dict[int, Result] = {}
    running: dict[int, tuple[BaseProcess, Connection, float]] = {}
    waiting = list(enumerate(chosen))[::-1]
    with tempfile.TemporaryDirectory() as folder:
        while waiting or running:
            while waiting and len(running) < workers:
                n, item = waiting.pop()
                path = Path(folder) / f"{n}" / f"document{Path(item.path).suffix}"
                path.parent.mkdir()
                try:
                    path.write_bytes(content(mirrors, item))
                except OSError as problem:
                    results[n] = Result(item, problem=f"not there: {problem}")
                    continue
                ours, theirs = fork.Pipe(duplex=False)
                process = fork.Process(target=_send, args=(theirs, audited, path, item, item in plant))
                process.start()
                theirs.close()
                running[n] = process, ours, time.monotonic()
            ready = wait([ours for _, ours, _ in running.values()], timeout=1)
            for n, (process, ours, started) in list(running.items()):
                if ours in ready:
                    results[n] = _received(chosen[n], ours)
                elif time.monotonic() - started > LIMIT:
                    results[n] = Result(chosen[n], problem=f"not finished after {LIMIT} s")
                    process.kill()
                else:
                    continue
                process.join()
                ours.close()
                del running[n]
    return [results[n] for n in range(len(chosen))]


def _send(theirs: Connection, audited: Callable[..., object], path: Path, item: Item, plant: bool) -> None:
    """Audit a document in its own process and send the result."""
    theirs.send(audited(path, item.repository, item.path, plant=plant))


def _received(item: Item, ours: Connection) -> Result:
    """Return the result that a process sent; it is a crash if it ended without one."""
    try:
        found = ours.recv()
    except EOFError:
        return Result(item, problem="crash")
    said, planted = found.pop("said"), found.pop("planted")
    return Result(item, **found, said=[Said(**one) for one in said], planted=[tuple(one) for one in planted])


def counted(results: Sequence[Result], judged: Mapping[str, Verdict]) -> dict[str, object]:
    """Count the results of one half: by kind of document, contradictions by verdict, planted errors by kind."""
    kinds = {}
    for kind in (*KINDS, "other"):
        some = [r for r in results if r.item.kind == kind]
        if some:
            kinds[kind] = _counts(some, judged)
    contradictions = sorted({s.hash for r in results for s in r.said if s.grade == "contradiction"})
    return {
        "all": _counts(results, judged),
        "kinds": kinds,
        "contradictions": contradictions,
        "planted": _planted_counts(results),
    }


def _counts(results: Sequence[Result], judged: Mapping[str, Verdict]) -> dict[str, float]:
    against = [[s for s in r.said if s.grade == "contradiction"] for r in results]
    said = Counter(judged[s.hash].verdict if s.hash in judged else "not judged" for one in against for s in one)
    wrongly = [any(s.hash in judged and judged[s.hash].verdict == "false" for s in one) for one in against]
    return {
        "documents": len(results),
        "read": sum(r.understood > 0 for r in results),
        "failed": sum(bool(r.problem) for r in results),
        "tables": sum(r.understood for r in results),
        "other tables": sum(r.other for r in results),
        "coefficients": sum(r.coefficients for r in results),
        "contradictions": sum(map(len, against)),
        "documents with one": sum(map(bool, against)),
        **{name: said[name] for name in (*VERDICTS, "not judged")},
        "documents with a false one": sum(wrongly),
        "doubts": sum(s.grade == "doubt" for r in results for s in r.said),
        "seconds": round(sum(r.seconds for r in results), 1),
    }


def _planted_counts(results: Sequence[Result]) -> dict[str, dict[str, list[int]]]:
    """Count planted errors by kind of error and of document: places tried, those that can be told, those found."""
    counts: dict[str, dict[str, list[int]]] = {}
    for result in results:
        for kind, told, found, _ in result.planted:
            one = counts.setdefault(kind, {}).setdefault(result.item.kind, [0, 0, 0])
            one[0] += 1
            one[1] += told
            one[2] += told and found
    return counts


def _share(part: float, whole: float) -> str:
    return f"{part / whole:.1%}" if whole else "-"


def summary_lines(figures: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Set the figures that a reader needs first as Markdown."""
    lines = [
        "| real documents | documents | read | tables | coefficients | contradictions | true | false | "
        "cannot be told | documents with a false one | planted errors found |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for half in TITLES:
        if half in figures:
            c: Mapping[str, float] = figures[half]["all"]  # type: ignore[assignment]
            told, found = _planted_totals(figures[half])
            lines.append(
                f"| {TITLES[half].lower()} | {c['documents']} | {c['read']} | {c['tables']} | {c['coefficients']:,} | "
                f"{c['contradictions']} | {c['true']} | {c['false']} | {c['cannot be told']} | "
                f"{c['documents with a false one']} ({_share(c['documents with a false one'], c['read'])}) | "
                f"{f'{found} of {told} ({_share(found, told)})' if told else '-'} |"
            )
    return [*lines, ""]


def _planted_totals(figures: Mapping[str, object]) -> tuple[int, int]:
    planted: Mapping[str, Mapping[str, list[int]]] = figures["planted"]  # type: ignore[assignment]
    each = [one for kinds in planted.values() for one in kinds.values()]
    return sum(one[1] for one in each), sum(one[2] for one in each)


def figure_lines(figures: Mapping[str, Mapping[str, object]]) -> list[str]:
    """Set the figures of each set by kind as Markdown; ``summary_lines`` has the totals."""
    lines = list[str]()
    for half in TITLES:
        if half not in figures:
            continue
        kinds: Mapping[str, Mapping[str, float]] = figures[half]["kinds"]  # type: ignore[assignment]
        names = list(next(iter(kinds.values())))
        lines += [f"### {TITLES[half]}", "", f"| kind | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
        lines += [f"| {kind} | {' | '.join(f'{one[n]:,}' for n in names)} |" for kind, one in kinds.items()]
        lines.append("")
        planted: Mapping[str, Mapping[str, list[int]]] = figures[half]["planted"]  # type: ignore[assignment]
        if planted:
            shown = [kind for kind in kinds if any(kind in one for one in planted.values())]
            lines += ["Planted errors that can be told, and those found:", "", f"| error | {' | '.join(shown)} | all |"]
            lines.append("|---" * (len(shown) + 2) + "|")
            for error, one in planted.items():
                cells = [one.get(kind, [0, 0, 0]) for kind in shown]
                total = [sum(c[i] for c in cells) for i in range(3)]
                lines.append(f"| {error} | {' | '.join(f'{c[2]} of {c[1]}' for c in [*cells, total])} |")
            lines.append("")
    return lines


def filled(page: str, lines: Sequence[str]) -> str:
    """Return a page with new text between its markers. Raises `ValueError` if it has no markers."""
    before, start, rest = page.partition(START)
    _, end, after = rest.partition(END)
    if not start or not end:
        raise ValueError(f"the page has no {START} and {END}")
    return "\n".join([before + START, "", *lines]) + END + after


def passes(figures: Mapping[str, object]) -> bool:
    """Return whether a half has every contradiction judged, few false ones, and most planted errors found."""
    c: Mapping[str, float] = figures["all"]  # type: ignore[assignment]
    told, found = _planted_totals(figures)
    right = not c["not judged"] and c["documents with a false one"] <= MOST_FALSE * c["read"]
    return right and found >= LEAST_FOUND * told


def said_lines(results: Sequence[Result], judged: Mapping[str, Verdict]) -> list[str]:
    """List every contradiction and every document that was not read to the end."""
    lines = []
    for result in results:
        where = f"{result.item.repository}\t{result.item.path}"
        if result.problem:
            lines.append(f"-\t{where}\t{result.problem}")
        for one in result.said:
            if one.grade == "contradiction":
                verdict = judged[one.hash].verdict if one.hash in judged else "not judged"
                lines.append(f"{one.hash}\t{where}\t{verdict}\t{one.check}\t{one.table}\t{one.where}\t{one.sentence}")
    return lines


def report(half: str, figures: Mapping[str, object], results: Sequence[Result]) -> str:
    """Say in the terminal how a half came out."""
    c: Mapping[str, float] = figures["all"]  # type: ignore[assignment]
    told, found = _planted_totals(figures)
    lines = [f"{half}: " + ", ".join(f"{name} {value:,}" for name, value in c.items())]
    share = _share(c["documents with a false one"], c["read"])
    lines.append(f"{half}: {c['false']} false contradictions, in {share} of the documents read")
    lines.append(f"{half}: {c['not judged']} contradictions not judged")
    if told:
        lines.append(f"{half}: {found} of {told} planted errors found ({_share(found, told)})")
    lines += [f"  {r.item.repository} {r.item.path}: {r.problem}" for r in results if r.problem]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the corpus, or one of its three sets."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--mirrors", type=Path, required=True)
    parser.add_argument("--half", choices=HALVES)
    parser.add_argument("--plant", type=int, nargs="?", const=-1, metavar="N", help="plant errors, too, in N documents")
    parser.add_argument("--out", type=Path, help="folder of the pages")
    parser.add_argument("--said", type=Path, help="file for the contradictions")
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args(arguments)
    judged = verdicts()
    figures = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    plant = drawn(items(), None if given.plant == -1 else given.plant) if given.plant else set()
    good, said = True, []
    for half in [given.half] if given.half else HALVES:
        chosen = [item for item in items() if item.half == half]
        results = measured(given.mirrors, chosen, plant=plant, workers=given.workers)
        new = counted(results, judged)
        if not given.plant and half in figures:
            new["planted"] = figures[half]["planted"]
        figures[half] = new
        good &= passes(new)
        said += said_lines(results, judged)
        print(report(half, new, results), flush=True)
    if given.said:
        given.said.write_text("\n".join(said) + "\n", encoding="utf-8")
    if given.out:
        FIGURES.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
        for name, lines in (("table_audit", summary_lines(figures)), ("table_audit_figures", figure_lines(figures))):
            page = given.out / f"{name}.md"
            page.write_text(filled(page.read_text(encoding="utf-8"), lines), encoding="utf-8")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
