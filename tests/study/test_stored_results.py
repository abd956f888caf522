"""Results as JSON and back; results of another version are refused with a remedy, not a traceback."""

from __future__ import annotations

import json

import pytest

import report_example as example
from integrade.errors import Unreadable
from integrade.study.stored_results import results_from, results_json


def test_there_and_back() -> None:
    results = example.study()
    text = results_json(results)
    assert results_json(results_from(text)) == text


@pytest.mark.parametrize("how", ["a field more", "a field less"])
def test_results_of_another_version_are_refused(how: str) -> None:
    plain = json.loads(results_json(example.study()))
    record = plain["benchmark"][0]["headline"]
    if how == "a field more":
        record["former"] = 1
    else:
        del record["nobs"]
    with pytest.raises(Unreadable, match="another version") as caught:
        results_from(json.dumps(plain))
    assert "integrade run" in caught.value.remedy
