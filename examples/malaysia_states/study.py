"""How integrated are the consumer markets of Malaysian states? The steps of examples/malaysia_states.

usage: python examples/malaysia_states/study.py fetch    downloads the file of the Department of Statistics into raw/
       python examples/malaysia_states/study.py run      checks and runs the study
"""

from __future__ import annotations

import sys
import urllib.request
from pathlib import Path

from integrade.cli import run as integrade

HERE = Path(__file__).parent
ADDRESS = "https://storage.dosm.gov.my/cpi/cpi_2d_state.csv"


def fetch() -> int:
    """The file as published, into raw/."""
    (HERE / "raw").mkdir(exist_ok=True)
    urllib.request.urlretrieve(ADDRESS, HERE / "raw" / "cpi_2d_state.csv")
    return 0


def run() -> int:
    """All files checked, then the study; the exit code of the first command that fails."""
    return integrade(["check", str(HERE), "-v"]) or integrade(["run", str(HERE)])


if __name__ == "__main__":
    steps = {"fetch": fetch, "run": run}
    if len(sys.argv) != 2 or sys.argv[1] not in steps:
        sys.exit(__doc__)
    sys.exit(steps[sys.argv[1]]())
