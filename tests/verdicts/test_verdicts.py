"""docs/verdicts.md states every rule that judge has, and every word that a verdict may be."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

import report_example as example
from integrade.subjects.shape.verdict import curve_of, inverted_u_parts
from integrade.verdicts.bundle import OwnRule
from integrade.verdicts.collected import rules_of, verdicts
from integrade.verdicts.hypotheses import QUANTITIES
from integrade.verdicts.named_rules import Outcome, named_rules
from plainwords.texts import say

ROOT = Path(__file__).parents[2]
PAGE = " ".join((ROOT / "docs" / "verdicts.md").read_text(encoding="utf-8").replace("\n> ", " ").split())
SOURCE = ROOT / "src" / "integrade"
SPLITS = {"year": "period", "region": "area", "ownership": "ownership", "size": "column"}


def rule_texts() -> list[tuple[str, list[str]]]:
    """Every sentence of the catalogues that states a rule, in pieces without its values."""
    found = []
    for name in ("verdicts", "hypotheses", "mediation", "groups"):
        [path] = SOURCE.rglob(f"en/{name}.ftl")
        for line in path.read_text(encoding="utf-8").splitlines():
            key, _, text = line.partition(" = ")
            if key.startswith("rule-") and name != "hypotheses":
                pieces = (" ".join(piece.split()) for piece in re.split(r"\{[^}]*\}", text))
                found.append((f"{name}.{key}", [piece.strip(" ,.") for piece in pieces if len(piece) > 3]))
    return found


def test_there_are_rules_to_state() -> None:
    assert "verdicts.rule-inverted-u" in dict(rule_texts())


@pytest.mark.parametrize(("key", "pieces"), rule_texts(), ids=lambda given: given if isinstance(given, str) else "")
def test_the_page_states_each_rule_in_its_own_words(key: str, pieces: list[str]) -> None:
    missing = [piece for piece in pieces if piece not in PAGE]
    assert not missing, f"{key}: docs/verdicts.md has not {missing}"


def test_the_page_names_every_rule_every_kind_of_claim_and_every_outcome() -> None:
    own = OwnRule("H9", "Mine.", "n > 1")
    rules = (*named_rules(example.study()), *rules_of(example.study(hypotheses=(own,))))
    for rule in rules:
        if rule.hypothesis != "H9":
            assert re.search(rf"^## .*\b{rule.hypothesis}\b", "## " + PAGE.replace(" ## ", "\n## "), flags=re.M)
        assert not rule.about or f"`{rule.about}`" in PAGE
    for word in ("H5", "*Channel*", "*Difference*", *(f"*{outcome}*" for outcome in get_args(Outcome))):
        assert word in PAGE


def test_the_page_names_every_part_of_the_shape_and_every_rule_that_an_own_rule_may_use() -> None:
    curve = curve_of(example.column("(2)"))
    assert curve is not None
    assert all(f"`{part.key}`" in PAGE for part in inverted_u_parts(curve))
    for name, kind in QUANTITIES.items():
        assert not kind.truth or re.search(rf"`{name}[`(]", PAGE), name


def test_the_page_of_certification_keeps_the_subjects_that_are_not_run_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks"))
    written = import_module("certify_verdicts").written
    first = written("# Page\n\n## Before\n\nb\n", ["### H1\n\nold\n"])
    both = written(first, ["### H2\n\ntwo\n"])
    again = written(both + "\n## After\n\na\n", ["### H1\n\nnew\n"])
    assert [line for line in again.splitlines() if line.startswith("#")] == [
        "# Page",
        "## Before",
        "## Verdicts",
        "### H1",
        "### H2",
        "## After",
    ]
    assert "new" in again
    assert "old" not in again


def test_what_the_data_do_not_allow_is_a_hypothesis_that_is_not_tested() -> None:
    known = example.study()
    whys = [say("left_out.groups", why=f"one group of {by}", by=by, how=how, title=by) for by, how in SPLITS.items()]
    why = say("left_out.mediation", why="no variation", mediator="log(rd_spending)")
    left_out = {"groups": tuple(whys), "mediation": (why,)}
    found = {v.hypothesis: v for v in verdicts(replace(known, groups=(), mediation=(), left_out=left_out))}
    assert [name for name, v in found.items() if v.outcome == "not tested"] == ["H3", "H4", "H5", "H6", "H7"]
    reasons = ["no variation", *(f"one group of {by}" for by in ("ownership", "region", "year", "size"))]
    assert [found[f"H{n}"].sentence for n in (3, 4, 5, 6, 7)] == [
        f"The data do not allow this estimate: {r}." for r in reasons
    ]
    assert found["H7"].about == "differs:size"
