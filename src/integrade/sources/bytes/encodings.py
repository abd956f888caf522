"""Text encodings of raw files: strict detection, reported, and incremental transcoding to UTF-8.

UTF-8 is accepted only when every byte is; then Chinese, Japanese and Korean encodings and letters of the West are
weighed by how likely their readings are (`legacy`). Where two are about as likely, none is taken: the error shows what
each would read. Of encodings with one byte for each character that of Western Windows is read (cp1252, as browsers read
Latin-1), or one of Central Europe where that would put signs into words. The bytes do not always tell which letters are
meant. Nothing is ever replaced or left out in silence.
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

from integrade.engine import doors
from integrade.engine.scratch import scratch_folder
from integrade.errors import UnknownName, Unreadable, did_you_mean, option
from integrade.sources.bytes.bounds import MOST_LINE, beyond, check_unpacked
from integrade.sources.bytes.contents import FIRST, check_unpacked_kind
from integrade.sources.bytes.legacy import (
    CODECS,
    LANGUAGES,
    NAMED_ALONE,
    ONE_BYTE,
    is_clear,
    is_doubtful_utf8,
    second_part,
    weighed,
)

CHUNK = 1 << 22
SAMPLE = 1 << 18
LAST = 1 << 16
"""Bytes at the end of a file that are looked at where the sample holds its beginning alone."""
ABOUT = 2048
"""First bytes of a page, in which it says its encoding."""
SMALL = 1 << 23
"""Bytes of UTF-8 up to which a text file may be a statistical layout; a larger one is a table, read in blocks."""
BLOCK = 1 << 24
"""Bytes that are decoded and read as a table at once; memory of more would be taken from the system anew each time."""
OFFERED = ("utf-8", "utf-16", "latin-1", "cp1254", *LANGUAGES)
UNTOLD = ("koi8-r", "shift_jis", "euc_kr", "cp1253", "cp1256", "cp874")
"""Encodings that are offered where a text is not of the one that it looks like."""
FAR = 12.0
"""How much less likely than the likeliest (natural log) a reading is at most that is offered where none is clear."""
WIDER = {"shift-jis": "cp932", "sjis": "cp932", "euc-kr": "cp949", "ks-c-5601-1987": "cp949"}
"""Encodings whose usual writers use a wider one."""
SNIFFED = 1 << 12
"""First bytes that tell the order of bytes in a character."""
MARKS = {"utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE), "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)}
"""What text of two or four bytes for each character begins with, mostly."""
_SHIFTS = re.compile(rb"\x1b\$(?:[@AB]|\(D|\)C)")
"""What shifts to another script in ISO-2022."""
_COUNTER = count()


class Text(NamedTuple):
    """A file as UTF-8: where it can be read, the encoding it had, and whether that was detected.

    ``whole``: all of it can be read there; otherwise its first lines, and `blocks` gives all.
    """

    path: Path
    encoding: str
    detected: bool
    whole: bool = True


def as_utf8(path: Path, encoding: str | None = None, most: int | None = None) -> Text:
    """The file itself when it is plain UTF-8, else a temporary UTF-8 copy, made piece by piece.

    Of a file of more than ``most`` bytes of UTF-8 the copy holds the first lines alone.
    Raises `Unreadable` when the bytes are not of the encoding asked for, `UnknownName` for an unknown encoding.
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
    """A file with bytes that are not of its encoding: as latin-1, which has them all, where one like it was detected.

    Raises `Unreadable` for any other encoding.
    """
    if detected and encoding in ONE_BYTE:
        return as_utf8(path, "latin-1", most)._replace(detected=True)
    raise _wrong(path, encoding) or Unreadable(f"{path.name} is not {encoding}", where=str(path))


def blocks(path: Path, encoding: str) -> Iterator[bytes]:
    """A file as UTF-8 in pieces of whole lines; a line does not end in quotes.

    Raises `UnicodeDecodeError`, `Unreadable` for a zero byte and for a line without an end.
    """
    rest = b""
    for number, piece in enumerate(_decoded(path, encoding, BLOCK)):
        if b"\0" in piece:
            raise zero_byte(path, encoding)
        text = rest + (piece if number else piece.removeprefix(codecs.BOM_UTF8))
        cut = _last_line(text)
        if cut:
            yield text[:cut]
        rest = text[cut:]
        if len(rest) > MOST_LINE:
            raise endless_line(path)
    if rest:
        yield rest


def endless_line(path: Path) -> Unreadable:
    """The error of a line that does not end, or of quotes that do not."""
    remedy = "close the quotes that are open, or cut it into lines"
    return beyond(path, "has a line, or text in quotes, that does not end", f"{MOST_LINE:,} bytes", remedy)


def zero_byte(path: Path, encoding: str) -> Unreadable:
    """The error of a zero byte in text, which names the line."""
    lines = 1
    for piece in _decoded(path, encoding, CHUNK):
        at = piece.find(b"\0")
        lines += piece.count(b"\n", 0, len(piece) if at < 0 else at)
        if at >= 0:
            break
    what = f"{path.name} has a zero byte in line {lines:,}, which text has not"
    if wide := _wide(next(_chunks(path, SAMPLE), b"")):
        return Unreadable(what, where=str(path), remedy=f"it looks like {wide}: give {option('encoding', wide)}")
    remedy = "fetch it again, or take the bytes out: tr -d '\\000' < old.csv > new.csv"
    return Unreadable(what, where=str(path), remedy=remedy)


def _wide(sample: bytes) -> str:
    """The encoding of two or four bytes for each character that zero bytes stand for; nothing where they do not.

    In one of four bytes the first two of all four (or the last two) are zero, but for rare characters; in one of two
    the zeros stand in every other place.
    """
    whole = sample[: len(sample) // 4 * 4]
    shares = [whole[i::4].count(0) / (len(whole) / 4) for i in range(4)] if whole else [0.0] * 4
    if (shares[2] > 0.9 and shares[3] == 1) or (shares[1] > 0.9 and shares[0] == 1):
        return "utf-32"
    few, many = sorted((shares[0] + shares[2], shares[1] + shares[3]))
    return "utf-16" if many > 0.1 and few < many / 10 else ""


def _last_line(text: bytes) -> int:
    """Where the last line that is complete ends: behind a line end before which as many quotes open as close."""
    cut = text.rfind(b"\n") + 1
    quotes = text.count(b'"', 0, cut)
    while cut and quotes % 2:
        before = text.rfind(b"\n", 0, text.rfind(b'"', 0, cut)) + 1
        quotes -= text.count(b'"', before, cut)
        cut = before
    return cut


def _decoded(path: Path, encoding: str, size: int) -> Iterator[bytes]:
    """A file as UTF-8 in pieces of about so many bytes."""
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
    """The next piece, the end where it is empty, as UTF-8. Raises `UnicodeDecodeError`."""
    try:
        return decoder.decode(chunk, final=not chunk).encode("utf-8")
    except UnicodeDecodeError:
        raise
    except UnicodeError as problem:  # UTF-16 without a mark at its beginning, halves of a pair in UTF-7
        raise UnicodeDecodeError(encoding, chunk[:1] or b" ", 0, 1, str(problem)) from None


def _decoder(path: Path, encoding: str) -> codecs.IncrementalDecoder:
    """A decoder from the first byte on; of UTF-16 and UTF-32 without a mark by where zeros stand in characters."""
    if encoding in MARKS:
        head, width = next(_chunks(path, SNIFFED), b""), int(encoding[4:]) // 8
        if not head.startswith(MARKS[encoding]):
            big = head[::width].count(0) > head[width - 1 :: width].count(0)
            encoding = f"{encoding}-be" if big else f"{encoding}-le"
    return codecs.getincrementaldecoder(CODECS.get(encoding, encoding))("strict")


def detect(path: Path) -> str:
    """The encoding of a text file: utf-8, utf-16, utf-32, or the one of `legacy` that its bytes tell.

    Raises `Unreadable` where they do not tell it.
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
    found = told_legacy(path, sample, head)
    if found in ONE_BYTE and (line := _line_of_utf8(sample)):
        raise _mixed(path, found, line, sample)
    if part := second_part(sample, found):
        raise _of_two(path, found, *part)
    return found


def _last_lines(path: Path) -> bytes:
    """The last lines of a file that is not packed: another may stand behind the first."""
    if path.suffix.lower() == ".gz":
        return b""
    with doors.open_bytes(path) as file:
        file.seek(max(0, path.stat().st_size - LAST))
        return file.read(LAST).partition(b"\n")[2]


def _line_of_utf8(sample: bytes) -> str:
    """The first line that is UTF-8 by its letters of the West, or by its characters of East Asia."""
    for line in sample.split(b"\n"):
        with suppress(UnicodeDecodeError):
            foreign = [c for c in line.decode("utf-8") if c > "\x7f"]
            if foreign and all("\xc0" <= c < "\u0180" or "\u3040" <= c < "\ud7a4" for c in foreign):
                return line.decode("utf-8").strip()[:40]
    return ""


def _mixed(path: Path, encoding: str, line: str, sample: bytes) -> Unreadable:
    lines = (one for one in sample.split(b"\n") if not one.isascii())
    other = next((one for one in lines if not _decodes(_strict_utf8(), one)), b"")
    return Unreadable(
        f"{path.name} has lines in UTF-8 and others in {encoding}",
        where=str(path),
        example=f"{line}; {other.decode(encoding, errors='replace').strip()[:40]}",
        remedy=f"write all of it in UTF-8; {option('encoding', encoding)} reads every line as {encoding}",
    )


def _of_two(path: Path, encoding: str, other: str, word: bytes) -> Unreadable:
    """The error of a file whose parts are of two encodings of East Asia."""
    either = [f"{name}: {word.decode(codec_of(name), errors='replace')[:40]}" for name in (encoding, other)]
    return Unreadable(
        f"{path.name} seems to have lines in {encoding} and others in {other}",
        where=str(path),
        example="; ".join(either),
        remedy="write all of it in UTF-8, each part from its own encoding; "
        f"where it is all of one, say so: {option('encoding', encoding)}",
    )


def _strict_utf8() -> codecs.IncrementalDecoder:
    return codecs.getincrementaldecoder("utf-8")("strict")


def _shifting(path: Path) -> Unreadable:
    """The error of text whose bytes are ASCII by themselves and others behind an escape sign."""
    remedy = f"give it: {option('encoding', 'iso2022_jp')} (Japanese), {option('encoding', 'iso2022_kr')} (Korean)"
    return Unreadable(
        f"{path.name} has escape sequences, by which an encoding shifts between scripts", where=str(path), remedy=remedy
    )


def guess_legacy(sample: bytes) -> str:
    """The likeliest encoding of these bytes, clear or not."""
    return next(one.encoding for one in weighed(sample) if one.encoding not in NAMED_ALONE)


def told_legacy(path: Path, sample: bytes, head: bytes = b"") -> str:
    """The encoding of these bytes where they tell it, or where what the file says of itself (``head``) decides.

    Raises `Unreadable` where two readings are about as likely or none is text, with a line as each would read it.
    """
    weights = weighed(sample)
    if is_clear(weights, sample):
        return weights[0].encoding
    near = [one for one in weights if weights[0].likelihood - one.likelihood < FAR]
    said = re.search(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([\w-]+)", head)
    if said:
        with suppress(UnknownName):
            declared = codec_of(said[1].decode("ascii"))
            if declared in {codec_of(one.encoding) for one in near}:
                return declared
    kinds = dict.fromkeys([*(one.encoding for one in near), *UNTOLD])
    shown = [f"{one.encoding}: {_first_words(sample, one.encoding)}" for one in near[:4]]
    offers = ", ".join(f"{option('encoding', name)} ({LANGUAGES[name]})" for name in kinds)
    raise Unreadable(
        f"the encoding of {path.name} cannot be determined from its bytes",
        where=str(path),
        example="; ".join(shown),
        remedy=f"say which is right: {offers}",
    )


def _first_words(sample: bytes, encoding: str) -> str:
    """The first line with characters beyond ASCII, as an encoding reads it."""
    line = next((one for one in sample.split(b"\n") if not one.isascii()), b"")
    return line.decode(codec_of(encoding), errors="replace").strip()[:40]


def codec_of(name: str) -> str:
    """The codec for a name a user gives; gbk and gb2312 are read as gb18030, which contains them."""
    plain = name.strip().lower().replace("_", "-")
    if plain in ("gbk", "gb2312", "cp936", "ansi"):
        return "gb18030"
    plain = WIDER.get(plain, plain)
    try:
        found = codecs.lookup(plain)
        if not found._is_text_encoding or found.name in (
            "undefined",
            "idna",
            "punycode",
        ):  # rot13 and base64 are codecs, too
            raise LookupError
        codecs.getincrementaldecoder(plain)
        return "latin-1" if found.name == "iso8859-1" else found.name
    except (LookupError, ValueError):  # a name with a zero byte
        raise UnknownName(f"unknown encoding {name!r}", remedy=did_you_mean(plain, OFFERED)) from None


def utf8_named(path: Path) -> Path:
    """The path itself. Raises `Unreadable` where its name is not UTF-8, which neither engine can open.

    The error says how the name reads in the encoding that it seems to be of, and the command that renames it.
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
"""How convmv calls an encoding."""


def spool(suffix: str) -> Path:
    """A fresh name in this process's temporary folder, which is removed at exit."""
    return scratch_folder() / f"{next(_COUNTER):06d}{suffix}"


def _chunks(path: Path, size: int = CHUNK) -> Iterator[bytes]:
    packed = path.suffix.lower() == ".gz"
    own, unpacked = path.stat().st_size if packed else 0, 0
    try:
        with doors.open_bytes(path) as raw, gzip.open(raw) if packed else raw as file:
            while chunk := file.read(size):
                unpacked += len(chunk)
                if packed:
                    check_unpacked(path, own, unpacked)
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
    """Whole lines of a chunk that hold bytes beyond ASCII, up to the sample size."""
    lines, taken = [], 0
    for line in chunk.split(b"\n"):
        if not line.isascii() and taken < SAMPLE:
            lines.append(line)
            taken += len(line) + 1
    return b"\n".join(lines) + b"\n"


def _others() -> str:
    """Encodings that are not told by their bytes, as options."""
    return ", ".join(f"{option('encoding', name)} ({LANGUAGES[name]})" for name in UNTOLD)


def _likely(path: Path) -> str:
    """The encoding of a file, the likeliest where its bytes do not tell it."""
    try:
        return _wide(next(_chunks(path, SAMPLE), b"")) or detect(path)
    except Unreadable:
        return ""


def _wrong(path: Path, encoding: str) -> Unreadable | None:
    """The first byte that is not of the encoding, as an error; None where there is none."""
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
                else f"correct that line, or say the encoding: {_others()}",
            )
    return None
