"""Result records as JSON and back: every field of every record that a study stores."""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from typing_extensions import TypeAliasType

import report_example as example
from integrade.study import records
from integrade.study.records import from_json, in_lines, misfit, to_json
from integrade.subjects.audit.switches import Audit
from integrade.subjects.curve.records import SpecificationCurve
from integrade.verdicts.bundle import StudyResults
from plainwords.texts import Said, in_language, say


def test_arrays_come_back_whatever_numpy_makes_of_their_type(monkeypatch: pytest.MonkeyPatch) -> None:
    """numpy 2.5: the origin of ``NDArray[float]`` is no longer ``numpy.ndarray``."""
    real, array = typing.get_origin, NDArray[np.float64]
    names = {name: getattr(typing, name) for name in ("get_args", "get_type_hints", "Union", "cast")}
    newer = SimpleNamespace(get_origin=lambda hint: "NDArray" if hint == array else real(hint), **names)
    monkeypatch.setattr(records, "typing", newer)
    text = to_json(example.study())
    again = from_json(StudyResults, text)
    assert to_json(again) == text
    assert again.correlations.r[0, 0] == 1.0
    assert isinstance(again.benchmark[-1].headline.vcov, np.ndarray)


def test_a_sentence_is_read_back_with_its_id() -> None:
    said = say("verdicts.no-such-mediator", mediator=say("prose.rd"))
    text = to_json(example.study(warnings=(said, "as the file states")))
    warnings = from_json(StudyResults, text).warnings
    assert warnings == ("R&D was not examined as a mediator.", "as the file states")
    assert [in_language(w, "zh") for w in warnings] == ["未将研发作为中介变量检验。", "as the file states"]


def test_a_sentence_that_this_version_does_not_have_stays_as_it_was_stored() -> None:
    text = to_json(example.study(warnings=(say("verdicts.no-ownership"),)))
    for older in (text.replace("verdicts.no-ownership", "verdicts.gone"), text.replace("verdicts.no-own", "gone.no")):
        (warning,) = from_json(StudyResults, older).warnings
        assert warning == "The sample was not split by ownership."
        assert not isinstance(warning, Said)


def reached(kind: Any, seen: set[Any]) -> set[Any]:
    """The record types that a record holds."""
    if dataclasses.is_dataclass(kind) and kind not in seen:
        seen.add(kind)
        for hint in typing.get_type_hints(kind).values():
            reached(hint, seen)
    for inner in typing.get_args(kind):
        reached(inner, seen)
    return seen


def smallest(hint: Any) -> Any:
    """A JSON value of a type: one element of what has many, the alternative that is not nothing."""
    args = typing.get_args(hint)
    if hint == records.Vector:
        return [[1.0, None], ["inf", 2.0]]
    if dataclasses.is_dataclass(hint):
        # a record that may hold one of its own kind, such as the same analysis corrected for noise, holds none
        return {n: None if hint in typing.get_args(h) else smallest(h) for n, h in typing.get_type_hints(hint).items()}
    origin = typing.get_origin(hint)
    if origin is tuple:
        return [smallest(a) for a in args if a is not Ellipsis]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"a": smallest(args[1])}
    if type(None) in args:
        return smallest(next(a for a in args if a is not type(None)))
    return args[0] if origin is typing.Literal else {float: 1.5, int: 1, bool: True}.get(hint, "a")


def test_every_field_of_a_stored_record_has_a_type_that_can_be_read_back() -> None:
    """Each field is built from the smallest JSON of its type and written again as it was."""
    kinds = reached(StudyResults, set()) | reached(Audit, set()) | reached(SpecificationCurve, set())
    assert len(kinds) > 60
    for kind in kinds:
        for name, hint in typing.get_type_hints(kind).items():
            value = smallest(hint)
            assert records._plain(records._build(hint, value)) == value, f"{kind.__name__}.{name}"


def test_a_field_of_an_unknown_type_is_an_error() -> None:
    with pytest.raises(TypeError, match="cannot be read back"):
        records._build(complex, 1)


def test_json_in_lines() -> None:
    value = {"a": [1.5, {"b": [1, 2]}], "文": "é\n", "empty": {}, "none": [], "deep": {"c": {"d": [True, None]}}}
    text = in_lines(value)
    assert json.loads(text) == value
    assert text.splitlines()[1:4] == ['"a": [', "1.5,", '{"b": [1, 2]}']
    with pytest.raises(ValueError, match="JSON"):
        in_lines({"a": [float("nan")]})


def test_a_type_of_arrays_that_is_an_alias_without_instances_is_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """numpy 2.5 on Python 3.12 makes `NDArray` an alias, of which `isinstance` can ask nothing."""
    alias = TypeAliasType("Vector", NDArray[np.float64])
    monkeypatch.setattr(records, "Vector", alias)
    assert misfit(alias, np.zeros(2)) == ""
    assert misfit(alias, "two") == "it is 'two', which is no array"
    assert misfit(tuple[alias, ...], (np.zeros(1), 2.0)) == "it[1] is 2.0, which is no array"
