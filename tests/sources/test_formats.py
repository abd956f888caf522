"""A format is one record: lists, refusals and the functions that read follow from it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import integrade as ig
from integrade.errors import Unreadable, UsageError
from integrade.sources.files import by_format, headings, readers, selection
from integrade.sources.files.reading import Reading
from rawcells.bytes import contents, formats

ROWS = "firm,year,size\na,2004,1.5\nb,2004,2.5\n"


def by_stars(path: Path, engine: Any, options: Any, layout: Any, table: str) -> readers.Part:
    """The toy format: text whose cells are separated by stars."""
    text = path.with_suffix(".csv")
    text.write_text(path.read_text().removeprefix("STARS\n").replace("*", ","))
    return readers.text_part(text, engine, options, layout, table)


def heads(path: Path, _options: Any, _table: str) -> dict[str, headings.Kind]:
    return dict.fromkeys(path.read_text().splitlines()[1].split("*"), "unknown")


@pytest.fixture
def _stars(monkeypatch: pytest.MonkeyPatch) -> None:
    mark = formats.Mark("a file of stars", rb"STARS\n", ".stars")
    form = formats.Format((".stars",), f"{__name__}:by_stars", f"{__name__}:heads", offered=(".stars",), marks=(mark,))
    suffixes = (*formats.SUFFIXES, ".stars")
    monkeypatch.setattr(formats, "FORMATS", (*formats.FORMATS, form))
    monkeypatch.setattr(formats, "SUFFIXES", suffixes)
    monkeypatch.setattr(selection, "SUFFIXES", suffixes)
    kind = contents.kind_of_mark(mark)
    monkeypatch.setattr(contents, "KINDS", (*contents.KINDS, kind))


@pytest.mark.usefixtures("_stars")
def test_a_new_format_is_read_found_and_recognised_under_another_name(tmp_path: Path) -> None:
    text = "STARS\n" + ROWS.replace(",", "*")
    (tmp_path / "f.stars").write_text(text)
    read = ig.read_table(tmp_path / "f.stars").polars()
    assert read["size"].to_list() == [1.5, 2.5]
    (tmp_path / "f.csv").unlink()
    assert selection.expand(tmp_path) == [tmp_path / "f.stars"]
    known = headings.known_columns("panel", [tmp_path / "f.stars"], Reading())
    assert {"firm", "size"} <= set(known.kinds)
    (tmp_path / "g.csv").write_text(text)
    with pytest.raises(Unreadable, match=r"g\.csv is a file of stars") as refused:
        ig.read_table(tmp_path / "g.csv")
    assert refused.value.remedy == "name it g.stars"
    (tmp_path / "h.star").write_text("text")
    with pytest.raises(UsageError, match=r"unknown kind of file '\.star'") as unknown:
        ig.read_table(tmp_path / "h.star")
    assert "did you mean '.stars'" in unknown.value.remedy


def test_every_function_of_a_format_exists_and_suffixes_are_of_one_format() -> None:
    for form in formats.FORMATS:
        assert callable(by_format.function(form.part))
        assert callable(by_format.function(form.headings))
    assert len(set(formats.SUFFIXES)) == len(formats.SUFFIXES)
