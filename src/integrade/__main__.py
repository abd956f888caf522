"""``python -m integrade`` is the command line."""

from integrade.cli import main

if __name__ == "__main__":
    main()
