"""From a printed number to its model, sample, steps and raw files; wrong names; the raw files as they are today."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import report_example as example
from each import each
from integrade.cli import run
from integrade.errors import UnknownName
from integrade.report.addresses import addressed, find, name_of, origin_of, places, table_named, term_of
from integrade.report.lineage import Lineage, lineage_of
from integrade.report.printed import PrintedTable
from integrade.report.rows import Origin, Row
from integrade.study.explain import changed_files
from integrade.study.printed import all_tables
from integrade.study.records import to_json
from integrade.verdicts.bundle import StudyResults
from integrade.verdicts.collected import verdicts
from integrade.wording.numerals import fixed
from plainwords.account import Account
from plainwords.texts import slug
from studies import manifest

SNAPSHOTS = Path(__file__).parents[1] / "messages"
RAW = b"region,year,commodity,index\n"


def results() -> StudyResults:
    """The example with the steps and the files of a study: two entries of prices, one of the index, and so on."""
    entries = example.account().entries
    used = {"prices": "prices", "customs": "quality"}
    files = tuple(
        {**record, "used by": used[record["table"]], "sha256": hashlib.sha256(RAW).hexdigest()}
        for record in example.study().provenance
    )
    return example.study(
        account=Account(entries), provenance=files, stages={"prices": 3, "integration": 0, "quality": 4, "panel": 7}
    )


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A study that has run: its folder with one run and the raw files of its record."""
    folder = tmp_path / "runs" / "0123456789"
    (folder / "tables").mkdir(parents=True)
    (folder / "tables" / "results.json").write_text(to_json(results()), encoding="utf-8")
    steps = {"prices": "a" * 16, "models": "b" * 16}
    (folder / "manifest.json").write_text(manifest(libraries={"polars": "2.1.0"}, steps=steps), encoding="utf-8")
    (tmp_path / "runs" / "latest").write_text("0123456789", encoding="utf-8")
    for record in results().provenance:
        (tmp_path / record["file"]).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / record["file"]).write_bytes(RAW)
    return tmp_path


def asked(address: str, found: StudyResults | None = None) -> Lineage:
    known = found or results()
    name, _, rest = address.partition(".")
    return lineage_of(find(table_named(all_tables(known), name), rest), known)


def test_a_coefficient_names_model_sample_errors_steps_and_files() -> None:
    made = asked("table4.2.market")
    fit = results().benchmark[1].headline
    assert made.printed == "0.0534**"
    assert made.numbers["estimate"] == fit["market"].estimate
    assert made.numbers["std_error"] == fit["market"].std_error
    assert made.numbers["wild_p"] == 0.0144
    text = str(made)
    for words in (
        fit.formula,
        "least squares",
        "firm (132,017 levels",
        "594,596 rows",
        "1,204 singletons",
        "CR3, clustered by region (31 clusters); t(30); small-sample correction as in reghdfe",
        "9,999 Rademacher draws",
        "seed 20240101",
        "402,118 dropped customs: quantity is zero or missing",
        hashlib.sha256(RAW).hexdigest(),
        "raw/prices/2004.xlsx",
    ):
        assert words in text, words
    assert "<table" in made._repr_html_() or "<pre" in made._repr_html_()  # type: ignore[attr-defined]


def test_rows_on_the_way_add_up() -> None:
    """3,472 price rows in, 11 dropped, 3,461 out: as the account says, under the step they belong to."""
    stages = {s.name: {e.kind: e.rows for e in s.entries} for s in asked("table4.2.market").stages}
    assert stages["prices"] == {"in": 3_472, "dropped": 11, "out": 3_461}
    assert stages["prices"]["in"] - stages["prices"]["dropped"] == stages["prices"]["out"]
    assert list(stages) == ["prices", "quality", "panel"]


@each(
    ("address", "printed"),
    [
        ("table4.2.N", "594,596"),
        ("table4.2.nobs", "594,596"),
        ("TABLE4.2.n", "594,596"),
        ("table4.2.R2", "0.747"),
        ("table4.2.market.se", "(0.0197)"),
        ("table4.1.market^2", "-0.0066***"),
        ("table4.2.market.wild", "0.0144"),
        ("table4.2.u_test", None),
        ("table4.2.fieller", None),
        ("table4.2.clusters", "31"),
        ("table4.2.market.iid", None),
        ("table2.mean.market", None),
        ("table1.2004.anhui", None),
        ("tableB2.value.quality.sigma", "5"),
        ("tableA2.truth.market", "0.060"),
    ],
)
def test_every_kind_of_number_has_an_address(address: str, printed: str | None) -> None:
    made = asked(address)
    assert made.printed == printed if printed else made.printed
    assert made.how


def test_quantities_that_are_not_printed_come_from_the_record() -> None:
    k = results().benchmark[1].headline["market"]
    for name, value in (("t", k.statistic), ("p", k.p_value), ("low", k.conf_low), ("high", k.conf_high)):
        made = asked(f"table4.2.market.{name}")
        assert made.printed == fixed(value, 6)
        assert made.address == f"table4.2.market.{name}"


def test_every_cell_of_the_report_is_found_again_by_its_address() -> None:
    """No address is double, none leads elsewhere, and what a coefficient says unrounded rounds to what is printed."""
    found, seen = results(), set[str]()
    for table in all_tables(found):
        for place in places(table):
            assert place.address not in seen
            seen.add(place.address)
            again = find(table, place.address.split(".", 1)[1])
            assert (again.row, again.column) == (place.row, place.column), place.address
            made = lineage_of(place, found)
            assert made.how != "see its row and heading", place.address
            if table.rows[place.row].kind == "coefficient" and "estimate" in made.numbers:
                shown = place.text.rstrip("*")
                assert shown == f"{made.numbers['estimate']:.{len(shown.partition('.')[2])}f}", place.address
    assert len(seen) > 400


def test_numbers_of_the_index_rest_on_prices_alone() -> None:
    made = asked("table1.2004.anhui")
    assert [s.name for s in made.stages] == ["prices"]
    assert {f["table"] for f in made.files} == {"prices"}
    assert made.fit is None


def test_other_standard_errors_have_their_own_model() -> None:
    assert "CR1, " in "".join(str(asked("table4.2.market.CR1_region")).split("Standard errors")[1])
    made = asked("table4.2.market.iid")
    assert made.fit is not None
    assert made.fit.kind == "iid"


WRONG = {
    "explain_row": "table4.2.markt",
    "explain_column": "table4.3.market",
    "explain_table": "tabel4.2.market",
    "explain_quantity": "table4.2.market.sd",
    "explain_blank": "table4.1.scale",
    "explain_no_coefficient": "table4.2.hausman.se",
}


@pytest.mark.parametrize("name", sorted(WRONG))
def test_wrong_names_are_told_the_nearest(study: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run(["explain", WRONG[name], str(study)]) == 2
    said = capsys.readouterr().err
    if os.environ.get("INTEGRADE_UPDATE") == "1":
        (SNAPSHOTS / f"{name}.txt").write_text(said, encoding="utf-8")
    assert said == (SNAPSHOTS / f"{name}.txt").read_text(encoding="utf-8")


def test_a_study_without_a_run_is_told_to_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "table4", str(tmp_path)]) == 2
    assert "no finished run" in capsys.readouterr().err


def test_text_of_a_number_as_the_terminal_shows_it(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "table4.2.market", str(study)]) == 0
    said = capsys.readouterr().out
    if os.environ.get("INTEGRADE_UPDATE") == "1":
        (SNAPSHOTS / "explain_number.txt").write_text(said, encoding="utf-8")
    assert said == (SNAPSHOTS / "explain_number.txt").read_text(encoding="utf-8")


def test_a_table_lists_its_cells_and_the_report_its_names(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "table4", str(study)]) == 0
    assert "table4.2.market  " in capsys.readouterr().out
    assert run(["explain", "", str(study)]) == 0
    said = capsys.readouterr().out
    assert "table4 " in said
    assert "figure1" in said
    assert run(["explain", "figure1", str(study)]) == 0
    assert "raw/prices/2004.xlsx" in capsys.readouterr().out


def read(call: list[str], capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert run([*call, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_json_holds_the_same(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = read(["explain", "table4.2.market", str(study)], capsys)
    assert found["numbers"]["estimate"] == pytest.approx(0.0534)
    model = found["model"]
    assert (model["nobs"], model["vcov"], model["clusters"], model["ssc"]) == (
        594_596,
        "CR3",
        {"region": 31},
        "reghdfe",
    )
    assert model["wild"][0]["seed"] == 20240101
    assert found["run"]["run"] == "0123456789"
    assert found["steps"][0]["account"][0]["rows"] == 3_472
    assert len(read(["explain", "table4", str(study)], capsys)["cells"]) > 50
    assert "table4" in read(["explain", "", str(study)], capsys)["names"]


def test_raw_files_are_compared_with_what_the_run_read(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["explain", "table4.2.market", str(study), "--verify"]
    assert run(call) == 0
    assert "as the run read them" in capsys.readouterr().out
    (study / "raw" / "prices" / "2004.xlsx").write_bytes(RAW + b"Anhui,2004,food,103.1\n")
    (study / "raw" / "customs" / "2004.parquet").unlink()
    wrong = ["raw/prices/2004.xlsx: changed since the run", "raw/customs/2004.parquet: no longer there"]
    assert read(call, capsys)["changed"] == wrong


def test_tables_of_servers_are_not_asked_again(tmp_path: Path) -> None:
    made = asked("table4.2.market")
    server = {"table": "customs", "file": "postgresql://host/db#customs", "sha256": "0" * 64}
    assert changed_files(replace(made, files=(server,)), tmp_path) == ()


def test_keys_are_free_of_doubles_and_origins_fall_through() -> None:
    fit = results().benchmark[1].headline
    own = Origin("of the cell")
    rows = (
        Row("coefficient", ("A b", "1", "2"), "market"),
        Row("statistic", ("", "(1)", "(2)"), "market.t"),
        Row("panel", ("Block",)),
        Row("test", ("A b", "3", "4"), origins=(None, own)),
        Row("test", ("A b", "5", "6")),
    )
    table = addressed(PrintedTable("X", "T", ("", "(1) Q", "Same"), rows, origins=(Origin(fit=fit), Origin("second"))))
    assert [r.key for r in table.rows] == ["market", "market.t", "", "a_b", "a_b_2"]
    assert table.column_keys == ("1", "same")
    assert origin_of(table, 3, 2) is own
    assert origin_of(table, 4, 2).how == "second"
    assert term_of(origin_of(table, 0, 1).fit, "market.t") is fit["market"]
    assert find(table, "2.a_b").text == "4"  # a column by its place
    assert name_of(table) == "tableX"
    assert slug("95% Fieller interval") == "95_fieller_interval"
    with pytest.raises(UnknownName, match="not a coefficient"):
        find(table, "same.market.se")


def test_a_hypothesis_is_explained_by_its_rule_and_parts(study: Path, capsys: pytest.CaptureFixture[str]) -> None:
    judged = replace(results(), verdicts=verdicts(results()))
    file = study / "runs" / "0123456789" / "tables" / "results.json"
    file.write_text(to_json(judged), encoding="utf-8")
    assert run(["explain", "h1", str(study)]) == 0
    said = capsys.readouterr().out
    for words in ("H1: ", "Rule: supported if", "U-test of an inverted U from p5 to p95", "(not met)"):
        assert words in said
    assert run(["explain", "H1", str(study), "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [part["key"] for part in record["parts"]] == ["square", "u_test", "u_test_inner", "wild", "two_lines"]
    assert run(["explain", "", str(study)]) == 0
    assert "H1" in capsys.readouterr().out
