"""`diffviz train gan`: trains a GAN and writes a model that carries its training, to be opened in the GAN lab."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diffviz import families, paths
from diffviz.cli import run_requests, streams
from diffviz.cli.data import add_card_options, check_apart, name_and_licence, say_data, say_trained
from diffviz.cli.run import UsageError, add_options, duration, request_from, stop_flag
from diffviz.domain import atomic, errors, messages, provenance, requests
from diffviz.domain.cards import CARD, TRACE, find_cards, read_card
from diffviz.domain.frames import Checkpoint
from diffviz.domain.gan import GanFrame, GanRequest, Pictures
from diffviz.domain.keyframes import Keyframes
from diffviz.domain.pace import Pace, done_text, pace_text
from diffviz.domain.sentences import sentence
from diffviz.domain.settings import every_setting
from diffviz.domain.text import tr, trn
from diffviz.families.gan import training_of

if TYPE_CHECKING:
    from diffviz.engine.datasets import TrainingSet
    from diffviz.engine.training_tasks import Recording

DONE, INTERRUPTED = 0, 130
FRAMES = 80
WRITE_SECONDS = 120.0


def add_parser(kinds: Any) -> None:
    """Add `train gan`."""
    parser = kinds.add_parser("gan", help=tr("train a GAN on points or on images"))
    run_requests.add_data_option(parser)
    parser.add_argument("--out", required=True, metavar="FOLDER", type=Path, help=tr("where the model is written"))
    add_card_options(parser)
    parser.add_argument("--resume", action="store_true", help=tr("continue the training in --out, up to --steps"))
    parser.add_argument("--quiet", action="store_true", help=tr("no progress"))
    parser.add_argument("--json", action="store_true", help=tr("print what was trained on, and how long, as JSON"))
    add_options(parser, GanRequest, without=("data",))
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Train as `args` say; 0 when the last step was reached, 130 when interrupted.

    An interruption ends it within a step; what came up to the last keyframe is kept.
    """
    from diffviz.engine.families.gan_data import ImageSource, source_of
    from diffviz.engine.training_tasks import kept_bytes

    atomic.check_folder(args.out)
    request, frames, keyframes = _stored(args) if args.resume else (_new(args), [], Keyframes())
    training = _Training(args, request, frames, keyframes)
    wanted = _continued(request, frames)
    families.plan_of(wanted, {})
    source = source_of(request)
    data = source.dataset if isinstance(source, ImageSource) else None
    if data:
        say_data(data, quiet=args.quiet)
    atomic.check_room(args.out, kept_bytes(request))
    with stop_flag() as stopped:
        ended = _taken(training, _items(wanted, keyframes, lambda: bool(stopped)))
        training.write()  # another Ctrl-C does not cut this short
    if not ended:
        print("\n" + _goes_on(training.kept, request.steps), file=sys.stderr)
    elif not args.quiet:
        say_trained(args.out, training.name, args.family)
    if args.json:
        streams.print_json({**_data_of(data), **training.described(), "interrupted": not ended})
    return DONE if ended else INTERRUPTED


def _data_of(data: TrainingSet | None) -> dict[str, Any]:
    from diffviz.engine.datasets import summary

    return {"data": summary(data)} if data else {}


def _goes_on(kept: float, steps: int) -> str:
    text = tr("Interrupted; kept up to step {kept:,.0f}: continue with --resume --steps {steps}.")
    return text.format(kept=kept, steps=steps)


class _Training:
    """What came so far; written into `--out` now and then, and at the end."""

    def __init__(
        self, args: argparse.Namespace, request: GanRequest, frames: list[GanFrame], keyframes: Keyframes
    ) -> None:
        self._args, self._request, self._frames, self._keyframes = args, request, frames, keyframes
        self._began = self._written = time.monotonic()
        self._pace = Pace()
        self._about = name_and_licence(args)
        self._before = _seconds_of(args.out) if args.resume else 0.0

    @property
    def name(self) -> str:
        """Of the model."""
        return self._about[0]

    @property
    def kept(self) -> float:
        """The step that it can be continued from."""
        return self._keyframes.all()[-1].position

    def take(self, item: GanFrame | Checkpoint) -> None:
        """Keep `item`."""
        if isinstance(item, Checkpoint):
            self._keyframes.add(item)
            return
        if not self._frames or item.position > self._frames[-1].position:
            self._frames.append(item)
            self._pace.add(time.monotonic() - self._began, item.position)
            self._say(item)
        if self.kept == item.position and time.monotonic() - self._written > WRITE_SECONDS:
            self._try_to_write()

    def _say(self, frame: GanFrame) -> None:
        if not self._args.quiet:
            end = "\r" if streams.on_terminal() and frame.position < self._request.steps else "\n"
            seconds = self._before + time.monotonic() - self._began
            print(progress_line(frame, self._request.steps, self._pace, seconds), end=end, file=sys.stderr, flush=True)

    def _try_to_write(self) -> None:
        """Write the model; where that fails now, say so: it may not the next time."""
        try:
            self.write()
        except (OSError, errors.ExportFailed) as error:
            print("\n" + tr("Nothing was kept this time: {why}").format(why=sentence(error)), file=sys.stderr)

    def write(self) -> None:
        """Write the model as it stands. Raises OSError or `ExportFailed`."""
        self._written = time.monotonic()
        _write(self._args, self._request, self._frames, self._keyframes, self._seconds, self._about)

    def described(self) -> dict[str, Any]:
        """Where it is kept, and how far it came."""
        return {"path": str(self._args.out.resolve()), "steps": int(self.kept), "seconds": round(self._seconds, 1)}

    @property
    def _seconds(self) -> float:
        """What the training has taken, before this time too."""
        return self._before + self._written - self._began


def _seconds_of(out: Path) -> float:
    return float(read_card(out).training.get("seconds") or 0.0)


def _taken(training: _Training, items: Iterator[Any]) -> bool:
    """Whether `training` could take all of `items` before it was interrupted."""
    try:
        for item in items:
            training.take(item)
    except errors.Interrupted:
        return False
    return True


def _items(request: GanRequest, keyframes: Keyframes, stopped: Callable[[], bool]) -> Iterator[Any]:
    """Frames and keyframes of `request`; raises `Interrupted` after the update in which `stopped` came to hold."""
    from diffviz.engine.engine import LocalEngine

    start = request.start
    keyframe = keyframes.before(start.at) if isinstance(start, requests.Step) else None
    engine = LocalEngine(find_cards(paths.model_roots())[0], "cpu")
    engine.interrupt_when(stopped)
    return engine.frames(request, messages.RunInputs({}, None, keyframe))


def _new(args: argparse.Namespace) -> GanRequest:
    if (args.out / CARD).exists():
        raise UsageError(
            tr("There is a model in {path} already: continue it with --resume, or choose another folder.").format(
                path=args.out
            )
        )
    base = GanRequest(data=run_requests.data_named(args.data or "ring"))
    request = request_from(_options(args), base)
    if isinstance(request.data, Pictures) and request.data.folder:
        check_apart(Path(request.data.folder), args.out)
    if args.every is None:
        request = dataclasses.replace(request, every=min(1000, max(1, request.steps // FRAMES)))
    return request


def _stored(args: argparse.Namespace) -> tuple[GanRequest, list[GanFrame], Keyframes]:
    from diffviz.export import archive

    path = args.out / TRACE
    saved = archive.read(path)
    found, keyframes = training_of(saved.runs[0].record.request if len(saved.runs) == 1 else None), Keyframes()
    if found is None or not saved.runs[0].checkpoints:
        raise errors.NoRunInside(path, "it is not the training of a GAN")
    for checkpoint in saved.runs[0].checkpoints:
        keyframes.add(checkpoint)
    newest = keyframes.all()[-1].position
    stored: Sequence[Any] = saved.runs[0].frames
    frames = [frame for frame in stored if frame.position <= newest]
    if args.data is not None or set(_given(args)) - {"steps"}:
        raise UsageError(tr("--resume takes the settings that the training has; only --steps can be given."))
    return dataclasses.replace(found, steps=args.steps or found.steps), frames, keyframes


def _continued(request: GanRequest, frames: list[GanFrame]) -> GanRequest:
    """`request`, or what goes on from its last frame."""
    if not frames:
        return request
    if request.steps <= frames[-1].position:
        raise UsageError(tr("It has been trained for {n} steps: give more with --steps.").format(n=request.steps))
    return dataclasses.replace(request, start=requests.Step(request, frames[-1].position))


def _write(
    args: argparse.Namespace,
    request: GanRequest,
    frames: list[GanFrame],
    keyframes: Keyframes,
    seconds: float,
    about: tuple[str, str],
) -> None:
    from diffviz.engine.training_tasks import Recording, model_of, thinned
    from diffviz.engine.zoo import save_model

    newest = keyframes.all()[-1]
    reached = dataclasses.replace(request, steps=max(1, int(newest.position)))
    there = thinned([frame for frame in frames if frame.position <= newest.position])
    recording = Recording(reached, there, _few(keyframes), seconds)
    card, weights = model_of(recording, *about)
    save_model(args.out, card, weights)
    write_trace(args.out / TRACE, recording)


def write_trace(path: Path, recording: Recording) -> None:
    """Write the run of `recording` as a session file of its own."""
    from diffviz.export import archive
    from diffviz.export.archive import SavedRun, SavedSession

    record = provenance.record_of(recording.request, {}, {})
    run_ = SavedRun(record, "gan/recorded", "finished", None, recording.frames, recording.checkpoints)
    archive.write(SavedSession((run_,), 0, recording.frames[-1].position), path)


def _few(keyframes: Keyframes) -> tuple[Checkpoint, ...]:
    """The newest keyframe, and the one nearest to the middle: they are large."""
    newest = keyframes.all()[-1]
    middle = keyframes.before(newest.position / 2)
    return (newest,) if middle is None or middle.position == 0 else (middle, newest)


def _given(args: argparse.Namespace) -> dict[str, Any]:
    return {name: value for name, value in vars(_options(args)).items() if value is not None}


def _options(args: argparse.Namespace) -> argparse.Namespace:
    settings = {setting.name.replace("-", "_") for setting in every_setting(GanRequest)} - {"data"}
    return argparse.Namespace(**{name: value for name, value in vars(args).items() if name in settings})


def progress_line(frame: GanFrame, steps: int, pace: Pace, seconds: float) -> str:
    """How far a training of `steps` is and how well D does, how fast it goes; at the end how many `seconds` it took."""
    best = tr("best possible {best:.1%}").format(best=frame.best) if frame.surface is not None else ""
    right = tr("D is right {accuracy:.1%} of the time").format(accuracy=frame.accuracy)
    if frame.position >= steps:
        text = trn("{n} step", "{n} steps", steps).format(n=f"{frame.position:,.0f}")
        said, speed = done_text(text, seconds, duration), ""
    else:
        said = tr("step {step:,.0f} / {steps:,}").format(step=frame.position, steps=steps)
        speed = pace_text(tr("{rate} steps/s"), pace.known, steps - frame.position, duration)
    return " · ".join(part for part in (said, right, best, speed) if part)
