"""What is stored may be made up by hand, with the right hash: every shape of JSON ends in the coded message."""

from __future__ import annotations

import contextlib
import copy
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import integrade as ig
from integrade.cli import run
from integrade.errors import Unreadable
from integrade.study.explain import explain
from integrade.study.finished import MANIFEST, RESULTS, manifest_of, results_in
from integrade.study.progress import expected
from integrade.study.reasons import STAMP, why_changed
from integrade.study.run import _known_outputs
from integrade.study.runs import diff_runs
from integrade.study.seals import SEAL, Print, damage, made_with, other_majors, print_of, seal, sealed, unsealed
from integrade.study.steps import TOOK, Step
from integrade.study.stored_results import results_from
from studies import run_folder

SLOW = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
TEXTS = st.text(max_size=6) | st.sampled_from(["../../etc/passwd", "/dev/zero", "a\0b", "", ".", "said", "seal"])
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.just(10**400)
JSON = st.recursive(VALUES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4))


def places(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where values stand in a value of JSON."""
    yield above
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from places(one, (*above, key))


@st.composite
def crafted(draw: Callable[..., Any], whole: Any) -> Any:
    """Any value of JSON, or a whole record with one value exchanged or left out."""
    if draw(st.integers(0, 4)) == 0:
        return draw(JSON)
    made = copy.deepcopy(whole)
    *above, last = draw(st.sampled_from([one for one in places(whole) if one]))
    inside = made
    for key in above:
        inside = inside[key]
    if draw(st.booleans()):
        inside[last] = draw(JSON)
    else:
        del inside[last]
    return made


def is_record(value: Any) -> dict[str, Any]:
    """A sealed record can hold what is no mapping in one of its keys alone."""
    return value if isinstance(value, dict) else {"files": value, "made_with": value, "outputs": value}


RECORD = {
    "of": "prices-1",
    "files": {"a/b.csv": [4, "00", "11"], "c": [0, "", ""]},
    "others": ["took.json"],
    "made_with": {"numpy": "2.3", "python": "3.11"},
}


@SLOW
@given(crafted(RECORD))
def test_no_seal_of_a_step_ends_in_a_traceback(tmp_path: Path, record: Any) -> None:
    for text in (json.dumps(sealed(is_record(record))), json.dumps(record)):
        (tmp_path / SEAL).write_text(text)
        for depth in ("sizes", "fast", "full"):
            assert isinstance(damage(tmp_path, depth), str)  # type: ignore[arg-type]
        assert isinstance(other_majors(made_with(tmp_path)), str)
        (tmp_path / MANIFEST).write_text(text)
        assert all(isinstance(one, Print) for one in _known_outputs(tmp_path / MANIFEST).values())


@pytest.mark.parametrize("place", ["../outside", "/etc/hostname", "a/../../outside", "", "a\0b"])
def test_a_seal_names_no_file_outside_of_its_folder(place: str, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("x")
    (tmp_path / "step").mkdir()
    seal(tmp_path / "step", "step")
    record = {"of": "step", "files": {place: print_of(tmp_path / "outside")}, "others": [], "made_with": {}}
    (tmp_path / "step" / SEAL).write_text(json.dumps(sealed(record)))
    assert damage(tmp_path / "step") == f"{SEAL} is damaged"


STAMPED = {"files": [["a.csv", "00"]], "parameters": {"a": {"b": [1, {"c": 2}]}}, "needs": {"prices": "k"}, "code": "c"}


@SLOW
@given(crafted(STAMPED))
def test_no_stamp_of_a_step_ends_in_a_traceback(tmp_path: Path, stamp: Any) -> None:
    (tmp_path / "panel-1").mkdir(exist_ok=True)
    (tmp_path / "panel-1" / STAMP).write_text(json.dumps(stamp))
    assert why_changed("panel", tmp_path, STAMPED)


@SLOW
@given(crafted({"seconds": 1.5, "bytes": 12, "rows": 4}))
def test_no_time_of_a_step_ends_in_a_traceback(tmp_path: Path, took: Any) -> None:
    (tmp_path / "panel-1").mkdir(exist_ok=True)
    (tmp_path / "panel-1" / TOOK).write_text(json.dumps(took))
    (found,) = expected([Step("panel", (), None, (), (), lambda *_: None)], tmp_path).values()
    assert 0 <= found < float("inf")


@pytest.fixture(scope="module")
def root(short_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(short_study, tmp_path_factory.mktemp("crafted") / "study"))


def refused_or_done(ask: Callable[[], object]) -> None:
    with contextlib.suppress(Unreadable):
        str(ask())


@SLOW
@given(data=st.data())
def test_no_manifest_ends_in_a_traceback(root: Path, data: st.DataObject) -> None:
    folder = run_folder(root)
    file = folder / MANIFEST
    whole = file.read_bytes()
    try:
        record = data.draw(crafted(unsealed(whole)))
        file.write_text(json.dumps(sealed(is_record(record))), encoding="utf-8")
        for ask in (
            lambda: manifest_of(folder),
            lambda: diff_runs(root, "latest", "latest"),
            lambda: explain("table1", root),
            lambda: ig.load_run(root),
        ):
            refused_or_done(ask)
    finally:
        file.write_bytes(whole)


@pytest.mark.parametrize("text", ["{}", "[]", "null", '{"study": {}}', '{"seal": "x"}'])
def test_a_manifest_without_its_hash_is_damaged(root: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    folder = run_folder(root)
    whole = (folder / MANIFEST).read_bytes()
    try:
        (folder / MANIFEST).write_text(text, encoding="utf-8")
        with pytest.raises(Unreadable, match="is damaged"):
            manifest_of(folder)
        assert run(["diff", "latest", "latest", str(root)]) == 1
        assert "D208" in capsys.readouterr().err
        assert run(["run", str(root), "--quiet"]) == 0
        assert manifest_of(folder)["steps"]
    finally:
        (folder / MANIFEST).write_bytes(whole)


@settings(SLOW, max_examples=100)
@given(data=st.data())
def test_no_results_end_in_a_traceback(root: Path, data: st.DataObject) -> None:
    folder = run_folder(root)
    whole, manifest = (folder / RESULTS).read_bytes(), (folder / MANIFEST).read_bytes()
    try:
        (folder / RESULTS).write_text(json.dumps(data.draw(crafted(json.loads(whole)))), encoding="utf-8")
        record = unsealed(manifest)
        record["outputs"][RESULTS] = print_of(folder / RESULTS)
        (folder / MANIFEST).write_text(json.dumps(sealed(record)), encoding="utf-8")
        refused_or_done(lambda: results_in(folder))
    finally:
        (folder / RESULTS).write_bytes(whole)
        (folder / MANIFEST).write_bytes(manifest)


def test_what_a_run_wrote_is_read(root: Path) -> None:
    assert manifest_of(run_folder(root))["steps"]
    assert not diff_runs(root, "latest", "latest").coefficients[0].in_errors
    assert results_from((run_folder(root) / RESULTS).read_text(encoding="utf-8")).benchmark
