"""Names, postcodes, telephones and people of two registers in one spelling."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from each import each
from integrade.errors import UsageError
from integrade.geography import PROVINCES
from integrade.panel import names as names_module
from integrade.panel.keys import cleaned
from integrade.panel.names import Names, normalise_name, normalise_names, simplified
from integrade.panel.places import CITIES, split_place, split_places

SAME = (
    ("深圳市华大电子有限公司", "深圳市华大电子有限责任公司"),
    ("深圳市华大电子有限公司", "深圳市华大电子责任有限公司"),
    ("深圳市华大电子有限公司", "深圳市华大电子有限公"),  # cut off at the end of a field
    ("深圳市华大电子有限公司", " 深圳市 华大电子　有限公司。"),
    ("深圳市华大(集团)电子有限公司", "深圳市华大（集团）电子有限公司"),
    ("深圳市华大(集团)电子有限公司", "深圳市华大集团电子有限公司"),
    ("深圳ABC电子有限公司", "深圳ａｂｃ電子有限公司"),
    ("上海东方贸易有限公司", "上海東方貿易有限公司"),
    ("Suzhou Best Toys Co., Ltd.", "SUZHOU BEST TOYS COMPANY LIMITED"),
    ("永后工业有限公司", "永後工業有限公司"),  # 後 is in GB 2312 as well
)
DIFFERENT = (
    ("深圳市华大电子有限公司", "深圳市华大电子股份有限公司"),
    ("深圳市华大电子有限公司", "广州市华大电子有限公司"),
    ("深圳市华大电子有限公司", "深圳市华太电子有限公司"),
    ("深圳市华大电子一厂", "深圳市华大电子二厂"),
)


@each(("one", "other"), SAME)
def test_two_spellings_of_one_name_become_one(one: str, other: str) -> None:
    assert normalise_name(one) == normalise_name(other) != ""


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_names_stay_two(one: str, other: str) -> None:
    assert normalise_name(one) != normalise_name(other)


@each(
    ("options", "expected"),
    [
        ({}, "广东省深圳市华大集团电子股份有限公司"),
        ({"forms": "drop"}, "广东省深圳市华大集团电子"),
        ({"forms": "keep"}, "广东省深圳市华大集团电子股份有限公司"),
        ({"places": "words"}, "广东深圳华大集团电子股份有限公司"),
        ({"places": "drop"}, "华大集团电子股份有限公司"),
        ({"brackets": "drop_text"}, "广东省深圳市华大电子股份有限公司"),
        ({"places": "drop", "forms": "drop", "brackets": "drop_text"}, "华大电子"),
    ],
)
def test_each_option_does_what_it_says(options: dict[str, str], expected: str) -> None:
    assert normalise_name("广东省深圳市 华大（集团）电子股份有限公司", **options) == expected


@each(
    ("name", "parts"),
    [
        ("广东省深圳市华大", ("广东", "深圳", "华大")),
        ("深圳华大", ("", "深圳", "华大")),
        ("北京市朝阳区华大", ("北京", "", "朝阳区华大")),  # a district, not the city of Liaoning
        ("内蒙古自治区包头市华大", ("内蒙古", "包头", "华大")),
        ("广西壮族自治区南宁市华大", ("广西", "南宁", "华大")),
        ("华大广东", ("", "", "华大广东")),
    ],
)
def test_places_at_the_head_of_a_name(name: str, parts: tuple[str, str, str]) -> None:
    assert split_place(name) == parts
    assert split_places(pl.Series([name])).rows() == [parts]


def test_a_column_of_names_is_split_as_each_of_them() -> None:
    """Provinces, cities, their words and districts after each other in any order, whole and cut short."""
    provinces = [name for p in PROVINCES for name in (p.chinese_long, p.chinese_short)]
    words = ["省", "市", "盟", "地区", "区", "县", "地", "自治", "华", "\n", "A", ""]
    rng = np.random.default_rng(5)
    pieces = rng.choice([*provinces, *CITIES, *(words * 20)], (20_000, 5))
    keep, length = rng.random(pieces.shape) < 0.8, rng.integers(1, 20, len(pieces))
    names = ["".join(row[kept])[:n] for row, kept, n in zip(pieces, keep, length, strict=True)]
    assert split_places(pl.Series(names)).rows() == [split_place(name) for name in names]
    assert split_places(pl.Series([], dtype=pl.String)).rows() == []


def test_missing_and_empty_names_stay_missing() -> None:
    assert normalise_names(pl.Series([None, "（）", " ", "华大"])).to_list() == [None, None, None, "华大"]


def test_a_character_is_always_simplified_to_the_same_one() -> None:
    """opencc goes by words (乾隆, 乾燥); two registers must agree whatever stands beside a character."""
    assert simplified(pl.Series(["乾隆", "乾燥", "乾"])).to_list() == ["干隆", "干燥", "干"]


def test_without_opencc_traditional_names_are_refused_and_simplified_ones_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(names_module, "_converter", lambda: None)
    assert normalise_names(pl.Series(["华大电子"])).to_list() == ["华大电子"]
    with pytest.raises(UsageError, match="1 name may have traditional characters") as caught:
        normalise_names(pl.Series(["東方", "华大"]))
    assert "integrade[match]" in str(caught.value)
    assert normalise_names(pl.Series(["東方"]), Names(script="as_is")).to_list() == ["東方"]


def test_what_identifies_nobody_is_left_out_and_counted() -> None:
    rows = pl.DataFrame(
        {
            "postcode": ["518000", "51800", "000000", "５１８０００", " 518 000 ", None],
            "phone": ["0755-26001234", "12345", "8888888", "26001234转802", "26001234-12;13900000000", ""],
            "contact": ["王静", "王", "王　静", "王靜", None, "李四"],
        }
    )
    clean, entries = cleaned(rows, "exporters", Names())
    assert clean["postcode"].to_list() == ["518000", None, None, "518000", "518000", None]
    assert clean["phone"].to_list() == ["6001234", None, None, "6001234", "6001234", None]
    assert clean["contact"].to_list() == ["王静", None, "王静", "王静", None, "李四"]
    assert {(e.reason.split(",")[0], e.rows) for e in entries} == {
        ("postcode not 6 digits", 1),
        ("postcode a single digit repeated", 1),
        ("phone shorter than 7 digits", 1),
        ("phone a single digit repeated", 1),
        ("contact shorter than 2 characters", 1),
    }
