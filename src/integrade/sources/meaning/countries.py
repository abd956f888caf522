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
