"""Countries as ISO 3166 three-letter codes, from numbers of ISO and the UN, letters, English and Chinese names.

The codes and names are those of the maintained package pycountry; what files write beside them is in countries.toml.
"""

from __future__ import annotations

import gettext
import tomllib
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from integrade.engine import doors


@cache
def iso3(text: str) -> str | None:
    """The three letters of a country; None for what is no country, such as World or an area not specified.

    Example:
        >>> [iso3(one) for one in ("842", "4", "EL", "Korea, Republic of", "韩国", "World")]
        ['USA', 'AFG', 'GRC', 'KOR', 'KOR', None]
    """
    word = unicodedata.normalize("NFKC", text).strip()
    own = _own()
    if word.isdecimal():
        found = _numbered(word.zfill(3))
        return own.get(word.lstrip("0") or "0") or (str(found.alpha_3) if found else None)
    return own.get(_key(word)) or _names().get(_key(word))


def _key(word: str) -> str:
    return " ".join(word.casefold().split())


@cache
def _own() -> dict[str, str]:
    """What is written beside the names of ISO: codes of the UN and of the EU, short and old names."""
    raw = tomllib.loads(doors.read_text(Path(__file__).with_suffix(".toml")))
    return {_key(word): code for section in raw.values() for word, code in section.items()}


@cache
def _names() -> dict[str, str]:
    """Every code and name of ISO 3166 in letters, English and Chinese."""
    import pycountry

    listed: Any = pycountry.countries
    chinese = [gettext.translation("iso3166-1", pycountry.LOCALES_DIR, languages=["zh_CN"], fallback=True)]
    found: dict[str, str] = {}
    for country in listed:
        given = [getattr(country, name, "") for name in ("alpha_2", "alpha_3", "name", "common_name", "official_name")]
        given += [translation.gettext(word) for translation in chinese for word in given[2:] if word]
        found |= {_key(unicodedata.normalize("NFKC", word)): country.alpha_3 for word in given if word}
    return found


def _numbered(digits: str) -> Any:
    import pycountry

    return pycountry.countries.get(numeric=digits)
