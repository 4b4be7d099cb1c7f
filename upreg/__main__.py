"""`python -m upreg` = the command `upreg`."""

import sys


def main(arguments=None):
    """Runs one command; returns 0 done, 1 failed, 2 misused."""
    from upreg.cli import main as run

    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
