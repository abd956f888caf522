"""Kills, damage, full disks, runs at once, clocks that jump, inputs that are replaced: and the next run is right.

    python tests/torture/campaign.py --kills 200 --damage 400 --seed 7
    python tests/torture/campaign.py --small --times 20

``--small``: the same faults of the same store with steps that take milliseconds, where a fault costs a thousandth.
Every fault is followed by an undisturbed run. What counts as lost: a run that does not end well, a traceback, results
that differ from the undisturbed ones in any digit, a table of other bytes, a stored step that is not as its seal says.
Children are forked from a process that has imported the program, and used no thread yet, so that a fault costs a run
and no import.
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import importlib
import json
import math
import os
import pkgutil
import random
import re
import resource
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import integrade.cli
from integrade.engine.system import refusal_of
from integrade.errors import IntegradeError
from integrade.report.whole_file import write_bytes
from integrade.study.finished import finished_runs
from integrade.study.leases import WORK, clear_leavings, leased
from integrade.study.performing import perform_all
from integrade.study.progress import Watch
from integrade.study.seals import damage
from integrade.study.steps import Step
from rawcells.stopping import wait_where_stopped, watch_for_stops

KINDS = ("kills", "stops", "damage", "full", "at_once", "clocks", "replaced")
USUAL = {"kills": 200, "stops": 100, "damage": 400, "full": 150, "at_once": 50, "clocks": 50, "replaced": 50}
LONGEST = 300.0
"""Seconds after which a run counts as hung."""
WHOLE = 0.2
"""The share of runs that print their report, which takes most of the time."""
STEPS = ("prices", "integration", "quality", "accounts", "panel", "benchmark", "models")


@dataclass
class Child:
    """A forked run: its process, what it says, when it began."""

    process: int
    heard: Path
    began: float

    def wait(self, most: float = LONGEST) -> int:
        """Its exit code; that of a kill is negative. Raises `Lost` where it hangs."""
        until = time.monotonic() + most
        while time.monotonic() < until:
            found, status = os.waitpid(self.process, os.WNOHANG)
            if found:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.005)
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        raise Lost(f"a run hangs: {self.said()[-500:]}")

    def said(self) -> str:
        """All that it wrote."""
        return self.heard.read_text(encoding="utf-8", errors="replace")


class Lost(AssertionError):
    """What a campaign is to find."""


@dataclass
class Campaign:
    """A study in a folder, its undisturbed results, chance, and what was counted."""

    root: Path
    chance: random.Random
    usual: dict[str, Any] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    small: bool = False
    to: str = "report"
    seconds: float = 0.0
    slowest_stop: float = 0.0

    def start(self, *arguments: str, before: Callable[[], object] = lambda: None) -> Child:
        """``integrade ARGUMENTS`` in a child, after ``before`` was done there."""
        heard = self.root.parent / f"heard-{self.chance.randrange(10**9)}"
        sys.stdout.flush()
        process = os.fork()
        if process:
            return Child(process, heard, time.monotonic())
        code = 1
        try:
            stream = os.open(heard, os.O_WRONLY | os.O_CREAT)
            os.dup2(stream, 1)
            os.dup2(stream, 2)
            sys.argv = ["integrade", *arguments]
            before()
            if self.small:
                small_run(self.root, arguments)
                code = 0
            else:
                integrade.cli.main()
        except SystemExit as end:
            code = int(end.code or 0) if not isinstance(end.code, str) else 1
        except BaseException:
            os.write(2, traceback.format_exc().encode())
        finally:
            with suppress(OSError):
                sys.stdout.flush()  # an end without Python's own keeps back what was printed
            os._exit(code)

    def run(self, *options: str, before: Callable[[], object] = lambda: None) -> Child:
        """A run of the study."""
        return self.start("run", str(self.root), "--quiet", "--to", self.to, *options, before=before)

    def recover(self, usual: dict[str, Any] | None = None) -> None:
        """The next run ends well, its results are the usual ones, and what it stored is whole."""
        child = self.run()
        code = child.wait()
        if code or "Traceback" in child.said():
            raise Lost(f"the next run ended with {code}: {child.said()[-1500:]}")
        found = results(child)
        child.heard.unlink()
        if wrong := next(differences(found, self.usual if usual is None else usual), ""):
            raise Lost(f"other results: {wrong}")
        used = [p for p in stored(self.root) if self.to == "report" or not p.name.startswith("report-")]
        wrong = next((f"{p.name}: {w}" for p in used if (w := damage(p, "full"))), "")
        if wrong:
            raise Lost(f"a stored step is damaged: {wrong}")

    def forget(self) -> None:
        """Some steps are no longer stored, so that the next run has something to do."""
        (self.root / ".integrade" / "unchanged.json").unlink(missing_ok=True)
        for folder in stored(self.root):
            if self.chance.random() < 0.4:
                shutil.rmtree(folder)

    def moment(self) -> float:
        """A moment of a run."""
        return self.chance.uniform(0, 1.1 * self.seconds)


def stored(root: Path) -> list[Path]:
    """The folders of finished steps."""
    return sorted(p for p in (root / ".integrade").glob("[a-z]*-*") if p.is_dir())


def works(root: Path) -> set[Path]:
    """The folders that runs fill, or that killed ones left."""
    return set(root.rglob(f".*{WORK}"))


def results(run: Child) -> dict[str, Any]:
    """What a run that ended found: the numbers of its results, and a hash of each of its tables."""
    line = next(line for line in run.said().splitlines() if line.startswith("Run folder"))
    tables = Path(line.removeprefix("Run folder").strip()) / "tables"
    found = json.loads((tables / "results.json").read_text(encoding="utf-8"))
    hashes = {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(tables.glob("*.parquet"))}
    return {"results": found, "tables": hashes}


def differences(a: Any, b: Any, place: str = "") -> Iterator[str]:
    """What is not the same to the last digit, and what is there in one alone."""
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        for name in a:
            yield from differences(a[name], b[name], f"{place}.{name}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            yield from differences(x, y, f"{place}.{i}")
    elif type(a) is not type(b) or a != b:
        yield f"{place}: {a!r:.60} and {b!r:.60}"


# the faults: each changes the study or a run of it, and returns what it did
def kills(c: Campaign) -> str:
    """A run killed at any moment."""
    c.forget()
    child = c.run("--jobs", c.chance.choice("12"))
    time.sleep(c.moment())
    os.kill(child.process, signal.SIGKILL)
    return "killed" if child.wait() == -signal.SIGKILL else "had ended"


def stops(c: Campaign) -> str:
    """A run stopped as a user or a system does, which says so and leaves no work."""
    c.forget()
    before = works(c.root)
    child = c.run("--jobs", c.chance.choice("12"))
    time.sleep(c.moment())
    number = c.chance.choice((signal.SIGINT, signal.SIGTERM))
    began = time.monotonic()
    os.kill(child.process, number)
    code = child.wait()
    if code == 0:
        return "had ended"
    c.slowest_stop = max(c.slowest_stop, time.monotonic() - began)
    if code == -number:
        return "before it could say so"
    if code != 128 + number or "stopped; " not in child.said() or "Traceback" in child.said():
        raise Lost(f"stopped with {code}: {child.said()[-800:]}")
    if left := works(c.root) - before:
        raise Lost(f"stopped, and leaves {left}")
    return "stopped"


def damages(c: Campaign) -> str:
    """A file of the store or of a run with a bit flipped, cut, emptied, overwritten or gone."""
    inner = [p for part in (".integrade", "runs") for p in (c.root / part).rglob("*") if p.is_file()]
    files = sorted(p for p in inner if "report" not in p.relative_to(c.root).parts[2:-1])
    file = c.chance.choice(files)
    how = c.chance.choice(("flip", "flip", "cut", "cut", "empty", "zeros", "noise", "gone"))
    spoil(file, how, c.chance)
    reader = c.chance.choice(("status", "show panel", "show table1", "explain H1", "diff latest latest", ""))
    if reader and not c.small:
        words = [*reader.split(), str(c.root)]
        child = c.start(*words)
        if child.wait() not in (0, 1, 2) or "Traceback" in child.said():
            raise Lost(f"{reader} after {how} of {file}: {child.said()[-1500:]}")
        child.heard.unlink()
    return how


def spoil(file: Path, how: str, chance: random.Random) -> None:
    """Damage a file; half of the times its time of change stays."""
    content, state = bytearray(file.read_bytes()), file.stat()
    if how == "gone":
        file.unlink()
        return
    at = chance.randrange(len(content)) if content else 0
    if how == "flip" and content:
        content[at] ^= 1 << chance.randrange(8)
    elif how == "cut":
        content = content[:at]
    elif how == "zeros":
        content = bytearray(len(content))
    elif how == "noise":
        content[at : at + 64] = chance.randbytes(64)
    else:
        content = bytearray()
    file.write_bytes(content)
    if chance.random() < 0.5:
        os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))


def full(c: Campaign) -> str:
    """A disk that is full from some write on: for what Python opens and renames, or for large files."""
    c.forget()
    native = c.chance.random() < 0.4 and not c.small
    after, most = c.chance.randrange(1, 40 if c.small else 120), c.chance.choice((0, 100, 1000, 4096, 20_000))

    def before() -> None:
        if native:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, resource.RLIM_INFINITY))
        else:
            fill_disk(c.root, after)

    child = c.run("--jobs", c.chance.choice("12"), before=before)
    code, said = child.wait(), child.said()
    told = "by a traceback" if "Traceback" in said else "by a code" if code else "not met"
    return f"{'files that may not grow' if native else 'no space'}: {told}"


def fill_disk(root: Path, after: int) -> None:
    """From the write of this number on nothing can be written under a folder."""
    left = [after]

    def hook(event: str, given: tuple[Any, ...]) -> None:
        if event not in ("open", "os.mkdir", "os.rename", "shutil.copyfile"):
            return
        path = given[1] if event in ("os.rename", "shutil.copyfile") else given[0]
        writes = event != "open" or bool((given[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
        if writes and isinstance(path, str | os.PathLike) and str(path).startswith(str(root)):
            left[0] -= 1
            if left[0] < 0:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    sys.addaudithook(hook)


def at_once(c: Campaign) -> str:
    """Two to four runs of one study at the same time; one of them may be made to run a step again."""
    c.forget()
    if c.chance.random() < 0.3 and stored(c.root):
        [*files] = (p for p in c.chance.choice(stored(c.root)).rglob("*") if p.is_file())
        spoil(c.chance.choice(files), "flip", c.chance)
    children = []
    for _ in range(c.chance.choice((2, 3, 4))):
        forced = ("--force", c.chance.choice(STEPS)) if c.chance.random() < 0.3 else ()
        children.append(c.run("--jobs", c.chance.choice("12"), *forced))
        time.sleep(c.chance.choice((0, 0, c.moment() / 4)))
    codes = [child.wait() for child in children]
    said = "\n".join(child.said() for child in children)
    if any(codes) or "Traceback" in said:
        raise Lost(f"runs at once ended with {codes}: {said[-2500:]}")
    return f"{len(children)} at once"


def clocks(c: Campaign) -> str:
    """A run whose clock jumps by up to ten years, sometimes killed; files of the store from the past or the future."""
    c.forget()
    jump, at = c.chance.uniform(-3e8, 3e8), c.moment()
    for folder in stored(c.root):
        if c.chance.random() < 0.3:
            when = time.time() + c.chance.uniform(-3e8, 3e8)
            for file in folder.iterdir():
                os.utime(file, (when, when))

    def before() -> None:
        began, now, now_ns = time.monotonic(), time.time, time.time_ns
        later = lambda: jump if time.monotonic() - began > at else 0.0  # noqa: E731
        time.time = lambda: now() + later()  # type: ignore[assignment]
        time.time_ns = lambda: now_ns() + int(later() * 1e9)  # type: ignore[assignment]

    child = c.run("--jobs", c.chance.choice("12"), before=before)
    if c.chance.random() < 0.3:
        time.sleep(c.moment())
        os.kill(child.process, signal.SIGKILL)
        child.wait()
        return "jumped and killed"
    if child.wait() or "Traceback" in child.said():
        raise Lost(f"a clock that jumps: {child.said()[-1500:]}")
    return "jumped"


def replaced(c: Campaign) -> str:
    """A raw file replaced by another version, and back, while a run reads it: what is stored is of what was read."""
    c.forget()
    shutil.rmtree(next(iter((c.root / ".integrade").glob("accounts-*")), c.root / "none"), ignore_errors=True)
    file = c.root / "raw" / "rd.csv"
    state, own = file.stat(), file.read_bytes()
    other = re.sub(rb"[0-8](?=\r?\n)", b"9", own)
    child = c.run("--jobs", c.chance.choice("12"))
    time.sleep(c.moment() / 3)
    in_place = c.chance.random() < 0.5
    for content in (other, own) if c.chance.random() < 0.7 else (own,):
        target = file if in_place else file.with_name(f"{file.name}.new")
        target.write_bytes(content)
        os.utime(target, ns=(state.st_atime_ns, state.st_mtime_ns))
        if not in_place:
            os.replace(target, file)
        time.sleep(c.moment() / 10)
    code = child.wait()
    if code not in (0, 1) or "Traceback" in child.said() or (code and "D2" not in child.said()):
        raise Lost(f"a raw file that is replaced: {child.said()[-1500:]}")
    return "refused" if "D219" in child.said() else "another refusal" if code else "not met"


FAULTS: dict[str, Callable[[Campaign], str]] = {
    "kills": kills,
    "stops": stops,
    "damage": damages,
    "full": full,
    "at_once": at_once,
    "clocks": clocks,
    "replaced": replaced,
}


# the same with small steps
def small_steps(root: Path) -> list[Step]:
    """Steps of a study that write what follows from a raw file, in a few milliseconds each."""

    def step(name: str, *needs: str, files: tuple[Path, ...] = ()) -> Step:
        def write(out: Path, done: dict[str, Path]) -> None:
            known = [(folder / "tables" / "numbers.json").read_bytes() for _, folder in sorted(done.items())]
            digest = hashlib.sha256(name.encode() + b"".join([*known, *(f.read_bytes() for f in files)]))
            (out / "tables").mkdir()
            for i in range(4):
                time.sleep(0.001)
                (out / f"{i}.bin").write_bytes(digest.digest() * 1000)
            (out / "tables" / "numbers.json").write_text(json.dumps({"found": list(digest.digest())}))

        return Step(name, needs, None, files, (), write)

    raw = root / "raw" / "rd.csv"
    data = [step("prices", files=(raw,)), step("quality"), step("accounts", files=(raw,))]
    joined = [step("integration", "prices"), step("panel", "integration", "quality", "accounts")]
    return [*data, *joined, step("benchmark", "panel"), step("models", "benchmark", "panel", files=(raw,))]


def small_run(root: Path, arguments: tuple[str, ...]) -> None:
    """What `integrade run` does with the steps of a study and the folder of a run."""
    watch_for_stops()
    store, given = root / ".integrade", dict(pairwise(arguments))
    looked = {folder: clear_leavings(folder) for folder in (store, root / "runs")}
    quiet = Watch(lambda _: None, lambda _: None)
    try:
        done = perform_all(
            small_steps(root), store, quiet, jobs=int(given.get("--jobs", "1")), force=given.get("--force")
        )
        folder = root / "runs" / "0"
        if not (folder / "tables" / "results.json").exists():
            with leased("run", root / "runs") as work, suppress(OSError):
                shutil.copytree(done["models"].folder / "tables", work / "tables")
                (work / "tables" / "numbers.json").rename(work / "tables" / "results.json")
                os.replace(work, folder)
        copy = folder / "tables" / "results.json"
        made = done["models"].folder / "tables" / "numbers.json"
        if not copy.exists() or copy.read_bytes() != made.read_bytes():
            write_bytes(copy, made.read_bytes())
        for parent, before in looked.items():
            clear_leavings(parent, before)
        print(f"Run folder  {folder}")
    except Exception as problem:
        told = refusal_of(problem) or problem
        if not isinstance(told, IntegradeError):
            raise
        print(told)
        sys.exit(told.exit_code)
    finally:
        wait_where_stopped()


def imported() -> None:
    """All of the program, so that a fork has it."""
    for module in pkgutil.walk_packages(integrade.__path__, "integrade."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def prepared(folder: Path, seed: int, *, small: bool = False) -> Campaign:
    """A small study with every room and its undisturbed results."""
    root = folder / "study"
    c = Campaign(root, random.Random(seed), small=small)
    if small:
        (root / "raw").mkdir(parents=True)
        (root / "raw" / "rd.csv").write_text("".join(f"{i},{i % 7}\n" for i in range(2000)), encoding="utf-8")
        return undisturbed(c)
    if (child := c.start("new", str(root))).wait():  # in a child, as threads of Polars do not survive a fork
        raise Lost(child.said())
    text = (root / "study.toml").read_text(encoding="utf-8")
    kept = text[: text.index("# The sections below are optional")]
    (root / "study.toml").write_text(f'{kept}[report]\nformats = ["md"]\n', encoding="utf-8")
    return undisturbed(c)


def undisturbed(c: Campaign) -> Campaign:
    """With the results of a run and how long it takes."""
    for _ in range(2 if c.small else 1):  # the first one imports what it needs
        for folder in stored(c.root):
            shutil.rmtree(folder)
        began = time.monotonic()
        child = c.run()
        if child.wait():
            raise Lost(child.said())
        c.seconds, c.usual = time.monotonic() - began, results(child)
    return c


def campaign(c: Campaign, numbers: dict[str, int], tell: Callable[[str], object] = print) -> None:
    """The faults of each kind, mixed, each followed by an undisturbed run; what is lost is kept and told."""
    order = [kind for kind, n in numbers.items() for _ in range(n)]
    c.chance.shuffle(order)
    for i, kind in enumerate(order, start=1):
        c.to = "report" if c.chance.random() < WHOLE and not c.small else "models"
        try:
            c.counts[f"{kind}: {FAULTS[kind](c)}"] += 1
            c.recover()
        except Lost as wrong:
            c.lost.append(f"{kind}, fault {i}: {wrong}")
            tell(f"LOST {c.lost[-1]}")
        for heard in c.root.parent.glob("heard-*"):
            heard.unlink()
        if i % 25 == 0:
            tell(f"{i} of {len(order)} faults, {len(c.lost)} lost")


def told(c: Campaign) -> str:
    """The counts of a campaign."""
    lines = [f"{n:>6} {what}" for what, n in sorted(c.counts.items())]
    left = works(c.root)
    return "\n".join(
        [
            *lines,
            f"{sum(c.counts.values()):>6} faults; {len(c.lost)} lost",
            f"slowest stop: {c.slowest_stop:.2f} s",
            f"finished runs: {len(finished_runs(c.root / 'runs'))}; folders of killed runs left: {len(left)}",
        ]
    )


def main() -> int:
    """The campaign of the command line; 1 where something is lost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for kind in KINDS:
        parser.add_argument(f"--{kind.replace('_', '-')}", type=int, default=USUAL[kind])
    parser.add_argument("--only", choices=KINDS, help="faults of this kind alone")
    parser.add_argument("--small", action="store_true", help="small steps in place of a study")
    parser.add_argument("--times", type=int, default=1, help="each number of faults as many times")
    parser.add_argument("--seed", type=int, default=15)
    parser.add_argument("--minutes", type=float, default=math.inf, help="no fault begins later")
    given = parser.parse_args()
    folder = Path(mkdtemp(prefix="torture-"))
    if not given.small:
        imported()
    c = prepared(folder, given.seed, small=given.small)
    numbers = {kind: given.times * getattr(given, kind) for kind in KINDS if given.only in (None, kind)}
    print(f"a run takes {c.seconds:.1f} s; {sum(numbers.values())} faults, seed {given.seed}", flush=True)
    until = time.monotonic() + 60 * given.minutes
    order = [kind for kind, n in numbers.items() for _ in range(n)]
    c.chance.shuffle(order)
    for kind in order:
        if time.monotonic() > until:
            break
        campaign(c, {kind: 1}, lambda text: print(text, flush=True))
        if (done := sum(c.counts.values())) % 25 == 0:
            print(f"{done} of {len(order)} faults, {len(c.lost)} lost", flush=True)
    print(told(c))
    if not c.lost:
        shutil.rmtree(folder)
    return 1 if c.lost else 0


if __name__ == "__main__":
    sys.exit(main())
