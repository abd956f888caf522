"""How files are read is defined once: the record is what flags, keys of study.toml and keywords come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from integrade.cli import run
from integrade.cli.files import Input, reading, reading_beside
from integrade.records.catalogue import options_of
from integrade.sources import Reading, read_table
from integrade.sources.tables.prices import Goods
from integrade.study.config import CustomsSource, PriceSource, Source
from integrade.study.json_schema import json_schema

KEYS = {name: one.about for name, one in options_of(Reading).items()}
LEFT_OUT = {"regions"}
"""What no flag sets."""


def test_every_option_is_a_key_with_the_words_of_the_record() -> None:
    defined = json_schema()["$defs"]
    for section in ("PriceSource", "CustomsSource", "FirmSource", "Source"):
        shown = defined[section]["properties"]
        assert {name: shown[name]["description"] for name in KEYS} == KEYS
    goods = {name: one.about for name, one in options_of(Goods).items()}
    shown = defined["PriceSource"]["properties"]
    assert {name: shown[name]["description"] for name in goods} == goods


def test_every_option_is_a_flag_with_the_words_of_the_record(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["clean", "--help"]) == 0
    shown = " ".join(capsys.readouterr().out.replace("│", " ").split())
    for name, one in options_of(Reading).items():
        flag = one.metadata.get("flag")
        words = (flag.about if flag else one.about).replace("`", "")
        assert (f"--{flag.name if flag else name} " in shown) == (name not in LEFT_OUT), name
        assert (words in shown) == (name not in LEFT_OUT), name


def test_defaults_are_the_same_everywhere() -> None:
    plain = Reading()
    assert reading(Input())["options"] == plain
    assert reading_beside(Input(), "gdp")["options"] == plain
    section = Source(files=["a.csv"]).reading()
    assert {name: getattr(section, name) or None for name in KEYS} == {n: getattr(plain, n) or None for n in KEYS}
    assert PriceSource(files=["a.csv"]).goods() == Goods()


def test_what_is_given_arrives(tmp_path: Path) -> None:
    given = CustomsSource(
        files=["c.csv"], columns={"hs": "product"}, pad={"product": 6}, families=["a.csv"], edition=2012, decimal=","
    ).reading()
    assert given == Reading(
        columns={"hs": "product"}, pad={"product": 6}, families=["a.csv"], edition=2012, decimal=","
    )
    flags = Input(column=("product=hs", "gdp.value=v"), pad=("product=6",), where="year > 2004", labels="text")  # type: ignore[call-arg]
    assert reading(flags, beside=("gdp",))["options"] == Reading(
        columns={"hs": "product"}, pad={"product": 6}, where="year > 2004", labels="text"
    )
    assert reading_beside(flags, "gdp")["options"] == Reading(columns={"v": "value"})
    (tmp_path / "t.csv").write_text("a;b\n1,5;x\n2,25;y\n", encoding="utf-8")
    assert read_table(tmp_path / "t.csv", decimal=",").polars()["a"].to_list() == [1.5, 2.25]
