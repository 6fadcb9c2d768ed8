"""`--beside`: runs that a file shows beside the first one, as files with their settings, as JSON, or in words.

The words are those of `diffviz export`: what differs from the first run, or a kind of run and all that it is.
"""

from __future__ import annotations

import argparse
import dataclasses
import shlex
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from diffviz import paths
from diffviz.cli.run import Cards, Counter, UsageError, about, computed
from diffviz.domain.engine import Engine
from diffviz.domain.export_settings import JOINED, ExportSettings
from diffviz.domain.messages import RunInputs
from diffviz.domain.provenance import MOST_BESIDE
from diffviz.domain.requests import Request
from diffviz.domain.text import tr
from diffviz.export.run_info import RunBeside, RunInfo, with_beside
from diffviz.families import family_of, naming, process_of
from diffviz.theory.shared_time import link

Asked = tuple[Request, RunInputs]
"""A run that is asked for, and what the engine is handed with its request."""
Parse = Callable[[Sequence[str]], argparse.Namespace]
SWITCHES = frozenset({"quiet", "json", "invert"})
"""Options that are there or not."""


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add `--beside`; a walk takes a model too, which walks between the same pictures."""
    parser.add_argument(
        "--beside",
        metavar="FILE_OR_REQUEST",
        action="append",
        help=tr(
            "a run to show beside this one, up to three: a file that diffviz has written, settings as JSON, or what "
            "differs in words of this command: --beside '--steps 1000'; a path takes a model's id too"
        ),
    )


def split(args: argparse.Namespace) -> list[str]:
    """The runs that `args` ask for beside the first one; `args.beside` is then the model that is asked for, or empty.

    Raises `UsageError` for too many.
    """
    given: list[str] = args.beside or []
    models = [text for text in given if args.kind == "path" and not _is_run(text)]
    args.beside = models[-1] if models else ""
    runs = [text for text in given if text not in models]
    if len(runs) > MOST_BESIDE or len(models) > 1:
        raise UsageError(tr("--beside takes up to {n} runs.").format(n=MOST_BESIDE))
    return runs


def _is_run(text: str) -> bool:
    from diffviz.export.reading import has_record

    return is_record(text) or " " in text.strip() or text.startswith("-") or has_record(Path(text))


def is_record(text: str) -> bool:
    """Whether `text` is settings as JSON, and no name or words."""
    return text.lstrip().startswith("{")


def is_file(text: str) -> bool:
    """Whether `text` is settings as JSON, or names a file or folder that is there."""
    if not text.strip():
        raise UsageError(tr("--beside is empty: name a file, or say what differs."))
    return is_record(text) or (not text.startswith("-") and paths.exists(Path(text)))


def changed(args: argparse.Namespace, text: str, kinds: Mapping[str, object], parse: Parse) -> argparse.Namespace:
    """`args` with what the words `text` say differently; those of another kind of run stand for themselves."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(tr("These settings cannot be read ({reason}).").format(reason=error)) from error
    whole = bool(words) and words[0] in kinds
    kind, rest = (words[0], words[1:]) if whole else (args.kind, words)
    found = parse([kind, str(args.out), *rest])
    if not whole:
        given = vars(found).items()
        said = {name: value for name, value in given if value is not None and (value or name not in SWITCHES)}
        found = argparse.Namespace(**{**vars(args), **said})
    if getattr(found, "beside", None) and found.beside is not args.beside:
        raise UsageError(tr("A run beside another one has none beside itself: give --beside once for each."))
    found.beside = ""
    return found


def check(settings: ExportSettings, first: Request, others: Sequence[Asked]) -> None:
    """Raise `UsageError` where these runs have no place in one file of `settings`."""
    if others and settings.format not in JOINED:
        raise UsageError(tr("--beside is for pictures, films and plots: arrays and curves are those of one run."))
    axes = {family_of(request).frame.axis for request in (first, *(request for request, _ in others))}
    if len(axes) > 1:
        raise UsageError(
            tr("Runs along {axes} cannot be shown beside each other.").format(axes=", ".join(sorted(axes)))
        )


def known(engine: Engine, first: Asked, others: Sequence[Asked], cards: Cards, counter: Counter) -> RunInfo:
    """What is known of the run of `first`, with the `others` beside it, which are computed."""
    from diffviz.export.comparison import lettered, titles_of

    asked = (first, *others)
    titles = lettered(titles_of(naming.names_of([request for request, _ in asked], cards))) if others else [""]
    infos = [
        dataclasses.replace(about(engine, request, materials, cards), title=title)
        for title, (request, materials) in zip(titles, asked, strict=True)
    ]
    process = process_of(first[0], cards)
    beside = [
        RunBeside(
            tuple(computed(engine, request, materials, cards, counter)), info, link(process, process_of(request, cards))
        )
        for info, (request, materials) in zip(infos[1:], others, strict=True)
    ]
    return with_beside(infos[0], beside) if beside else infos[0]
