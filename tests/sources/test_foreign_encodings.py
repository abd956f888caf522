"""Encodings of the world around: settings, names of files, terminals, Western text; control characters in figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import altair as alt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each
from integrade.errors import IntegradeError, UnknownName, Unreadable
from integrade.report.style import data, dressed, specification
from integrade.sources import read_canonical, read_table
from integrade.sources.meaning.recipe import load_recipe
from integrade.study.plugins import named_in
from integrade.study.reading import read_draft
from rawcells.bytes import encodings
from rawcells.bytes.encodings import codec_of

ROWS = "firm,year,assets\nA,2004,1\nB,2004,2\n"
STUDY = 'title = "企业研究：出口"\nplugins = ["a.py"]\n[firms]\nfiles = ["f.csv"]\n'
CODECS = ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]


def study(tmp_path: Path, content: bytes) -> Path:
    (tmp_path / "f.csv").write_text(ROWS)
    (tmp_path / "study.toml").write_bytes(content)
    return tmp_path


def title_of(folder: Path) -> str:
    draft = read_draft(folder)
    assert draft.study is not None
    return draft.study.title


@each("codec", CODECS)
def test_a_study_file_of_any_editor_is_read(codec: str, tmp_path: Path) -> None:
    folder = study(tmp_path, STUDY.encode(codec))
    assert title_of(folder) == "企业研究：出口"
    assert named_in(folder) == ("a.py",)


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(st.binary(max_size=60))
def test_any_bytes_of_a_study_file_are_read_or_refused(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    folder = tmp_path_factory.mktemp("study")
    (folder / "study.toml").write_bytes(raw)
    named_in(folder)
    try:
        read_draft(folder)
    except IntegradeError:
        return


def test_a_recipe_with_a_mark(tmp_path: Path) -> None:
    (tmp_path / "r.toml").write_bytes(b"\xef\xbb\xbf[columns")
    with pytest.raises(IntegradeError, match=r"is not valid TOML: .*(line 1, column 9|end of document)"):
        load_recipe(tmp_path / "r.toml")


def test_utf_16_without_a_mark_is_read_when_it_is_named(tmp_path: Path) -> None:
    for codec in ("utf-16-le", "utf-16-be"):
        (tmp_path / "f.csv").write_bytes(ROWS.encode(codec))
        assert read_canonical("firms", tmp_path / "f.csv", encoding="utf-16").polars().height == 2


@each("name", ["hex", "rot13", "base64", "zlib", "undefined", "idna", "punycode"])
def test_a_codec_that_is_no_encoding_of_text_is_refused(name: str) -> None:
    with pytest.raises(UnknownName, match="unknown encoding"):
        codec_of(name)
    assert codec_of("iso-8859-15") == "iso8859-15"


def test_western_text_is_that_of_windows_beyond_the_sample_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A curly apostrophe behind the sample became a control character, in silence."""
    monkeypatch.setattr(encodings, "SAMPLE", 200)
    monkeypatch.setattr(encodings, "CHUNK", 100)
    rows = "".join(f"Société {i},2004,1\n" for i in range(40))
    (tmp_path / "f.csv").write_bytes(f"firm,year,assets\n{rows}L’été,2004,2\n".encode("cp1252"))
    table = read_canonical("firms", tmp_path / "f.csv")
    assert "L’été" in table.polars()["firm"].to_list()
    assert "encoding cp1252" in str(table.account)


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux alone")
def test_names_of_files_in_other_bytes_are_told(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/" + "出口企业".encode("gbk"))
    Path(name + ".csv").write_text(ROWS)
    with pytest.raises(Unreadable, match="is not UTF-8") as caught:
        read_canonical("firms", tmp_path)
    assert "出口企业.csv in gb18030" in caught.value.example
    assert "convmv -r -f gbk -t utf-8 FOLDER" in caught.value.remedy


def program(*words: str | bytes, encoding: str = "utf-8") -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    return subprocess.run(
        [sys.executable, "-m", "integrade", *words], capture_output=True, env=environment, check=False
    )


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are bytes on Linux alone")
@pytest.mark.parametrize("words", [["new"], ["clean", "f.csv", "--rules", "cai_liu", "--out"], ["check"]])
def test_a_folder_or_result_in_other_bytes_is_refused_before_work(words: list[str], tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_text(ROWS)
    words = [str(tmp_path / w) if w == "f.csv" else w for w in words]
    target = os.fsencode(tmp_path) + b"/" + "研究.csv".encode("gbk")
    done = program(*words, target)
    assert done.returncode in (1, 2)
    assert b"Traceback" not in done.stderr
    assert not os.path.exists(target)


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_terminal_that_lacks_a_sign_shows_its_code(encoding: str, tmp_path: Path) -> None:
    done = program("check", str(study(tmp_path, STUDY.replace("f.csv", "企业.csv").encode())), encoding=encoding)
    assert b"Traceback" not in done.stderr
    assert b"\\u4f01\\u4e1a.csv" in done.stderr


NAMES = st.text(st.characters(max_codepoint=0x10FFFF), max_size=6)


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(name=NAMES, title=NAMES)
def test_no_figure_has_a_control_character(name: str, title: str) -> None:
    """In the chart that a user holds, too: it may be drawn in the user's own process."""
    chart = dressed(alt.Chart(data([{"region": name, "x": 1.0}])).mark_point().encode(x="x:Q"), title, subtitle=name)
    for shown in (chart.to_dict(validate=False), specification(chart)):
        text = json.dumps(shown, ensure_ascii=False)
        assert not [c for c in text if c < " " or "\x7f" <= c < "\xa0" or "\ud800" <= c < "\ue000"]
        assert "\\u00" not in text


def test_the_encoding_that_failed_is_not_advised(tmp_path: Path) -> None:
    """KOI8-R looks like GB18030, which it is not."""
    path, regions = tmp_path / "p.csv", ["Москва", "Тверь"]
    path.write_bytes("".join(f"{one},2001\n" for one in ["регион", *regions]).encode("koi8-r"))
    with pytest.raises(Unreadable) as caught:
        read_table(path)
    assert 'encoding="koi8-r"' in caught.value.remedy
    assert "it looks like" not in caught.value.remedy
    assert read_table(path, encoding="koi8-r").polars().to_series(0).to_list() == regions


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(codec=st.sampled_from(["utf-16", "utf-32"]), cut=st.integers(1, 3), named=st.booleans())
def test_a_damaged_file_of_wide_characters_is_offered_no_other_encoding(
    tmp_path_factory: pytest.TempPathFactory, codec: str, cut: int, named: bool
) -> None:
    """The remedy was KOI8-R, by which nothing of it can be read."""
    whole = "region,year,gdp_x\nMünchen,2004,1\nKöln,2005,2\n".encode(codec)
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_bytes(whole[: -cut if cut % int(codec[4:]) else -1] if codec == "utf-32" else whole[:-1])
    with pytest.raises(Unreadable, match=f"is not valid {codec}") as caught:
        read_table(path, encoding=codec if named else None)
    assert "encoding" not in caught.value.remedy
    assert "fetch it again" in caught.value.remedy
    path.write_bytes(whole)
    assert read_table(path).polars().height == 2
