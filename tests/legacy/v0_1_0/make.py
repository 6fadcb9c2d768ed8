"""How the files in this folder came to be: run once, with diffviz 0.1.0 (commit 997f709), and never again.

    python tests/legacy/v0_1_0/make.py

It names modules and classes as they were then, so it is neither type-checked nor kept up to date. It is here to say
what each file holds.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np

os.environ["QT_QPA_PLATFORM"] = "offscreen"
os.environ["DIFFVIZ_HOME"] = tempfile.mkdtemp()
ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from diffviz.domain.plain import CLASSES, to_plain  # noqa: E402
from PIL import Image as Pillow  # noqa: E402
from PySide6.QtCore import QByteArray, QCoreApplication  # noqa: E402
from safetensors.numpy import load_file  # noqa: E402

from diffviz import __version__, cli, paths  # noqa: E402
from diffviz.domain import gan, latent, likelihoods, objective, planar, requests, samplers, schedules, training  # noqa: E402
from diffviz.domain.frames import Checkpoint, Frame  # noqa: E402
from diffviz.domain.ideal import known_cards  # noqa: E402
from diffviz.domain.messages import RunInputs  # noqa: E402
from diffviz.domain.requests import Image, Noise, Step, digest  # noqa: E402
from diffviz.domain.store import Budget, FrameStore  # noqa: E402
from diffviz.engine.engine import LocalEngine  # noqa: E402
from diffviz.export import archive  # noqa: E402
from diffviz.session.autosave import Autosave  # noqa: E402
from diffviz.session.preferences import DEFAULTS, Preferences  # noqa: E402
from diffviz.session.run import PLANE_SLOT  # noqa: E402
from diffviz.session.saving import saved_of  # noqa: E402
from diffviz.session.session import Session  # noqa: E402
from diffviz.theory.plans import plan_of  # noqa: E402
from tests.session.toys import FakeLink  # noqa: E402

HERE = Path(__file__).resolve().parent
MODELS = HERE / "models"
DATA = Path("pictures")  # no folder of one machine stands in the files
PICTURES = np.random.default_rng(1).integers(0, 256, (3, 12, 12), dtype=np.uint8)
NAMES = tuple(map(digest, PICTURES))
IMAGES = dict(zip(NAMES, PICTURES, strict=True))
START = Image(NAMES[:2], (12, 12))

TRAININGS = {
    "diffusion": ["--batch", "8", "--width", "8", "--depth", "1", "--levels", "1", "--images", "16"],
    "vae": ["--batch", "8", "--width", "4", "--images", "16", "--beta", "0.5", "--likelihood", "logistic"],
    "classifier": ["--batch", "8", "--width", "8", "--images", "16"],
    "planar": ["--batch", "8", "--width", "8", "--depth", "2", "--images", "16", "--points", "moons"],
}
FURTHER = {kind: ["--images", "32"] for kind in TRAININGS}
GAN = ["--data", "ring", "--capacity", "8", "--batch", "16", "--steps", "8", "--every", "2", "--r1", "0.5"]


def command(*argv: object) -> None:
    code = cli.main([str(a) for a in argv])
    assert code == 0, (argv, code)


def data() -> None:
    """Three classes of grey levels, in the form that `diffviz train --data` reads."""
    rng = np.random.default_rng(0)
    DATA.mkdir()
    for part, count in (("train", 30), ("test", 12)):
        labels = np.arange(count) % 3
        images = rng.integers(0, 60, (count, 12, 12)) + 60 * labels[:, None, None]
        np.savez_compressed(DATA / f"{part}.npz", images=images.astype(np.uint8), labels=labels.astype(np.uint8))
    about = {"name": "Levels", "classes": ["dark", "middle", "bright"], "source": "made up", "licence": "CC0-1.0"}
    (DATA / "dataset.json").write_text(json.dumps(about, indent=2) + "\n")


def models() -> dict[str, object]:
    """A model of every trainer with its checkpoint; what the weights are after the training has gone on a little."""
    for kind, options in TRAININGS.items():
        source = [] if kind == "planar" else ["--data", DATA]
        command("train", kind, "--out", MODELS / f"old-{kind}", "--quiet", "--device", "cpu", *source, *options)
    more = ["--kind", "ae", "--latent", "3"]
    source = ["--data", DATA, "--quiet", "--device", "cpu"]
    command("train", "vae", "--out", MODELS / "old-ae", *source, *TRAININGS["vae"][:6], *more)
    (MODELS / "old-ae" / "checkpoint.safetensors").unlink()
    command("train", "gan", "--out", MODELS / "old-gan", "--quiet", *GAN)
    gone_on = {}
    with tempfile.TemporaryDirectory() as temporary:
        for kind, options in {**FURTHER, "gan": ["--steps", "12"]}.items():
            out = Path(temporary) / kind
            shutil.copytree(MODELS / f"old-{kind}", out)
            source = [] if kind in ("planar", "gan") else ["--data", DATA]
            device = [] if kind == "gan" else ["--device", "cpu"]
            command("train", kind, "--out", out, "--resume", "--quiet", *device, *source, *options)
            weights = load_file(out / "weights.safetensors")
            gone_on[kind] = {name: float(np.linalg.norm(w.astype(np.float64))) for name, w in weights.items()}
    command(
        "evaluate",
        MODELS / "old-diffusion",
        "--data",
        DATA,
        "--samples",
        "12",
        "--judged",
        "12",
        "--write",
        "--quiet",
        "--classifier",
        MODELS / "old-classifier",
        "--steps",
        "4",
    )
    return gone_on


def runs() -> dict[str, tuple[requests.Request, str]]:
    """Every family, every start, every sampler and every noise schedule, small; with the slot it stood in."""
    forward = requests.ForwardRequest(start=START, schedule=schedules.Linear(40, 2e-4, 0.03), steps=4, seed=5)
    seen = requests.ForwardRequest(start=START, model="old-diffusion", path="fixed", steps=3, label=1, seed=6)
    reverse = requests.ReverseRequest(
        model="old-diffusion", sampler=samplers.Ddim(0.5), steps=4, samples=2, guidance=1.5, seed=7, label=2
    )
    branch = dataclasses.replace(reverse, start=Step(reverse, 500.0, 1), sampler=samplers.Ddpm("beta"), steps=3)
    restored = dataclasses.replace(reverse, start=Step(seen, 700.0), guidance=1.0, spacing="linspace", every=2)
    again = dataclasses.replace(restored, start=Step(restored, 300.0), seed=8)
    path = latent.PathRequest(
        start=START, model="old-vae", beside="old-ae", frames=3, anchors=tuple(map(latent.Anchor, NAMES[:2]))
    )
    walked = latent.PathRequest(
        model="old-vae",
        frames=3,
        curve="slerp",
        anchors=(latent.Anchor("", ((0.5, -1.0),)), latent.Anchor("", ((1.0, 1.0),))),
    )
    training_ = gan.GanRequest(data=gan.Moons(0.2), capacity=8, batch=16, steps=6, every=3, loss="hinge", seed=9)
    trained = dataclasses.replace(training_, start=Step(training_, 3.0), g_rate=2e-3, steps=6)
    particles = planar.PlanarRequest(
        data=planar.Drawn(((-1.0, 0.5), (2.0, 1.0)), 0.2), schedule=schedules.Sigmoid(50), steps=3, particles=4, seed=3
    )
    beside = planar.PlanarRequest(model="old-planar", sampler=samplers.Heun(), steps=3, particles=4)
    moved = dataclasses.replace(beside, start=Step(beside, 600.0, 1), particles=5)
    known = requests.ReverseRequest(
        model="ideal-digits",
        part="test",
        images=20,
        process=schedules.Constant(30, 0.2),
        steps=3,
        samples=1,
        label="none",
    )
    made: dict[str, tuple[requests.Request, str]] = {
        "forward": (forward, "diffusion/forward"),
        "forward, seen": (seen, "diffusion/forward"),
        "reverse": (reverse, "diffusion/reverse"),
        "branch": (branch, "diffusion/reverse"),
        "restored": (restored, "diffusion/reverse"),
        "restored, again": (again, "diffusion/reverse"),
        "ideal": (known, "diffusion/reverse"),
        "path": (path, "vae/path"),
        "path of points": (walked, "vae/path"),
        "gan": (training_, "gan/training"),
        "gan, further": (trained, "gan/training"),
        "planar": (particles, PLANE_SLOT),
        "planar, learnt": (beside, PLANE_SLOT),
        "planar, branch": (moved, PLANE_SLOT),
    }
    for name, cls in samplers.SAMPLERS.items():
        run = dataclasses.replace(reverse, sampler=cls(), samples=1, steps=3, label="none", guidance=1.0)
        made[f"sampler {name}"] = run, "diffusion/reverse"
    for name, cls in schedules.SCHEDULES.items():
        made[f"schedule {name}"] = (
            dataclasses.replace(forward, schedule=cls(timesteps=20), steps=2),
            "diffusion/forward",
        )
    return made


def computed(request: requests.Request, cards: dict) -> tuple[list[Frame], list[Checkpoint]]:
    frames, checkpoints = [], []
    for item in LocalEngine(cards, "cpu").frames(request, RunInputs(IMAGES)):
        if isinstance(item, Frame):
            frames.append(item)
        elif isinstance(item, Checkpoint):
            checkpoints.append(item)
    return frames, checkpoints


def sessions(app: QCoreApplication, cards: dict) -> dict[str, object]:
    """A session with all of `runs`, and a recovery file of a small one; what each run is called and continues."""
    session = Session(FakeLink(), plan_of, cards, Budget(1 << 28))
    for pixels in PICTURES:
        session.add_image(pixels)
    adopted, told = {}, []
    for name, (request, slot) in runs().items():
        store = FrameStore(session.budget)
        frames, checkpoints = computed(request, cards)
        for frame in frames:
            store.append(frame)
        parent = next(
            (r for r in adopted.values() if isinstance(request.start, Step) and r.request == request.start.of), None
        )
        adopted[name] = session.adopt(request, slot, store, parent, tuple(checkpoints))
        session.rename(adopted[name], name)
        told.append(
            {
                "name": name,
                "slot": slot,
                "parent": next((n for n, r in adopted.items() if r is parent), None),
                "frames": len(frames),
                "keyframes": len(checkpoints),
                "status": adopted[name].status.value,
            }
        )
    session.pin(adopted["reverse"])
    session.show(adopted["branch"])
    session.seek(adopted["branch"].store[1].position)
    archive.write(saved_of(session), HERE / "session.diffviz")
    expected = {"runs": told, "shown": "branch", "pinned": "reverse", "cursor": session.cursor}
    session.close()

    small = Session(FakeLink(), plan_of, cards, Budget(1 << 28))
    request = runs()["reverse"][0]
    store = FrameStore(small.budget)
    for frame in computed(request, cards)[0][:3]:
        store.append(frame)
    small.adopt(request, "diffusion/reverse", store)
    saver = Autosave(small, Path(os.environ["DIFFVIZ_HOME"]) / "recovery")
    saver.save()
    saver.job.finished.connect(app.quit)
    app.exec()
    (HERE / "recovery").mkdir()
    shutil.copy(saver.path, HERE / "recovery" / "20261128-180000-4711.diffviz")
    saver.close()
    small.close()
    return expected


def settings() -> dict[str, object]:
    """Every preference changed, and the layout of a window."""
    changed = {
        "language": "ko",
        "theme": "light",
        "device": "cpu",
        "budget_mb": 300,
        "mirrored": True,
        "drawer": True,
        "model": "old-diffusion",
        "vae_model": "old-vae",
        "gan_data": "moons",
        "export_folder": "/tmp/films, old",
        "export_format": "webp",
        "export_metadata": False,
        "picture_folder": "/tmp/그림",
        "recent": "/a.diffviz\n/b.diffviz",
        "instruments": "equations,visits",
    }
    assert changed.keys() == DEFAULTS.keys()
    preferences = Preferences(HERE / "diffviz.ini")
    for name, value in changed.items():
        preferences[name] = value
    layout = bytes(range(32))
    preferences.keep_layout("window", QByteArray(layout))
    preferences.save()
    return {"values": changed, "layout": base64.b64encode(layout).decode()}


def exports() -> None:
    """One run in every format, and one of every other family as arrays and as curves."""
    out = HERE / "exports"
    for model in MODELS.iterdir():
        shutil.copytree(model, paths.user_models() / model.name)
    common = ["--quiet", "--device", "cpu", "--seed", "4"]
    reverse = [
        "--model",
        "old-diffusion",
        "--steps",
        "3",
        "--samples",
        "2",
        "--eta",
        "0.25",
        "--class",
        "bright",
        *common,
    ]
    drawn = ["--scale", "1", "--panes", "x,x0"]
    for name in ("run.gif", "run.apng", "run.webp", "run.mp4", "run.png", "sequence"):
        command("export", "reverse", out / name, *reverse, *drawn)
    command("export", "reverse", out / "sheet.png", "--format", "sheet", *reverse, *drawn)
    command("export", "reverse", out / "plot.png", "--format", "plot", "--plots", "alpha_bar", *reverse)
    command("export", "reverse", out / "plot.svg", *reverse, "--plots", "alpha_bar,snr")
    for suffix in ("npz", "csv"):
        command("export", "reverse", out / f"run.{suffix}", *reverse)
        command(
            "export",
            "forward",
            out / f"forward.{suffix}",
            "--dataset",
            "digits",
            "--index",
            "3",
            "--steps",
            "2",
            "--timesteps",
            "30",
            *common,
        )
        command(
            "export",
            "path",
            out / f"path.{suffix}",
            "--model",
            "old-vae",
            "--z=-1,0.5",
            "--z=2,1",
            "--frames",
            "3",
            *common,
        )
        command("export", "gan", out / f"gan.{suffix}", *GAN, *common)
        command(
            "export",
            "objective",
            out / f"objective.{suffix}",
            "--model",
            "old-diffusion",
            "--image",
            "exports/picture.png",
            "--every-t",
            "400",
            "--draws",
            "2",
            *common,
        )
        command(
            "export",
            "planar",
            out / f"planar.{suffix}",
            "--data",
            "lattice",
            "--side",
            "2",
            "--steps",
            "3",
            "--particles",
            "4",
            *common,
        )
    command(
        "sheet",
        out / "seeds.png",
        "--model",
        "old-diffusion",
        "--steps",
        "2",
        "--samples",
        "1",
        "--seed",
        "1",
        "2",
        "--quiet",
    )


def instances() -> list[object]:
    """An instance of every class that a file can name, with as few defaults as can be."""
    linear = schedules.Linear(300, 2e-4, 0.03)
    ideal = {"part": "test", "images": 77, "process": schedules.ScaledLinear(200, 0.001, 0.013)}
    forward = requests.ForwardRequest(
        start=START, seed=11, model="m", schedule=schedules.Cosine(500, 0.01), path="fixed", steps=9, label=3, **ideal
    )
    training_ = {
        "seed": 3,
        "data": "/d",
        "images": 5000,
        "minutes": 2.5,
        "size": 32,
        "batch": 16,
        "learning_rate": 1e-3,
        "decay": 0.25,
        "precision": "bfloat16",
    }
    gan_data = [
        gan.Ring(5, 0.3),
        gan.Lattice(3, 0.2),
        gan.Moons(0.25),
        gan.SwissRoll(0.05),
        gan.Drawn(((0.5, -0.25), (1.0, 2.0)), 0.4),
        gan.Pictures("digits", "/pictures"),
    ]
    likely = [
        likelihoods.OptimalGaussian(),
        likelihoods.Gaussian(0.7),
        likelihoods.Laplace(),
        likelihoods.Bernoulli(),
        likelihoods.ContinuousBernoulli(),
        likelihoods.Logistic(5),
    ]
    anchors = (latent.Anchor(NAMES[0]), latent.Anchor("", ((0.5, -1.5), (2.0, 0.25, 1.0))))
    return [
        Noise(),
        Image(NAMES, (12, 12)),
        Image(NAMES[:1], (12, 12, 3)),
        Step(forward, 12.5, 3),
        Step(forward, 3.0),
        forward,
        requests.ReverseRequest(
            start=Step(forward, 77.0, 0),
            seed=12,
            model="m",
            sampler=samplers.Ddim(0.75),
            steps=31,
            spacing="leading",
            label="none",
            guidance=2.5,
            samples=7,
            clip=False,
            every=3,
            **ideal,
        ),
        *anchors,
        latent.PathRequest(
            start=Image(NAMES[:1], (12, 12)), seed=13, model="a", beside="b", anchors=anchors, curve="slerp", frames=33
        ),
        gan.GanRequest(
            start=Step(gan.GanRequest(data=gan_data[1], steps=40), 30.0),
            seed=14,
            data=gan_data[0],
            generator="residual",
            loss="saturating",
            r1=0.3,
            spectral_norm=True,
            smoothing=0.1,
            g_rate=2e-3,
            d_rate=3e-3,
            d_steps=2,
            batch=64,
            capacity=32,
            beta1=0.1,
            ema=0.9,
            steps=700,
            every=10,
        ),
        *gan_data,
        objective.ObjectiveRequest(
            start=START,
            seed=15,
            model="m",
            label="own",
            labels=(2, 0),
            variance="beta",
            clip=False,
            draws=8,
            every=50,
            **ideal,
        ),
        planar.PlanarRequest(
            start=Step(planar.PlanarRequest(), 400.0, 2),
            seed=16,
            model="p",
            data=gan_data[2],
            schedule=linear,
            sampler=samplers.DpmPlusPlus(),
            steps=12,
            spacing="linspace",
            particles=50,
        ),
        training.TrainDiffusion(
            **training_, schedule=linear, prediction="x0", label_dropout=0.3, ema=0.99, width=24, levels=3, depth=1
        ),
        training.TrainClassifier(**training_, width=24),
        training.TrainVae(**training_, kind="ae", latent=7, likelihood=likely[-1], beta=0.25, ema=0.9, width=24),
        training.TrainPlanar(
            **training_,
            points=gan_data[3],
            schedule=schedules.Sigmoid(99, 2e-4, 0.01),
            prediction="eps",
            ema=0.9,
            width=64,
            depth=2,
        ),
        samplers.Ddpm("beta"),
        samplers.Ddim(0.5),
        samplers.Euler(),
        samplers.Heun(),
        samplers.DpmPlusPlus(),
        schedules.OfNetwork(),
        linear,
        schedules.Cosine(250, 0.02),
        schedules.ScaledLinear(111, 0.0009, 0.014),
        schedules.Sigmoid(222, 3e-4, 0.04),
        schedules.Constant(333, 0.05),
        *likely,
    ]


def main() -> None:
    assert __version__ == "0.1.0"
    for path in HERE.iterdir():
        if path.name != "make.py":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    os.chdir(HERE)
    app = QCoreApplication([])
    made = instances()
    assert {type(one).__name__ for one in made} == set(CLASSES)
    (HERE / "requests.json").write_text(
        json.dumps([to_plain(one) for one in made], indent=1, ensure_ascii=False) + "\n"
    )
    data()
    expected = {"written by": __version__, "trained further": models(), "settings": settings()}
    cards, damaged = known_cards((MODELS, paths.models()))
    assert not damaged, damaged
    expected["session"] = sessions(app, cards)
    (HERE / "exports").mkdir()
    Pillow.fromarray(PICTURES[0]).save(HERE / "exports" / "picture.png")
    exports()
    (HERE / "exports" / "picture.png").unlink()
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
