"""Text that a user wrote (titles, labels, names of regions, goods) made harmless where it goes: one function a place.

Two steps come first everywhere. `visible` leaves out what no reader sees and what ends native writers: control
characters, halves of surrogate pairs, noncharacters, and marks that turn the direction of text. `one_line` also makes
one line of it. Data files (`sources.writers`) are not places of this kind: what they hold reads back the same.
"""

from __future__ import annotations

import html as _html
import json
import re
from typing import Any
from urllib.parse import quote, unquote

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(17)
)
_TURNS = "\u202a-\u202e\u2066-\u2069"  # embeddings, overrides and isolates of bidirectional text
HIDDEN = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff{_TURNS}{_NONCHARACTERS}]")
"""What `visible` leaves out."""
_BREAKS = re.compile("[\t\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]+")
_NEW_LINE = re.compile("\n(?! *\\^\\Z)|[\r\u2028\u2029]")
_MARKDOWN = re.compile(r"[\\`*_\[\]{}<>#|~$&]")
_BLOCK = re.compile(r"^(\s*)(?:([-+=])(?=[\s\-=]|$)|(\d+)([.)])(?=\s|$))")
_PASSWORD = re.compile(r"(://[^:@/\s]*:)[^\s@/]*(?:@[^\s@/]*)*(@)|(password=)[^&#\s]*()")
_DATABASE = re.compile(r"(postgres(?:ql)?://[^:@/\s]*:)\S*(@)", re.IGNORECASE)  # a password may hold a slash
_USER = re.compile(r"((?:https?|s3|gs|az|abfss?)://)[^@/\s?#]+(@)", re.IGNORECASE)
_USER_OF_SLASHES = re.compile(
    r"((?:https?|s3|gs|az|abfss?)://)[^:/@\s'\"]{1,200}:(?!\d+(?:[/?#]|$))[^\s'\"]{0,400}(@)"
)  # a password with a slash
_QUESTION = re.compile(
    r"([?&#;])([^=?&#;\s]+)=([\[{].*[\]}]|[\[{]\S*|(?:[^&#;\s'\"<>)\]}]|['\")\]}](?=[\w%]))+)"  # JSON, or up to the end
)
_ASKED = re.compile(r"(?<=[\w./%*)\]-])\?[^\s?]*=\S*")  # behind a name, with or without a scheme before it
_SEGMENT = re.compile(r"[^\s/?&=#;'\"<>]+")
_DEEPEST = 8  # addresses within addresses that are looked into
_SECRET = re.compile(
    r".*(?:token|secret|passw|pwd|signature|credential|auth(?!or)|jwt|session|bearer|hmac|key[-_]?(?:id|pair)"
    r"|(?:kenn|pass)wort|mot[-_]?de[-_]?passe|contrase|senha|парол|密[码碼钥鑰]|口令|パスワード|비밀번호).*|.*key"
    r"|policy|sig|code|pass|pin|ticket|sas|otp|user_?id|app_?id|pw|psw|pat|mdp|clave",
    re.IGNORECASE | re.DOTALL,
)
_OPENS_NOTHING = (
    "year years yr time date day month quarter period periods from to since until start end begin startdate enddate "
    "startperiod endperiod startyear endyear freq frequency format fmt output outputformat type filetype ext mime "
    "contenttype accept page pages perpage pagesize limit max offset skip rows size count n top first last sheet tab "
    "gid table tableid dataset datasetid datasetcode database db series seriesid indicator indicators variable "
    "variables var vars measure dimension dim column columns cols col field fields select sort order orderby groupby "
    "lang language locale hl region regions province state city area geo geography country countries reporter "
    "reporters reportercode partner partners partnercode partner2code flow flows flowcode tradeflow commodity "
    "commoditycode product products item items hs hscode sitc naics isic cmdcode classification cl customscode "
    "motcode sector industry unit units currency level level1 version v file filename name path title keyword keywords "
    "author pattern url uri download dl raw alt export view method mode action op decimal decimals sep delimiter "
    "encoding charset header headers compression zip source src station category topic label labels"
)
_HARMLESS = frozenset(_OPENS_NOTHING.split())
"""Names of parts of a question, in small letters without signs between them, whose values open nothing."""
_PLAIN = re.compile(r"[0-9]{1,4}$|(?:https?|s3|gs|az|abfss?)(?:://|%)", re.IGNORECASE)
"""A value that opens nothing under any name but that of a secret: a year, a page, an address that is looked into."""
_WEB = re.compile(r"(https?://[^/\s?#]*)(/[^\s?#'\"<>]*)", re.IGNORECASE)
_PIECE = re.compile(r"[A-Za-z0-9_+=~.%-]{16,}")
_CODED = re.compile(r"%(?:25)*3[af]", re.IGNORECASE)
"""The colon or question mark of an address that stands in codes, which is looked into by itself."""
_TURN = re.compile(r"(?<=[a-z])[A-Z0-9]|(?<=[A-Z])[0-9]|(?<=[0-9])[A-Za-z]")
_DIGITS = re.compile(r"(?<=[A-Za-z])[0-9]|(?<=[0-9])[A-Za-z]")
_NUMBER_OF_128 = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}")
_PUBLIC = re.compile(r"/(?:datasets?|resources?|packages?)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=/|$)")
"""What catalogues of open data call a table in the path of its address."""
_LATEX = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "−": r"\ensuremath{-}",
    "²": r"\ensuremath{^2}",
    "×": r"\ensuremath{\times}",
}
_FORMULA = re.compile(r"[ \xa0\u3000]*[=+\-@＝＋－＠]")
_NUMBER = re.compile(r"[-+]?(\d[\d,]*(\.\d*)?|\.\d+)([eE][-+]?\d+)?( ?%)?\**|-infinite")
_R_NAME = re.compile(r"(?:[A-Za-z]|\.(?!\d))[A-Za-z0-9._]*")
R_WORDS = (
    "if",
    "else",
    "repeat",
    "while",
    "function",
    "for",
    "next",
    "break",
    "in",
    "TRUE",
    "FALSE",
    "NULL",
    "Inf",
    "NaN",
    "NA",
    "NA_integer_",
    "NA_real_",
    "NA_character_",
    "NA_complex_",
)


def without_secrets(text: str) -> str:
    """A text with ``***`` for what opens an address in it: passwords, users of web addresses, tokens and signatures.

    Of the question of an address only values of up to four digits are shown, and those of names that are known to be
    harmless (year, format, page ...) where they are not random; of a path on the web what is not random. Tokens also
    where the address has no scheme, or stands in percent codes within another.

    Example:
        >>> without_secrets("cannot read https://me:word@host/a.csv?year=2004&token=abc&X-Amz-Signature=def")
        'cannot read https://***@host/a.csv?year=2004&token=***&X-Amz-Signature=***'
    """
    found = _without_secrets(text, 0)
    return text if found == text else found  # the same text, which may be one of the catalogues


def _without_secrets(text: str, depth: int) -> str:
    """The same for an address that stands in codes within ``depth`` others."""
    if "://" in text or depth:
        text = _DATABASE.sub(r"\1***\2", text)
        text = _PASSWORD.sub(lambda m: f"{m[1] or m[3]}***{m[2] or ''}", text)
        text = _USER.sub(r"\1***\2", _USER_OF_SLASHES.sub(r"\1***\2", text))
        text = _WEB.sub(lambda m: m[1] + _path_without_tokens(m[2]), _QUESTION.sub(_hidden, text))
    else:
        text = _ASKED.sub(lambda m: _QUESTION.sub(_hidden, m[0]), text)
    return _SEGMENT.sub(lambda m: _hidden_within(m[0], depth), text) if "%" in text else text


def _hidden_within(segment: str, depth: int) -> str:
    """A part of an address, hidden where what its codes stand for opens something, or has codes without end."""
    plain = unquote(segment) if "%" in segment else segment
    if plain == segment:
        return segment
    if depth == _DEEPEST:
        return "***"
    shown = _without_secrets(plain, depth + 1)
    return segment if shown == plain else quote(shown, safe="*")


def _hidden(asked: re.Match[str]) -> str:
    """A part of the question of an address, its value hidden unless it is a number of few digits, an address itself, or
    of a name that is harmless.
    """
    name, value = unquote(asked[2]), unquote(asked[3])
    shown = _PLAIN.match(value) or (
        re.sub(r"[-_.\s]|\[\]$", "", name).lower() in _HARMLESS and value[:1] not in "[{" and not _has_token(value)
    )
    return asked[0] if shown and not _SECRET.fullmatch(name) else f"{asked[1]}{asked[2]}=***"


def _path_without_tokens(path: str) -> str:
    """The path of an address without parts that are random: what a link to one file alone has in it."""
    public = {m.start(1) for m in _PUBLIC.finditer(path)}
    return _PIECE.sub(
        lambda m: m[0] if m.start() in public or _CODED.search(m[0]) or not _has_token(m[0]) else "***", path
    )


def _has_token(text: str) -> bool:
    """Whether a text has a number of 128 bits, or 16 and more letters and digits that turn from one kind to another
    too often for words with years.
    """
    if _NUMBER_OF_128.search(text):
        return True
    whole = re.findall(r"[A-Za-z0-9]{16,}", text)
    joined = re.findall(r"[A-Za-z0-9]{16,}", re.sub("[-_]", "", text))
    return any(len(_DIGITS.findall(one)) >= 4 for one in whole) or any(
        len(_TURN.findall(one)) * 5 >= len(one) for one in joined
    )


def records_without_secrets(value: Any) -> Any:
    """The same for every text of a value of JSON, the keys of mappings too."""
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, dict):
        return {records_without_secrets(k): records_without_secrets(v) for k, v in value.items()}
    return [records_without_secrets(v) for v in value] if isinstance(value, list | tuple) else value


def visible(text: str) -> str:
    """Text without control characters, lone surrogates, noncharacters and turns of direction; its lines stay.

    Example:
        >>> visible("Guang\\x1b[31mdong")
        'Guang[31mdong'
    """
    return HIDDEN.sub("", text)


def one_line(text: str) -> str:
    """The same as one line: a tab and every kind of line break is a space."""
    return visible(_BREAKS.sub(" ", text))


def one_line_each(value: Any) -> Any:
    """A value of lists, mappings and texts with every text as one line."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, dict):
        return {one_line_each(key): one_line_each(one) for key, one in value.items()}
    return [one_line_each(one) for one in value] if isinstance(value, (list, tuple)) else value


def for_html(text: str) -> str:
    """Text of HTML, and of an attribute in quotes."""
    return _html.escape(visible(text))


def for_word(text: str) -> str:
    """Text of Word; XML has no control characters."""
    return visible(text)


def for_markdown(text: str) -> str:
    """Text whose signs mean nothing in Markdown: no link, picture, code, table, list or heading; one line."""
    line = re.sub(r"^\s+", " ", one_line(text))  # four spaces would be code
    escaped = _MARKDOWN.sub(lambda sign: f"\\{sign[0]}", line)
    return _BLOCK.sub(lambda m: f"{m[1]}\\{m[2]}" if m[2] else f"{m[1]}{m[3]}\\{m[4]}", escaped)


def for_latex(text: str) -> str:
    """Text of LaTeX on one line."""
    return "".join(_LATEX.get(c, c) for c in one_line(text))


def for_typst(text: str) -> str:
    """A string of Typst in its quotes: JSON's escapes are its own."""
    return json.dumps(one_line(text), ensure_ascii=False)


def for_csv(text: str) -> str:
    """A cell of csv that a spreadsheet opens: what it would calculate has an apostrophe before it; numbers stay.

    Example:
        >>> for_csv("=1+1"), for_csv("-0.25***")
        ("'=1+1", '-0.25***')
    """
    line = one_line(text)
    return f"'{line}" if _FORMULA.match(line) and not _NUMBER.fullmatch(line.strip()) else line


def for_terminal(text: str) -> str:
    """Text for a terminal and for logs: a hidden character is shown by its code, so that it can be found."""
    return HIDDEN.sub(lambda c: _code(c[0]), text)


def for_terminal_line(text: str) -> str:
    """The same on one line: a line break is shown by its code, but for one before a caret under an expression."""
    return for_terminal(_NEW_LINE.sub(lambda c: repr(c[0])[1:-1], text))


def json_text(value: Any, **options: Any) -> str:
    """JSON in which hidden characters stand as their codes; it reads back the same."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, **options)
    return HIDDEN.sub(lambda c: json.dumps(c[0])[1:-1] if c[0] != "\x7f" else "\\u007f", text)


def for_toml(text: str) -> str:
    """A string of TOML in its quotes."""
    return json.dumps(visible(text), ensure_ascii=False)


def for_stata(text: str) -> str:
    """What may stand after ``*`` in a do-file: no macro, no start or end of a longer comment, one line."""
    line = re.sub(r"[`$]", "'", one_line(text))
    while (spaced := re.sub(r"/(?=[/*])|\*(?=/)", r"\g<0> ", line)) != line:
        line = spaced
    return line


def for_stata_string(text: str) -> str:
    """What may stand between quotes in a do-file: no quote, no macro, one line of at most 80 characters."""
    return re.sub(r"[`\"]", "'", one_line(text)).replace("$", "")[:80]


def for_r_comment(text: str) -> str:
    """What may stand after ``#`` in a script of R."""
    return one_line(text)


def for_r_string(text: str) -> str:
    """A string of R in its quotes."""
    return json.dumps(one_line(text), ensure_ascii=False)


def for_r_name(name: str) -> str:
    """A name of R, in backticks where it needs them."""
    if _R_NAME.fullmatch(name) and name not in R_WORDS:
        return name
    return "`" + one_line(name).replace("\\", "\\\\").replace("`", "\\`") + "`"


def _code(sign: str) -> str:
    at = ord(sign)
    return f"\\x{at:02x}" if at < 256 else f"\\u{at:04x}" if at < 65536 else f"\\U{at:08x}"
