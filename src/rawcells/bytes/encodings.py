"""Detect the encodings of raw text files and transcode them to UTF-8 piece by piece.

UTF-8 is accepted only if every byte fits. Otherwise the bytes are read in each encoding of `legacy`, and the
likelihoods of the readings are compared. If two readings are about equally likely, a declaration in the file decides.
Without a declaration, no encoding is used, and the error shows the readings. Of the Western and Central European
encodings, cp1252 is preferred (as in browsers), unless another one puts fewer symbols into words. No byte is silently
replaced or left out.
"""

from __future__ import annotations

import codecs
import gzip
import os
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, count
from pathlib import Path
from typing import NamedTuple

from plainwords.errors import UnknownName, did_you_mean, option
from rawcells import doors
from rawcells.bytes.bounds import MOST_LINE, beyond, check_unpacked
from rawcells.bytes.contents import FIRST, check_unpacked_kind
from rawcells.bytes.legacy import (
    CODECS,
    LANGUAGES,
    NAMED_ALONE,
    ONE_BYTE,
    is_clear,
    is_doubtful_utf8,
    second_part,
    weighed,
)
from rawcells.errors import Unreadable
from rawcells.scratch import scratch_folder

CHUNK = 1 << 22
SAMPLE = 1 << 18
LAST = 1 << 16
"""Number of bytes at the end of a file that are checked if the sample covers only its beginning (a convention)."""
ABOUT = 2048
"""Number of first bytes of a file that are searched for a declared encoding (a convention)."""
SMALL = 1 << 23
"""A text with more bytes of UTF-8 is read in blocks, and not as a sheet of cells."""
BLOCK = 1 << 24
"""Number of bytes decoded and parsed as a table at a time.

For larger blocks, the system would allocate new memory for each block.
"""
OFFERED = ("utf-8", "utf-16", "latin-1", "cp1254", *LANGUAGES)
UNTOLD = ("koi8-r", "shift_jis", "euc_kr", "cp1253", "cp1256", "cp874")
"""Encodings that errors about an unclear or wrong encoding offer to the user."""
FAR = 12.0
"""A reading is offered if its log likelihood is less than this value below that of the likeliest one (a convention)."""
WIDER = {"shift-jis": "cp932", "sjis": "cp932", "euc-kr": "cp949", "ks-c-5601-1987": "cp949"}
"""Encodings that are read as a wider encoding, because programs that state them in fact write the wider one."""
SNIFFED = 1 << 12
"""Number of first bytes that are used to find the byte order (a convention)."""
MARKS = {"utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE), "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)}
"""Byte order marks that are usually at the beginning of UTF-16 and UTF-32 text."""
_SHIFTS = re.compile(rb"\x1b\$(?:[@AB]|\(D|\)C)")
"""Pattern of the escape sequences by which ISO-2022 changes to another script."""
_COUNTER = count()


class Text(NamedTuple):
    """File as UTF-8: the path to read, the original encoding, and whether the encoding was detected.

    ``whole``: whether this path has the whole text. If not, it has only the first lines, and `blocks` yields the whole
    text.
    """

    path: Path
    encoding: str
    detected: bool
    whole: bool = True


def as_utf8(path: Path, encoding: str | None = None, most: int | None = None) -> Text:
    """Return the file itself if it is plain UTF-8, else a temporary UTF-8 copy, written piece by piece.

    If the UTF-8 text has more than ``most`` bytes, the copy has only the first lines.
    Raises `Unreadable` if the bytes do not fit the given encoding, `UnknownName` for an unknown encoding.
    """
    plain = path.suffix.lower() != ".gz"
    if not plain:
        check_unpacked_kind(path, next(_chunks(path, FIRST), b""))
    chosen = codec_of(encoding) if encoding else detect(path)
    if chosen in ("utf-8", "utf-8-sig") and plain:
        if encoding and (wrong := _wrong(path, chosen)):
            raise wrong
        return Text(path, "utf-8", encoding is None)
    copy = spool(".csv")
    try:
        with copy.open("wb") as out:
            for piece in _decoded(path, chosen, CHUNK):
                out.write(piece)
                if most is not None and out.tell() > most and b"\n" in piece:
                    out.truncate(out.tell() - len(piece) + piece.rindex(b"\n") + 1)
                    return Text(copy, chosen, encoding is None, whole=False)
    except UnicodeDecodeError:
        copy.unlink()
        return otherwise(path, chosen, detected=encoding is None, most=most)
    return Text(copy, chosen, encoding is None)


def otherwise(path: Path, encoding: str, *, detected: bool, most: int | None = None) -> Text:
    """Read a file as latin-1, which can decode all bytes, if some bytes do not fit a detected one-byte encoding.

    Raises `Unreadable` for any other encoding.
    """
    if detected and encoding in ONE_BYTE:
        return as_utf8(path, "latin-1", most)._replace(detected=True)
    raise _wrong(path, encoding) or Unreadable(f"{path.name} is not {encoding}", where=str(path))


def blocks(path: Path, encoding: str) -> Iterator[bytes]:
    """Yield a file as UTF-8 in pieces of whole lines; line ends inside quotes do not count.

    Raises `UnicodeDecodeError`, and `Unreadable` for a zero byte and for a line without an end.
    """
    remainder = b""
    for number, piece in enumerate(_decoded(path, encoding, BLOCK)):
        if b"\0" in piece:
            raise zero_byte(path, encoding)
        text = remainder + (piece if number else piece.removeprefix(codecs.BOM_UTF8))
        cut = _last_line(text)
        if cut:
            yield text[:cut]
        remainder = text[cut:]
        if len(remainder) > MOST_LINE:
            raise endless_line(path)
    if remainder:
        yield remainder


def endless_line(path: Path) -> Unreadable:
    """Build the error for a line, or a text in quotes, without an end."""
    remedy = "close the quotes that are open, or cut it into lines"
    return beyond(path, "has a line, or text in quotes, that does not end", f"{MOST_LINE:,} bytes", remedy)


def zero_byte(path: Path, encoding: str) -> Unreadable:
    """Build the error for a text with a zero byte, naming the line of this byte."""
    lines = 1
    for piece in _decoded(path, encoding, CHUNK):
        at = piece.find(b"\0")
        lines += piece.count(b"\n", 0, len(piece) if at < 0 else at)
        if at >= 0:
            break
    what = f"{path.name} has a zero byte in line {lines:,}, which text files do not have"
    if wide := _wide(next(_chunks(path, SAMPLE), b"")):
        return Unreadable(what, where=str(path), remedy=f"it looks like {wide}: give {option('encoding', wide)}")
    remedy = "fetch it again, or take the bytes out: tr -d '\\000' < old.csv > new.csv"
    return Unreadable(what, where=str(path), remedy=remedy)


def _wide(sample: bytes) -> str:
    """Return "utf-16" or "utf-32" if zero bytes show that encoding; otherwise an empty text.

    In UTF-32 the first two (or last two) bytes of every four are zero, except for rare characters. In UTF-16 every
    other byte is zero for Western letters. The shares 0.9 and 0.1 allow for those exceptions; they are conventions.
    """
    whole = sample[: len(sample) // 4 * 4]
    shares = [whole[i::4].count(0) / (len(whole) / 4) for i in range(4)] if whole else [0.0] * 4
    if (shares[2] > 0.9 and shares[3] == 1) or (shares[1] > 0.9 and shares[0] == 1):
        return "utf-32"
    few, many = sorted((shares[0] + shares[2], shares[1] + shares[3]))
    return "utf-16" if many > 0.1 and few < many / 10 else ""


def _last_line(text: bytes) -> int:
    """Return the end of the last complete line, which is a line end with an even number of quotes before it."""
    cut = text.rfind(b"\n") + 1
    quotes = text.count(b'"', 0, cut)
    while cut and quotes % 2:
        before = text.rfind(b"\n", 0, text.rfind(b'"', 0, cut)) + 1
        quotes -= text.count(b'"', before, cut)
        cut = before
    return cut


def _decoded(path: Path, encoding: str, size: int) -> Iterator[bytes]:
    """Yield a file as UTF-8 in pieces of about ``size`` bytes."""
    if encoding not in ("utf-8", "utf-8-sig"):
        decoder = _decoder(path, encoding)
        for chunk in chain(_chunks(path, size), (b"",)):
            yield _next(decoder, chunk, encoding)
        return
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    for chunk in _chunks(path, size):
        decoder.decode(chunk)
        yield chunk
    decoder.decode(b"", final=True)


def _next(decoder: codecs.IncrementalDecoder, chunk: bytes, encoding: str) -> bytes:
    """Decode the next chunk and encode it as UTF-8; an empty chunk ends the text. Raises `UnicodeDecodeError`."""
    try:
        return decoder.decode(chunk, final=not chunk).encode("utf-8")
    except UnicodeDecodeError:
        raise
    except UnicodeError as problem:  # UTF-16 without a mark at its beginning, halves of a pair in UTF-7
        raise UnicodeDecodeError(encoding, chunk[:1] or b" ", 0, 1, str(problem)) from None


def _decoder(path: Path, encoding: str) -> codecs.IncrementalDecoder:
    """Return a decoder; if there is no byte order mark, zero bytes show the byte order of UTF-16 and UTF-32."""
    if encoding in MARKS:
        head, width = next(_chunks(path, SNIFFED), b""), int(encoding[4:]) // 8
        if not head.startswith(MARKS[encoding]):
            big = head[::width].count(0) > head[width - 1 :: width].count(0)
            encoding = f"{encoding}-be" if big else f"{encoding}-le"
    return codecs.getincrementaldecoder(CODECS.get(encoding, encoding))("strict")


def detect(path: Path) -> str:
    """Detect the encoding of a text file: utf-8, utf-16, utf-32, or an encoding of `legacy`.

    Raises `Unreadable` if the bytes do not determine it.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    sample = head = b""
    is_utf8 = True
    for number, chunk in enumerate(_chunks(path)):
        if number == 0 and (wide := next((n for n in ("utf-32", "utf-16") if chunk.startswith(MARKS[n])), "")):
            return wide
        head = head or chunk[:ABOUT]
        if _SHIFTS.search(chunk):
            raise _shifting(path)
        ascii_only = chunk.isascii()
        if not ascii_only and len(sample) < SAMPLE:
            sample += _around_foreign(chunk)
        if is_utf8 and not (ascii_only and decoder.getstate()[0] == b""):
            is_utf8 = _decodes(decoder, chunk)
        if not is_utf8 and len(sample) >= SAMPLE:
            break
    if is_utf8 and decoder.getstate()[0] == b"" and not is_doubtful_utf8(sample):
        return "utf-8"
    if b"\0" in sample and _wide(head):
        raise zero_byte(path, "latin-1")
    if len(sample) >= SAMPLE:
        sample += _around_foreign(_last_lines(path))
    encoding = told_legacy(path, sample, head)
    if encoding in ONE_BYTE and (line := _line_of_utf8(sample)):
        raise _mixed(path, encoding, line, sample)
    if part := second_part(sample, encoding):
        raise _of_two(path, encoding, *part)
    return encoding


def _last_lines(path: Path) -> bytes:
    """Return the last lines of a file that is not gzipped, because a part in another encoding may be at the end."""
    if path.suffix.lower() == ".gz":
        return b""
    with doors.open_bytes(path) as file:
        file.seek(max(0, path.stat().st_size - LAST))
        return file.read(LAST).partition(b"\n")[2]


def _line_of_utf8(sample: bytes) -> str:
    """Return the first line that is valid UTF-8 with Western letters or East Asian characters.

    Returns an empty text if there is no such line.
    """
    for line in sample.split(b"\n"):
        with suppress(UnicodeDecodeError):
            foreign = [c for c in line.decode("utf-8") if c > "\x7f"]
            if foreign and all("\xc0" <= c < "\u0180" or "\u3040" <= c < "\ud7a4" for c in foreign):
                return line.decode("utf-8").strip()[:40]
    return ""


def _mixed(path: Path, encoding: str, line: str, sample: bytes) -> Unreadable:
    lines = (line_bytes for line_bytes in sample.split(b"\n") if not line_bytes.isascii())
    undecodable = next((line_bytes for line_bytes in lines if not _decodes(_strict_utf8(), line_bytes)), b"")
    return Unreadable(
        f"{path.name} has lines in UTF-8 and others in {encoding}",
        where=str(path),
        example=f"{line}; {undecodable.decode(encoding, errors='replace').strip()[:40]}",
        remedy=f"write all of it in UTF-8; {option('encoding', encoding)} reads every line as {encoding}",
    )


def _of_two(path: Path, encoding: str, other: str, word: bytes) -> Unreadable:
    """Build the error for a file whose parts are in two East Asian encodings."""
    either = [f"{name}: {word.decode(codec_of(name), errors='replace')[:40]}" for name in (encoding, other)]
    return Unreadable(
        f"{path.name} seems to have lines in {encoding} and others in {other}",
        where=str(path),
        example="; ".join(either),
        remedy="write all of it in UTF-8, each part from its own encoding; "
        f"if all of it has one encoding, state it: {option('encoding', encoding)}",
    )


def _strict_utf8() -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder("utf-8")("strict")


def _shifting(path: Path) -> Unreadable:
    """Build the error for a text with escape sequences that change between scripts (ISO-2022)."""
    remedy = f"give it: {option('encoding', 'iso2022_jp')} (Japanese), {option('encoding', 'iso2022_kr')} (Korean)"
    return Unreadable(f"{path.name} has escape sequences, which switch between scripts", where=str(path), remedy=remedy)


def guess_legacy(sample: bytes) -> str:
    """Return the likeliest encoding of these bytes outside `NAMED_ALONE`, even if others are nearly as likely."""
    return next(weight.encoding for weight in weighed(sample) if weight.encoding not in NAMED_ALONE)


def told_legacy(path: Path, sample: bytes, head: bytes = b"") -> str:
    """Return the encoding of these bytes if it is clear, or if the declaration in the file (``head``) decides.

    Raises `Unreadable` if two readings are about equally likely, or if no reading is text. The error shows a line in
    each reading.
    """
    weights = weighed(sample)
    if is_clear(weights, sample):
        return weights[0].encoding
    near = [weight for weight in weights if weights[0].likelihood - weight.likelihood < FAR]
    declaration = re.search(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w-]+)", head)
    if declaration:
        with suppress(UnknownName):
            declared = codec_of(declaration[1].decode("ascii"))
            if declared in {codec_of(weight.encoding) for weight in near}:
                return declared
    kinds = dict.fromkeys([*(weight.encoding for weight in near), *UNTOLD])
    shown = [f"{weight.encoding}: {_first_words(sample, weight.encoding)}" for weight in near[:4]]
    offers = ", ".join(f"{option('encoding', name)} ({LANGUAGES[name]})" for name in kinds)
    raise Unreadable(
        f"the encoding of {path.name} cannot be determined from its bytes",
        where=str(path),
        example="; ".join(shown),
        remedy=f"specify the right one: {offers}",
    )


def _first_words(sample: bytes, encoding: str) -> str:
    """Return the first line with characters beyond ASCII, decoded with an encoding."""
    line = next((candidate for candidate in sample.split(b"\n") if not candidate.isascii()), b"")
    return line.decode(codec_of(encoding), errors="replace").strip()[:40]


def codec_of(name: str) -> str:
    """Return the codec for an encoding name; gbk and gb2312 are read as gb18030, which contains them."""
    plain = name.strip().lower().replace("_", "-")
    if plain in ("gbk", "gb2312", "cp936", "ansi"):
        return "gb18030"
    plain = WIDER.get(plain, plain)
    try:
        codec = codecs.lookup(plain)
        if not codec._is_text_encoding or codec.name in (
            "undefined",
            "idna",
            "punycode",
        ):  # rot13 and base64 are codecs too
            raise LookupError
        codecs.getincrementaldecoder(plain)
        return "latin-1" if codec.name == "iso8859-1" else codec.name
    except (LookupError, ValueError):  # a name with a zero byte
        raise UnknownName(f"unknown encoding {name!r}", remedy=did_you_mean(plain, OFFERED)) from None


def utf8_named(path: Path) -> Path:
    """Return the path, unless its name is not UTF-8.

    In that case raise `Unreadable`, because no engine can open such a file. The error shows the name in the encoding
    that it seems to have, and the command that renames it.
    """
    raw = os.fsencode(path)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        encoding = guess_legacy(raw)
        shown = raw.decode("utf-8", errors="backslashreplace")
        meant = raw.decode(encoding, errors="replace")
        raise Unreadable(
            f"the name of {shown} is not UTF-8",
            where=shown,
            example=f"{meant} in {encoding}",
            remedy="rename it (mv, or for a whole folder: "
            f"convmv -r -f {CONVMV.get(encoding, encoding)} -t utf-8 FOLDER, which shows what it would do)",
        ) from None
    return path


CONVMV = {"gb18030": "gbk", "latin-1": "iso-8859-1", "iso8859-2": "iso-8859-2"}
"""Names of encodings in the program convmv."""


def spool(suffix: str) -> Path:
    """Return a new path in this process's temporary folder, which is removed at exit."""
    return scratch_folder() / f"{next(_COUNTER):06d}{suffix}"


def _chunks(path: Path, size: int = CHUNK) -> Iterator[bytes]:
    packed = path.suffix.lower() == ".gz"
    packed_size, unpacked = path.stat().st_size if packed else 0, 0
    try:
        with doors.open_bytes(path) as raw, gzip.open(raw) if packed else raw as file:
            while chunk := file.read(size):
                unpacked += len(chunk)
                if packed:
                    check_unpacked(path, packed_size, unpacked)
                yield bytes(chunk)
    except (EOFError, gzip.BadGzipFile, zlib.error) as problem:
        raise Unreadable(f"{path.name} is damaged: {problem}", where=str(path), remedy="fetch the file again") from None


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes) -> bool:
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


def _around_foreign(chunk: bytes) -> bytes:
    """Return the lines of a chunk that have non-ASCII bytes, up to the size of a sample."""
    lines, taken = [], 0
    for line in chunk.split(b"\n"):
        if not line.isascii() and taken < SAMPLE:
            lines.append(line)
            taken += len(line) + 1
    return b"\n".join(lines) + b"\n"


def _others() -> str:
    """List the encodings of `UNTOLD` as options for a message."""
    return ", ".join(f"{option('encoding', name)} ({LANGUAGES[name]})" for name in UNTOLD)


def _likely(path: Path) -> str:
    """Return the detected encoding of a file; "" if the bytes do not determine it."""
    try:
        return _wide(next(_chunks(path, SAMPLE), b"")) or detect(path)
    except Unreadable:
        return ""


def _wrong(path: Path, encoding: str) -> Unreadable | None:
    """Return the error for the first byte that does not fit the encoding; None if all fit."""
    decoder = _decoder(path, encoding)
    lines = 1
    for chunk in [*_chunks(path), b""]:
        try:
            lines += _next(decoder, chunk, encoding).count(b"\n")
        except UnicodeDecodeError as problem:
            line = lines + problem.object[: problem.start].count(b"\n")
            likely = _likely(path)
            byte = f"byte 0x{problem.object[problem.start]:02x} in line {line}"
            if likely == encoding and encoding in MARKS:
                remedy = "the file is damaged or cut short there: fetch it again, or write it again from its program"
                return Unreadable(f"{path.name} is not valid {encoding}: {byte}", where=str(path), remedy=remedy)
            looks = f"it looks like {likely}: give {option('encoding', likely)}, or leave {option('encoding')} out"
            return Unreadable(
                f"{path.name} is not {encoding}: {byte}",
                where=str(path),
                remedy=looks
                if likely and likely != encoding
                else f"correct that line, or state the encoding: {_others()}",
            )
    return None
