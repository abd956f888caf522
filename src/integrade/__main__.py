"""``python -m integrade`` is the command line."""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    # Python puts the folder it is started in before its own modules: a numpy.py in the folder of a study would be run
    sys.path[:] = sys.path[1:]

from integrade.cli import main

if __name__ == "__main__":
    main()
