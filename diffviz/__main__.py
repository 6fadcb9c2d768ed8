"""Entry point of `diffviz` and `python -m diffviz`."""

import sys


def main() -> int:
    """Run the command line in `sys.argv`; its exit code."""
    from diffviz.cli import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
