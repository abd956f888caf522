"""How integrated are the consumer markets of US metropolitan areas? The steps of examples/us_metros.

usage: python examples/us_metros/study.py fetch you@example.org    downloads four files of the bureau (30 MB) into raw/
       python examples/us_metros/study.py run                      checks and runs the study

The Bureau of Labor Statistics asks programs to name a contact: the address goes into the request, nowhere else.
"""

from __future__ import annotations

import shutil
import sys
import urllib.request
from pathlib import Path

from integrade.cli import run as integrade

HERE = Path(__file__).parent
ADDRESS = "https://download.bls.gov/pub/time.series/cu/"
FILES = ("cu.data.3.AsizeNorthEast", "cu.data.4.AsizeNorthCentral", "cu.data.5.AsizeSouth", "cu.data.6.AsizeWest")
"""The series of the metropolitan areas of the four census regions, one file each."""


def fetch(contact: str) -> int:
    """The files as published, into raw/."""
    (HERE / "raw").mkdir(exist_ok=True)
    for name in FILES:
        request = urllib.request.Request(ADDRESS + name, headers={"User-Agent": contact})
        with urllib.request.urlopen(request) as page, (HERE / "raw" / name).open("wb") as file:
            shutil.copyfileobj(page, file)
    return 0


def run() -> int:
    """All files checked, then the study; the exit code of the first command that fails."""
    return integrade(["check", str(HERE), "-v"]) or integrade(["run", str(HERE)])


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["fetch", contact]:
            sys.exit(fetch(contact))
        case ["run"]:
            sys.exit(run())
        case _:
            sys.exit(__doc__)
