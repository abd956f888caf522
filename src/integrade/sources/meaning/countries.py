"""Find ISO 3166 three-letter codes of countries, from ISO and UN numbers, letter codes, and English and Chinese names.

Codes and names come from the package pycountry. Other spellings that occur in files are in countries.toml.
"""

from __future__ import annotations

import gettext
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from rawcells import doors


@cache
def iso3(text: str) -> str | None:
    """Return the three-letter code of a country; None for any other name, such as World or an unspecified area.

    Example:
        >>> [iso3(one) for one in ("842", "4", "EL", "Korea, Republic of", "韩国", "World")]
        ['USA', 'AFG', 'GRC', 'KOR', 'KOR', None]
    """
    word = unicodedata.normalize("NFKC", text).strip()
    codes = _further_names()
    if word.isdecimal():
        import pycountry

        country: Any = pycountry.countries.get(numeric=word.zfill(3))
        return codes.get(word.lstrip("0") or "0") or (str(country.alpha_3) if country else None)
    return codes.get(_key(word)) or _names().get(_key(word))


def _key(word: str) -> str:
    return " ".join(word.casefold().split())


@cache
def _further_names() -> dict[str, str]:
    """Return spellings that ISO does not have: codes of the UN and of the EU, short names and old names."""
    raw = tomllib.loads(doors.read_text(Path(__file__).with_suffix(".toml")))
    return {_key(word): code for section in raw.values() for word, code in section.items()}


@cache
def _names() -> dict[str, str]:
    """Return every letter code and name of ISO 3166, English and Chinese."""
    import pycountry

    listed: Any = pycountry.countries
    chinese = [gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["zh_CN"], fallback=True)]
    code_by_name: dict[str, str] = {}
    for country in listed:
        given = [getattr(country, name, "") for name in ("alpha_2", "alpha_3", "name", "common_name", "official_name")]
        given += [translation.gettext(word) for translation in chinese for word in given[2:] if word]
        code_by_name |= {_key(unicodedata.normalize("NFKC", word)): country.alpha_3 for word in given if word}
    return code_by_name


LANGUAGES = (
    *("ar", "bg", "cs", "da", "de", "el", "es", "et", "fa", "fi", "fr", "he", "hi", "hr", "hu", "hy", "id", "it", "ja"),
    *("ka", "kk", "ko", "ky", "lt", "lv", "mk", "mn", "ms", "nb_NO", "nl", "pl", "pt", "pt_BR", "ro", "ru", "sk", "sl"),
    *("sq", "sr", "sv", "th", "tr", "uk", "uz", "vi", "zh_CN", "zh_TW"),
)
"""Languages in which statistical offices name their country."""


@cache
def country_named(name: str) -> str | None:
    """Return the three-letter code of a country whose name is English, Chinese or in one of `LANGUAGES`.

    Example:
        >>> [country_named(one) for one in ("Україна", "Deutschland", "Peru", "Bayern")]
        ['UKR', 'DEU', 'PER', None]
    """
    return iso3(name) or _names_in_languages().get(_key(unicodedata.normalize("NFKC", name)))


@cache
def _names_in_languages() -> dict[str, str]:
    """Return the names of countries in other languages; a name of two countries is left out."""
    import pycountry

    codes: dict[str, set[str]] = {}
    listed: Any = pycountry.countries
    for language in LANGUAGES:
        spoken = gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=[language], fallback=True)
        for country in listed:
            for word in (country.name, getattr(country, "common_name", "")):
                if word:
                    codes.setdefault(_key(spoken.gettext(word)), set()).add(country.alpha_3)
    return {name: code for name, (code, *more) in codes.items() if not more}
