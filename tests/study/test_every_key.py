"""No value of any key of a study file ends in a traceback: it is accepted, or refused with a code and its place.

A check reads tables again and again, which is all that is kept between the studies of a test; a study that is left
after its wrong values were taken out is checked once.
"""

from __future__ import annotations

import traceback
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from each import each
from every_key import BASE, DEFAULTS, VERSIONS, WRONG, Key, keys, toml, write_files
from integrade.errors import IntegradeError
from integrade.study import forecast, validation
from integrade.study.reading import read_draft
from integrade.study.rooms import build_steps
from integrade.study.run import check_study

SECTIONS = sorted({one.sections[0] if one.sections else "" for one in keys()})


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The small study; its tables are read once."""
    folder = tmp_path_factory.mktemp("keys")
    write_files(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "read_source", _once(validation.read_source))
        patch.setattr(forecast, "known_columns", _once(forecast.known_columns))
        yield folder


def _once(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose result, or refusal, is kept by its arguments."""
    kept: dict[str, tuple[Any, IntegradeError | None]] = {}

    def call(*given: Any, **named: Any) -> Any:
        key = repr((given, named))
        if key not in kept:
            try:
                kept[key] = function(*given, **named), None
            except IntegradeError as problem:
                kept[key] = None, problem
        found, problem = kept[key]
        if problem is not None:
            raise problem
        return found

    return call


def refused(root: Path, study: dict[str, Any], checked: set[str]) -> list[IntegradeError]:
    """What is refused of a study; whatever can be used of it is checked, unless it was before."""
    (root / "study.toml").write_text(toml(study), encoding="utf-8")
    try:
        draft = read_draft(root)
    except IntegradeError as problem:
        return [problem]
    left = "" if draft.study is None else draft.study.model_dump_json()
    if left and left not in checked:
        checked.add(left)
        found, account = check_study(root)
        assert all(map(str, found))
        assert isinstance(str(account), str)
        if draft.study is not None and not found:
            build_steps(draft.study, root, "polars")
    return list(draft.problems)


def test_the_small_study_has_no_problem(root: Path) -> None:
    assert refused(root, dict(BASE), set()) == []
    assert check_study(root)[0] == ()


@each("section", SECTIONS)
def test_every_value_of_every_key_is_accepted_or_refused_with_a_code(section: str, root: Path) -> None:
    failures, checked = list[str](), set[str]()
    for one in (one for one in keys() if (one.sections or ("",))[0] == section):
        for kind, value in tried(one):
            try:
                found = refused(root, one.study(value), checked)
            except Exception as problem:
                at = traceback.extract_tb(problem.__traceback__)[-1]
                failures.append(f"{place(one)} = {kind}: {type(problem).__name__} in {at.name} of {at.filename}")
                continue
            failures += [f"{place(one)} = {kind}: no line in {p}" for p in found if "study.toml" not in p.what]
    assert failures == []


def tried(one: Key) -> list[tuple[str, Any]]:
    """All values; a third of them, another third for each key, where many measures have options of the same kinds."""
    every, method = list(WRONG.items()), one.needed.get("method", DEFAULTS[0])
    if method in DEFAULTS and (one.sections or ("",))[0] not in ("curve", *VERSIONS.values()):
        return every
    return every[zlib.crc32(f"{method} {place(one)}".encode()) % 3 :: 3]


def place(one: Key) -> str:
    return ".".join([*one.sections, one.key])
