"""The command ``pairforge``, which is ``python -m pairforge`` too."""

import sys


def run() -> None:
    """Runs the command line. Ctrl-C is no traceback even while its modules are being imported."""
    try:
        from pairforge.cli import main

        main()
    except KeyboardInterrupt:
        sys.stderr.write("interrupted before anything was begun\n")
        sys.exit(130)


if __name__ == "__main__":
    run()
