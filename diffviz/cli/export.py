"""`diffviz export`: computes a run and writes it to a file, without a window. Every setting is an option."""

from __future__ import annotations

import argparse
import math
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from diffviz import paths
from diffviz.cli import beside, data, run_requests, streams
from diffviz.cli.run import (
    Cards,
    Counter,
    UsageError,
    add_common_options,
    add_options,
    bytes_of,
    computed,
    ended_by_signals,
    engine_for,
    request_from,
    say_written,
)
from diffviz.domain import ideal, latent
from diffviz.domain.cards import Card, card_among
from diffviz.domain.errors import DiffvizError, ImagesMissing, ModelNotFound, NotAChoice, OutOfRange
from diffviz.domain.export_settings import PICTURED, POSITIONS, ExportSettings
from diffviz.domain.messages import RunInputs
from diffviz.domain.objective import OWN, ObjectiveRequest, with_own_classes
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.plots import PlotData
from diffviz.domain.provenance import Record, decoded, differences, images_of, located
from diffviz.domain.requests import EACH, NO_CLASS, ForwardRequest, Image, Plan, Request, ReverseRequest, digest
from diffviz.domain.sentences import sentence
from diffviz.domain.settings import settings_of, value_at
from diffviz.domain.text import mark, tr
from diffviz.families import family_of, plan_of, process_of

DONE = 0
R = TypeVar("R", bound=Request)
AXIS = mark("the ends of the run's axis")
PREFERRED_MODEL = "fashion-ddpm"


def add_export_parser(subparsers: Any) -> None:
    """Add `export` and its kinds of runs."""
    export = subparsers.add_parser("export", help=tr("compute a run and write it: pictures, a film, arrays, curves"))
    kinds = export.add_subparsers(dest="kind", metavar="reverse|forward|path|gan|objective|planar|again", required=True)
    reverse = kinds.add_parser("reverse", help=tr("denoise with a trained model"))
    forward = kinds.add_parser("forward", help=tr("add noise to pictures"))
    path = kinds.add_parser("path", help=tr("walk through a VAE's latent space"))
    gan = kinds.add_parser("gan", help=tr("train a GAN and show its training"))
    objective = kinds.add_parser("objective", help=tr("the bound on −log p(x_0) of a model, term by term"))
    planar = kinds.add_parser("planar", help=tr("move particles in the plane by an exact score"))
    again = kinds.add_parser("again", help=tr("compute the run inside an exported file once more"))
    again.add_argument(
        "source",
        metavar="FILE",
        help=tr("a file or a sequence's folder that diffviz has written with its settings, or those settings as JSON"),
    )
    what = tr("folder of a model of the run that is not in the folders of models; can be given several times")
    again.add_argument("--model", metavar="FOLDER", action="append", help=what)
    requests = {
        reverse: ReverseRequest,
        forward: ForwardRequest,
        path: latent.PathRequest,
        objective: ObjectiveRequest,
        planar: PlanarRequest,
        again: None,
    }
    for parser, request in requests.items():
        _add_common(parser)
        beside.add_option(parser)
        if parser is path:
            run_requests.add_path_options(parser)
        if parser in (forward, objective):
            data.add_picture_options(parser)
        if request is not None:
            parser.add_argument("--model", metavar="ID", help=tr("a model's id or folder; `diffviz models` lists them"))
            add_options(parser, request)
        add_options(parser, ExportSettings)
        parser.set_defaults(run=run)
    _add_common(gan)
    beside.add_option(gan)
    run_requests.add_gan_options(gan)
    add_options(gan, ExportSettings, without=("every",))
    gan.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Compute and write as `args` say; 0 when the file stands. Raises what went wrong and leaves no half file."""
    from diffviz.domain.atomic import check_target
    from diffviz.export.formats import export

    texts = beside.split(args)
    cards = cards_for(args, "model", "beside")
    asked = _asked(args, cards)
    for text in texts:
        more, found = _beside(args, text, cards)
        cards, asked = {**cards, **more}, [*asked, *found]
    request = asked[0].request
    settings = _settings(run_requests.export_arguments(args, request), request, cards)
    check_positions(settings, plan_of(request, cards))
    if args.kind == "again" and not texts:
        asked = beside.fitting(args.source, settings, asked)
    beside.check(args, settings, asked)
    check_target(args.out)
    engine, began = engine_for(args, cards), time.monotonic()
    with ended_by_signals(), Counter(args.quiet) as counter:
        store = computed(engine, request, asked[0].materials, cards, counter)
        known = beside.known(engine, asked, args.title or (), cards, counter)
        export(tuple(store), args.out, settings, lambda done, of: counter.show(tr("writing"), done, of), known)
    if not args.quiet:
        say_written(args.out)
    if args.json:
        said = _written(args.out, settings, len(store), time.monotonic() - began)
        streams.print_json(said | {"runs": len(asked)}, indent=None)
    return DONE


def _written(path: Path, settings: ExportSettings, frames: int, seconds: float) -> dict[str, Any]:
    return {
        "path": str(path.resolve()),
        "format": settings.format,
        "frames": frames,
        "bytes": bytes_of(path),
        "seconds": round(seconds, 3),
    }


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "out", metavar="OUT", type=Path, help=tr("the file, whose ending names the format, or a folder for PNGs")
    )
    add_common_options(parser)
    parser.add_argument("--json", action="store_true", help=tr("print what was written as JSON"))


def _settings(args: argparse.Namespace, request: Request, cards: Cards) -> ExportSettings:
    """The export settings; the format is that of the name where it is not given."""
    from diffviz.export.formats import FORMATS

    suffix = args.out.suffix.lower()
    by_name = next((name for name, kind in FORMATS.items() if kind.suffix == suffix), "sequence")
    panes = family_of(request).panes
    drawable = bool(panes)
    if not drawable and by_name == "png":
        by_name = "plot"
    chosen = args.format or by_name
    known = {kind.suffix for kind in FORMATS.values()} - {""}
    if FORMATS[chosen].suffix != (suffix if suffix in known else ""):
        raise UsageError(tr("--format {format} and the name {name} do not agree.").format(format=chosen, name=args.out))
    if not args.format and by_name == "sequence" and suffix:
        raise UsageError(
            tr("{name} names no format: end it in {suffixes}, or add --format sequence.").format(
                name=args.out, suffixes=", ".join(sorted(known))
            )
        )
    if not drawable and chosen in PICTURED:
        raise UsageError(
            tr("Such a run is written as plots, arrays or curves: end the name in .png, .svg, .pdf, .npz or .csv.")
        )
    plots = family_of(request).plots(PlotData(process_of(request, cards)))
    convert: dict[str, Callable[[str], Any]] = {
        "at": _number,
        "panes": lambda text: _keys("panes", text, tuple(pane.key for pane in panes)),
        "plots": lambda text: _keys("plots", text, tuple(plot.key for plot in plots)),
    }
    return request_from(args, ExportSettings(format=chosen), convert)


def check_positions(settings: ExportSettings, plan: Plan) -> None:
    """Raise `OutOfRange` for a position that was asked for and that the run with `plan` has not on its axis."""
    unset = ExportSettings()
    for setting in settings_of(settings):
        value = value_at(settings, setting.path)
        given = setting.path in POSITIONS and value not in (None, value_at(unset, setting.path))
        if given and not plan.low <= value <= plan.high:
            raise OutOfRange(setting.name, value, plan.low, plan.high, AXIS)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(tr("--at takes a number, not {text}.").format(text=text))
    return value


def _keys(name: str, text: str, known: tuple[str, ...]) -> tuple[str, ...]:
    keys = tuple(part.strip() for part in text.split(",") if part.strip())
    unknown = [key for key in keys if key not in known]
    if unknown or not keys:
        raise NotAChoice(name, ", ".join(unknown), known)
    return keys


def cards_for(args: argparse.Namespace, *options: str) -> Cards:
    """All cards, and those of the folders that `args` name in `options`, where then stands a model's id.

    Raises what is wrong with a model that is named.
    """
    roots = paths.model_roots()
    cards, damaged = ideal.known_cards(roots)
    chosen: dict[str, Card] = {}
    for option in options:
        wanted = getattr(args, option, None)
        for model in wanted if isinstance(wanted, list) else [wanted] if wanted else []:
            card = _chosen(model, roots, cards, damaged)
            if chosen.setdefault(card.id, card).folder != card.folder:
                raise UsageError(tr("Two models are called {name}: give one folder another name.").format(name=card.id))
            if not isinstance(wanted, list):
                setattr(args, option, card.id)
    return {**cards, **chosen}


def _chosen(model: str, roots: Sequence[Path], cards: Mapping[str, Card], damaged: Mapping[str, DiffvizError]) -> Card:
    try:
        return card_among(model, roots, cards, damaged)
    except ModelNotFound as error:
        raise UsageError(sentence(error)) from error


def _reverse(args: argparse.Namespace, cards: Cards) -> tuple[Request, RunInputs]:
    card = diffusion_card(args.model, cards)
    base = ReverseRequest(model=card.id, label=EACH if card.conditional else NO_CLASS)
    return _request(args, base, card), RunInputs()


def _forward(args: argparse.Namespace, cards: Cards) -> tuple[Request, RunInputs]:
    card = diffusion_card(args.model, cards) if args.model else None
    pictures = data.pictures_of(args, card)
    images = {digest(picture): picture for picture in pictures}
    start = Image(tuple(digest(picture) for picture in pictures), pictures[0].shape)
    base = ForwardRequest(start=start, model=card.id if card else None)
    return _request(args, base, card), RunInputs(images)


def _objective(args: argparse.Namespace, cards: Cards) -> tuple[Request, RunInputs]:
    card = diffusion_card(args.model, cards)
    base, materials = run_requests.objective_run(args, card)
    request = _request(args, base, card, (OWN,))
    return with_own_classes(request, str(card.dataset.get("name"))), materials


def _again(source: str, cards: Cards) -> list[beside.AskedRun]:
    """The run inside the file or the JSON `source`, and those that it was shown with."""
    from diffviz.export.reading import read_record

    record = located(_inline(source) if beside.is_record(source) else read_record(Path(source)), cards)
    return [_known(each, cards) for each in (record, *record.beside)]


def _known(record: Record, cards: Cards) -> beside.AskedRun:
    absent = [name for name in images_of(record.request) if name not in record.images]
    if absent:
        raise ImagesMissing(len(absent))
    for text in differences(record, cards):
        print(f"diffviz: {text}", file=sys.stderr)
    return beside.AskedRun(record.request, RunInputs(record.images), record.title)


def _asked(args: argparse.Namespace, cards: Cards) -> list[beside.AskedRun]:
    """The run that `args` describe; of a file that shows several, all."""
    return _again(args.source, cards) if args.kind == "again" else [beside.AskedRun(*_REQUESTS[args.kind](args, cards))]


def _beside(args: argparse.Namespace, text: str, cards: Cards) -> tuple[Cards, list[beside.AskedRun]]:
    """The run that `text` describes beside that of `args`, and the cards of its models."""
    if beside.is_file(text):
        found = _again(text, cards)
        if len(found) > 1:
            beside.say_first(text, len(found))
        return {}, found[:1]
    other = beside.changed(args, text, _REQUESTS, _parsed)
    more = cards_for(other, "model", "beside")
    return more, _asked(other, {**cards, **more})


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    """The words of another run, as those of `diffviz export` are read."""
    parser = argparse.ArgumentParser(prog="diffviz --beside", add_help=False)
    add_export_parser(parser.add_subparsers())
    if {"-h", "--help"} & set(words):
        raise UsageError(tr("These settings cannot be read ({reason}).").format(reason="--help"))
    return parser.parse_args(["export", *words])


def _inline(text: str) -> Record:
    try:
        return decoded(text)
    except ValueError as error:
        raise UsageError(tr("These settings cannot be read ({reason}).").format(reason=error)) from error


_REQUESTS: Mapping[str, Callable[[argparse.Namespace, Cards], tuple[Request, RunInputs]]] = {
    "reverse": _reverse,
    "forward": _forward,
    "path": run_requests.path_run,
    "gan": run_requests.gan_run,
    "objective": _objective,
    "planar": run_requests.planar_run,
}


def _request(args: argparse.Namespace, base: R, card: Card | None, others: tuple[str, ...] = ()) -> R:
    """`base` as `args` change it for the model of `card`; `others` is what a class can be beside those of the model."""
    for option in ("class", "guidance"):
        if card and not card.conditional and getattr(args, option, None) is not None:
            raise UsageError(
                tr("--{name} does not apply: {model} was trained without classes.").format(name=option, model=card.id)
            )
    classes = card.classes if card else ()
    return request_from(args, base, {"class": lambda text: text if text in others else class_of(text, classes)})


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


def _diffusion_models(cards: Cards) -> tuple[str, ...]:
    return tuple(sorted(card.id for card in cards.values() if card.family == "diffusion"))


def diffusion_card(model: str | None, cards: Cards) -> Card:
    """The card of diffusion model `model`, or of the one to begin with. Raises `ModelNotFound`."""
    known = _diffusion_models(cards)
    chosen = model or (PREFERRED_MODEL if PREFERRED_MODEL in known or not known else known[0])
    if chosen not in known:
        raise ModelNotFound(chosen, known)
    return cards[chosen]
