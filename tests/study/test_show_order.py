"""Commands and hints that a message gives can be typed as they are printed."""

from pathlib import Path

import pytest

from integrade.errors import IntegradeError
from integrade.study.reading import read_draft
from integrade.study.show import stand_in_order


def test_a_suggested_command_quotes_names_with_blanks(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text("")
    with pytest.raises(IntegradeError) as problem:
        stand_in_order("explain", str(tmp_path), Path("Table 4"))
    assert problem.value.remedy == f"integrade explain 'Table 4' {tmp_path}"


def test_an_open_quote_is_named(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text('title = "My study\n')
    with pytest.raises(IntegradeError) as problem:
        read_draft(tmp_path)
    assert problem.value.remedy == "close the quote that is open in this line"
