"""Code customs rows and sort them by product: the form in which every measure of quality takes them.

Rows come from the engine in pieces. Each piece is coded and its rows are copied to the ranges of their products. If the
rows exceed the memory budget, the ranges are in memory-mapped files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeAlias, TypeVar

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from integrade.engine.frames import (
    Data,
    Frame,
    Table,
    batch_rows,
    batches,
    on_this_machine,
    require_disk,
    share_of_budget,
    spilled_numbers,
    tell_of_need,
)
from integrade.quality.coding import OPTIONAL, ORDER, TEXT, count_rows
from integrade.quality.segments import Places, Vector, joined, next_places, runs, stable_order, sums
from integrade.records.schema import SIZES, YEAR
from plainwords.texts import say

Codes: TypeAlias = NDArray[np.int32]
Result = TypeVar("Result")

BYTES = 110  # bytes a row at the peak of coding in one reading, which keeps all pieces in memory
ROW, CODE, NUMBER = 20, 4, 8  # bytes a row of value, quantity and market; of a code; of another number
PLACING = 6  # bytes a row of year and destination, which are needed until the market of the row is known
WORKING = 200  # bytes a row that a block takes while a measure computes it
BLOCK = 1 << 16  # rows of a block, a set of products that is processed at once; a convention that affects speed alone
_ALL = slice(None)
_CHANGED = "customs rows changed between two readings"
_KEYS = tuple(name for names in TEXT.values() for name in names)


@dataclass(frozen=True)
class Arranged:
    """Customs rows sorted by product, destination, year, variety, regime and firm, with one row per key.

    ``starts`` (H + 1): the first row of each product. Rows (n): ``market`` is destination x years + year, ``codes`` has
    the codes of f, g and c by letter, ``value``, ``quantity``. ``carried``: further columns, numbers or codes of texts
    (-1 for missing). ``levels`` has, by letter (or name of a carried column), a table with the text of every code; code
    i is in row i. ``sizes`` counts the levels by letter, with the years from ``first_year`` on. ``merged``: how many
    rows were summed into others. ``on_disk``: about how many bytes of files hold the rows, and the arrays that a
    measure makes for every row; 0 if they are in memory.
    """

    starts: Places
    market: NDArray[Any]
    codes: Mapping[str, Codes]
    value: Vector
    quantity: Vector
    carried: Mapping[str, NDArray[Any]]
    levels: Mapping[str, pl.DataFrame]
    sizes: Mapping[str, int]
    first_year: int
    merged: int
    on_disk: int = 0

    @property
    def spilled(self) -> bool:
        """Whether the rows, and new arrays with a number for each row, are in files."""
        return self.on_disk > 0

    @property
    def n(self) -> int:
        """Return the number of rows."""
        return len(self.value)

    @property
    def products(self) -> int:
        """Return the number of products."""
        return len(self.starts) - 1

    @property
    def years(self) -> int:
        """Return the number of years from the first to the last."""
        return self.sizes["t"]

    @property
    def letters(self) -> tuple[str, ...]:
        """The letters of the key of a row."""
        return tuple(self.sizes)

    def numbers(self, kind: Any = np.float64) -> NDArray[Any]:
        """Return an uninitialised array with one number for every row."""
        return room(self.n, kind, spilled=self.spilled)

    def letter(self, letter: str, at: Any = _ALL) -> NDArray[Any]:
        """Return codes of a letter (h product, m destination, t year, g variety, c regime, f firm) for rows ``at``."""
        if letter == "h":
            return self._products(at)
        if letter == "m":
            return np.asarray(self.market[at] // np.int32(self.years))
        return np.asarray(self.market[at] % np.int32(self.years) if letter == "t" else self.codes[letter][at])

    def _products(self, at: Any) -> NDArray[Any]:
        if not isinstance(at, slice):
            return np.asarray(np.searchsorted(self.starts, at, side="right") - 1, dtype=np.int32)
        first, end, _ = at.indices(self.n)
        low, high = np.searchsorted(self.starts, first, side="right") - 1, np.searchsorted(self.starts, end)
        ends = np.clip(self.starts[low : high + 1], first, end)
        return np.repeat(np.arange(low, high, dtype=np.int32), np.diff(ends))

    def by_product(self, values: NDArray[Any], at: slice = _ALL) -> NDArray[Any]:
        """Return the value of its product (H,) for each row ``at``."""
        return np.asarray(values[self._products(at)])

    def ln_price(self, at: slice) -> Vector:
        """Return ln v - ln q of rows ``at``."""
        return np.asarray(np.log(self.value[at]) - np.log(self.quantity[at]))

    def where(self, holds: NDArray[np.bool_]) -> Callable[[slice], NDArray[np.bool_]]:
        """Return a function from a slice of rows to whether a condition holds for the product (H,) of each row."""
        return lambda at: self.by_product(holds, at)

    def filled(self, column: Callable[[slice], NDArray[Any]], kind: Any = np.float64) -> NDArray[Any]:
        """Return an array (n,) that ``column`` computes from slices of rows."""
        out = self.numbers(kind)
        for at in self.pieces():
            out[at] = column(at)
        return out

    def joint(self, letters: Sequence[str], at: Any = _ALL) -> Places:
        """Return several letters as one number for rows ``at``; the first letter is the most significant digit."""
        code = joined([self.letter(x, at) for x in letters], [self.sizes[x] for x in letters])
        if code is None:
            raise OverflowError(f"codes of {', '.join(letters)} exceed 63 bits")
        return code

    def each(self, task: Callable[[int, int], Result], firsts: Places | None = None) -> list[Result]:
        """Run ``task(low, high)`` on blocks of products low..high-1, in threads; return the results in order.

        ``firsts``: the first products of groups that stay together, and the number of products.
        """
        blocks = blocks_of(self.starts if firsts is None else self.starts[firsts])
        if firsts is not None:
            blocks = [(int(firsts[low]), int(firsts[high])) for low, high in blocks]
        if len(blocks) == 1:
            return [task(*blocks[0])]
        with ThreadPoolExecutor(threads()) as pool:
            return list(pool.map(lambda block: task(*block), blocks))

    def gathered(
        self, task: Callable[[int, int], Sequence[NDArray[Any]]], kinds: Sequence[Any]
    ) -> tuple[NDArray[Any], ...]:
        """Run ``task(low, high)`` on blocks of products; return its arrays of all blocks end to end, one for each kind.

        The arrays of a block are of one length, which is at most the number of rows of the block.
        """
        out = [self.numbers(kind) for kind in kinds]

        def block(low: int, high: int) -> tuple[int, int]:
            first, parts = int(self.starts[low]), task(low, high)
            for column, part in zip(out, parts, strict=True):
                column[first : first + len(part)] = part
            return first, len(parts[0])

        return tuple(_close_gaps(out, self.each(block)))

    def block(self, low: int, high: int) -> slice:
        """Return the rows of products low..high-1."""
        return slice(int(self.starts[low]), int(self.starts[high]))

    def pieces(self) -> Iterator[slice]:
        """Yield slices of rows to process together."""
        return pieces_of(self.n)

    def rows(self, at: Any = _ALL, **more: Any) -> pl.DataFrame:
        """Return rows with the codes by letter, v (value), q (quantity) and the columns ``more``, one value per row."""
        codes = {letter: self.letter(letter, at).astype(np.int64) for letter in self.sizes}
        numbers = {name: column[at] for name, column in {"v": self.value, "q": self.quantity, **more}.items()}
        return pl.DataFrame({**codes, **numbers})

    def rows_by_product(self) -> pl.DataFrame:
        """Return a table with the number of rows ``n_rows`` of each product ``h``."""
        return pl.DataFrame({"h": np.arange(self.products), "n_rows": np.diff(self.starts)})

    def in_key_order(self) -> Places:
        """Return the order of rows by firm, product, variety, destination, year and regime, the order of results."""
        order = self.numbers(np.int64)
        if {"g"} & set(self.sizes):
            letters = [x for x in ORDER if x in self.sizes and x not in "fh"]

            def inner(low: int, high: int) -> None:
                at = self.block(low, high)
                columns = [self.letter(x, at) for x in reversed(letters)]
                order[at] = at.start + np.lexsort((*columns, self.letter("h", at)))

            self.each(inner)
        else:
            for at in self.pieces():
                order[at] = np.arange(at.start, at.stop)
        return order if "f" not in self.sizes else self.sorted_by(self.codes["f"], self.sizes["f"], order)

    def sorted_by(self, code: Codes, size: int, order: Places | None = None) -> Places:
        """Return ``order`` (default: the given order) sorted by a code below ``size``; equal codes keep their order."""
        out = room(len(code), np.int64, spilled=self.spilled)
        counts = np.zeros(size, dtype=np.int64)
        for at in pieces_of(len(code)):
            counts += np.bincount(code[at], minlength=size)
        cursor = np.cumsum(counts) - counts
        for at in pieces_of(len(code)):
            here = np.arange(at.start, at.stop) if order is None else order[at]
            by_code = stable_order(code[here], size)
            out[next_places(cursor, code[here][by_code])] = here[by_code]
        return out


def looked_up(rows: Arranged, table: pl.DataFrame, on: Sequence[str], name: str) -> Vector:
    """Return the value of column ``name`` for each row (n,), from a table with one row per key ``on`` in letters.

    The value is missing (NaN) for a key that is not in the table.
    """
    sizes = [rows.sizes[letter] for letter in on]
    inside = table.drop_nulls([*on, name]).filter(
        *(pl.col(letter).is_between(0, size - 1) for letter, size in zip(on, sizes, strict=True))
    )
    key = joined([inside[letter].to_numpy() for letter in on], sizes)
    assert key is not None, "codes of side tables have fewer than 63 bits"
    order = np.argsort(key)
    key, values = np.append(key[order], -1), np.append(inside[name].cast(pl.Float64).to_numpy()[order], np.nan)
    out = rows.numbers()
    for at in rows.pieces():
        wanted = rows.joint(on, at)
        place = np.searchsorted(key[:-1], wanted)
        out[at] = np.where(key[place] == wanted, values[place], np.nan)
    return out


def blocks_of(starts: Places) -> list[tuple[int, int]]:
    """Split products into consecutive blocks of about `BLOCK` rows; return (first, last + 1) of each."""
    last, step = len(starts) - 1, min(BLOCK, batch_rows())
    cuts = np.searchsorted(starts, np.arange(step, int(starts[-1]), step), side="right") - 1
    return list(pairwise(sorted({0, last, *cuts.tolist()})))


def pieces_of(n: int) -> Iterator[slice]:
    """Yield slices of ``n`` entries to process together."""
    step = batch_rows()
    return (slice(low, min(low + step, n)) for low in range(0, n, step))


def threads() -> int:
    """Return how many blocks are processed at once: as many as Polars has threads, or fewer under a small budget."""
    return max(1, min(pl.thread_pool_size(), share_of_budget() // (WORKING * min(BLOCK, batch_rows()))))


class _Texts:
    """The distinct texts of a column, coded in the order of first occurrence."""

    def __init__(self) -> None:
        self.dictionary = pl.Categories.random()
        self.kept = pl.Series([], dtype=pl.Categorical(self.dictionary))  # otherwise Polars frees the texts

    def code(self, column: pl.Series) -> Codes:
        """Return the codes of the texts of a column; -1 for missing."""
        codes = column.cast(pl.Categorical(self.dictionary)).to_physical().cast(pl.Int32)
        return codes.fill_null(-1).to_numpy()

    def texts(self) -> pl.Series:
        """Return the text of every code."""
        return self.dictionary.to_series()

    def ranks(self) -> tuple[pl.Series, Codes]:
        """Return the sorted texts, and the rank of every code."""
        texts = self.texts()
        order = texts.arg_sort()
        rank = np.empty(len(texts), dtype=np.int32)
        rank[order.to_numpy()] = np.arange(len(texts), dtype=np.int32)
        return texts.gather(order), rank


Piece: TypeAlias = dict[str, NDArray[Any]]


@dataclass
class _Products:
    """The products seen so far, as pairs of the codes of product and unit, with their rows."""

    pairs: Places = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    rows: Places = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    def count(self, piece: Piece) -> None:
        """Add the rows of a piece."""
        pairs, rows = np.unique(_pair(piece), return_counts=True)
        both, at = np.unique(np.concatenate([self.pairs, pairs]), return_inverse=True)
        self.rows = np.bincount(at, np.concatenate([self.rows, rows]), len(both)).astype(np.int64)
        self.pairs = both

    def levels(self, columns: Mapping[str, _Texts]) -> tuple[pl.DataFrame, Codes]:
        """Return the sorted texts of all products, and the rank of every pair."""
        codes = {"product": self.pairs >> 32, "unit": self.pairs & 0xFFFFFFFF}
        texts = pl.DataFrame(
            [columns[name].texts().gather(codes[name]).alias(name) for name in TEXT["h"] if name in columns]
        )
        order = texts.with_row_index("at").sort(texts.columns)["at"].to_numpy()
        rank = np.empty(len(order), dtype=np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        return texts[order], rank

    def code(self, piece: Piece, rank: Codes) -> Codes:
        """Return the rank of the product of each row; raises `RuntimeError` for a product that was not counted."""
        pair = _pair(piece)
        at = pair >> 32
        if "unit" in piece or len(self.pairs) != int(self.pairs.max(initial=0) >> 32) + 1:
            at = np.minimum(np.searchsorted(self.pairs, pair), len(self.pairs) - 1)
        elif at.max(initial=-1) >= len(self.pairs):
            raise RuntimeError(_CHANGED)
        if not np.array_equal(self.pairs[at], pair):
            raise RuntimeError(_CHANGED)
        return np.asarray(rank[at])


def _pair(piece: Piece) -> Places:
    pair = piece["product"].astype(np.int64) << 32
    return pair | piece["unit"] if "unit" in piece else pair


def is_plain(frame: Frame, customs: Data) -> bool:
    """Return whether customs has the column types that `conform` produces, so that only values must be checked."""
    if isinstance(customs, Table) and customs.conformed:
        return False
    kinds = dict(frame.collect_schema())
    texts = [name for here in TEXT.values() for name in here if name in kinds]
    return (
        {"product", "destination", "year", "value", "quantity"} <= set(kinds)
        and "month" not in kinds
        and all(kinds[name] == nw.String for name in texts)
        and kinds["year"].is_integer()
        and all(kinds[name].is_float() or kinds[name].is_integer() for name in ("value", "quantity"))
    )


def arranged(frame: Frame, n: int, carried: Mapping[str, str] | None = None, more: int = 0) -> Arranged | None:
    """Return customs rows (at most ``n``) arranged by product; None if a row has values that `conform` drops.

    ``carried`` columns (name -> type: number or text) are averaged by value over rows with the same key, and the first
    text in sort order is kept. ``more``: bytes a row that the measure needs in addition. The rows, and what is made for
    every row, are in files if they take more than a third of the memory budget. Raises `SystemRefusal` if the disk has
    no room for these files.
    """
    carried = carried or {}
    names = frame.collect_schema().names()
    texts = [name for name in (*_KEYS, *carried) if name in names and carried.get(name, "text") == "text"]
    numbers = [name for name, kind in carried.items() if kind == "number"]
    frame = frame.select(*texts, "year", "value", "quantity", *numbers)
    columns = {name: _Texts() for name in texts}
    fits = n * BYTES <= share_of_budget()
    with ExitStack() as kept:
        pool = kept.enter_context(ThreadPoolExecutor(threads()))
        here = kept.enter_context(on_this_machine(frame, say("quality.customs-rows"), n, fits=fits))
        pieces = (_piece(rows, columns, numbers, pool) for rows in batches(here))
        products, held = _Products(), list[Piece]()
        for piece in pieces:
            if piece is None:
                return None
            products.count(piece)
            if fits:
                held.append(piece)
        codes = len(set(texts) - set(TEXT["h"]) - {"destination"})
        size = n * (ROW + CODE * codes + NUMBER * len(numbers) + max(PLACING, more))
        on_disk = size if size > share_of_budget() else 0
        if on_disk:
            require_disk(on_disk)
        largest = int(products.rows.max(initial=0))
        tell_of_need(say("quality.rows-of-a-product", n=largest), largest * WORKING)
        placed = _Placed.of(products, columns, numbers, on_disk)
        again = _popped(held) if fits else (_piece(rows, columns, numbers, pool) for rows in batches(here))
        for piece in again:
            if piece is None:
                raise RuntimeError(_CHANGED)
            placed.put(piece)
        return placed.in_order(pool)


def arranged_rows(frame: Frame, carried: Mapping[str, str] | None = None, more: int = 0) -> Arranged:
    """Return the rows of a customs table that `conform` has checked, arranged by product (`arranged`)."""
    rows = arranged(frame, count_rows(frame), carried, more)
    assert rows is not None, "`conform` drops every row that cannot be arranged"
    return rows


def _popped(pieces: list[Piece]) -> Iterator[Piece]:
    """Yield pieces and let go of each."""
    pieces.reverse()
    while pieces:
        yield pieces.pop()


def _piece(
    rows: pl.DataFrame, columns: Mapping[str, _Texts], numbers: Sequence[str], pool: ThreadPoolExecutor
) -> Piece | None:
    """Return a piece of rows as codes and numbers; None if a key is missing, or a number is missing or impossible."""
    values = {name: rows[name].cast(pl.Float64).to_numpy() for name in ("value", "quantity")}
    years = rows["year"]
    if rows.height:
        # a missing number fails both comparisons
        positive = all(x.min() >= SIZES[0] and x.max() <= SIZES[1] for x in values.values())
        in_range = years.null_count() == 0 and bool(years.is_between(YEAR.low or 0, YEAR.high or 0).all())
        needed = (rows[name] for name in ("firm", "product", "destination") if name in columns)
        if not positive or not in_range or any(text.null_count() or (text == "").any() for text in needed):
            return None
    blank = {name: rows[name].fill_null("") if name in OPTIONAL else rows[name] for name in columns}
    codes = dict(zip(columns, pool.map(lambda name: columns[name].code(blank[name]), columns), strict=True))
    more = {name: rows[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in numbers}
    return {**codes, "year": years.cast(pl.Int16).to_numpy(), **values, **more}


def room(n: int, kind: Any, *, spilled: bool) -> NDArray[Any]:
    """Return an uninitialised array of ``n`` numbers, in memory or, if ``spilled``, in a file."""
    return spilled_numbers(n, kind) if spilled and n else np.empty(n, dtype=kind)


@dataclass(frozen=True)
class _Placed:
    """Rows of every product in one range: the start and the next free row of each product, and columns of pieces."""

    products: _Products
    levels: pl.DataFrame
    rank: Codes
    starts: Places
    cursor: Places
    rows: Piece
    texts: Mapping[str, _Texts]
    numbers: Sequence[str]
    on_disk: int

    @classmethod
    def of(cls, products: _Products, texts: Mapping[str, _Texts], numbers: Sequence[str], on_disk: int) -> _Placed:
        """Return empty arrays for the rows that were counted."""
        levels, rank = products.levels(texts)
        counts = np.zeros(len(rank), dtype=np.int64)
        counts[rank] = products.rows
        starts = np.concatenate([[0], np.cumsum(counts)])
        kinds: dict[str, Any] = {name: np.int32 for name in texts if name not in TEXT["h"]} | {"year": np.int16}
        kinds |= dict.fromkeys(("value", "quantity", *numbers), np.float64)
        rows = {name: room(int(starts[-1]), kind, spilled=on_disk > 0) for name, kind in kinds.items()}
        return cls(products, levels, rank, starts, starts[:-1].copy(), rows, texts, numbers, on_disk)

    def put(self, piece: Piece) -> None:
        """Copy the rows of a piece to the ranges of their products."""
        product = self.products.code(piece, self.rank)
        order = stable_order(product, len(self.rank))
        at = next_places(self.cursor, product[order])
        if (self.cursor > self.starts[1:]).any():
            raise RuntimeError(_CHANGED)
        for name, column in self.rows.items():
            column[at] = piece[name][order]

    def in_order(self, pool: ThreadPoolExecutor) -> Arranged:
        """Sort rows by key within their products and sum rows with the same key."""
        if not np.array_equal(self.cursor, self.starts[1:]):
            raise RuntimeError(_CHANGED)
        rows = self.rows
        year = rows.pop("year")
        first = int(year.min(initial=YEAR.high or 0))
        years = int(year.max(initial=first)) - first + 1
        levels, ranks = {"h": self.levels}, dict[str, Codes]()
        for name, texts in self.texts.items():
            if name in rows:
                sorted_texts, ranks[name] = texts.ranks()
                levels[_LETTERS.get(name, name)] = sorted_texts.alias(name).to_frame()
        levels = {x: levels[x] for x in (*TEXT, *levels) if x in levels}
        sizes = {x: levels[x].height for x in TEXT if x in levels} | {"t": years}
        market = room(len(year), np.int32 if sizes["m"] * years < 2**31 else np.int64, spilled=self.on_disk > 0)
        letters = [x for x in "gcf" if x in sizes]
        kept = np.diff(self.starts)

        def block(of: tuple[int, int]) -> None:
            at = slice(int(self.starts[of[0]]), int(self.starts[of[1]]))
            here = {name: _ranked(ranks[name], rows[name][at]) for name in ranks}
            cell = here.pop("destination").astype(market.dtype) * market.dtype.type(years) + (year[at] - first)
            product = np.repeat(np.arange(of[1] - of[0]), np.diff(self.starts[of[0] : of[1] + 1]))
            key = [product, cell, *(here.pop(TEXT[x][0]) for x in letters)]
            here |= {name: rows[name][at] for name in ("value", "quantity", *self.numbers)}
            starts = _sort(key, [of[1] - of[0], sizes["m"] * years, *(sizes[x] for x in letters)], here)
            if len(starts) <= len(cell):
                key = [code[starts[:-1]] for code in key]
                _sum_repeated(here, starts, self.numbers)
                kept[of[0] : of[1]] = np.bincount(key[0], minlength=of[1] - of[0])
            to = slice(at.start, at.start + len(key[0]))
            market[to] = key[1]
            for x, code in zip(letters, key[2:], strict=True):
                rows[TEXT[x][0]][to] = code
            for name, column in here.items():
                rows[name][to] = column

        blocks = blocks_of(self.starts)
        list(pool.map(block, blocks))
        merged = len(year) - int(kept.sum())
        everything = {"market": market, **{k: x for k, x in rows.items() if k != "destination"}}
        if merged:
            gaps = [(int(self.starts[a]), int(kept[a:b].sum())) for a, b in blocks]
            everything = dict(zip(everything, _close_gaps(list(everything.values()), gaps), strict=True))
        return Arranged(
            np.concatenate([[0], np.cumsum(kept)]) if merged else self.starts,
            everything["market"],
            {x: everything[TEXT[x][0]] for x in letters},
            everything["value"],
            everything["quantity"],
            {name: x for name, x in everything.items() if name not in ("market", "value", "quantity", *_KEYS)},
            levels,
            sizes,
            first,
            merged,
            self.on_disk,
        )


_LETTERS = {names[0]: letter for letter, names in TEXT.items()}


def _ranked(rank: Codes, code: Codes) -> Codes:
    """Return the rank of each code; -1 stays. Raises `IndexError` for a code without a rank."""
    if not len(rank):
        return code
    return np.where(code < 0, np.int32(-1), rank[code])


def _sort(key: list[NDArray[Any]], sizes: Sequence[int], columns: Piece) -> Places:
    """Sort key and columns in place by key, and rows with the same key by their columns; return the runs of the key."""
    packed = joined(key, sizes)
    order = np.argsort(packed) if packed is not None else np.lexsort(key[::-1])
    starts = runs(packed[order]) if packed is not None else runs(*(code[order] for code in key))
    if len(starts) <= len(order):  # the order of rows with the same key must not depend on the order of the file
        order = np.lexsort((*columns.values(), *key[::-1]))
    key[:] = [code[order] for code in key]
    columns |= {name: column[order] for name, column in columns.items()}
    return starts


def _sum_repeated(columns: Piece, starts: Places, numbers: Sequence[str]) -> None:
    """Sum value and quantity of rows with the same key; average numbers by value; keep the first text."""
    for name in numbers:
        x, v = columns[name], columns["value"]
        there = ~np.isnan(x)
        with np.errstate(invalid="ignore"):
            columns[name] = sums(np.where(there, x * v, 0.0), starts) / sums(np.where(there, v, 0.0), starts)
    for name, column in columns.items():
        if name in ("value", "quantity"):
            columns[name] = sums(column, starts)
        elif name not in numbers:
            first = np.minimum.reduceat(np.where(column < 0, np.iinfo(np.int32).max, column), starts[:-1])
            columns[name] = np.where(first == np.iinfo(np.int32).max, -1, first)


def _close_gaps(columns: Sequence[NDArray[Any]], blocks: Sequence[tuple[int, int]]) -> list[NDArray[Any]]:
    """Move the rows of each block (first row, number of rows) so that no gaps are left; return the columns."""
    at = 0
    for first, n in blocks:
        for column in columns:
            if at < first:
                column[at : at + n] = column[first : first + n]
        at += n
    return [column[:at] for column in columns]
