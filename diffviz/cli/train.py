"""`diffviz train`: trains a model of one's own, shows its progress, keeps checkpoints, continues where it stopped."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from diffviz import paths
from diffviz.cli import streams, train_gan
from diffviz.cli.data import add_card_options, check_apart, name_and_licence, say_data, say_trained
from diffviz.cli.run import UsageError, add_options, duration, request_from, stop_flag
from diffviz.domain.atomic import check_folder, check_room, write_whole
from diffviz.domain.cards import CARD, Card, card_named, read_card
from diffviz.domain.errors import CardMismatch, DataUnsuitable, ExportFailed
from diffviz.domain.foreign import is_foreign
from diffviz.domain.frames import Checkpoint, TrainingFrame
from diffviz.domain.pace import done_text, pace_text
from diffviz.domain.sentences import sentence
from diffviz.domain.serialization import read_bytes, reading
from diffviz.domain.settings import every_setting
from diffviz.domain.text import mark, tr
from diffviz.domain.training import TrainClassifier, TrainDiffusion, TrainPlanar, TrainRequest, TrainVae

if TYPE_CHECKING:
    from diffviz.engine.training import Task, TrainingLoop

CHECKPOINT = "checkpoint.safetensors"
LARGEST_CHECKPOINT = 32 << 30
DONE, INTERRUPTED = 0, 130
REQUESTS: dict[str, type[TrainRequest]] = {
    "diffusion": TrainDiffusion,
    "vae": TrainVae,
    "classifier": TrainClassifier,
    "planar": TrainPlanar,
}


def add_parser(subparsers: Any) -> None:
    """Add `train` and its kinds."""
    train = subparsers.add_parser("train", help=tr("train a model on your own data"))
    kinds = train.add_subparsers(dest="family", required=True)
    for kind, request in REQUESTS.items():
        parser = kinds.add_parser(kind, help=(request.__doc__ or "").splitlines()[0])
        parser.add_argument(
            "--data", metavar="PATH", help=tr("folder of pictures or IDX files, or an IDX, .npz or .npy file")
        )
        parser.add_argument("--out", required=True, metavar="FOLDER", type=Path, help=tr("where the model is written"))
        add_card_options(parser)
        parser.add_argument("--resume", action="store_true", help=tr("continue from the checkpoint in --out"))
        parser.add_argument("--from", dest="origin", metavar="MODEL", help=tr("begin with the weights of this model"))
        parser.add_argument(
            "--device", choices=("auto", "cuda", "mps", "cpu"), default=argparse.SUPPRESS, help=tr("where to compute")
        )
        parser.add_argument("--threads", type=int, default=0, help=tr("CPU threads; 0 leaves it to torch"))
        parser.add_argument("--quiet", action="store_true", help=tr("no progress"))
        parser.add_argument("--json", action="store_true", help=tr("print what was trained on, and how long, as JSON"))
        add_options(parser, request)
        _add_process(parser, request)
        parser.set_defaults(run=run)
    train_gan.add_parser(kinds)


def _add_process(parser: argparse.ArgumentParser, request: type[TrainRequest]) -> None:
    """Add `--process`, another name of the option that says how noise is added."""
    found = next((setting for setting in every_setting(request) if setting.name == "schedule"), None)
    if found and found.choices:
        same = tr("the same as --schedule")
        parser.add_argument("--process", dest="process", choices=tuple(found.choices), default=None, help=same)


def run(args: argparse.Namespace) -> int:
    """Train as `args` say; 0 when the target was reached, 130 when interrupted (a checkpoint is kept)."""
    import torch

    if args.threads:
        torch.set_num_threads(args.threads)
    _process(args)
    if args.data and not args.resume:
        check_apart(Path(args.data), args.out)
    check_folder(args.out)
    training = _training(args)
    name, licence = name_and_licence(args)
    model = _Model(training, args.out, name, licence)
    model.check_room()
    ended = _trained(training, model, quiet=args.quiet)
    if ended and not args.quiet:
        say_trained(args.out, name, args.family)
    if args.json:
        streams.print_json({**_data_of(training), **model.described(), "interrupted": not ended})
    return DONE if ended else INTERRUPTED


def _trained(training: TrainingLoop, model: _Model, *, quiet: bool) -> bool:
    """Whether `training` reached its end; `model` is written now and then, at the end, and when it is interrupted."""
    with stop_flag() as stopped:
        for item in training.frames():
            if isinstance(item, Checkpoint):
                model.take(item)
            elif not quiet:
                _progress(item)
            if stopped:
                model.write(training.state.checkpoint())
                print("\n" + tr("Interrupted; continue with --resume."), file=sys.stderr)
                return False
    model.check_written()
    if not quiet:
        print(file=sys.stderr)
    return True


def _data_of(training: TrainingLoop) -> dict[str, Any]:
    from diffviz.engine.datasets import TrainingSet, summary

    data = training.task.data
    return {"data": summary(data)} if isinstance(data, TrainingSet) else {}


class _Model:
    """The model that is trained, as its folder keeps it: card, weights, and a checkpoint to continue from."""

    def __init__(self, training: TrainingLoop, folder: Path, name: str, licence: str) -> None:
        self._training, self._folder, self._name, self._licence = training, folder, name, licence
        self._failed: OSError | ExportFailed | None = None

    def check_room(self) -> None:
        """Raise `ExportFailed` where the disk is too small for the next checkpoint beside the last one."""
        checkpoint = self._training.state.checkpoint_bytes
        again = (self._folder / CHECKPOINT).is_file()
        check_room(self._folder, checkpoint if again else 3 * checkpoint)

    def take(self, checkpoint: Checkpoint) -> None:
        """Write the model with `checkpoint`; where that fails now, say so: it may not the next time."""
        try:
            self.write(checkpoint)
            self._failed = None
        except (OSError, ExportFailed) as error:
            self._failed = error
            print("\n" + tr("Nothing was kept this time: {why}").format(why=sentence(error)), file=sys.stderr)

    def write(self, checkpoint: Checkpoint) -> None:
        """Write the model with `checkpoint`. Raises OSError or `ExportFailed`."""
        from diffviz.engine.training import model_of
        from diffviz.engine.zoo import save_model

        card, weights = model_of(self._training, self._name, self._licence)
        save_model(self._folder, card, weights)
        write_whole(self._folder / CHECKPOINT, checkpoint.data)

    def described(self) -> dict[str, Any]:
        """Where it is and what it has been trained on so far."""
        state = self._training.state
        return {"path": str(self._folder.resolve()), "images_seen": state.seen, "seconds": round(state.seconds, 1)}

    def check_written(self) -> None:
        """Raise what kept the last checkpoint from being written."""
        if self._failed is not None:
            raise self._failed


def _process(args: argparse.Namespace) -> None:
    """Take `--process` for `--schedule`. Raises `UsageError` where both are given."""
    if getattr(args, "process", None) is None:
        return
    if args.schedule is not None and args.schedule != args.process:
        raise UsageError(tr("--process and --schedule are the same: give one of them."))
    args.schedule = args.process


def _training(args: argparse.Namespace) -> TrainingLoop:
    from diffviz.engine import device_context
    from diffviz.engine.training import TrainingLoop

    device = device_context.choose(getattr(args, "device", "") or "auto")
    if not args.resume:
        _check_new(args)
        request = request_from(_options(args), REQUESTS[args.family](data=args.data or ""))
        origin = card_named(args.origin, paths.model_roots()) if args.origin else None
        if origin is not None and origin.foreign:
            raise UsageError(
                tr("{model} is another program's: only models of this one are trained on").format(model=origin.id)
            )
        training = TrainingLoop(_task(request, origin, args), device=device)
        if origin:
            _start_from(training, origin)
        return training
    checkpoint, request = _stored(args.out / CHECKPOINT, REQUESTS[args.family])
    moved = dataclasses.replace(request, data=args.data or request.data)
    if args.minutes is not None and args.images is None:
        moved = dataclasses.replace(moved, images=0)
    card = read_card(args.out) if (args.out / CARD).is_file() else None
    asked = request_from(_options(args), moved)
    if _learnt(asked) != _learnt(request):
        raise UsageError(tr("It goes on with what it has learnt: leave out --process, --schedule and --prediction."))
    task = _task(asked, card, args)
    try:
        if card and task.data.classes != card.classes:
            raise ValueError("other classes")
        training = TrainingLoop(task, checkpoint, device)
    except (ValueError, RuntimeError) as error:
        raise DataUnsuitable(
            args.out / CHECKPOINT, mark("it is of another network, or of data with other classes")
        ) from error
    _check_left(training, args)
    return training


def _learnt(request: TrainRequest) -> tuple[object, object]:
    """What a denoiser that is trained by `request` says, and of which process."""
    return getattr(request, "schedule", None), getattr(request, "prediction", None)


def _task(request: TrainRequest, like: Card | None, args: argparse.Namespace) -> Task:
    """The task of `request`, whose data is said; its classes are in the order of `like`, where that has the same."""
    from diffviz.engine.datasets import load
    from diffviz.engine.training_tasks import task_for

    if isinstance(request, TrainPlanar):
        return task_for(request)
    data = load(Path(request.data), size=request.size).in_order(like.classes if like else ())
    say_data(data, quiet=args.quiet)
    return task_for(request, data)


def _check_left(training: TrainingLoop, args: argparse.Namespace) -> None:
    """Raise `UsageError` where the training to continue is at its end. More minutes than it took are a new end."""
    state, minutes = training.state, training.task.request.minutes
    if args.minutes is not None and args.images is None:
        state.target = 0 if minutes * 60 > state.seconds else state.seen
    if state.target and state.seen >= state.target:
        raise UsageError(
            tr(
                "It has been trained on {n:,} images, and nothing is left: give more with --images, "
                "or with --minutes more than the {minutes:.1f} that it took."
            ).format(n=state.seen, minutes=state.seconds / 60)
        )


def _start_from(training: TrainingLoop, card: Card) -> None:
    from diffviz.engine.zoo import load_net

    origin = {"model": card.id, "sha256": card.sha256, "images_seen": card.training.get("images_seen")}
    try:
        training.state.start_from(load_net(card).state_dict(), origin)
    except RuntimeError as error:
        raise CardMismatch(card.folder, mark("its network is not the one to be trained")) from error


def _check_new(args: argparse.Namespace) -> None:
    if not args.data and REQUESTS[args.family] is not TrainPlanar:
        raise UsageError(tr("--data is needed: a folder of IDX files or of images, or an .npz file."))
    if (args.out / CARD).exists() or (args.out / CHECKPOINT).exists() or is_foreign(args.out):
        raise UsageError(
            tr("There is a model in {path} already: continue it with --resume, or choose another folder.").format(
                path=args.out
            )
        )


def _stored(path: Path, kind: type[TrainRequest]) -> tuple[bytes, TrainRequest]:
    from diffviz.engine.training_state import read_metadata

    if not paths.exists(path):
        raise DataUnsuitable(path, mark("there is no checkpoint to continue from"))
    with reading(path, DataUnsuitable):
        data = read_bytes(path, LARGEST_CHECKPOINT)
        request = read_metadata(data).request
    if not isinstance(request, kind):
        raise DataUnsuitable(path, mark("it is the checkpoint of another kind of model"))
    return data, request


def _options(args: argparse.Namespace) -> argparse.Namespace:
    own = {
        "family",
        "data",
        "out",
        "name",
        "licence",
        "resume",
        "origin",
        "device",
        "threads",
        "quiet",
        "json",
        "run",
        "command",
        "process",
    }
    return argparse.Namespace(**{k: v for k, v in vars(args).items() if k not in own})


def _progress(frame: TrainingFrame) -> None:
    end = "\r" if streams.on_terminal() else "\n"
    print(progress_line(frame), end=end, file=sys.stderr, flush=True)


def progress_line(frame: TrainingFrame) -> str:
    """How far a training is, how fast it goes and what is left; at the end what it has seen, and how long that took."""
    seen, target = f"{frame.position:,.0f}", f"{frame.target:,.0f}"
    loss = tr("loss {loss}").format(loss=f"{frame.loss:.4f}")
    if 0 < frame.target <= frame.position:
        return f"{done_text(tr('{n} images').format(n=seen), frame.seconds, duration)} · {loss}"
    said = tr("{seen} / {target} images") if frame.target > 0 else tr("{n} images")
    rate = frame.images_per_second if frame.target > 0 else 0.0
    pace = pace_text(tr("{rate} images/s"), rate, frame.target - frame.position, duration)
    return " · ".join((said.format(seen=seen, target=target, n=seen), loss, pace))
