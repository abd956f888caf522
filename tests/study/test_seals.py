"""What is stored is compared with its hashes: damage is found where it is used, named and made again."""

from __future__ import annotations

import json
import os
import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from each import each
from integrade.cli import run
from integrade.errors import InputChanged, NotAFile
from integrade.sources.origins.addresses import address_of
from integrade.study import seals, steps
from integrade.study.finished import MANIFEST, latest_name, results_in
from integrade.study.performing import perform_all
from integrade.study.progress import Watch
from integrade.study.reading import read_draft
from integrade.study.run import Request, _complete, run_study
from integrade.study.runs import fits_in, status_of
from integrade.study.seals import SEAL, damage, other_majors, seal, sealed, unsealed, versions_here
from integrade.study.steps import Step, perform
from studies import run_folder

QUIET = Watch(lambda _: None, lambda _: None)


def counting(files: tuple[Path, ...] = (), during: Callable[[], object] = lambda: None) -> tuple[Step, list[int]]:
    """A step that writes two files, and how often it ran."""
    ran: list[int] = []

    def write(out: Path, _: dict[str, Path]) -> None:
        ran.append(1)
        (out / "inner").mkdir()
        (out / "prices.csv").write_text("".join(f.read_text() for f in files) or "a,b\n1,2\n", encoding="utf-8")
        (out / "inner" / "numbers.bin").write_bytes(bytes(range(256)))
        during()

    return Step("prices", (), None, files, (), write), ran


def flip(path: Path, at: int, bit: int = 0) -> None:
    """One bit of a file turned; size and time of change as they were."""
    state, content = path.stat(), bytearray(path.read_bytes())
    content[at] ^= 1 << bit
    path.write_bytes(content)
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns))


@each("depth", ["fast", "full"])
@each("name", ["prices.csv", "inner/numbers.bin", "step.json", SEAL])
def test_a_flipped_bit_is_found_named_and_made_again(
    tmp_path: Path, name: str, depth: seals.Depth, caplog: pytest.LogCaptureFixture
) -> None:
    step, ran = counting()
    first = perform(step, tmp_path, {})
    before = {p: p.read_bytes() for p in first.folder.rglob("*") if p.is_file() and p.name != "took.json"}
    assert perform(step, tmp_path, {}, depth=depth).reason == "nothing changed"
    flip(first.folder / name, 2)
    again = perform(step, tmp_path, {}, depth=depth)
    assert (again.ran, len(ran), again.folder) == (True, 2, first.folder)
    assert name in again.reason
    assert name in caplog.text
    assert {p: p.read_bytes() for p in before} == before
    assert perform(step, tmp_path, {}).reason == "nothing changed"


@each("depth", ["sizes", "fast", "full"])
@each("how", ["copied over", "renamed"])
def test_the_outputs_of_another_step_are_not_believed(tmp_path: Path, how: str, depth: seals.Depth) -> None:
    """The folder of one step under the name of another: every byte is as its seal says, and it is another step's."""
    made: dict[str, Step] = {
        name: Step(name, (), None, (), (), lambda out, _, name=name: (out / "rows.csv").write_text(name))
        for name in ("prices", "quality")
    }
    prices, quality = (perform(step, tmp_path, {}).folder for step in made.values())
    if how == "renamed":
        shutil.rmtree(quality)
        prices.rename(quality)
    else:
        for file in prices.iterdir():
            shutil.copy2(file, quality / file.name)
    assert damage(quality, depth) == f"{SEAL} is of another step, {prices.name!r}"
    again = perform(made["quality"], tmp_path, {})
    assert again.ran
    assert (again.folder / "rows.csv").read_text() == "quality"
    assert damage(again.folder, depth) == ""


ADDED: dict[str, Callable[[Path], object]] = {
    "account.json": lambda p: p.write_text("[]"),
    "inner/more.csv": lambda p: p.write_text("a\n"),
    "inner/took.json": lambda p: p.write_text("{}"),
    "inner/pipe": os.mkfifo,
    "names.json": Path.mkdir,
    "deep/deeper/x": lambda p: (p.parent.mkdir(parents=True), p.write_text("x")),
}


@each("depth", ["sizes", "fast", "full"])
@each("name", ADDED)
def test_what_is_added_to_a_stored_step_is_named_and_removed(
    tmp_path: Path, name: str, depth: seals.Depth, caplog: pytest.LogCaptureFixture
) -> None:
    """Readers of a stored step look which files are there, so that a file from elsewhere would be believed."""
    step, ran = counting()
    folder = perform(step, tmp_path, {}).folder
    ADDED[name](folder / name)
    assert damage(folder, depth) == f"{name} was added"
    assert perform(step, tmp_path, {}, depth=depth).folder == folder
    assert f"{name} was added" in caplog.text
    assert not (folder / name).exists()
    assert (len(ran), damage(folder, depth), perform(step, tmp_path, {}).ran) == (2, "", False)


def test_an_empty_folder_that_a_step_makes_is_no_damage(tmp_path: Path) -> None:
    step = Step("prices", (), None, (), (), lambda out, _: (out / "tables").mkdir())
    assert damage(perform(step, tmp_path, {}).folder) == ""


def test_the_outputs_of_a_step_under_another_key_are_not_believed(tmp_path: Path) -> None:
    """Results of other parameters, copied over those of these."""
    first, second = (
        Step("prices", (), key, (), (), lambda out, _, key=key: (out / "rows.csv").write_text(key)) for key in "ab"
    )
    perform(second, tmp_path, {})
    folder = perform(first, tmp_path, {}).folder
    shutil.rmtree(folder)
    shutil.copytree(perform(second, tmp_path, {}).folder, folder)
    assert perform(first, tmp_path, {}).ran
    assert (folder / "rows.csv").read_text() == "a"


def test_a_store_can_be_copied_with_its_study(tmp_path: Path) -> None:
    step, ran = counting()
    perform(step, tmp_path / "store", {})
    shutil.copytree(tmp_path / "store", tmp_path / "elsewhere" / "store")
    assert perform(step, tmp_path / "elsewhere" / "store", {}).reason == "nothing changed"
    assert len(ran) == 1


@settings(deadline=None)
@given(data=st.data())
def test_no_change_of_a_sealed_folder_passes(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A cut, an altered byte, a file that is gone: of any file, the seal too."""
    folder = tmp_path_factory.mktemp("sealed") / "step-1"
    folder.mkdir()
    (folder / "a.json").write_text('{"estimate": 0.123}', encoding="utf-8")
    (folder / "b").write_bytes(b"")
    seal(folder, folder.name)
    assert damage(folder) == damage(folder, "full") == damage(folder, "sizes") == ""
    file = folder / data.draw(st.sampled_from(["a.json", SEAL]))
    content = file.read_bytes()
    at = data.draw(st.integers(0, len(content) - 1))
    how = data.draw(st.sampled_from(["cut", "altered", "gone"]))
    if how == "gone":
        file.unlink()
    else:
        other = data.draw(st.integers(0, 255).filter(lambda b: b != content[at]))
        file.write_bytes(content[:at] if how == "cut" else content[:at] + bytes([other]) + content[at + 1 :])
    assert damage(folder)
    assert damage(folder, "full")


@settings(deadline=None)
@given(st.dictionaries(st.text(max_size=5), st.lists(st.none() | st.floats(allow_nan=False) | st.text(max_size=5))))
def test_a_sealed_record_reads_back(record: dict[str, object]) -> None:
    record.pop(seals.OWN, None)
    assert unsealed(json.dumps(sealed(record)).encode()) == record


def test_a_step_that_two_runs_make_is_put_in_place_once(tmp_path: Path) -> None:
    """The first stands: who reads it meanwhile misses no file."""
    folders: list[int] = []

    def other() -> None:
        if not folders:
            folders.append(0)
            folders.append(perform(step, tmp_path, {}).folder.stat().st_ino)

    step, ran = counting(during=other)
    done = perform(step, tmp_path, {})
    assert len(ran) == 2
    assert done.folder.stat().st_ino == folders[1]
    assert damage(done.folder, "full") == ""
    assert [p.name for p in tmp_path.iterdir()] == [done.folder.name]


def test_what_is_made_again_never_leaves_the_folder_without_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files take the place of files, the seal last: a run killed between leaves what is found and made again."""
    step, ran = counting()
    folder = perform(step, tmp_path, {}).folder
    flip(folder / "prices.csv", 1)
    moved, names = os.replace, list[str]()

    def killed(source: Path, target: Path) -> None:
        if Path(target).parent.name.startswith("prices-"):
            names.append(Path(target).name)
            if len(names) == 2:
                raise KeyboardInterrupt
        moved(source, target)
        assert all((folder / name).is_file() for name in ("prices.csv", "step.json", SEAL, "inner/numbers.bin"))

    monkeypatch.setattr(steps.os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        perform(step, tmp_path, {})
    monkeypatch.undo()
    perform(step, tmp_path, {})
    assert damage(folder, "full") == ""
    assert len(ran) <= 3


# raw files that change while they are read
def _rewritten(file: Path) -> None:
    """Other bytes of the same length, with the same time of change."""
    state = file.stat()
    file.write_text(file.read_text()[::-1])
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))


def _replaced(file: Path) -> None:
    """Another file under the name."""
    other = file.with_suffix(".new")
    other.write_bytes(file.read_bytes())
    os.replace(other, file)


@pytest.mark.parametrize("change", [_rewritten, _replaced, Path.unlink])
def test_a_raw_file_that_changes_while_it_is_read_is_refused_and_nothing_is_stored(
    tmp_path: Path, change: Callable[[Path], object]
) -> None:
    raw, once = tmp_path / "raw.csv", list[int]()
    raw.write_text("1,2,3\n")

    def during() -> None:
        if not once:
            once.append(1)
            change(raw)

    step, _ = counting((raw,), during)
    with pytest.raises(InputChanged, match=r"raw\.csv was changed or replaced"):
        perform(step, tmp_path / "store", {})
    assert list((tmp_path / "store").iterdir()) == []
    raw.write_text("4,5,6\n")
    folder = perform(step, tmp_path / "store", {}).folder
    assert (folder / "prices.csv").read_text() == "4,5,6\n"


def test_a_raw_file_that_changes_between_two_steps_that_read_it_is_refused(tmp_path: Path) -> None:
    raw = tmp_path / "raw.csv"
    raw.write_text("1,2,3\n")
    read = lambda out, _: shutil.copy(raw, out / "seen")  # noqa: E731
    first = Step("prices", (), None, (raw,), (), read)
    change = Step("quality", (), None, (), (), lambda _, __: _rewritten(raw))
    last = Step("panel", ("prices", "quality"), None, (raw,), (), read)
    with pytest.raises(InputChanged):
        perform_all([first, change, last], tmp_path / "store", QUIET)


def test_tables_of_databases_on_this_machine_are_looked_at_too(tmp_path: Path) -> None:
    file = tmp_path / "data.sqlite"
    file.write_bytes(b"SQLite format 3\x00" + bytes(100))
    address = address_of(f"{file}#customs")
    assert address is not None
    step = Step("prices", (), None, (address,), (), lambda _, __: file.write_bytes(b"SQLite format 3\x00" + bytes(99)))
    with pytest.raises(InputChanged):
        perform(step, tmp_path / "store", {})


# which versions made what
def test_status_tells_steps_of_other_major_versions(short_study: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(short_study, tmp_path / "study"))
    [folder] = (root / ".integrade").glob("prices-*")
    record = unsealed((folder / SEAL).read_bytes())
    record["made_with"]["numpy"] = "1.26.4"
    (folder / SEAL).write_text(json.dumps(sealed(record)), encoding="utf-8")
    found = {s.name: s for s in status_of(root).steps}
    assert found["prices"].stored
    assert found["prices"].made_by == f"numpy 1.26.4 (here {versions_here()['numpy']})"
    assert "made by numpy 1.26.4" in str(status_of(root))
    assert found["quality"].made_by == ""
    done = run_study(root, Request(force="models"), tell=lambda _: None)
    assert done is not None
    manifest = json.loads((done.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["libraries"]["numpy"].startswith("1.26.4 (prices), ")
    assert any("numpy 1.26.4" in warning for warning in done.warnings)


def test_majors() -> None:
    assert other_majors({}) == other_majors(versions_here()) == ""
    assert other_majors({"python": versions_here()["python"], "scipy": "0.9", "gone": "3"}).startswith("scipy 0.9 (")


NOT_VERSIONED = {
    *("olefile", "xlsxwriter", "python-docx", "typst", "fonttools", "anyascii"),  # write what is printed
    *("fluent.runtime", "pycountry"),  # words and names
    *("lxml", "markdown-it-py", "pylatexenc", "pypdfium2", "striprtf"),  # read printed tables, of no study
    *("pydantic", "cyclopts", "rich"),  # read the call and the study file
}


def test_every_library_that_computes_or_reads_numbers_stands_in_a_seal() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [one for name in ("spark", "sql", "match", "delta") for one in project["optional-dependencies"][name]]
    named = {re.split(r"[\[><=]", one)[0] for one in (*project["dependencies"], *extras)}
    assert named - {*seals.VERSIONED} == NOT_VERSIONED
    assert {"numba", "llvmlite", "pyarrow"} <= versions_here().keys()


def test_a_library_that_is_not_installed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "VERSIONED", ("numpy", "no such library"))
    assert seals.versions_here.__wrapped__().keys() == {"integrade", "python", "numpy"}


# files of a study's store and of its runs
def _words(command: str, root: Path) -> list[str]:
    return [word.replace("STUDY", str(root)) for word in command.split()]


READERS = ("status STUDY", "show panel STUDY", "show table1 STUDY", "explain H1 STUDY", "diff latest latest STUDY")
DAMAGED = {
    ".integrade/models-*/results.json": "digit",
    ".integrade/benchmark-*/outputs.json": "cut",
    ".integrade/prices-*/step.json": "zeros",
    ".integrade/panel-*/took.json": "empty",
    ".integrade/panel-*/panel.parquet": "zeros",
    "runs/latest": "zeros",
    "runs/*/manifest.json": "digit",
    "runs/*/account.txt": "gone",
    "runs/*/tables/results.json": "cut",
    "runs/*/tables/panel.parquet": "cut",
    "runs/*/tables/prices.parquet": "digit",
}
"""Files of a store and its runs with what happens to each."""


def spoil(file: Path, how: str) -> None:
    """Damage a file."""
    content = file.read_bytes()
    half = len(content) // 2
    if how == "gone":
        file.unlink()
    elif how == "digit":
        flip(file, half)
    else:
        file.write_bytes({"cut": content[:half], "empty": b"", "zeros": bytes(len(content))}[how])


def _fits(root: Path) -> dict[tuple[str, str], float]:
    found = fits_in(results_in(run_folder(root)))
    return {(place, c.term): c.estimate for place, fit in found for c in fit.coefficients}


def test_damage_of_any_file_is_coded_or_without_effect_and_a_run_mends_it(
    short_study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Path(shutil.copytree(short_study, tmp_path / "study"))
    assert run(["run", str(root), "--quiet"]) == 0  # the copy has other times
    name, before = latest_name(root / "runs"), _fits(root)
    tables = {p: pl.read_parquet(p) for p in run_folder(root).glob("tables/*.parquet")}
    (root / ".integrade" / "unchanged.json").write_text('{"asked": ', encoding="utf-8")
    for pattern, how in DAMAGED.items():
        [file] = root.glob(pattern)
        spoil(file, how)
        for command in READERS if "runs" in file.parts else READERS[:1]:
            code = run(_words(command, root))
            said = capsys.readouterr().err
            assert code in (0, 1, 2)
            assert code == 0 or said.startswith(("D208", "U104", "U101")), (command, file, said)
        assert run(["run", str(root), "--quiet"]) == 0, file
        assert latest_name(root / "runs") == name
        capsys.readouterr()
    assert all(step.stored for step in status_of(root, depth="full").steps)
    assert _fits(root) == pytest.approx(before, rel=0, abs=0, nan_ok=True), "the same bytes"
    for file, rows in tables.items():
        assert_frame_equal(pl.read_parquet(file), rows, check_exact=True)


def test_a_table_of_a_run_that_is_gone_is_named_and_made_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder, made = tmp_path / "run", tmp_path / "made"
    (made / "tables").mkdir(parents=True)
    (made / "tables" / "panel.csv").write_text("a,b\n1,2\n")
    (made / MANIFEST).write_text(json.dumps(sealed({"outputs": seals.prints_in(made)})))
    shutil.copytree(made, folder)
    (folder / "tables" / "panel.csv").unlink()
    _complete(folder, made, {})
    assert "tables/panel.csv of run run is damaged and is computed again: is gone" in caplog.text
    assert (folder / "tables" / "panel.csv").read_text() == "a,b\n1,2\n"


def test_verify_finds_what_size_and_times_hide(
    short_study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    root = Path(shutil.copytree(short_study, tmp_path / "study"))
    [file] = (root / ".integrade").glob("panel-*/panel.parquet")
    flip(file, 1000)
    assert run(["status", str(root)]) == 0
    assert "damaged" not in capsys.readouterr().out
    assert run(["status", str(root), "--verify"]) == 1
    said = capsys.readouterr()
    assert "panel        to run                     its stored result is damaged" in said.out
    assert "D208 1 file damaged in the store or in finished runs: step panel: panel.parquet" in said.err
    assert run(["run", str(root), "--verify", "--quiet"]) == 0
    assert "panel.parquet its content was changed after it was written" in caplog.text


def _copied_over(root: Path) -> str:
    """Another run's files, the manifest too, in the folder of a run."""
    folder = run_folder(root)
    folder.rename(folder.with_name("0123456789"))
    return f"run 0123456789: its files are those of run {folder.name!r}"


def _spoilt(pattern: str, how: str, said: str) -> Callable[[Path], str]:
    def harm(root: Path) -> str:
        [file] = root.glob(f"runs/*/{pattern}")
        spoil(file, how)
        return f"run {run_folder(root).name if file.name != MANIFEST else file.parent.name}: {said}"

    return harm


def _linked(root: Path) -> str:
    folder = run_folder(root)
    (folder / "tables").rename(root / "elsewhere")
    (folder / "tables").symlink_to(root / "elsewhere")
    return "is a link"


HARMED = {
    "bit": _spoilt(
        "tables/panel.parquet", "digit", "tables/panel.parquet its content was changed after it was written"
    ),
    "cut": _spoilt("tables/results.json", "cut", "tables/results.json has "),
    "gone": _spoilt("account.txt", "gone", "account.txt is gone"),
    "manifest": _spoilt("manifest.json", "digit", "manifest.json of run "),
    "no manifest": _spoilt("manifest.json", "gone", "manifest.json of run "),
    "of another run": _copied_over,
    "link": _linked,
}


@each("how", HARMED)
def test_verify_reads_finished_runs(
    short_study: Path, tmp_path: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    root = Path(shutil.copytree(short_study, tmp_path / "study"))
    said = HARMED[how](root)
    assert run(["status", str(root)]) == 0
    assert "damaged" not in capsys.readouterr().err
    assert run(["status", str(root), "--verify"]) == 1
    told = capsys.readouterr()
    assert said in told.out
    assert told.err.startswith("D208")


def test_verify_names_what_is_whole_and_what_was_added(
    short_study: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Notes in a run and an edited report are the user's."""
    root = Path(shutil.copytree(short_study, tmp_path / "study"))
    folder = run_folder(root)
    (folder / "tables" / "mine.csv").write_text("a\n1\n")
    (folder / "report" / "report.html").write_text("edited")
    assert run(["status", str(root), "--verify"]) == 0
    said = capsys.readouterr().out
    assert f"run {folder.name}: integrade did not write tables/mine.csv" in said
    assert "all tables of finished runs are unchanged" in said
    assert run(["status", str(root), "--verify", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verified"] == [
        {"name": folder.name, "damage": [], "extra": ["tables/mine.csv"]}
    ]


def test_verify_names_pipes_in_a_run(short_study: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(short_study, tmp_path / "study"))
    os.mkfifo(run_folder(root) / "tables" / "pipe")
    os.mkfifo(run_folder(root) / "report" / "pipe")
    [verified] = status_of(root, depth="full").verified
    assert verified.extra == ("report/pipe", "tables/pipe")


def test_a_study_file_that_links_to_itself_is_said_to_be_a_circle(tmp_path: Path) -> None:
    (tmp_path / "study.toml").symlink_to("study.toml")
    with pytest.raises(NotAFile, match="lead in a circle"):
        read_draft(tmp_path)


def test_status_and_latest_know_no_hidden_folder(short_study: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(short_study, tmp_path / "study"))
    for name in (".run-abc.work/made", ".run-old"):
        shutil.copytree(run_folder(short_study), root / "runs" / name)
    assert status_of(root).runs == (run_folder(short_study).name,)
    for wrong in ("", "../..", ".run-old", "\0", "a/b"):
        (root / "runs" / "latest").write_text(wrong, encoding="utf-8")
        assert latest_name(root / "runs") == ""
        assert run(["show", "panel", str(root)]) == 0
