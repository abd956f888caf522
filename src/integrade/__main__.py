"""``python -m integrade`` and ``integrade``: the command line, which can be stopped while it is still imported."""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    # Python puts the folder it is started in before its own modules: a numpy.py in the folder of a study would be run
    sys.path[:] = sys.path[1:]

from integrade.engine.stopping import watch_for_stops


def main() -> None:
    """Run the command line (`integrade.cli.main`)."""
    watch_for_stops()
    from integrade.cli import main as command_line

    command_line()


if __name__ == "__main__":
    main()
