"""Start the command line, as ``python -m integrade`` or ``integrade``; it can be stopped even while it is imported."""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    # Python searches the current folder before its own modules: a numpy.py in the folder of a study would be run
    sys.path[:] = sys.path[1:]

from rawcells.stopping import watch_for_stops


def main() -> None:
    """Run the command line (`integrade.cli.main`)."""
    watch_for_stops()
    from integrade.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
