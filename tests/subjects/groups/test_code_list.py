"""Groups from a list of codes, against a lookup by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrade.engine.frames import Table
from integrade.errors import CodesReadAsNumbers, DuplicateKeys, EmptyTable, FileMissing, MissingColumn, UsageError
from integrade.subjects.groups import code_list
from integrade.subjects.groups.code_list import CODE, group_in, plain_code, read_list, unused_codes
from integrade.subjects.groups.compare import group_column

LETTERS = {"C0": "labour", "C1": "labour", "C 3": "capital", "C4": "capital", "A": "labour"}
"""Part of a printed list: letters of sections, with a digit where a section is divided."""


def by_hand(groups: dict[str, str], code: str | None) -> str | None:
    """The group of the longest code of the list with which a code begins."""
    if code is None:
        return None
    best = max((c for c in groups if code.startswith(c)), key=len, default=None)
    return groups[best] if best is not None else None


@pytest.mark.parametrize("digits", [1, 2, 3, 4])
def test_codes_of_any_length_meet_four_digit_codes(digits: int) -> None:
    rng = np.random.default_rng(digits)
    codes = [f"{c:04d}" for c in rng.integers(600, 4400, 300)]
    groups = {c[:digits]: "even" if int(c[:digits]) % 2 == 0 else "odd" for c in codes[::2]}
    table = pl.DataFrame({"industry": [*codes, None]})
    found = group_column(Table("panel", table), "list", groups=groups)
    want = [by_hand(groups, code) for code in [*codes, None]]
    assert found.polars()["industry_group"].to_list() == want
    lost = sum(w is None for w in want[:-1])
    if lost:
        assert f"{lost} of 301 rows have no group in the list of groups" in str(found.account)


def test_a_longer_code_wins_and_what_does_not_meet_is_told(tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("行业,类型\n06,capital\n13,labour\n1310,capital\n99,labour\n14,\n", encoding="utf-8")
    table = pl.DataFrame({"industry": ["0610", "1310", "1320", "2011", "2011", "4110", None]})
    found = group_column(Table("panel", table), "list", groups=file)
    assert found.polars()["industry_group"].to_list() == ["capital", "capital", "labour", None, None, None, None]
    said = str(found.account)
    assert "warning: 3 of 7 rows have no group in list.csv and are excluded: industry 2011, 4110" in said
    assert "1 code of the list of groups in no row of industry" in said
    assert "99" in said
    assert "1 row of the list of groups without a code or a group left out" in said


def test_letters_blanks_and_provinces() -> None:
    table = pl.DataFrame({"sic": ["C13", "C31", "A01", "c 0", "D1"]})
    found = group_column(table, "list", groups=LETTERS, codes="sic")
    assert found["sic_group"].to_list() == ["labour", "capital", "labour", "labour", None]
    regions = pl.DataFrame({"region": ["北京市", "Tibet", "Gansu Province", "吉林市"]})
    found = group_column(
        regions, "list", groups={"北京": "old", "Xizang": "new", "甘肃": "new", "吉林": "old"}, codes="region"
    )
    assert found["region_group"].to_list() == ["old", "new", "new", None], "吉林市 is a city, not the province"
    assert group_in({"North": "a"}, "Northeast") is None, "a name is not looked up by its beginning"


def test_columns_of_the_list(tmp_path: Path) -> None:
    wide = pl.DataFrame(
        {"name": ["food", "paper"], "industry": ["13", "22"], "group": ["l", "c"], "year": [2004, 2004]}
    )
    assert read_list(wide, "industry").groups == {"13": "l", "22": "c"}
    assert read_list(wide.rename({"industry": "code"}), "industry").groups == {"13": "l", "22": "c"}
    swapped = pl.DataFrame({"kind": ["l", "c"], "industry": ["13", "22"]})
    assert read_list(swapped, "industry").groups == {"13": "l", "22": "c"}
    with pytest.raises(MissingColumn, match="'code'"):
        read_list(wide.drop("industry"), "industry")
    with pytest.raises(MissingColumn, match="'group'"):
        read_list(wide.rename({"group": "type"}), "industry")
    with pytest.raises(CodesReadAsNumbers, match="06"):
        read_list(pl.DataFrame({"code": [6, 13], "group": ["l", "c"]}), "industry")
    with pytest.raises(DuplicateKeys, match="two groups"):
        read_list(pl.DataFrame({"code": ["13", "13"], "group": ["l", "c"]}), "industry")
    with pytest.raises(EmptyTable, match="but the list has 1"):
        read_list({"13": "l", "14": "l"}, "industry")
    (tmp_path / "kinds.csv").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(FileMissing, match="did you mean"):
        read_list(tmp_path / "kind.csv", "industry")
    with pytest.raises(UsageError, match="requires the list"):
        group_column(swapped, "list")
    with pytest.raises(EmptyTable, match="one group"):
        group_column(pl.DataFrame({"industry": ["1310", "1320"]}), "list", groups={"13": "l", "22": "c"})


SPELLED = st.lists(
    st.one_of(st.text("A0c1 ", max_size=4), st.sampled_from(["北京", "food", "A-0", "吉林市"])), max_size=12
)


@settings(max_examples=200, deadline=None)
@given(listed=SPELLED, values=SPELLED)
def test_unused_codes_are_those_with_which_no_value_begins(listed: list[str], values: list[str]) -> None:
    """Against every pair of a code of the list and a value."""
    groups = {plain_code(code): "one" for code in listed}
    seen = [plain_code(v) for v in values]

    def meets(code: str, value: str) -> bool:
        return code == value or bool(CODE.fullmatch(code) and CODE.fullmatch(value) and value.startswith(code))

    assert unused_codes(groups, values) == sorted(c for c in groups if not any(meets(c, v) for v in seen))


def test_unused_codes_take_one_look_per_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list of 400 codes beside 400 values: comparing every pair tested 160,000 of them."""
    tested: list[str] = []

    class Counted:
        def fullmatch(self, text: str) -> object:
            tested.append(text)
            return CODE.fullmatch(text)

    monkeypatch.setattr(code_list, "CODE", Counted())
    groups = {f"{n:04d}": "one" for n in range(400)}
    assert unused_codes(groups, [f"9{n:03d}" for n in range(400)]) == sorted(groups)
    assert len(tested) <= 800
