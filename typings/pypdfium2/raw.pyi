"""The part of pypdfium2.raw that integrade calls."""

import ctypes
from typing import Any

class FS_MATRIX(ctypes.Structure):  # noqa: N801
    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

class FS_RECTF(ctypes.Structure):  # noqa: N801
    left: float
    top: float
    right: float
    bottom: float

FPDF_PAGEOBJ_PATH: int

def FPDFText_GetUnicode(text_page: Any, index: int) -> int: ...
def FPDFText_GetLooseCharBox(text_page: Any, index: int, rect: Any) -> int: ...
def FPDFText_GetCharOrigin(text_page: Any, index: int, x: Any, y: Any) -> int: ...
def FPDFText_GetCharAngle(text_page: Any, index: int) -> float: ...
def FPDFText_GetFontSize(text_page: Any, index: int) -> float: ...
def FPDFText_GetMatrix(text_page: Any, index: int, matrix: Any) -> int: ...
def FPDFText_GetCharBox(text_page: Any, index: int, left: Any, right: Any, bottom: Any, top: Any) -> int: ...
