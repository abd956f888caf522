"""Parse the unit that a heading states: ``Total assets (RM'000)`` means total assets in thousand MYR."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Literal, NamedTuple

Measure = Literal["money", "count", "mass", "volume", "length", "area", "percent", "base", "unclear"]


class Unit(NamedTuple):
    """Unit as a heading states it.

    ``scale``: number of single units in one unit, 0 if it is not certain. ``name``: the ISO 4217 code of money, the
    short name of another unit, or an empty text for plain numbers. ``measure``: "unclear" is money whose currency or
    scale the heading does not show (``$``, ``pesos``, ``US$ mil``); "base" is the base of an index (2010 = 100).
    """

    text: str
    measure: Measure
    scale: int = 1
    name: str = ""

    def __str__(self) -> str:
        """Return the unit in words: ``thousand MYR``, ``10000 CNY``, ``kg``; the heading's text if it is unclear."""
        if self.measure in ("unclear", "base") or not self.scale:
            return self.text
        scale = "" if self.scale == 1 else IN_WORDS.get(self.scale, str(self.scale))
        return " ".join(part for part in (scale, self.name) if part)


IN_WORDS = {10**3: "thousand", 10**6: "million", 10**9: "billion", 10**12: "trillion"}

_SCALES = {
    10**3: "thousand thousands thousand's '000 000 000s '000s mil miles milhares millar millares tausend tsd mille "
    "tys тыс тысяч migliaia duizend milliers ribu ribuan rb nghin ngan bin 千 천",
    10**4: "万 萬",
    10**5: "lakh lakhs lac",
    10**6: "million millions mn mln mio millon millones milhao milhoes juta jutaan jt trieu 百万 millionen "
    "млн миллионов milioni miljoen milyon 백만",
    10**8: "亿 億 억",
    10**7: "crore crores 千万",
    10**9: "billion billions bn milliard milliards milliarden mrd miliar ty ti bilhao bilhoes milyar 십억",
    10**12: "trillion trillions trn triliun trilhao trilhoes billones",
}
_SCALES_OF_MONEY = {10**3: "k th", 10**6: "m mm"}
"""Letters that mean a scale only next to a currency, by scale."""

_MONEY = {
    "USD": "usd us$ $us u$s us-$ dolares dolar 美元 do_la_my us_dollars us_dollar dollars_us us-dollar dolar_as "
    "abd_dolari 달러 미국달러 미국_달러 미달러 "
    "dolares_americanos dolares_estadounidenses",
    "EUR": "eur € euro euros 欧元 歐元",
    "GBP": "gbp £ 英镑 pounds_sterling",
    "CNY": "cny rmb 元 人民币 yuan 人民币元",
    "MYR": "myr rm ringgit ringgit_malaysia",
    "IDR": "idr rp rupiah",
    "VND": "vnd dong",
    "BRL": "brl r$ reais",
    "MXN": "mxn mx$ pesos_mexicanos",
    "CLP": "clp pesos_chilenos",
    "COP": "cop pesos_colombianos",
    "PEN": "pen soles nuevos_soles s/.",
    "ARS": "ars pesos_argentinos",
    "INR": "inr ₹ indian_rupees",
    "JPY": "jpy 日元 円 日圆 yen",
    "KRW": "krw ₩ won 韩元 원",
    "TWD": "twd nt$ ntd 新台币 新臺幣 新台币元 新臺幣元",
    "HKD": "hkd hk$ 港元 港币",
    "SGD": "sgd s$",
    "THB": "thb ฿ baht",
    "PHP": "php ₱",
    "KES": "kes ksh kshs",
    "ZAR": "zar rand",
    "RUB": "rub rur ₽ roubles rubles руб рублеи",
    "TRY": "try ₺ tl turk_lirasi turk_lirası",
    "CHF": "chf",
    "CAD": "cad c$",
    "AUD": "aud a$",
    "NGN": "ngn ₦ naira",
    "XOF": "xof fcfa francs_cfa",
    "MAD": "mad dirhams",
    "TND": "tnd",
    "DZD": "dzd",
    "EGP": "egp",
    "PKR": "pkr",
    "BDT": "bdt taka",
    "PLN": "pln zł zl złotych zlotych",
    "SEK": "sek",
    "NOK": "nok",
    "DKK": "dkk",
}
_OF_MIL = frozenset(("BRL", "MXN", "CLP", "COP", "PEN", "ARS"))
"""Currencies for which ``mil`` is a thousand; for any other currency it may be a million (RM mil, GBP mil)."""
_UNCLEAR = "$ pesos peso rs rupees rupee dollars dollar francs pounds"
_OTHER: dict[Measure, dict[str, str]] = {
    "mass": {
        "kg": "kg kgs kilogram kilograms kilogramme kilogrammes kilogramm kilo kilos kilogramos kilogramas quilos "
        "quilogramas 公斤 千克",
        "t": "t tonne tonnes ton tons toneladas tonelada tonnen tan 吨 mt metric_tons metric_tonnes",
        "g": "g grams gram 克",
    },
    "volume": {"l": "l liter litre litres liters litros", "m3": "m3 cubic_metres cbm 立方米"},
    "length": {"km": "km kilometres kilometers kilometros 公里"},
    "area": {"km2": "km2 sq_km square_km square_kilometres 平方公里 quadratkilometer", "ha": "ha hectares hectareas"},
    "count": {
        "persons": "persons person people workers employees personas personen pessoas personnes orang nguoi kisi 人 명",
        "number": "number no nos units unidades pcs pieces stuck unites cai 个 台 件 numero nombre anzahl",
    },
    "percent": {"%": "% percent per_cent pct por_ciento por_cento prozent pour_cent phan_tram persen"},
}
_FILLERS = (
    "in",
    "en",
    "em",
    "of",
    "de",
    "des",
    "dalam",
    "tinh bang",
    "unit",
    "dvt",
    "单位",
    "unidad",
    "fob",
    "fab",
    "d'",
    "cifras",
    "valores",
    "montos",
    "montants",
    "expresado",
    "expresados",
    "expresadas",
    "expresso",
    "expressos",
    "exprimes",
    "angaben",
    "figures",
    "amounts",
    "corrientes",
    "di",
    "correntes",
)
_DELIVERY = ("fob", "fab")
"""Delivery terms that a heading may state, because values in the tables are free on board.

A value with insurance and freight (cif) has another meaning.
"""
_BASE = re.compile(r"[^=]{1,40}=\s*1(?:[0.,]+)")
_LONGEST = 26


@lru_cache(1 << 15)
def split_heading(heading: str) -> tuple[str, Unit | None]:
    """Split a heading into its words and the unit that it states; without a unit, return the whole heading and None.

    The unit is in brackets at the end, after a comma, colon, dash or vertical line, or in the last words.
    Brackets with any other content stay in the heading.

    Example:
        >>> [(words, str(unit)) for words, unit in map(split_heading, ("Total assets (RM'000)", "出口额(万美元)"))]
        [('Total assets', 'thousand MYR'), ('出口额', '10000 USD')]
    """
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", heading)).strip()
    bracket = re.fullmatch(r"(.+?)\s*[(\[{]([^()\[\]{}]*)[)\]}]\s*", text)
    if bracket:
        unit = unit_of(bracket[2])
        return (_bare(bracket[1]), unit) if unit else (text, None)
    tail = re.fullmatch(r"(.+?)\s*(?:[,;:|]|\s[-–—]|-\s)\s*([^,;:|]+)", text)
    if tail and (unit := unit_of(tail[2])):
        return _bare(tail[1]), unit
    words = re.split(r"[ _]", text)
    for first in range(max(1, len(words) - 4), len(words)):
        unit = None if words[first].casefold() in _DELIVERY else unit_of(" ".join(words[first:]))
        if unit and (
            unit.measure in ("money", "unclear") or (unit.name in ("kg", "t", "km", "km2") and len(words) > 1)
        ):
            return _bare(" ".join(words[:first])), unit
    first_word = unit_of(words[0]) if len(words) > 1 else None
    return (_bare(" ".join(words[1:])), first_word) if first_word and first_word.measure == "money" else (text, None)


def unit_of(text: str) -> Unit | None:
    """Parse a text that is only a unit; None for any other text.

    Example:
        >>> [str(unit_of(text)) for text in ("US$ million", "miles de reais", "Tsd. EUR", "triệu đồng", "at 1 May")]
        ['million USD', 'thousand BRL', 'thousand EUR', 'million VND', 'None']
    """
    unit_text = text.strip()
    plain = without_accents(unit_text).replace("_", " ")
    if _BASE.fullmatch(plain):
        return Unit(unit_text, "base")
    words = _words(plain)
    kinds = [_known()[word] for word in words or ()]
    names = {kind for kind in kinds if not isinstance(kind, int)}
    if not kinds or len(names) > 1:
        return None
    scale = 1
    for kind in kinds:
        scale *= kind if isinstance(kind, int) else 1
    if not names:
        letters = any(word in each.split() for each in _SCALES_OF_MONEY.values() for word in words or ())
        return None if scale == 1 or letters else Unit(unit_text, "count", 0 if "mil" in (words or ()) else scale)
    measure, name = names.pop()
    if "mil" in (words or ()) and measure in ("money", "unclear") and name not in _OF_MIL:
        return Unit(unit_text, "unclear", 0)  # mil is a thousand in Spanish and Portuguese, a million elsewhere
    return Unit(unit_text, measure, scale, name)


_NO_ACCENT = str.maketrans("đı", "di")
"""Vietnamese and Turkish letters without a decomposition into letter and accent: ``YIL`` becomes ``yil``."""


def without_accents(text: str) -> str:
    """Return text in lower case, half width and without accents.

    Example:
        >>> without_accents("Số lượng")
        'so luong'
    """
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFC", "".join(c for c in plain if not unicodedata.combining(c))).translate(_NO_ACCENT)


def _bare(words: str) -> str:
    return words.strip(" ,:;-–—_|")


def _words(plain: str) -> list[str] | None:
    """Split a unit into known words, trying the longest first; filler words are left out.

    Returns None if a word is unknown.
    """
    remainder = re.sub("['’`´‘]+", "'", plain).replace("us$", " us$ ").replace("'0", " '0").strip()
    remainder, words, known = re.sub(r"(?<=[^\W\d_])\.(?=\s|$|[^\W\d_]|')", " ", remainder), list[str](), _known()
    while remainder := remainder.lstrip(" ,:;-_/"):
        length = next(
            (
                n
                for n in range(min(len(remainder), _LONGEST), 0, -1)
                if _ends(remainder, n) and remainder[:n].replace(" ", "_") in known
            ),
            0,
        )
        filler = next((len(f) for f in _FILLERS if remainder.startswith(f) and _ends(remainder, len(f))), 0)
        if not length and not filler:
            return None
        if length:
            words.append(remainder[:length].replace(" ", "_"))
        remainder = remainder[length or filler :]
    return words


def _ends(text: str, n: int) -> bool:
    """Return whether a word may end after n letters.

    A word in an alphabet is not split; text in Chinese or Korean is.
    """
    if n >= len(text):
        return True
    before, after = text[n - 1], text[n]
    return not (before.isalnum() and after.isalnum()) or _runs_on(before) or _runs_on(after)


def _runs_on(letter: str) -> bool:
    """Return whether a letter is of a script that writes no blank between scale and unit (Chinese, Korean)."""
    return "\u4e00" <= letter <= "\u9fff" or "\uac00" <= letter <= "\ud7a3"


@cache
def _known() -> dict[str, int | tuple[Measure, str]]:
    """Return every word of a unit, with its scale or with its measure and short name."""
    by_word: dict[str, int | tuple[Measure, str]] = {}
    for measure, names in _OTHER.items():
        by_word |= {word: (measure, name) for name, words in names.items() for word in words.split()}
    by_word |= dict.fromkeys(_UNCLEAR.split(), ("unclear", ""))
    by_word |= {word: ("money", code) for code, words in _MONEY.items() for word in words.split()}
    for scales in (_SCALES, _SCALES_OF_MONEY):
        by_word |= {word: scale for scale, words in scales.items() for word in words.split()}
    return by_word
