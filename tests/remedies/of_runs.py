"""Remedies of runs of a study, of what is asked of a finished one, and of what writes a study."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import polars as pl

from integrade.errors import UsageError
from integrade.estimate.linear import Fit
from integrade.integration import relative_price
from integrade.study.asked import _check_result as check_result
from integrade.study.asked import named_file
from integrade.study.audit import audit_study
from integrade.study.data.accounts import _accounts as accounts
from integrade.study.loaded import load_run
from integrade.study.seals import print_of, sealed, unsealed
from integrade.study.steps import Step, perform
from integrade.study.template_parts import write_kind
from integrade.subjects.instruments.question import _build as build_instrument
from integrade.subjects.instruments.question import _columns as instrument_columns
from integrade.subjects.versions.question import _other as other
from integrade.subjects.versions.question import _rows as rows_of
from remedies.frame import Call, Case, Cases, Follow, command, done, given, meant
from remedies.of_study import BASE, INDEX, put
from remedies.of_study import ROOT as RAW
from remedies.tables import FOLDER, PANEL, PRICES, F, csv

CASES = Cases()
refused = CASES.refused
OWN = """title = "t"

[panel]
files = ["panel.csv"]

[regression]
formula = "y ~ m + m^2 + x | firm + year"
cluster = "region"

[report]
formats = ["md"]
"""


def written(text: str, *tables: str) -> Path:
    """A new folder with a study file and some of the raw tables."""
    root = Path(mkdtemp(dir=FOLDER)) / "study"
    root.mkdir()
    (root / "study.toml").write_text(text, encoding="utf-8")
    for name in tables:
        shutil.copy(RAW / name, root / name)
    return root


@cache
def fresh() -> Path:
    """A study of a panel that has not run."""
    root = written(OWN)
    PANEL.write_csv(root / "panel.csv")
    return root


@cache
def stopped() -> Path:
    """The same, which stopped before its models."""
    root = Path(shutil.copytree(fresh(), Path(mkdtemp(dir=FOLDER)) / "study"))
    command("run", str(root), "--to", "panel")
    return root


@cache
def finished() -> Path:
    """The same, finished."""
    root = Path(shutil.copytree(fresh(), Path(mkdtemp(dir=FOLDER)) / "study"))
    command("run", str(root))
    return root


@cache
def damaged() -> Path:
    """The same, whose results hold something else."""
    root = Path(shutil.copytree(finished(), Path(mkdtemp(dir=FOLDER)) / "study"))
    for file in root.glob("runs/*/tables/results.json"):
        file.write_text('{"other": 1}', encoding="utf-8")
    return root


@cache
def of_another_version() -> Path:
    """The same, whose results are as they were written, by another version."""
    root = Path(shutil.copytree(damaged(), Path(mkdtemp(dir=FOLDER)) / "study"))
    for file in root.glob("runs/*/manifest.json"):
        known = unsealed(file.read_bytes())
        known["outputs"]["tables/results.json"] = print_of(file.parent / "tables" / "results.json")
        file.write_text(json.dumps(sealed(known)), encoding="utf-8")
    return root


@cache
def index() -> Path:
    """A study of an index alone."""
    return written(INDEX + '\n[report]\nformats = ["md"]\n', "prices.csv")


def session(study: Callable[[], Path], *calls: tuple[str, ...]) -> None:
    """Commands one after the other in a copy of a study; STUDY stands for its folder."""
    root = Path(shutil.copytree(study(), Path(mkdtemp(dir=FOLDER)) / "study"))
    for words in calls:
        command(*(word.replace("STUDY", str(root)) for word in words))


def printed(remedy: str) -> tuple[str, ...]:
    """The first command that a remedy prints, with STUDY for the folder."""
    found = re.search(r"integrade ((?:[^\s,;]+ ?)+)", re.sub(r"/\S*/study\b", "STUDY", remedy))
    assert found, remedy
    return tuple(found[1].split())


def before(call: Call, error: Any) -> list[Call]:
    """The command that the remedy prints, and then the call again."""
    return [call.with_args(call.args[0], printed(error.remedy), *call.args[1:])]


def case(name: str, code: str, study: Callable[[], Path], words: str, then: Follow, *, later: str = "") -> None:
    """One more case of a command about a study."""
    CASES.append(Case(f"run: {name}", code, Call(session, (study, tuple(words.split()))), then, later))


def words(wrong: str) -> Follow:
    """The name that was meant, in the last command."""
    return lambda call, error: [one.with_args(one.args[0], *one.args[1:]) for one in meant(wrong)(call, error)]


OUT = "--out " + str(FOLDER / "exported")
case("explain one that stopped", "U104", stopped, "explain H1 STUDY", before)
case("export one that stopped", "U104", stopped, f"export STUDY {OUT}", before)
case("report of one that stopped", "U104", stopped, "report STUDY --format md", before)
case("show one that never ran", "U104", fresh, "show panel STUDY", before)
case("difference of one that never ran", "U104", fresh, "diff latest latest STUDY", before)
case("difference of a run misspelt", "U104", finished, "diff latst latest STUDY", meant("latst"))
case(
    "difference in a folder misspelt",
    "U104",
    finished,
    "diff latest latest STUDYY",
    done("did you mean 'study'", lambda c: c.spelt("STUDYY", "STUDY")),
)
case("show damaged results", "D208", damaged, "show table4 STUDY", before)
case("verify damaged results", "D208", damaged, "status STUDY --verify", before)
case("show results of another version", "D208", of_another_version, "show table4 STUDY", before)
case("step misspelt", "U101", fresh, "run STUDY --dry-run --force benchmrk", meant("benchmrk"))


def steps(call: Call, error: Any) -> list[Call]:
    """Each step that the remedy names in place of the one that was forced, and where it says to stop."""
    names, _, to = error.remedy.removeprefix("--force one of ").partition(", or ")
    line = call.args[1]
    at = line.index("--force") + 1
    found = [call.with_args(call.args[0], (*line[:at], name, *line[at + 1 :])) for name in names.split(", ")]
    return [*found, *([call.with_args(call.args[0], (*line[:3], *to.split(), *line[at - 1 :]))] if to else [])]


case("step that the study does not ask for", "U100", fresh, "run STUDY --dry-run --force lags", steps)
case("step beyond the end", "U100", fresh, "run STUDY --dry-run --to panel --force benchmark", steps)
case(
    "no step at once",
    "U100",
    fresh,
    "run STUDY --dry-run --jobs 0",
    lambda c, e: [c.with_args(c.args[0], (*c.args[1][:-1], e.remedy.split()[1]))],
)


def sections(call: Call, error: Any) -> list[Call]:
    """The sections that the remedy says are to be added, and the step at which it says to stop."""
    assert "[customs] with files = [...] and [quality] with sigma" in error.remedy
    to = error.remedy.rpartition("--to ")[2]
    more = '\n[customs]\nfiles = ["customs.csv"]\n\n[quality]\nsigma = 5\n'
    whole = lambda: written(INDEX + more, "prices.csv", "customs.csv")  # noqa: E731
    return [call.with_args(index, ("run", "STUDY", "--dry-run", "--to", to)), call.with_args(whole, *call.args[1:])]


case("step without its tables", "U100", index, "run STUDY --dry-run --to quality", sections)


# a finished run in Python
def loaded(change: Callable[[Any], Any], study: Callable[[], Path] = finished, *first: tuple[str, ...]) -> Any:
    """What is asked of a finished run."""
    root = Path(shutil.copytree(study(), Path(mkdtemp(dir=FOLDER)) / "study"))
    for line in first:
        command(*(word.replace("STUDY", str(root)) for word in line))
    return change(load_run(root))


def rows(name: str) -> Any:
    """A table of a finished run."""
    return loaded(lambda run: run.rows(name))


def regression(name: str) -> Any:
    """A regression of a finished run."""
    return loaded(lambda run: run.fit(name))


def added(formula: str, name: str, *, finished_fit: bool = False, **options: Any) -> Any:
    """A finished run with a regression of one's own."""

    def change(run: Any) -> Any:
        own = run.fit("benchmark.1") if finished_fit else formula
        return run.add(own, name, Fit(**options) if options else None)

    return loaded(change)


refused("run: table misspelt", "U104", rows, "panl", then=meant("panl"))
refused("run: regression misspelt", "U101", regression, "benchmrk.1", then=meant("benchmrk.1"))
refused("run: name taken", "U100", added, F, "benchmark.1", then=done("another name", lambda c: c.with_args(F, "mine")))
refused(
    "run: options of a finished fit",
    "U100",
    added,
    F,
    "mine",
    finished_fit=True,
    vcov="iid",
    then=done("give its formula, or leave options out", lambda c: [c.without("finished_fit"), c.without("vcov")]),
)


def results(*first: tuple[str, ...]) -> Any:
    """The results of a run that was damaged."""
    return loaded(lambda run: run.results, damaged, *first)


refused("run: damaged", "D208", results, then=lambda c, e: [c.with_args(printed(e.remedy))])


def changing(*, whole: bool = False) -> None:
    """A step that reads a raw file, which changes meanwhile unless it is whole."""
    folder = Path(mkdtemp(dir=FOLDER))
    raw = folder / "raw.csv"
    raw.write_text("1", encoding="utf-8")
    read = lambda _, __: raw.write_text("12", encoding="utf-8") if not whole else None  # noqa: E731
    perform(Step("prices", (), None, (raw,), (), read), folder / "store", {})


refused(
    "run: raw file that changes",
    "D219",
    changing,
    then=done("run again when the file is whole", lambda c: c.with_options(whole=True)),
)


# audits
def audited(text: str) -> None:
    """An audit up to where the study runs."""
    (RAW / "study.toml").write_text(text, encoding="utf-8")
    with patch("integrade.study.variants.perform", side_effect=UsageError("the panel is made")):
        audit_study(RAW)


def asked(name: str, code: str, function: Callable[..., Any], text: str, then: Follow, **more: Any) -> None:
    """One more case of a study file."""
    CASES.append(Case(f"study: {name}", code, Call(function, (text,)), then, **more))


asked(
    "audit without a square",
    "U100",
    audited,
    put(BASE, "regression", "square", "false"),
    done("square = true in [regression]", lambda c: c.with_args(put(BASE, "regression", "square", "true"))),
    later="the panel is made",
)
asked(
    "audit of an index alone",
    "U100",
    audited,
    INDEX,
    done("[firms] beside [prices] and [customs]", lambda c: c.with_args(BASE)),
    later="the panel is made",
)


# what writes a study
def new(folder: Callable[[], Path], *more: str) -> None:
    """`integrade new` in a folder."""
    command("new", str(folder()), *more)


def nowhere() -> Path:
    """A folder that is not there yet."""
    return Path(mkdtemp(dir=FOLDER)) / "study"


def empty() -> Path:
    """A folder without a file."""
    return Path(mkdtemp(dir=FOLDER))


ELSEWHERE = done("another folder", lambda c: c.with_args(nowhere, *c.args[1:]))
FROM = str(written(BASE, "prices.csv", "firms.csv").parent)
(Path(FROM) / "study" / "study.toml").unlink()
refused("new where a study is", "U100", new, fresh, then=ELSEWHERE)
refused("new index where a study is", "U100", new, fresh, "--kind", "index", then=ELSEWHERE)
refused(
    "new index of the paper",
    "U100",
    new,
    nowhere,
    "--kind",
    "index",
    "--preset",
    "published",
    then=done("leave --kind out", lambda c: c.with_args(nowhere, "--preset", "published")),
)
refused("proposal where a study is", "U100", new, fresh, "--from", FROM, then=ELSEWHERE)
refused(
    "proposal from no folder",
    "U104",
    new,
    nowhere,
    "--from",
    FROM + "s",
    then=done("name a folder of raw files", lambda c: c.with_args(nowhere, "--from", FROM)),
)
refused(
    "proposal from an empty folder",
    "U104",
    new,
    nowhere,
    "--from",
    str(empty()),
    then=done(".csv", lambda c: c.with_args(nowhere, "--from", FROM)),
)
WITHOUT = done("leave", lambda c: c.with_args(nowhere, "--from", FROM))
refused("files of a kind of demo", "U100", new, nowhere, "--from", FROM, "--kind", "index", then=WITHOUT)
NO_PANEL = str(written(BASE, "prices.csv").parent)
(Path(NO_PANEL) / "study" / "study.toml").unlink()
refused("files of no panel", "U100", new, nowhere, "--from", NO_PANEL, "--kind", "panel", then=WITHOUT)
refused("kind of study misspelt", "U101", lambda kind: write_kind(nowhere(), kind), "indx", then=meant("indx"))


# flags of a regression
P = csv(PANEL, "of_runs.csv")
PRICED = csv(PRICES, "of_runs_prices.csv")
MEASURED = relative_price(PRICES).select("region", "year", m="integration")
INDEXED = csv(PANEL.drop("m").join(MEASURED, on=["region", "year"]), "of_runs_indexed.csv")
LISTED = csv(pl.DataFrame({"code": [f"R{i}" for i in range(8)], "group": ["a", "b"] * 4}), "of_runs_list.csv")
FEW = ("--permutations", "9")
fit = CASES.command


def flags(says: str, *more: str) -> Follow:
    """The flags that the remedy names, typed."""
    return done(says, lambda c: c.with_args(*c.args, *more))


M = "y ~ m + m^2 + x | firm + year"
fit(
    "list of groups without its file",
    "U100",
    "fit",
    P,
    M,
    "--how",
    "list",
    "--by",
    "region",
    *FEW,
    then=flags("add --group-list", "--group-list", LISTED),
)
fit("report on clusters without any", "U100", "fit", P, M, "--clusters", then=given())
fit(
    "flag of a lag of no year",
    "U100",
    "fit",
    P,
    M,
    "--lag-of",
    "m",
    then=flags("--lags 1 --lags 2", "--lags", "1", "--lags", "2"),
)
fit(
    "noise without prices",
    "U100",
    "fit",
    INDEXED,
    M,
    "--halves",
    "4",
    "--cluster",
    "region",
    then=flags("--prices", "--prices", PRICED),
)


# what a section of a question names
def columns(names: tuple[str, ...]) -> Any:
    """Columns of the panel as instruments."""
    made = SimpleNamespace(sample=PANEL, study=SimpleNamespace(regression=SimpleNamespace(outcome="y")), treatment="x")
    return instrument_columns(made, SimpleNamespace(columns=names, exclusion=""))


refused("instruments without columns", "U100", columns, (), then=done('columns = ["z"]', lambda c: c.with_args(("z",))))
refused("instrument misspelt", "U103", columns, ("z2s",), then=meant("z2s"))


def own_is_not_needed() -> Any:
    """A version that is a column has no use for the study's own panel."""
    raise AssertionError("asked for")


def version(column: str) -> Any:
    """A version of the index that is a column of the panel."""
    base = SimpleNamespace(study=SimpleNamespace(regression=SimpleNamespace(outcome="y", treatment="x")), panel=PANEL)
    return other(base, own_is_not_needed, "indices", SimpleNamespace(name="a", column=column))


refused("version misspelt", "U103", version, "mm", then=meant("mm"))
refused(
    "file of pairs misspelt",
    "U104",
    lambda name: named_file(FOLDER, name),
    "of_runs_lst.csv",
    then=meant("of_runs_lst.csv"),
)
refused(
    "accounts of none",
    "U100",
    lambda study: accounts(study),
    SimpleNamespace(firms=None),
    then=done("add [firms]", lambda c: c.with_args(SimpleNamespace(firms=1))),
)


@dataclass(frozen=True)
class Found:
    """What a question finds."""

    n: int


def promised(found: Any) -> None:
    """What a question of one's own returns, against its record."""
    check_result(SimpleNamespace(name="own", result=Found), found, "mine.py")  # type: ignore[arg-type]


refused(
    "question returns another type",
    "U106",
    promised,
    "9",
    then=done("the type declared in result=", lambda c: c.with_args(Found(9))),
)


def terrain(**named: str) -> Any:
    """An instrument made from traits of regions and a series."""
    files = {"trait": None, "series": None, "trait_column": None, "series_column": None} | named
    section = SimpleNamespace(builder="terrain", **files)
    return build_instrument(SimpleNamespace(root=FOLDER, treatment="x"), section)


(FOLDER / "raw").mkdir(exist_ok=True)
csv(pl.DataFrame({"region": ["a"], "value": [1.0]}), "raw/trait.csv")
csv(pl.DataFrame({"year": [2004], "value": [1.0]}), "raw/series.csv")
refused("terrain without a trait", "U100", terrain, series="raw/series.csv", then=given())


def sample(where: str | None) -> Any:
    """The rows of a sample of a study."""
    return rows_of(SimpleNamespace(panel=PANEL), SimpleNamespace(where=where, without_regions=()))


refused(
    "sample of no row",
    "D205",
    sample,
    "year > 2050",
    then=done("correct where, or leave the sample out", lambda c: [c.with_args("year > 2001"), c.with_args(None)]),
)
