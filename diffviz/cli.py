"""The command line: subcommands and exit codes, no logic of its own."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from diffviz import cli_train
from diffviz.domain.errors import DiffvizError


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command `argv` and give its exit code: 0 done, 1 failed, 2 bad usage, 130 interrupted."""
    parser = argparse.ArgumentParser(prog="diffviz")
    subparsers = parser.add_subparsers(dest="command")
    cli_train.add_parser(subparsers)
    args = parser.parse_args(argv)
    try:
        code: int = args.run(args)
        return code
    except DiffvizError as error:
        print(error, file=sys.stderr)
        return 1
