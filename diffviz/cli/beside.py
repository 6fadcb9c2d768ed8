"""`--beside`: runs that a file shows beside the first one, as files with their settings, as JSON, or in words.

The words are those of `diffviz export`: what differs from the first run, or a kind of run and all that it is.
"""

from __future__ import annotations

import argparse
import dataclasses
import shlex
import sys
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
from diffviz.export.run_info import RunBeside, RunInfo, entitled, with_beside
from diffviz.families import family_of, naming, process_of
from diffviz.theory.shared_time import link

Parse = Callable[[Sequence[str]], argparse.Namespace]


@dataclasses.dataclass(frozen=True, slots=True)
class AskedRun:
    """A run that is asked for, what the engine is handed with its request, and the title it had in a file."""

    request: Request
    materials: RunInputs
    title: str = ""


SWITCHES = frozenset({"quiet", "json", "invert"})
"""Options that are there or not."""


def add_option(parser: argparse.ArgumentParser) -> None:
    """Add `--beside`, where a walk takes a model too, which walks between the same pictures, and `--title`."""
    parser.add_argument(
        "--beside",
        metavar="FILE_OR_REQUEST",
        action="append",
        help=tr(
            "a run to show beside this one, up to three: a file that diffviz has written, settings as JSON, or what "
            "differs in words of this command: --beside '--steps 1000'; a path takes a model's id too"
        ),
    )
    parser.add_argument(
        "--title",
        metavar="TEXT",
        action="append",
        help=tr("the title of a run beside others, in their order, this one first; an empty one says what differs"),
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
    if any(getattr(found, name, None) and vars(found)[name] is not vars(args)[name] for name in ("beside", "title")):
        text = tr("A run beside another one has none beside itself: give --beside, and --title, once for each.")
        raise UsageError(text)
    found.beside = ""
    return found


def say_first(source: str, count: int) -> None:
    """Say that of the `count` runs which the file or the settings `source` show one is taken."""
    text = tr("{source} shows {n} runs beside each other: of these the first is taken.")
    name = tr("The file") if is_record(source) else source
    print(f"diffviz: {text.format(source=name, n=count)}", file=sys.stderr)


def fitting(source: str, settings: ExportSettings, asked: list[AskedRun]) -> list[AskedRun]:
    """The runs `asked` for in the file `source`: the first alone where `settings` are for one, which is said."""
    if len(asked) < 2 or settings.format in JOINED:
        return asked
    say_first(source, len(asked))
    return asked[:1]


def check(args: argparse.Namespace, settings: ExportSettings, asked: Sequence[AskedRun]) -> None:
    """Raise `UsageError` where the runs `asked` for have no place in one file of `settings`, and for titles of none."""
    others = asked[1:]
    if len(args.title or ()) > (len(asked) if others else 0):
        raise UsageError(tr("--title is for each of several runs beside each other: see --beside."))
    if others and settings.format not in JOINED:
        raise UsageError(tr("--beside is for pictures, films and plots: arrays and curves are those of one run."))
    axes = {family_of(each.request).frame.axis for each in asked}
    if len(axes) > 1:
        raise UsageError(
            tr("Runs along {axes} cannot be shown beside each other.").format(axes=", ".join(sorted(axes)))
        )


def known(engine: Engine, asked: Sequence[AskedRun], titles: Sequence[str], cards: Cards, counter: Counter) -> RunInfo:
    """What is known of the first of the runs `asked` for, with the others beside it, which are computed.

    Where `titles` have none for a run, it is that of the file it was read from, or says what differs.
    """
    from diffviz.export.comparison import lettered, titles_of

    first, *others = asked
    if not others:
        return about(engine, first.request, first.materials, cards)
    given = [*titles, *[""] * len(asked)]
    own = [title or each.title for title, each in zip(given, asked, strict=False)]
    usual = titles_of(naming.names_of([each.request for each in asked], cards))
    shown = lettered([mine or other for mine, other in zip(own, usual, strict=True)])
    infos = [
        entitled(about(engine, each.request, each.materials, cards), title, mine)
        for each, title, mine in zip(asked, shown, own, strict=True)
    ]
    process = process_of(first.request, cards)
    frames = (tuple(computed(engine, each.request, each.materials, cards, counter)) for each in others)
    ties = (link(process, process_of(each.request, cards)) for each in others)
    return with_beside(infos[0], [RunBeside(*each) for each in zip(frames, infos[1:], ties, strict=True)])
