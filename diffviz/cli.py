"""The command line: subcommands and exit codes, no logic of its own.

Exit codes: 0 done, 1 failed, 2 bad usage, 130 interrupted. Errors are one plain line on stderr.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import NoReturn

from diffviz import __version__, cli_evaluate, cli_export, cli_train, paths
from diffviz.domain.cards import Card, find_cards
from diffviz.domain.errors import DiffvizError, NotAChoice, OutOfRange
from diffviz.domain.sentences import sentence
from diffviz.domain.text import desktop_language, set_language, tr
from diffviz.options import UsageError

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Print `message` and exit with 2."""
        print(f"{self.prog}: {message}", file=sys.stderr)
        sys.exit(USAGE)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command `argv`; its exit code."""
    set_language(desktop_language())
    args = parser().parse_args(argv)
    try:
        code: int = args.run(args)
    except KeyboardInterrupt:
        print(tr("Interrupted."), file=sys.stderr)
        return INTERRUPTED
    except (UsageError, OutOfRange, NotAChoice) as error:
        print(f"diffviz: {sentence(error)}", file=sys.stderr)
        return USAGE
    except (DiffvizError, OSError, RuntimeError) as error:
        print(f"diffviz: {sentence(error)}", file=sys.stderr)
        return FAILED
    return code


def parser() -> argparse.ArgumentParser:
    """The parser of all subcommands."""
    top = Parser(prog="diffviz", description=tr("Watch generative models work. Without a command: open the window."))
    top.add_argument("--version", action="version", version=f"diffviz {__version__}")
    _add_device(top)
    top.set_defaults(run=_window)
    commands = top.add_subparsers(dest="command", parser_class=Parser)
    cli_export.add_export_parser(commands)
    cli_train.add_parser(commands)
    cli_evaluate.add_parser(commands)
    models = commands.add_parser("models", help=tr("list the models there are"))
    models.add_argument("--json", action="store_true", help=tr("as JSON"))
    models.set_defaults(run=_models)
    return top


def _add_device(target: argparse.ArgumentParser) -> None:
    target.add_argument("--device", choices=("auto", "cuda", "mps", "cpu"), default="", help=tr("where to compute"))


def _window(args: argparse.Namespace) -> int:
    from diffviz.display import missing_display

    missing = missing_display()
    if missing:
        print(f"diffviz: {missing}", file=sys.stderr)
        return FAILED
    if sys.platform == "win32":
        import torch  # noqa: F401  (on Windows torch has to be loaded before Qt: WinError 1114 otherwise)

    from diffviz import app

    return app.run(device=args.device)


def _models(args: argparse.Namespace) -> int:
    cards, damaged = find_cards(paths.model_roots())
    if args.json:
        print(json.dumps({name: card.raw for name, card in cards.items()}, ensure_ascii=False, indent=2))
    else:
        for card in cards.values():
            print(_line(card))
    for error in damaged.values():
        print(f"diffviz: {sentence(error)}", file=sys.stderr)
    return FAILED if damaged else DONE


def _line(card: Card) -> str:
    channels, height, width = card.shape
    size = f"{channels}×{height}×{width}"
    return f"{card.id:24} {card.family:12} {size:12} {card.parameters / 1e6:6.2f} M  {card.name}"
