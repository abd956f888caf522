"""Read groups from a list of codes: a file of two columns with a group for each industry, or any other code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from integrade.engine.frames import collect, enter
from integrade.errors import (
    CodesReadAsNumbers,
    DuplicateKeys,
    EmptyTable,
    FileMissing,
    MissingColumn,
    UsageError,
    did_you_mean,
)
from integrade.geography import province_of
from rawcells import doors

CODE = re.compile(r"[A-Z]?[0-9]*")


class Listed(NamedTuple):
    """The group of each code (in the form that `plain_code` gives), and the number of rows without a code or group."""

    groups: Mapping[str, str]
    unfinished: int


def plain_code(value: Any) -> str:
    """Return a code in the form in which codes are compared.

    That form is half width, without blanks and in capitals. A province is written by its English name.

    Example:
        >>> plain_code(" c 13"), plain_code("北京市")
        ('C13', 'Beijing')
    """
    text = str(value)
    province = province_of(text)
    return province.english if province else re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def read_list(given: Any, column: str) -> Listed:
    """Read a file, frame or mapping of codes to groups.

    The codes are in the column named ``column``, or ``code``; the groups are in ``group``. If there are only two
    columns, the codes are in the first and the groups in the second, whatever the headings. A code listed twice with
    the same group counts once.

    Missing values: rows without a code or without a group are left out and counted.

    Raises: `FileMissing`; `MissingColumn` (also for a list without headings); `CodesReadAsNumbers`; `DuplicateKeys` for
        a code in two groups; `EmptyTable` for fewer than two groups.
    """
    rows = _two_columns(given, column)
    clean = [pl.col(c).cast(pl.String).str.strip_chars() for c in ("code", "group")]
    whole = rows.select(clean).filter((pl.col("code") != "") & (pl.col("group") != ""))
    groups: dict[str, str] = {}
    for code, group in whole.unique().sort("code", "group").iter_rows():
        plain = plain_code(code)
        if groups.setdefault(plain, group) != group:
            raise DuplicateKeys(
                f"the list of groups has the code {code!r} in two groups",
                example=f"{groups[plain]}, {group}",
                remedy="keep one group per code",
            )
    if len(set(groups.values())) < 2:
        raise EmptyTable(
            f"a split requires two groups, but the list has {len(set(groups.values()))}",
            example=", ".join(sorted(set(groups.values()))),
            remedy="give a list with two groups or more",
        )
    return Listed(groups, rows.height - whole.height)


def group_in(groups: Mapping[str, str], value: Any) -> str | None:
    """Return the group of a code: its own, else the group of the longest listed code with which it begins, else None.

    Only codes (digits, perhaps after one letter) are looked up by their beginning. Names are not.

    Example:
        >>> listed = {"13": "labour", "1310": "capital"}
        >>> [group_in(listed, code) for code in ("1310", "1320", "14", "1")]
        ['capital', 'labour', None, None]
    """
    code = plain_code(value)
    lengths = range(len(code), 0, -1) if CODE.fullmatch(code) else (len(code),)
    return next((groups[code[:n]] for n in lengths if code[:n] in groups), None)


def unused_codes(groups: Mapping[str, str], values: list[Any]) -> list[str]:
    """Return the codes of the list with which no value begins, sorted. A name must match a value in full."""
    seen = {plain_code(v) for v in values}
    used = seen | {s[:n] for s in seen if CODE.fullmatch(s) for n in range(len(s))}
    return sorted(c for c in groups if c not in used)


def _two_columns(given: Any, column: str) -> pl.DataFrame:
    if isinstance(given, Mapping):
        rows = pl.DataFrame({"code": list(given), "group": list(given.values())}, strict=False)
    elif isinstance(given, str | Path):
        from integrade.sources.files.readers import read_raw

        path = Path(given)
        if not doors.is_file(path):
            near = sorted(p.name for p in path.parent.glob("*.*")) if path.parent.is_dir() else []
            raise FileMissing(f"{str(path)!r}: no such file", remedy=did_you_mean(path.name, near))
        rows = read_raw(str(path), table="groups", engine="polars").polars()
    elif given is None:
        raise UsageError(
            "a split by a list requires the list", remedy="give it as groups: a file of two columns, code and group"
        )
    else:
        rows = collect(enter(given))
    names = rows.columns
    code = next((c for c in (column, "code") if c in names), None)
    if len(names) == 2 and (code is None or "group" not in names):
        code = code or names[0]
        group = next(c for c in names if c != code)
    else:
        group = "group"
    if code is None or group not in names:
        lacking = "group" if code is not None else "code"
        raise MissingColumn(
            f"column {lacking!r} is missing from the list of groups",
            example=", ".join(names[:6]),
            remedy=f"give two columns, the codes and their groups, or call them code and group; "
            f"{did_you_mean(lacking, names)}",
        )
    # if a heading is a code or a group, the list has no headings, and its first row would be lost
    plain = plain_code(code)
    is_code = bool(CODE.fullmatch(plain) and re.search(r"[0-9]", plain)) or province_of(code) is not None
    if is_code or group.strip() in rows[group].cast(pl.String).str.strip_chars().drop_nulls().to_list():
        raise MissingColumn(
            "the list of groups has no headings: its first row is an entry and would be lost",
            example=f"{code}, {group}",
            remedy='write a row of headings above it: "code,group"',
        )
    if rows[code].dtype.is_numeric():
        raise CodesReadAsNumbers(
            f"{code!r} of the list of groups contains numbers, so leading zeros may be gone (06 would be 6)",
            example=str(rows[code].drop_nulls().head(1).to_list()),
            remedy="store the codes as text",
        )
    return rows.select(code=code, group=group)
