"""Entry point of `diffviz` and `python -m diffviz`."""

import sys


def main() -> int:
    """Run the command line in `sys.argv`; its exit code."""
    if sys.platform == "win32":
        import torch  # noqa: F401  (on Windows torch has to be loaded before Qt: WinError 1114 otherwise)

    from diffviz.cli import main as run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
