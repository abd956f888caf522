"""Damaged bytes of valid files: whatever a reader is given, it answers with rows or with an IntegradeError."""

from __future__ import annotations

import contextlib
import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzzing.seeds import WHOLE
from integrade.errors import IntegradeError
from integrade.sources import read_prices, read_table
from integrade.sources.files.workbooks import told_texts
from rawcells.cells import calamine

FILES = (
    *("utf8.csv", "gb18030.csv", "new.xlsx", "old.xls", "page.xls", "xml.xls", "page.html", "rows.parquet"),
    *(f"{format}.dta" for format in (113, 114, 115, 117, 118, 119)),
)

KIND = st.sampled_from(["set", "flip", "cut", "insert", "truncate", "repeat"])
WHERE = st.one_of(st.floats(0, 1), st.floats(0, 1).map(lambda x: x**4))
"""Positions, half of them near the beginning, where headers are."""
EDITS = st.lists(st.tuples(WHERE, KIND, st.binary(min_size=1, max_size=8)), min_size=1, max_size=12)


def mutated(content: bytes, edits: list[tuple[float, str, bytes]]) -> bytes:
    data = bytearray(content)
    for where, kind, new in edits:
        at = int(where * len(data))
        match kind:
            case "set":
                data[at : at + len(new)] = new
            case "flip" if at < len(data):
                data[at] ^= new[0] or 255
            case "cut":
                del data[at : at + len(new)]
            case "insert":
                data[at:at] = new
            case "truncate" if new[0] < 16:
                del data[at:]
            case "repeat":
                data[at:at] = data[at : at + 64 * len(new)]
    return bytes(data)


def check(name: str, content: bytes, folder: Path) -> None:
    path = folder / f"damaged{Path(name).suffix}"
    path.write_bytes(content)
    for read in (read_table, read_prices):
        with contextlib.suppress(IntegradeError):
            read(path).polars()


@pytest.fixture(autouse=True)
def less_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged .xls that fills all it may have is stopped in the same way, and eight times sooner."""
    monkeypatch.setattr(calamine, "MEMORY", 1 << 30)


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("valid")
    made = {name: WHOLE[name]() for name in FILES}
    for name, content in made.items():
        path = folder / f"whole{Path(name).suffix}"
        path.write_bytes(content)
        assert read_table(path).polars().height in (79, 80, 81), name
    return made


def fuzzed(name: str, examples: int, originals: dict[str, bytes], folder: Path) -> None:
    @settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(EDITS)
    def run(edits: list[tuple[float, str, bytes]]) -> None:
        check(name, mutated(originals[name], edits), folder)

    run()


@pytest.mark.parametrize("name", FILES)
def test_damaged_bytes_never_surprise(name: str, originals: dict[str, bytes], tmp_path: Path) -> None:
    fuzzed(name, 4 if name.endswith(".xls") else 12, originals, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_many_damaged_bytes_never_surprise(name: str, originals: dict[str, bytes], tmp_path: Path) -> None:
    fuzzed(name, 6 if name == "old.xls" else 120, originals, tmp_path)  # an .xls takes a process each


def test_a_workbook_whose_own_properties_are_damaged_tells_nothing(tmp_path: Path) -> None:
    """Every byte of the part that says which columns are text, turned over one by one."""
    whole, path = WHOLE["new.xlsx"](), tmp_path / "book.xlsx"
    with zipfile.ZipFile(io.BytesIO(whole)) as book:
        part = book.getinfo("docProps/core.xml")
    for at in range(part.header_offset, part.header_offset + 60 + part.compress_size):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        assert told_texts(path, ["a", "b"]) == ()
