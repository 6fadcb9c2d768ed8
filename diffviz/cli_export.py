"""`diffviz export`: computes a run and writes it as PNG or GIF, without a window. Every setting is an option."""

from __future__ import annotations

import argparse
import math
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from diffviz import paths
from diffviz.cli_path import add_path_options, path_run
from diffviz.cli_pictures import add_picture_options, pictures_of
from diffviz.cli_progress import Counter
from diffviz.domain.cards import Card, find_cards
from diffviz.domain.errors import ModelNotFound, NotAChoice
from diffviz.domain.export import PANES, ExportSettings
from diffviz.domain.frames import ForwardFrame, Frame, PathFrame, ReverseFrame
from diffviz.domain.latent import PathRequest
from diffviz.domain.messages import Materials
from diffviz.domain.requests import EACH, NO_CLASS, ForwardRequest, Image, Request, ReverseRequest, digest
from diffviz.domain.sentences import sentence
from diffviz.domain.store import Budget, FrameStore
from diffviz.domain.text import tr
from diffviz.options import UsageError, add_options, request_from

DONE = 0
PREFERRED_MODEL = "fashion-ddpm"
Cards = Mapping[str, Card]


def add_export_parser(subparsers: Any) -> None:
    """Add `export reverse`, `export forward` and `export path`."""
    export = subparsers.add_parser("export", help=tr("compute a run and write it as PNG or GIF"))
    kinds = export.add_subparsers(dest="kind", metavar="reverse|forward|path", required=True)
    reverse = kinds.add_parser("reverse", help=tr("denoise with a trained model"))
    forward = kinds.add_parser("forward", help=tr("add noise to pictures"))
    path = kinds.add_parser("path", help=tr("walk through a VAE's latent space"))
    for parser, request in ((reverse, ReverseRequest), (forward, ForwardRequest), (path, PathRequest)):
        _add_common(parser)
        if parser is path:
            add_path_options(parser)
        if parser is forward:
            add_picture_options(parser)
        add_options(parser, request)
        add_options(parser, ExportSettings)
        parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compute and write as `args` say; 0 when the file stands. Raises what went wrong and leaves no half file."""
    from diffviz.engine.engine import LocalEngine
    from diffviz.export.atomic import check_target
    from diffviz.export.formats import export
    from diffviz.theory.plans import plan_of

    settings = _settings(args)
    cards = _cards(args.model)
    request, materials = _REQUESTS[args.kind](args, cards)
    total = len(plan_of(request, cards).positions)
    check_target(args.out)
    engine = LocalEngine(cards, getattr(args, "device", "") or "auto")
    with _ended_by_signals(), Counter(args.quiet) as counter:
        store = FrameStore(Budget(spill=paths.cache_home() / "frames"))
        for item in engine.frames(request, materials):
            if isinstance(item, Frame):
                store.append(item)
                counter.show(tr("computing"), len(store), total)
        export(tuple(store), args.out, settings, lambda done, of: counter.show(tr("writing"), done, of))
    return DONE


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("out", metavar="OUT", type=Path, help=tr("a .gif or .png file, or a folder for numbered PNGs"))
    parser.add_argument("--model", metavar="ID", help=tr("a model's id; `diffviz models` lists them"))
    # suppressed where it is not given: the same option before the subcommand then holds
    parser.add_argument(
        "--device", choices=("auto", "cuda", "mps", "cpu"), default=argparse.SUPPRESS, help=tr("where to compute")
    )
    parser.add_argument("--quiet", action="store_true", help=tr("no progress"))


def _settings(args: argparse.Namespace) -> ExportSettings:
    """The export settings; the format is that of the name where it is not given."""
    suffix = args.out.suffix.lower()
    by_name = {".gif": "gif", ".png": "png"}.get(suffix, "sequence")
    chosen = args.format or by_name
    if chosen != by_name:
        raise UsageError(tr("--format {format} and the name {name} do not agree.").format(format=chosen, name=args.out))
    if not args.format and by_name == "sequence" and suffix:
        raise UsageError(
            tr("{name} names no format: end it in .gif or .png, or add --format sequence.").format(name=args.out)
        )
    frame = _FRAMES[args.kind]
    convert: dict[str, Callable[[str], Any]] = {"at": _number, "panes": lambda text: _panes(text, frame)}
    return request_from(args, ExportSettings(format=chosen), convert)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(tr("--at takes a number, not {text}.").format(text=text))
    return value


def _panes(text: str, frame: type[Frame]) -> tuple[str, ...]:
    keys = tuple(part.strip() for part in text.split(",") if part.strip())
    known = tuple(pane.key for pane in PANES[frame])
    unknown = [key for key in keys if key not in known]
    if unknown or not keys:
        raise NotAChoice("panes", ", ".join(unknown), known)
    return keys


def _cards(wanted: str | None) -> Cards:
    """All cards. Raises what is wrong with the model `wanted`."""
    cards, damaged = find_cards(paths.model_roots())
    if wanted is not None and wanted not in cards:
        raise damaged.get(wanted) or UsageError(sentence(ModelNotFound(wanted, _diffusion_models(cards))))
    return cards


def _reverse(args: argparse.Namespace, cards: Cards) -> tuple[Request, Materials]:
    card = _diffusion(args.model or _first(cards), cards)
    base = ReverseRequest(model=card.id, label=EACH if card.conditional else NO_CLASS)
    return _request(args, base, card), Materials()


def _forward(args: argparse.Namespace, cards: Cards) -> tuple[Request, Materials]:
    card = _diffusion(args.model, cards) if args.model else None
    pictures = pictures_of(args, card)
    images = {digest(picture): picture for picture in pictures}
    start = Image(tuple(digest(picture) for picture in pictures), pictures[0].shape)
    base = ForwardRequest(start=start, model=card.id if card else None)
    return _request(args, base, card), Materials(images)


_REQUESTS: Mapping[str, Callable[[argparse.Namespace, Cards], tuple[Request, Materials]]] = {
    "reverse": _reverse,
    "forward": _forward,
    "path": path_run,
}
_FRAMES: Mapping[str, type[Frame]] = {"reverse": ReverseFrame, "forward": ForwardFrame, "path": PathFrame}


def _request(args: argparse.Namespace, base: Request, card: Card | None) -> Request:
    for option in ("class", "guidance"):
        if card and not card.conditional and getattr(args, option, None) is not None:
            raise UsageError(
                tr("--{name} does not apply: {model} was trained without classes.").format(name=option, model=card.id)
            )
    return request_from(args, base, {"class": lambda text: class_of(text, card.classes if card else ())})


def class_of(text: str, classes: tuple[str, ...]) -> str | int:
    """What `text` means: "none", "each", the index of a class, or its name. Raises `NotAChoice`."""
    if text in (NO_CLASS, EACH):
        return text
    names = {name.casefold(): index for index, name in enumerate(classes)}
    if text.isdecimal() and int(text) < len(classes):
        return int(text)
    if text.casefold() in names:
        return names[text.casefold()]
    raise NotAChoice("class", text, (NO_CLASS, EACH, *classes))


def _first(cards: Cards) -> str:
    known = _diffusion_models(cards)
    return PREFERRED_MODEL if PREFERRED_MODEL in known or not known else known[0]


def _diffusion_models(cards: Cards) -> tuple[str, ...]:
    return tuple(sorted(card.id for card in cards.values() if card.family == "diffusion"))


def _diffusion(model: str, cards: Cards) -> Card:
    card = cards.get(model)
    if card is None or card.family != "diffusion":
        raise ModelNotFound(model, _diffusion_models(cards))
    return card


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """Being told to end is an interruption like Ctrl-C: what is half written is removed on the way out."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
