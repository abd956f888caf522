"""The layout of the end of a command: wrapped at words, labels beside, few lines, in English and Chinese."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from integrade.wording.ending import CUT, NOT_FIRST, NOT_LAST, Line, Part, laid_out, wrapped
from integrade.wording.sheet import width

WORDS = st.text("ab ，（市场）.％2", max_size=80)


def text_of(line: Line) -> str:
    return "".join(piece.text for piece in line).rstrip()


def lines_of(parts: list[Part], columns: int, most: int | None = 12) -> list[str]:
    return [text_of(line) for line in laid_out(parts, columns, most)]


@given(WORDS, st.integers(10, 30))
def test_no_sign_is_lost_and_no_line_is_wider_than_asked_unless_it_is_one_word(text: str, columns: int) -> None:
    lines = wrapped(text, columns)
    assert "".join("".join(lines).split()) == "".join(text.split())
    for line in lines:
        breakable = any(sign == " " or width(sign) == 2 for sign in line.strip()[1:-1])
        assert width(line) <= columns or not breakable or set(line) & {*NOT_FIRST, *NOT_LAST}


def test_chinese_breaks_between_characters_but_not_before_a_comma_or_in_a_number() -> None:
    assert wrapped("市场一体化，产品质量 0.158 个", 10) == ["市场一体", "化，产品质", "量 0.158", "个"]
    assert wrapped("产品质量（95% 区间）", 10) == ["产品质量", "（95% 区", "间）"]


def test_labels_wrap_beside_the_text_and_a_table_is_aligned() -> None:
    parts = [
        Part("Quality rises with integration up to 4.06.", "Answer"),
        Part("supported\tH1  H4", "Verdicts", "supported"),
        Part("not supported\tH2", "Verdicts", "not supported"),
        Part("59% of it is noise.", "Strongest objection"),
        Part("a/long/path/of/a/report/that/is/kept/whole.html", "Report", "path", whole=True),
        Part("done in 33 s"),
    ]
    assert lines_of(parts, 40) == [
        "Answer      Quality rises with",
        "            integration up to 4.06.",
        "Verdicts    supported      H1  H4",
        "            not supported  H2",
        "Strongest   59% of it is noise.",
        "objection",
        "Report      a/long/path/of/a/report/that/is/kept/whole.html",
        "done in 33 s",
    ]


def test_long_texts_lose_their_last_lines_where_there_are_too_many() -> None:
    parts = [Part("word " * 200, "Answer"), Part("other " * 40, "Strongest objection"), Part("there", "Report")]
    lines = lines_of(parts, 60)
    assert len(lines) == 12
    assert sum(line.endswith(CUT) for line in lines) >= 1
    assert all(width(line) <= 60 for line in lines)
    assert lines[-1].split() == ["Report", "there"]
    assert len(lines_of(parts, 60, most=None)) > 12


def test_a_text_that_is_too_long_ends_after_a_whole_sentence() -> None:
    parts = [Part("It rises to 4.058 and falls. A larger value means more of it. " + "Then more. " * 4, "Answer")]
    assert lines_of(parts, 30, most=2) == ["Answer  It rises to 4.058 and", "        falls."]
    chinese = [Part("随着市场一体化上升，质量先升后降。数值越大表示市场一体化程度越高。", "结论")]
    assert lines_of(chinese, 26, most=2) == ["结论  随着市场一体化上升，", "      质量先升后降。"]
