"""The order of figures and tables in a section, and where tables break, from heights alone."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrade.report.pagination import FEW_ROWS, ROWS_TOGETHER, Chapter, Kind, Piece, Place, Sheet, paginated

SHEET = Sheet(700.0, 460.0)
ROW = 10.0


def text(height: float) -> Piece:
    return Piece(Kind.TEXT, height, 9, 9)


def figure(height: float) -> Piece:
    return Piece(Kind.FIGURE, height, 14, 14, image=height - 20)


def table(rows: int, *, wide: bool = False) -> Piece:
    return Piece(
        Kind.TABLE, 60 + ROW * rows, 14, 14, wide=wide, top=30, rows=(ROW,) * rows, bottom=30, together=frozenset({6})
    )


def plan(*pieces: Piece, used: float = 0.0) -> list[Place]:
    (found,) = paginated([Chapter(40, 25, pieces)], used, SHEET)
    return found


PIECES = st.lists(
    st.one_of(
        st.floats(10, 900).map(text),
        st.floats(80, 650).map(figure),
        st.builds(table, st.integers(1, 150), wide=st.booleans()),
    ),
    max_size=7,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=4), st.floats(0, 690))
def test_every_piece_stands_once_below_its_text_and_in_the_order_of_its_kind(
    sections: list[list[Piece]], used: float
) -> None:
    chapters = [Chapter(40, 25, tuple(pieces)) for pieces in sections]
    for chapter, places in zip(chapters, paginated(chapters, used, SHEET), strict=True):
        order = [place.piece for place in places]
        assert sorted(order) == list(range(len(chapter.pieces)))
        for kind in Kind:
            own = [i for i in order if chapter.pieces[i].kind is kind]
            assert own == sorted(own)
        for n, i in enumerate(order):
            texts = {j for j in range(i) if chapter.pieces[j].kind is Kind.TEXT}
            assert texts <= set(order[:n])
        for place in places:
            piece = chapter.pieces[place.piece]
            ends = (0, *place.cuts, len(piece.rows))
            assert not place.cuts or all(b - a >= ROWS_TOGETHER for a, b in pairwise(ends))
            assert not piece.together & set(place.cuts)
            assert place.share == 1 or piece.kind is Kind.FIGURE


def test_a_figure_without_room_lets_the_table_below_it_pass() -> None:
    assert [p.piece for p in plan(figure(400), figure(400), table(20))] == [0, 2, 1]


def test_a_figure_is_made_smaller_before_a_page_is_left() -> None:
    (first, second) = plan(figure(340), figure(340))
    assert not second.breaks_before
    assert min(first.share, second.share) < 1


def test_a_table_that_a_page_holds_breaks_only_where_much_is_left() -> None:
    whole = plan(text(480), table(30), table(25))
    assert [(p.cuts, p.breaks_before) for p in whole] == [((), False), ((), True), ((), False)]
    broken = plan(text(150), table(50), table(30))
    assert broken[1].cuts
    assert not broken[1].breaks_before


def test_a_table_is_in_smaller_type_before_it_breaks() -> None:
    two = replace(table(27), smaller=300.0)
    first, second = plan(two, two)
    assert not second.breaks_before
    assert not first.cuts
    assert not second.cuts
    assert first.smaller or second.smaller
    assert not any(p.smaller for p in plan(two))


def test_a_table_breaks_at_a_rule_rather_than_within_a_block() -> None:
    block = replace(table(50), blocks=frozenset({38}))
    assert plan(text(150), block, table(30))[1].cuts == (38,)
    assert plan(text(150), table(50), table(30))[1].cuts == (42,)


def test_few_rows_are_not_left_for_a_page_of_their_own() -> None:
    (place,) = plan(table(64))
    assert 64 - place.cuts[-1] >= FEW_ROWS


def test_a_heading_with_a_sentence_goes_to_the_page_of_its_table() -> None:
    chapters = [Chapter(40, 25, (text(500),)), Chapter(40, 25, (text(10), table(38)))]
    _, (said, shown) = paginated(chapters, 0, SHEET)
    assert said.breaks_before
    assert not shown.breaks_before
    longer = [chapters[0], Chapter(40, 25, (text(60), table(38)))]
    assert not paginated(longer, 0, SHEET)[1][0].breaks_before


@pytest.mark.parametrize("rows", [200, 137, 71])
def test_a_table_longer_than_a_page_breaks_as_often_as_it_must(rows: int) -> None:
    (place,) = plan(table(rows))
    assert len(place.cuts) == (40 + 60 + ROW * rows) // 660


def test_a_table_that_neither_breaks_nor_fits_below_its_heading_has_a_place() -> None:
    table = Piece(Kind.TABLE, 690.0, 12.0, 12.0)
    places = paginated([Chapter(40.0, 20.0, (table,)), Chapter(40.0, 20.0, (table,))], 300.0, Sheet(700.0, 450.0))
    assert [[p.piece for p in of_chapter] for of_chapter in places] == [[0], [0]]
    assert all(p.breaks_before for of_chapter in places for p in of_chapter)
