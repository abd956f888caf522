"""Encodings before Unicode: told where the bytes tell them, refused with what each would read where they do not."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from each import each
from integrade.errors import Unreadable
from integrade.sources import read_table
from rawcells.bytes.encodings import codec_of, detect

WORDS = {
    "gb18030": [
        "北京市",
        "河北省",
        "内蒙古自治区",
        "浙江",
        "企业代码",
        "从业人数",
        "食品",
        "居住",
        "上海浦东",
        "钢铁集团",
        "出口额",
        "黑龙江",
    ],
    "big5": [
        "臺北市",
        "高雄市",
        "桃園縣",
        "企業名稱",
        "從業人數",
        "食品",
        "出口額",
        "消費者物價指數",
        "南投縣",
        "製造業",
    ],
    "shift_jis": [
        "東京都",
        "北海道",
        "神奈川県",
        "都道府県",
        "消費者物価指数",
        "コード",
        "食料",
        "鹿児島県",
        "さいたま市",
        "輸出額",
    ],
    "euc_jp": [
        "東京都",
        "北海道",
        "神奈川県",
        "都道府県",
        "消費者物価指数",
        "コード",
        "食料",
        "鹿児島県",
        "さいたま市",
        "輸出額",
    ],
    "euc_kr": [
        "서울특별시",
        "부산",
        "경기도",
        "소비자물가지수",
        "지역",
        "연도",
        "수출액",
        "대구",
        "전라남도",
        "기업명",
    ],
    "cp1252": [
        "Côte-d’Or",
        "Hérault",
        "Thüringen",
        "Württemberg",
        "São_Paulo",
        "educação",
        "AÇÃO",
        "ESPAÑA",
        "Málaga",
        "Île",
        "Øst",
        "naïve",
        "20°C",
        "m²",
    ],
    "cp1250": ["województwo", "śląskie", "Łódzkie", "Jihočeský", "Žilinský", "małopolskie", "świętokrzyskie"],
}
RUSSIAN = ["регион", "Москва", "Тверь", "Санкт-Петербург", "область", "цена", "продукт"]


CYRILLIC = [*RUSSIAN, "Казань", "индекс", "занятость", "товар", "страна", "год", "хлеб", "МОСКВА", "Тула", "Алтайский"]
GREEK = ["Αθήνα", "Θεσσαλονίκη", "Πάτρα", "τιμή", "περιοχή", "έτος"]
OTHERS = {
    **dict.fromkeys(("cp866", "cp855", "iso8859-5", "mac-cyrillic", "koi8-r", "cp1251"), CYRILLIC),
    "cp1125": ["Україна", "Київ", "Львів", "область", "ціна", "товар", "рік"],
    "cp737": GREEK,
    "cp1253": GREEK,
    "cp862": ["ירושלים", "חיפה", "שנה"],
    "cp850": ["Hérault", "année", "München", "educação", "España", "Málaga", "Île", "Isère"],
    "mac-roman": ["Hérault", "année", "Ardèche", "educação", "Málaga", "Isère"],
}
"""Words of which an old encoding makes letters, kana or signs of another one."""


def text_of(path: Path, words: list[str], codec: str) -> Path:
    path.write_bytes("".join(f"{word},{i}\n" for i, word in enumerate(["x,y", *words])).encode(codec_of(codec)))
    return path


@settings(max_examples=400, deadline=None, database=None, derandomize=True)
@given(data=st.data(), codec=st.sampled_from(sorted(WORDS)))
def test_no_encoding_is_taken_for_another(
    data: st.DataObject, codec: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One of the West may be read as its neighbour, which the account says with a word."""
    words = data.draw(st.lists(st.sampled_from(WORDS[codec]), min_size=1, max_size=6, unique=True))
    path = text_of(tmp_path_factory.mktemp("t") / "t.csv", words, codec)
    try:
        found = detect(path)
    except Unreadable:
        assert len(words) < 3
        return
    western = ("cp1252", "latin-1", "cp1250", "iso8859-2", "utf-8")
    assert found in western if codec in western else found == codec


def test_lines_of_two_encodings_are_refused(tmp_path: Path) -> None:
    """Files put together: one half was read as letters that nobody wrote."""
    path = tmp_path / "t.csv"
    path.write_bytes("x,y\nMünchen,1\n".encode() + "Köln,2\nGörlitz,3\n".encode("cp1252"))
    with pytest.raises(Unreadable, match=r"lines in UTF-8 and others in cp125[\s\S]*München,1; K"):
        read_table(path)
    assert read_table(path, encoding="cp1252").polars().height == 3


def test_utf16_without_a_mark_is_told_beside_letters(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("name,year\nÄrzte,2010\n".encode("utf-16-le"))
    with pytest.raises(Unreadable, match="it looks like utf-16"):
        read_table(tmp_path / "t.csv")


THAI = ["กรุงเทพมหานคร", "นครราชสีมา", "ภูเก็ต", "ขอนแก่น", "ข้าวหอมมะลิ", "เนื้อสัตว์", "ราคา", "สินค้า", "ปี", "บริษัท ปูนซิเมนต์ไทย"]


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(words=st.lists(st.sampled_from(THAI), min_size=1, max_size=6, unique=True))
def test_thai_is_not_taken_for_narrow_kana(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    """Its letters are the bytes of narrow kana, which were read in their place."""
    path = text_of(tmp_path_factory.mktemp("t") / "t.csv", words, "cp874")
    with pytest.raises(
        Unreadable, match=r"cannot be determined from its bytes[\s\S]*cp874 \(Thai\)|encoding=\"cp874\" \(Thai\)"
    ):
        detect(path)


def test_narrow_kana_are_japanese(tmp_path: Path) -> None:
    words = ["ﾄﾖﾀｼﾞﾄﾞｳｼｬ", "ﾊﾟﾅｿﾆｯｸ", "ﾐﾂﾋﾞｼﾃﾞﾝｷ"]
    assert detect(text_of(tmp_path / "t.csv", words, "shift_jis")) == "shift_jis"


@pytest.mark.parametrize(("codec", "words"), [("iso2022_jp", ["東京都", "食料"]), ("iso2022_kr", ["부산", "대구"])])
def test_an_encoding_that_shifts_is_told(codec: str, words: list[str], tmp_path: Path) -> None:
    """Its bytes are ASCII by themselves, and were read as it."""
    path = text_of(tmp_path / "t.csv", words, codec)
    with pytest.raises(Unreadable, match=codec):
        read_table(path)
    assert read_table(path, encoding=codec).polars()["x"].to_list() == words


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(data=st.data(), codec=st.sampled_from(sorted(OTHERS)))
def test_no_old_alphabet_is_read_as_letters_of_the_west(
    data: st.DataObject, codec: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A short Russian file of DOS was cp1252, Shift-JIS or Big5, and nothing was said."""
    words = data.draw(st.lists(st.sampled_from(OTHERS[codec]), min_size=1, max_size=6, unique=True))
    path = text_of(tmp_path_factory.mktemp("t") / "t.csv", words, codec)
    with pytest.raises(Unreadable, match="cannot be determined from its bytes"):
        detect(path)


@each("codec", ["cp866", "iso8859-5", "mac-cyrillic", "cp855", "cp737", "cp862", "cp850", "mac-roman"])
def test_the_old_encoding_is_offered(codec: str, tmp_path: Path) -> None:
    path = text_of(tmp_path / "t.csv", OTHERS[codec][-3:], codec)
    with pytest.raises(Unreadable) as caught:
        read_table(path)
    assert f'encoding="{codec}"' in caught.value.remedy
    assert f"{codec}: {OTHERS[codec][-3]}" in caught.value.example
    assert read_table(path, encoding=codec).polars().to_series(0).to_list()[-3:] == OTHERS[codec][-3:]


@pytest.mark.parametrize(
    ("codec", "words"),
    [
        ("cp1254", ["İzmir", "Ağrı", "Muğla", "bölge"]),
        ("cp1250", ["Győr", "Fejér", "Szabolcs", "Tőke"]),
        ("cp1250", ["Gdańsk", "Poznań"]),
        ("cp1250", ["Łódzkie"]),
    ],
)
def test_letters_that_two_languages_share_are_asked_for(codec: str, words: list[str], tmp_path: Path) -> None:
    """Turkish, Hungarian and Polish were read as Icelandic, Estonian and Spanish."""
    path = text_of(tmp_path / "t.csv", words, codec)
    with pytest.raises(Unreadable, match=f'encoding="{codec}"'):
        read_table(path)
    assert read_table(path, encoding=codec).polars().to_series(0).to_list()[-len(words) :] == words


@each(
    "word",
    [
        *("Österreich", "Länge", "für", "Größe", "août", "forêt", "œuvre", "où", "Île", "España", "año"),
        *(
            "Índice",
            "Perú",
            "São",
            "regiões",
            "på",
            "Århus",
            "Ærø",
            "Ísland",
            "città",
            "più",
            "price_€",
            "t_(°C)",
            "m²",
        ),
    ],
)
def test_one_word_of_the_west_is_enough(word: str, tmp_path: Path) -> None:
    assert detect(text_of(tmp_path / "t.csv", [word], "cp1252")) == "cp1252"


TRADITIONAL = ["英國", "統計", "咖啡", "項目", "日本", "廠商", "雞蛋", "製造業", "面積", "產品", "韓國", "批發"]


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(words=st.lists(st.sampled_from(TRADITIONAL), min_size=1, max_size=3, unique=True))
def test_short_big5_is_not_taken_for_others(tmp_path_factory: pytest.TempPathFactory, words: list[str]) -> None:
    path = text_of(tmp_path_factory.mktemp("t") / "t.csv", words, "big5")
    with suppress(Unreadable):
        assert detect(path) == "big5"


@settings(max_examples=100, deadline=None, database=None, derandomize=True)
@given(data=st.data(), names=st.permutations(["gb18030", "big5"]), more=st.sampled_from([0, 60_000]))
def test_files_of_two_encodings_of_east_asia(
    data: st.DataObject, names: list[str], more: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The bytes of one are characters of the other; those behind the sample were not looked at."""
    parts = [data.draw(st.lists(st.sampled_from(WORDS[n]), min_size=5, max_size=9, unique=True)) for n in names]
    path = tmp_path_factory.mktemp("t") / "t.csv"
    halves = [("\n".join(words) + "\n").encode(n) for n, words in zip(names, parts, strict=True)]
    path.write_bytes(b"x\n" + halves[0] * (1 + more // len(parts[0])) + halves[1] * (1 + more // 10))
    with pytest.raises(
        Unreadable, match=r"seems to have lines in \w+ and others in|cannot be determined from its bytes"
    ):
        detect(path)


@pytest.mark.parametrize("codec", ["shift_jis", "euc_jp", "euc_kr"])
def test_what_is_told_is_read_and_said(codec: str, tmp_path: Path) -> None:
    """It was read as letters of the West, or as Chinese."""
    table = read_table(text_of(tmp_path / "t.csv", WORDS[codec], codec))
    assert table.polars().to_series(0).to_list()[-10:] == WORDS[codec]
    assert f"encoding {codec} (detected" in str(table.account)


@pytest.mark.parametrize("codec", ["cp1251", "koi8-r", "cp1253", "cp1256", "cp874"])
def test_other_scripts_are_refused_and_offered(codec: str, tmp_path: Path) -> None:
    words = {
        "cp1253": ["Αθήνα", "Θεσσαλονίκη", "Πάτρα"],
        "cp1256": ["القاهرة", "بغداد", "الرياض"],
        "cp874": ["กรุงเทพ", "เชียงใหม่"],
    }.get(codec, RUSSIAN)
    path = text_of(tmp_path / "t.csv", words, codec)
    with pytest.raises(Unreadable, match=r"t\.csv (cannot be determined from its bytes|is not)") as caught:
        read_table(path)
    assert f'encoding="{codec}"' in caught.value.remedy
    assert read_table(path, encoding=codec).polars().to_series(0).to_list()[-len(words) :] == words


def test_bytes_of_one_sign_do_not_tell_and_each_reading_is_shown(tmp_path: Path) -> None:
    path = text_of(tmp_path / "t.csv", ["省"], "gb18030")
    with pytest.raises(Unreadable) as caught:
        read_table(path)
    assert "gb18030: 省,1" in caught.value.example
    assert "euc_jp: 福,1" in caught.value.example
    assert 'encoding="gb18030" (simplified Chinese)' in caught.value.remedy
    assert read_table(path, encoding="gb18030").polars().to_series(0).to_list()[-1] == "省"


def test_what_a_page_says_of_itself_decides(tmp_path: Path) -> None:
    page = (
        "<html><meta charset=gb2312><table><tr><th>x</th><th>y</th></tr><tr><td>省</td><td>1</td></tr></table></html>"
    )
    (tmp_path / "t.html").write_bytes(page.encode("gb18030"))
    assert read_table(tmp_path / "t.html").polars().to_series(0).to_list() == ["省"]


def test_stata_files_too(tmp_path: Path) -> None:
    def old(text: str, codec: str) -> str:
        return text.encode(codec).decode("latin-1")

    told, untold = tmp_path / "k.dta", tmp_path / "u.dta"
    rows = {"region": [old(word, "cp949") for word in WORDS["euc_kr"]]}
    pd.DataFrame(rows).to_stata(told, version=114, write_index=False)
    assert read_table(told).polars()["region"].to_list() == WORDS["euc_kr"]
    pd.DataFrame({"region": [old("省", "gb18030")]}).to_stata(untold, version=114, write_index=False)
    with pytest.raises(Unreadable, match="cannot be determined from its bytes"):
        read_table(untold)


def test_a_word_without_end_is_passed_over_once(tmp_path: Path) -> None:
    """A million digits without a sign beyond ASCII in them: a search that begins anew at each takes a day."""
    path = tmp_path / "long.csv"
    path.write_bytes(b"city,index\nMalm\xf6," + b"1" * 1_000_000 + b"\nJ\xf6nk\xf6ping,1\nG\xe4vle,2\n")
    assert detect(path) == "cp1252"
