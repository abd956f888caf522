"""One choice moved at a time: what must move moves by as much as algebra says, and what must not does not."""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from integrade.cli import run
from integrade.estimate.fit import fit
from integrade.estimate.inverted_u import u_test
from integrade.sources.meaning.goods import english_good
from integrade.study.audit import audit_study, headline
from integrade.study.choices import moves
from integrade.study.reading import load
from integrade.study.records import from_json, to_json
from integrade.study.reprint import reprint
from integrade.study.run import Request, run_study
from integrade.study.variants import changed, panel_of
from integrade.subjects.audit.page import tornado_figure
from integrade.subjects.audit.switches import Audit, Switch


@pytest.fixture(scope="module")
def study(short_study: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("audit") / "study"
    shutil.copytree(short_study, root)
    return root


@pytest.fixture(scope="module")
def audit(study: Path) -> dict[str, Audit]:
    return {only: audit_study(study, only=only) for only in ("integration.", "regression.", "sample")}


def switch(found: Audit, name: str) -> Switch:
    return next(s for s in found.switches if s.name == name)


@pytest.mark.slow
def test_switches_that_only_change_units(audit: dict[str, Audit]) -> None:
    """METHODS 1.2 and 1.3: ddof moves the index by 0.5 ln(K/(K-1)), neg_log doubles it; the fit is the same."""
    base, found = audit["integration."].baseline, audit["integration."]
    goods = sum(s.key == "integration.goods" for s in found.switches)
    for name, turn in (
        ("integration.ddof = 0", base.turning_point + 0.5 * math.log(goods / (goods - 1))),
        ("integration.transform = neg_log", 2 * base.turning_point),
    ):
        moved = switch(found, name).found
        assert moved is not None
        assert moved.turning_point == pytest.approx(turn, rel=1e-8)
        assert moved.low == pytest.approx(base.low, rel=1e-6)
        assert moved.u_test_p == pytest.approx(base.u_test_p, rel=1e-4)


@pytest.mark.slow
def test_every_option_with_named_choices_is_moved(audit: dict[str, Audit]) -> None:
    keys = {s.key for found in audit.values() for s in found.switches}
    assert {
        "integration.transform",
        "integration.demean",
        "integration.ddof",
        "integration.pairs",
        "integration.goods",
        "regression.vcov",
        "regression.cluster",
        "regression.ssc",
        "regression.singletons",
        "regression.effects",
        "regression.controls",
        "sample",
    } <= keys
    assert all(s.found or s.why_not for found in audit.values() for s in found.switches)


@pytest.mark.slow
def test_inference_moves_no_estimate(audit: dict[str, Audit]) -> None:
    base, found = audit["regression."].baseline, audit["regression."]
    for s in found.switches:
        if s.key in ("regression.vcov", "regression.cluster", "regression.ssc"):
            assert s.found is not None, s.why_not
            assert (s.found.b1, s.found.b2) == (pytest.approx(base.b1, rel=1e-9), pytest.approx(base.b2, rel=1e-9))
    widths = {
        s.after: s.found.low[2] - s.found.low[1] for s in found.switches if s.found and s.key == "regression.vcov"
    }
    assert widths["iid"] < widths["CR1"] < base.low[2] - base.low[1]  # CR3 of few clusters is the widest here


@pytest.mark.slow
def test_a_sample_and_a_good_are_what_they_say(study: Path, audit: dict[str, Audit]) -> None:
    from integrade.integration import relative_price
    from integrade.study.reading import load

    panel, done = panel_of(load(study), study, "auto", study / ".integrade")
    early = next(s for s in audit["sample"].switches if s.after.startswith("years to"))
    rows = panel.filter(pl.col("year") <= int(early.after.split()[-1]))
    formula = audit["sample"].formula
    own = fit(rows, formula, cluster="region", vcov="CR3")
    assert early.found is not None
    assert (early.found.nobs, early.found.b1) == (own.nobs, pytest.approx(own["market"].estimate, rel=1e-9))
    assert early.found.u_test_p == pytest.approx(u_test(own, "market").p_value, rel=1e-9)
    without = next(s for s in audit["integration."].switches if s.key == "integration.goods")
    prices = pl.read_parquet(done["prices"].folder / "prices.parquet")
    left_out = next(g for g in prices["commodity"].unique() if without.after == f"without {english_good(g)}")
    index = relative_price(prices.filter(pl.col("commodity") != left_out))
    joined = panel.drop("market").join(index.select("region", "year", market="integration"), on=["region", "year"])
    again = fit(joined, formula, cluster="region", vcov="CR3")
    assert without.found is not None
    assert without.found.b2 == pytest.approx(again["market^2"].estimate, rel=1e-7)


@pytest.mark.slow
def test_a_changed_key_is_the_study_run_with_it(study: Path, tmp_path: Path) -> None:
    """The panel of an audit's version is that of a study file with the key in it."""
    from integrade.study.reading import load

    moved = changed(load(study), "quality.standardise", "rank")
    inside, _ = panel_of(moved, study, "auto", tmp_path / "store")
    text = (study / "study.toml").read_text(encoding="utf-8")
    (study / "ranked.toml").write_text(
        text.replace("[quality]", '[quality]\nstandardise = "rank"', 1), encoding="utf-8"
    )
    outcome = run_study(study / "ranked.toml", Request(to="panel"))
    assert outcome is not None
    written = pl.read_parquet(outcome.folder / "tables" / "panel.parquet")
    assert_frame_equal(inside.sort("firm", "year"), written.sort("firm", "year"), rel_tol=1e-11)  # threads


def test_what_the_data_do_not_allow_is_named(study: Path) -> None:
    found = audit_study(study, only="controls.fic")
    assert [(s.after, s.found) for s in found.switches if s.after == "none"] == [("none", None)]
    assert "'fic' to winsorise" in switch(found, "controls.fic = none").why_not
    assert switch(found, "controls.fic = sa_index").found is not None  # the file states the unit of its accounts
    assert "not possible" in str(found)


@pytest.mark.slow
def test_the_command_writes_page_table_and_record(
    study: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(["audit", str(study), "--only", "regression.vcov", "--out", str(tmp_path)]) == 0
    shown = capsys.readouterr()
    assert "4 choices moved one at a time" in shown.out
    page = (tmp_path / "audit.html").read_text(encoding="utf-8")
    assert "regression.vcov = iid" in page
    assert "chart-tornado" in page
    record = from_json(Audit, (tmp_path / "audit.json").read_text(encoding="utf-8"))
    assert to_json(record) == (tmp_path / "audit.json").read_text(encoding="utf-8")
    assert len((tmp_path / "audit.csv").read_text(encoding="utf-8").splitlines()) == 1 + 1 + 4
    assert run(["audit", str(study), "--only", "regression.vcov", "--out", str(tmp_path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["baseline"]["kind"] == "CR3 by region"
    assert run(["audit", str(study), "--table", "x.csv"]) == 2


@pytest.mark.slow
def test_the_explorer_has_the_versions_of_the_audit_that_lies_beside_the_study(study: Path, tmp_path: Path) -> None:
    run_study(study, Request())
    said: list[str] = []
    page = lambda: reprint(study, ["html"], out=tmp_path, tell=said.append)[0].read_text(encoding="utf-8")  # noqa: E731
    assert "integrade audit STUDY" in page()
    assert run(["audit", str(study), "--only", "regression.vcov"]) == 0
    made = page()
    assert "integrade audit STUDY" not in made
    assert '"Standard errors: clustered (CR1)"' in made
    assert said == []
    assert (again := run_study(study, Request())) is not None
    assert again.report is not None
    assert [d.name for d in again.steps if d.ran] == ["report"], "a run puts the same versions into its page"
    assert '"Standard errors: clustered (CR1)"' in again.report.read_text(encoding="utf-8")
    assert again.read is not None, "the audit is among the files that a run may read"
    (study / "audit" / "audit.json").write_text('{"title": 1}', encoding="utf-8")
    assert '"Standard errors: clustered (CR1)"' not in page()
    assert "audit.json is not an audit that this version can read" in said[0]
    shutil.rmtree(study / "audit")


@pytest.mark.slow
def test_another_measure_takes_the_options_that_both_have(study: Path) -> None:
    from integrade.quality import unit_value
    from integrade.study.reading import load

    (found,) = audit_study(study, only="quality.method").switches
    panel, _ = panel_of(load(study), study, "auto", study / ".integrade")
    customs = pl.concat(pl.read_parquet(f) for f in sorted((study / "raw" / "customs").glob("*.parquet")))
    other = unit_value(customs).select("firm", "year", "quality")
    joined = panel.drop("quality").join(other, on=["firm", "year"], how="left")
    again = fit(joined, audit_study(study, only="none").formula, cluster="region", vcov="CR3")
    assert found.found is not None
    assert (found.found.nobs, found.found.b2) == (again.nobs, pytest.approx(again["market^2"].estimate, rel=1e-8))


def test_one_rule_of_the_customs_records_more_or_less(study: Path) -> None:
    found = audit_study(study, only="customs.rules")
    assert [s.after for s in found.switches] == ["ordinary", "main_unit", "trim"]
    ordinary = switch(found, "customs.rules = ordinary").found
    assert ordinary is not None
    assert ordinary.nobs < found.baseline.nobs


@pytest.mark.slow
@pytest.mark.parametrize(
    ("outcome", "controls"), [("quality", ["roa^2", "scale"]), ("log(value)", ["roa:age", "log(employees)"])]
)
def test_moves_of_a_study_with_terms_are_those_of_the_study_itself(
    study: Path, tmp_path: Path, outcome: str, controls: list[str]
) -> None:
    """What a move leaves is shared: a column within a term (a power, a product, a logarithm) is not, where it moves."""
    root = tmp_path / "terms"
    shutil.copytree(study, root)
    text = (root / "study.toml").read_text(encoding="utf-8")
    text = text.replace('controls = ["scale", "age", "roa", "rdebt", "fic"]', f"controls = {json.dumps(controls)}")
    text = text.replace('outcome = "quality"', f"outcome = {json.dumps(outcome)}")
    (root / "study.toml").write_text(text, encoding="utf-8")
    found = audit_study(root, only="controls.roa_lag")
    own = load(root)
    panel = panel_of(changed(own, "controls.roa_lag", 1), root, "polars", root / ".integrade")[0]
    alone = headline(panel, own.regression)[0]
    (moved,) = (s.found for s in found.switches)
    assert moved is not None
    assert moved.nobs == alone.nobs < found.baseline.nobs
    assert (moved.b1, moved.b2, moved.u_test_p) == pytest.approx((alone.b1, alone.b2, alone.u_test_p), rel=1e-9)


def test_the_figure_says_which_colour_is_which_slope(audit: dict[str, Audit]) -> None:
    """One channel without a legend took it from the others: nothing said what blue and orange were."""
    spec = tornado_figure(audit["sample"]).to_dict()
    channels = [layer["encoding"]["color"] for layer in spec["layer"] if "color" in layer["encoding"]]
    assert len(channels) == 3
    assert all(channel["legend"] == {"orient": "top", "title": None} for channel in channels)
    assert {tuple(channel["scale"]["domain"]) for channel in channels} == {
        ("Slope at the 10th percentile", "Slope at the 90th percentile")
    }
    named = next(layer["encoding"]["y"]["axis"] for layer in spec["layer"] if "y" in layer["encoding"])
    assert named["labelLimit"] == 0


def test_the_treatment_of_equal_rows_is_among_the_choices(study: Path) -> None:
    """Doubled customs records add up, or one of them is kept; accounts that are kept twice are refused."""
    (counted,) = audit_study(study, only="customs.duplicates").switches
    assert (counted.before, counted.after) == ("keep", "drop")
    assert counted.found is not None, counted.why_not
    dropping = changed(load(study), "firms.duplicates", "drop")
    (firms,) = [m for m in moves(dropping, pl.DataFrame({"firm": [], "year": []})) if m.key == "firms.duplicates"]
    assert (firms.before, firms.after, firms.why_not) == (
        "drop",
        "keep",
        "a firm and year with two rows of accounts is refused",
    )
