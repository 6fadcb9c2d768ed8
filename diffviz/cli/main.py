"""The command line: subcommands and exit codes, no logic of its own.

`diffviz info`: versions, devices, folders, and which files can be written here.

`diffviz selftest`: every lab computes a short run and draws it; exit code 0 when all of it worked.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Collection, Sequence
from typing import Any, NoReturn

from diffviz import __version__, paths
from diffviz.cli import evaluate, export, inspect, sheet, streams, train, window
from diffviz.cli.run import DEVICES, UsageError
from diffviz.domain import errors, ideal
from diffviz.domain.cards import Card, card_among
from diffviz.domain.sentences import sentence
from diffviz.domain.text import set_language, tr

DONE = 0


def add_info_parser(subparsers: Any) -> None:
    """Add `info`."""
    parser = subparsers.add_parser("info", help=tr("versions, devices, folders and formats"))
    parser.add_argument("--model", metavar="ID", help=tr("what is known of this model instead: its id or folder"))
    parser.add_argument("--json", action="store_true", help=tr("as JSON"))
    parser.set_defaults(run=run_info)


def run_info(args: argparse.Namespace) -> int:
    """Print what is known of this installation, or of a model."""
    from diffviz.crash_reporting import lines

    found = known_of(args.model) if args.model else known()
    if args.json:
        streams.print_json(found)
    else:
        print("\n".join(lines(found)))
    return DONE


def known() -> dict[str, Any]:
    """What diagnostics tell, with the devices there are here."""
    from diffviz import crash_reporting
    from diffviz.engine import device_context

    kinds = device_context.available()
    return crash_reporting.known(device_context.describe(device_context.choose(kinds[0])), kinds)


def known_of(model: str) -> dict[str, Any]:
    """What the card of `model`, an id or a folder, says. Raises `ModelNotFound` or what is wrong with its card."""
    roots = paths.model_roots()
    card = card_among(model, roots, *ideal.known_cards(roots))
    return {
        "id": card.id,
        "name": card.name,
        "family": card.family,
        "folder": str(card.folder),
        "shape": " × ".join(map(str, card.shape)),
        "classes": list(card.classes),
        "parameters": card.parameters,
        "dataset": dict(card.dataset),
        "training": dict(card.training),
        "quality": dict(card.quality),
        "licence": card.licence,
    }


DONE, FAILED = 0, 1


def add_parser(subparsers: Any) -> None:
    """Add `selftest`."""
    parser = subparsers.add_parser("selftest", help=tr("check this installation: compute and draw in every lab"))
    parser.add_argument("--json", action="store_true", help=tr("as JSON"))
    parser.add_argument("--quiet", action="store_true", help=tr("say nothing where all is well"))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check, print a line for each part, and 0 where all of them passed. A person's settings are not touched."""
    with tempfile.TemporaryDirectory(prefix="diffviz-selftest-", ignore_cleanup_errors=True) as home:
        os.environ["DIFFVIZ_HOME"] = home
        results = _checked(args)
    if args.json:
        streams.print_json(results, indent=None)
    return DONE if all(result["passed"] for result in results) else FAILED


def _checked(args: argparse.Namespace) -> list[dict[str, Any]]:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # no window in the way of what a person is doing
    from diffviz.cli.selftest_checks import Check, checks

    results = []

    def tell(check: Check) -> None:
        results.append(
            {"name": check.name, "passed": check.passed, "seconds": round(check.seconds, 3), "text": check.text}
        )
        if not (args.json or (args.quiet and check.passed)):
            mark = tr("ok") if check.passed else tr("FAILED")
            out = sys.stdout if check.passed else sys.stderr
            print(f"{mark:8}{check.name:24}{check.seconds:8.2f} s  {check.text}", file=out, flush=True)

    checks(getattr(args, "device", "") or "auto", tell)
    return results


DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
SHELLS = ("bash", "zsh", "tcsh")


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line."""

    def error(self, message: str) -> NoReturn:
        """Print `message` and exit with 2."""
        print(f"{self.prog}: {message}", file=sys.stderr)
        sys.exit(USAGE)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command `argv`; its exit code."""
    streams.prepare()
    set_language(streams.language())
    try:
        return _answered(sys.argv[1:] if argv is None else argv)
    except BrokenPipeError:
        streams.silence()
        return streams.READER_GONE


def _answered(argv: Sequence[str]) -> int:
    """The exit code of the command `argv`, whose errors are said."""
    try:
        return _run(argv)
    except KeyboardInterrupt:
        print(tr("Interrupted."), file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        raise  # nothing went wrong, and there is nobody to tell
    except (UsageError, errors.OutOfRange, errors.NotAChoice) as error:
        print(f"diffviz: {sentence(error)}", file=sys.stderr)
        return USAGE
    except (errors.DiffvizError, OSError, RuntimeError) as error:
        print(f"diffviz: {sentence(error)}", file=sys.stderr)
        return FAILED


def _run(argv: Sequence[str]) -> int:
    top, commands = parsers()
    try:
        args = top.parse_args(window.with_open(argv, commands))
        if paths.homeless():
            said = tr("There is no home folder here: set HOME, or DIFFVIZ_HOME to a folder for your files.")
            print(f"diffviz: {said}", file=sys.stderr)
            return FAILED
        code: int = args.run(args)
    finally:
        streams.write_out()
    return code


def parser() -> argparse.ArgumentParser:
    """The parser of all subcommands."""
    return parsers()[0]


def parsers() -> tuple[argparse.ArgumentParser, Collection[str]]:
    """The parser of all subcommands, and their names."""
    top = Parser(prog="diffviz", description=tr("Watch generative models work. Without a command: open the window."))
    top.add_argument("--version", action="version", version=f"diffviz {__version__}")
    top.add_argument("--device", choices=DEVICES, default="", help=tr("where to compute"))
    window.add_new_window(top)
    top.set_defaults(run=window.run)
    commands = top.add_subparsers(dest="command", parser_class=Parser)
    window.add_parser(commands)
    export.add_export_parser(commands)
    sheet.add_parser(commands)
    train.add_parser(commands)
    evaluate.add_parser(commands)
    inspect.add_inspect_parser(commands)
    models = commands.add_parser("models", help=tr("list the models there are"))
    models.add_argument("model", nargs="*", metavar="MODEL", help=tr("only these: ids, or models' folders"))
    models.add_argument("--json", action="store_true", help=tr("as JSON"))
    models.set_defaults(run=_models)
    add_info_parser(commands)
    add_parser(commands)
    completion = commands.add_parser("completion", help=tr("print a script that completes commands in a shell"))
    completion.add_argument("shell", choices=SHELLS, help=tr("which shell"))
    completion.set_defaults(run=_completion)
    return top, commands.choices


def _completion(args: argparse.Namespace) -> int:
    import shtab

    print(shtab.complete(parser(), shell=args.shell))
    return DONE


def _models(args: argparse.Namespace) -> int:
    roots = paths.model_roots()
    cards, damaged = ideal.known_cards(roots)
    if args.model:
        cards = {card.id: card for card in (card_among(name, roots, cards, damaged) for name in args.model)}
        damaged = {}
    if args.json:
        streams.print_json({name: card.raw for name, card in cards.items()})
    else:
        for card in cards.values():
            print(_line(card))
    for error in damaged.values():
        print(f"diffviz: {sentence(error)}", file=sys.stderr)
    return FAILED if damaged and not cards else DONE


def _line(card: Card) -> str:
    channels, height, width = card.shape
    size = f"{channels}×{height}×{width}"
    return f"{card.id:24} {card.family:12} {size:12} {card.parameters / 1e6:6.2f} M  {card.name}"
