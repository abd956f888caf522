"""Make user text (titles, labels, names of regions and goods) safe for each output format, one function per format.

Two functions are applied first for every format. `visible` removes characters that no reader sees or that damage the
output: control characters, lone surrogates, noncharacters, and marks that change the text direction. `one_line` also
joins the lines of a text. Writers of data files (`sources.writers`) do not use this module, because they keep texts
unchanged.
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
"""The characters that `visible` removes."""
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
_ASKED = re.compile(r"(?<=[\w./%*)\]-])\?[^\s?]*=\S*")  # query string after a name, with or without a scheme
_SEGMENT = re.compile(r"[^\s/?&=#;'\"<>]+")
_DEEPEST = 8  # levels of nested percent-encoded addresses that are searched; deeper ones are hidden. A convention
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
    "encoding charset header headers compression zip source src station category topic label labels usessl"
)
_HARMLESS = frozenset(_OPENS_NOTHING.split())
"""Names of query parameters whose values are not secret; in lower case and without separators."""
_PLAIN = re.compile(r"[0-9]{1,4}$|(?:https?|s3|gs|az|abfss?)(?:://|%)", re.IGNORECASE)
"""Pattern of values that are not secret unless the name of the parameter means a secret.

Examples are a year, a page number, and an address, which is itself searched for secrets.
"""
_WEB = re.compile(r"(https?://[^/\s?#]*)(/[^\s?#'\"<>]*)", re.IGNORECASE)
_PIECE = re.compile(r"[A-Za-z0-9_+=~.%-]{16,}")
_CODED = re.compile(r"%(?:25)*3[af]", re.IGNORECASE)
"""Pattern of the colon or question mark of a percent-encoded address; such an address is searched separately."""
_TURN = re.compile(r"(?<=[a-z])[A-Z0-9]|(?<=[A-Z])[0-9]|(?<=[0-9])[A-Za-z]")
_DIGITS = re.compile(r"(?<=[A-Za-z])[0-9]|(?<=[0-9])[A-Za-z]")
_NUMBER_OF_128 = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}")
_PUBLIC = re.compile(r"/(?:datasets?|resources?|packages?)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?=/|$)")
"""Pattern of the part of a path by which open-data catalogues identify a table."""
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
    """Replace secrets in addresses by ``***``: passwords, user names of web addresses, tokens and signatures.

    In a query string, the value of a parameter whose name means a secret is always hidden. Of the other values, a
    number of at most four digits and an address are shown. Values of harmless names (year, format, page ...) are shown
    if they do not look random. In a web path, only parts that do not look random are shown. Tokens are also hidden in
    addresses without a scheme, and in percent-encoded addresses inside another address.

    Example:
        >>> without_secrets("cannot read https://me:word@host/a.csv?year=2004&token=abc&X-Amz-Signature=def")
        'cannot read https://***@host/a.csv?year=2004&token=***&X-Amz-Signature=***'
    """
    cleaned = _without_secrets(text, 0)
    return text if cleaned == text else cleaned  # keep the same object, which may be a message of a catalogue


def _without_secrets(text: str, depth: int) -> str:
    """Replace secrets in an address that is percent-encoded inside ``depth`` other addresses."""
    if "://" in text or depth:
        text = _DATABASE.sub(r"\1***\2", text)
        text = _PASSWORD.sub(lambda m: f"{m[1] or m[3]}***{m[2] or ''}", text)
        text = _USER.sub(r"\1***\2", _USER_OF_SLASHES.sub(r"\1***\2", text))
        text = _WEB.sub(lambda m: m[1] + _path_without_tokens(m[2]), _QUESTION.sub(_hidden, text))
    else:
        text = _ASKED.sub(lambda m: _QUESTION.sub(_hidden, m[0]), text)
    return _SEGMENT.sub(lambda m: _hidden_within(m[0], depth), text) if "%" in text else text


def _hidden_within(segment: str, depth: int) -> str:
    """Hide a part of an address if its decoded text contains a secret or is encoded too deeply."""
    plain = unquote(segment) if "%" in segment else segment
    if plain == segment:
        return segment
    if depth == _DEEPEST:
        return "***"
    shown = _without_secrets(plain, depth + 1)
    return segment if shown == plain else quote(shown, safe="*")


def _hidden(asked: re.Match[str]) -> str:
    """Hide the value of a query parameter, unless `without_secrets` says that it is shown."""
    name, value = unquote(asked[2]), unquote(asked[3])
    shown = _PLAIN.match(value) or (
        re.sub(r"[-_.\s]|\[\]$", "", name).lower() in _HARMLESS and value[:1] not in "[{" and not _has_token(value)
    )
    return asked[0] if shown and not _SECRET.fullmatch(name) else f"{asked[1]}{asked[2]}=***"


def _path_without_tokens(path: str) -> str:
    """Hide the parts of a path that look random, for example in a secret link to a file."""
    public = {m.start(1) for m in _PUBLIC.finditer(path)}
    return _PIECE.sub(
        lambda m: m[0] if m.start() in public or _CODED.search(m[0]) or not _has_token(m[0]) else "***", path
    )


def _has_token(text: str) -> bool:
    """Return whether a text contains a random token.

    A token is a number of 128 bits, or at least 16 letters and digits that change between kinds too often for words
    with years. That means at least 4 changes between letters and digits, or a change of kind in every fifth character.
    """
    if _NUMBER_OF_128.search(text):
        return True
    whole = re.findall(r"[A-Za-z0-9]{16,}", text)
    joined = re.findall(r"[A-Za-z0-9]{16,}", re.sub("[-_]", "", text))
    return any(len(_DIGITS.findall(word)) >= 4 for word in whole) or any(
        len(_TURN.findall(word)) * 5 >= len(word) for word in joined
    )


def records_without_secrets(value: Any) -> Any:
    """Replace secrets in every text of a JSON value, including the keys of mappings."""
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, dict):
        return {records_without_secrets(k): records_without_secrets(v) for k, v in value.items()}
    return [records_without_secrets(v) for v in value] if isinstance(value, list | tuple) else value


def visible(text: str) -> str:
    """Remove control characters, lone surrogates, noncharacters and direction marks from a text; keep its lines.

    Example:
        >>> visible("Guang\\x1b[31mdong")
        'Guang[31mdong'
    """
    return HIDDEN.sub("", text)


def one_line(text: str) -> str:
    """Remove hidden characters from a text and make it one line: tabs and line breaks become spaces."""
    return visible(_BREAKS.sub(" ", text))


def one_line_each(value: Any) -> Any:
    """Apply `one_line` to every text in a value of lists, mappings and texts."""
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, dict):
        return {one_line_each(key): one_line_each(item) for key, item in value.items()}
    return [one_line_each(item) for item in value] if isinstance(value, (list, tuple)) else value


def for_html(text: str) -> str:
    """Escape a text for HTML, including quoted attributes."""
    return _html.escape(visible(text))


def for_word(text: str) -> str:
    """Clean text for Word, whose XML allows no control characters."""
    return visible(text)


def for_markdown(text: str) -> str:
    """Escape a text for Markdown on one line, so that it makes no link, picture, code, table, list or heading."""
    line = re.sub(r"^\s+", " ", one_line(text))  # four leading spaces would make a code block
    escaped = _MARKDOWN.sub(lambda sign: f"\\{sign[0]}", line)
    return _BLOCK.sub(lambda m: f"{m[1]}\\{m[2]}" if m[2] else f"{m[1]}{m[3]}\\{m[4]}", escaped)


def for_latex(text: str) -> str:
    """Escape text for LaTeX on one line."""
    return "".join(_LATEX.get(c, c) for c in one_line(text))


def for_typst(text: str) -> str:
    """Write text as a quoted Typst string; Typst uses the escapes of JSON."""
    return json.dumps(one_line(text), ensure_ascii=False)


def for_csv(text: str) -> str:
    """Write a text as a csv cell.

    An apostrophe keeps a spreadsheet from computing a formula; numbers are unchanged.

    Example:
        >>> for_csv("=1+1"), for_csv("-0.25***")
        ("'=1+1", '-0.25***')
    """
    line = one_line(text)
    return f"'{line}" if _FORMULA.match(line) and not _NUMBER.fullmatch(line.strip()) else line


def for_terminal(text: str) -> str:
    """Prepare text for terminals and logs: hidden characters are shown as codes."""
    return HIDDEN.sub(lambda c: _code(c[0]), text)


def for_terminal_line(text: str) -> str:
    """Prepare a text for one line of a terminal.

    Line breaks become codes, except before a caret that marks a position.
    """
    return for_terminal(_NEW_LINE.sub(lambda c: repr(c[0])[1:-1], text))


def json_text(value: Any, **options: Any) -> str:
    """Write JSON with hidden characters as codes; reading it gives the same value."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, **options)
    return HIDDEN.sub(lambda c: json.dumps(c[0])[1:-1] if c[0] != "\x7f" else "\\u007f", text)


def for_toml(text: str) -> str:
    """Write text as a quoted TOML string."""
    return json.dumps(visible(text), ensure_ascii=False)


def for_stata(text: str) -> str:
    """Clean a text for a comment after ``*`` in a do-file.

    The result has no macro, no start or end of a longer comment, and one line.
    """
    line = re.sub(r"[`$]", "'", one_line(text))
    while (spaced := re.sub(r"/(?=[/*])|\*(?=/)", r"\g<0> ", line)) != line:
        line = spaced
    return line


def for_stata_string(text: str) -> str:
    """Clean a text for a quoted string in a do-file.

    The result has no quote, no macro, and one line of at most 80 characters.
    """
    return re.sub(r"[`\"]", "'", one_line(text)).replace("$", "")[:80]


def for_r_comment(text: str) -> str:
    """Clean a text for a comment after ``#`` in an R script."""
    return one_line(text)


def for_r_string(text: str) -> str:
    """Write text as a quoted R string."""
    return json.dumps(one_line(text), ensure_ascii=False)


def for_r_name(name: str) -> str:
    """Write a name for R, in backticks if it needs them."""
    if _R_NAME.fullmatch(name) and name not in R_WORDS:
        return name
    return "`" + one_line(name).replace("\\", "\\\\").replace("`", "\\`") + "`"


def _code(sign: str) -> str:
    at = ord(sign)
    return f"\\x{at:02x}" if at < 256 else f"\\u{at:04x}" if at < 65536 else f"\\U{at:08x}"
