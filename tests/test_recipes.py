"""Each recipe of CONTRIBUTING, carried out: what it names is touched, and nothing else, and the whole program has it.

A family is added in the same way in `tests/families/test_toy.py`.
"""

from __future__ import annotations

import csv
import dataclasses
import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import numpy as np
import pytest
import torch
from PySide6.QtGui import QUndoStack
from pytestqt.qtbot import QtBot
from torch import Tensor, nn

from diffviz import paths
from diffviz.cli.main import main
from diffviz.domain import export_settings, gan, likelihoods, sampling, tagged
from diffviz.domain.arrays import F32
from diffviz.domain.atomic import replacing
from diffviz.domain.cards import Card, read_card
from diffviz.domain.frames import Frame
from diffviz.domain.latent import Anchor, PathRequest
from diffviz.domain.messages import Query, RunInputs
from diffviz.domain.plots import Plot, PlotData, Series
from diffviz.domain.requests import ForwardRequest, Request, ReverseRequest
from diffviz.domain.settings import Bounds, Help, Label, check, every_setting, value_at
from diffviz.domain.solvers import SamplerSettings
from diffviz.domain.training import TrainVae
from diffviz.engine import likelihoods as densities
from diffviz.engine import samplers as generators
from diffviz.engine.denoiser import Denoiser, Visit
from diffviz.engine.engine import LocalEngine
from diffviz.engine.families import ANSWERED, gan_trainer
from diffviz.engine.nets import NETS, Net
from diffviz.engine.samplers import Noise, SamplerStep
from diffviz.engine.zoo import save_model
from diffviz.export import formats, reading
from diffviz.export.formats import Format
from diffviz.export.frame_layout import FramePictureSource
from diffviz.export.reading import read_record
from diffviz.export.run_info import text_of
from diffviz.families import FAMILIES, family_of, plan_of
from diffviz.families.naming import described
from diffviz.session.preferences import Preferences
from diffviz.theory import schedules as betas
from diffviz.theory.gan_distance import EQUILIBRIUM
from diffviz.theory.schedules import NoiseSchedule
from diffviz.ui.forms.draft import Draft
from diffviz.ui.forms.request_form import RequestForm
from diffviz.ui.instruments.instrument import Instrument, Services
from diffviz.ui.instruments.page import InstrumentPage
from diffviz.ui.instruments.table import INSTRUMENTS, Entry
from diffviz.ui.timeline.run_plots import RunPlots
from diffviz.ui.widgets.view import Shown, View
from tests.engine import test_gan, test_likelihoods
from tests.recipes import add_row
from tests.toys import save_diffusion, save_vae
from tests.ui.forms.fakes import card as form_card
from tests.ui.instruments.desk import at, desk
from tests.ui.sample_viewer.runs import reverse_run

QUICK = ["--steps", "4", "--samples", "2", "--quiet"]


@pytest.fixture
def toy(home: Path) -> Card:
    """A model in a person's folder."""
    return save_diffusion(paths.user_models(), "toy")


def exported(out: Path, kind: str, *more: object) -> int:
    """The exit code of `diffviz export`."""
    return main(["export", kind, str(out), *map(str, more)])


def computed(request: Request, card: Card | None = None) -> list[Frame]:
    """The frames of `request`."""
    engine = LocalEngine({card.id: card} if card else {}, "cpu")
    return [frame for frame in engine.frames(request, RunInputs()) if isinstance(frame, Frame)]


def form_of(qtbot: QtBot, request: Request) -> tuple[RequestForm, Draft]:
    """The form of `request` on the screen."""
    draft = Draft(request, QUndoStack())
    form = RequestForm(draft)
    form.set_card(form_card())
    qtbot.addWidget(form)
    form.show()
    return form, draft


def again(request: Request) -> Any:
    """`request` by way of a file."""
    return tagged.from_json(json.loads(json.dumps(tagged.to_json(request))))


# A sampler: its settings and rows in domain/samplers.py, a tag, one generator and its row in engine/samplers.py


@dataclass(frozen=True, slots=True)
class Renoise(SamplerSettings):
    """DDIM with its noise in another unit (Song et al. 2021, eq. 12 and 16)."""

    share: Annotated[float, Label("share"), Bounds(0.0, 1.0), Help("Share of DDPM's variance.")] = 1.0

    @property
    def noise(self) -> float:
        return math.sqrt(self.share)


def renoise(
    denoise: Denoiser, x: Tensor, visits: Sequence[Visit], settings: Renoise, noise: Noise
) -> Iterator[SamplerStep]:
    """x_s = α_s x̂0 + √(σ_s² − std²) ε̂ + std · n."""
    for t, t_prev in pairwise(visits):
        x0, eps = denoise(x, t)
        std = math.sqrt(settings.share * (1 - (t.alpha / t_prev.alpha) ** 2)) * t_prev.sigma / t.sigma
        yield SamplerStep(t, x, x0, eps, std)
        x = t_prev.alpha * x0 + math.sqrt(t_prev.sigma**2 - std**2) * eps + std * noise(t)
    yield SamplerStep(visits[-1], x, x, torch.zeros_like(x), 0.0)


@pytest.fixture
def new_sampler(monkeypatch: pytest.MonkeyPatch) -> None:
    add_row(monkeypatch, sampling.SAMPLERS, "renoise", Renoise)
    add_row(monkeypatch, sampling.SAMPLER_LABELS, "renoise", "Renoise")
    add_row(monkeypatch, generators.SAMPLERS, "renoise", renoise)
    add_row(monkeypatch, tagged.TAGS, "Renoise", Renoise)
    add_row(monkeypatch, tagged.TAG_OF, Renoise, "Renoise")


@pytest.mark.usefixtures("new_sampler")
def test_a_sampler_is_in_the_form(qtbot: QtBot) -> None:
    form, draft = form_of(qtbot, ReverseRequest())
    draft.set_value(("sampler",), "renoise")
    assert ("sampler", "share") in form.paths()
    assert isinstance(draft.request, ReverseRequest)
    assert value_at(draft.request, ("sampler",)) == "renoise"
    assert "Renoise" in described(draft.request, {})


@pytest.mark.usefixtures("new_sampler")
def test_a_sampler_is_computed_and_its_run_goes_through_files(toy: Card, tmp_path: Path) -> None:
    request = ReverseRequest(model="toy", sampler=Renoise(0.5), steps=4, samples=2)  # type: ignore[arg-type]
    frames = computed(request, toy)
    assert [frame.position for frame in frames] == list(plan_of(request, {"toy": toy}).positions)
    assert all(np.isfinite(frame.arrays()["x"]).all() for frame in frames)
    assert again(request) == request
    out = tmp_path / "out.png"
    picked = ["--model", "toy", *QUICK, "--sampler", "renoise", "--share", "0.5"]
    assert exported(out, "reverse", *picked) == 0
    assert read_record(out).request.sampler == Renoise(0.5)  # type: ignore[attr-defined]
    assert exported(out, "reverse", "--model", "toy", "--sampler", "renoise", "--share", 2) == 2


@pytest.mark.usefixtures("new_sampler")
def test_a_new_sampler_reaches_the_closed_form() -> None:
    from tests.engine.test_samplers import MEAN, STD, run

    last = run(renoise, Renoise(1.0), 200)[-1].x
    assert last.mean().item() == pytest.approx(MEAN, abs=0.02)
    assert last.std().item() == pytest.approx(STD, abs=0.02)


# A noise schedule: its settings and rows in domain/schedules.py, a tag, one function and its row in theory/schedules.py


@dataclass(frozen=True, slots=True)
class Quadratic:
    """β rises with t² (none of the papers')."""

    timesteps: sampling.Timesteps = 1000
    highest: Annotated[float, Label("highest"), Bounds(1e-3, 0.9), Help("The last β.")] = 0.02


@pytest.fixture
def new_schedule(monkeypatch: pytest.MonkeyPatch) -> None:
    for table in vars(sampling).values():  # SCHEDULES, LABELS, and what is made of them
        if isinstance(table, Mapping) and "linear" in table:
            row = Quadratic if table["linear"] is sampling.Linear else "quadratic"
            add_row(monkeypatch, table, "quadratic", row)
    add_row(monkeypatch, tagged.TAGS, "Quadratic", Quadratic)
    add_row(monkeypatch, tagged.TAG_OF, Quadratic, "Quadratic")
    rising = lambda s: s.highest * (np.arange(1, s.timesteps + 1) / s.timesteps) ** 2  # noqa: E731
    add_row(monkeypatch, betas.BETAS, "quadratic", rising)


@pytest.mark.usefixtures("new_schedule")
def test_a_schedule_is_in_form_command_line_and_engine(qtbot: QtBot, home: Path, tmp_path: Path) -> None:
    made = NoiseSchedule.from_settings(Quadratic(100))  # type: ignore[arg-type]
    assert made.alpha_bar.shape == (101,)
    assert made.alpha_bar[0] == 1
    form, draft = form_of(qtbot, ForwardRequest())
    draft.set_value(("schedule",), "quadratic")
    assert ("schedule", "highest") in form.paths()
    out = tmp_path / "out.csv"
    assert exported(out, "forward", "--schedule", "quadratic", "--timesteps", 50, "--highest", 0.5, "--quiet") == 0
    request = read_record(out).request
    assert request.schedule == Quadratic(50, 0.5)  # type: ignore[attr-defined]
    assert again(request) == request
    with out.open(encoding="utf-8-sig") as file:
        assert sum(not line.startswith("#") for line in file) == 1 + 51


# A curve: one Series in the plots of its family


def test_a_curve_is_in_the_window_in_pictures_and_in_tables(
    monkeypatch: pytest.MonkeyPatch, home: Path, tmp_path: Path
) -> None:
    family = family_of(ForwardRequest)
    t = np.linspace(0, 1000, 11)

    def with_rest(data: PlotData) -> tuple[Plot, ...]:
        rest = Series("rest", "T−t", "steps that are left", "noise", t, 1000 - t)
        return *family.plots(data), Plot("left", "left", (rest,))

    monkeypatch.setitem(FAMILIES, ForwardRequest, dataclasses.replace(family, plots=with_rest))
    [(plot, _beside)] = [pair for pair in RunPlots(ForwardRequest)(Shown(None, 0.0)) if pair[0].key == "left"]
    assert plot.series[0].title == "steps that are left"
    assert exported(tmp_path / "out.csv", "forward", "--quiet") == 0
    lines = (tmp_path / "out.csv").read_text(encoding="utf-8-sig").splitlines()
    [row] = csv.DictReader(
        line for line in lines if not line.startswith("#") and line.startswith(("t,", "500.0,", "500,"))
    )
    assert float(row["rest"]) == 500
    assert exported(tmp_path / "out.svg", "forward", "--plots", "left", "--quiet") == 0
    assert "T−t" in (tmp_path / "out.svg").read_text(encoding="utf-8")
    assert exported(tmp_path / "out.svg", "forward", "--plots", "right", "--quiet") == 2


# A likelihood: its settings and rows in domain/likelihoods.py, a tag, one function and its row in engine/likelihoods.py


@dataclass(frozen=True, slots=True)
class NarrowLogistic:
    """One logistic distribution in every pixel."""


@pytest.fixture
def new_likelihood(monkeypatch: pytest.MonkeyPatch) -> None:
    add_row(monkeypatch, likelihoods.LIKELIHOODS, "narrow", NarrowLogistic)
    add_row(monkeypatch, likelihoods.LABELS, "narrow", "narrow logistic")
    add_row(monkeypatch, tagged.TAGS, "NarrowLogistic", NarrowLogistic)
    add_row(monkeypatch, tagged.TAG_OF, NarrowLogistic, "NarrowLogistic")
    one = densities.MAKERS["logistic"](likelihoods.Logistic(1))
    add_row(monkeypatch, densities.MAKERS, "narrow", lambda _settings: one)


@pytest.mark.usefixtures("new_likelihood")
def test_a_likelihood_is_held_to_its_masses_and_serves_a_model(home: Path) -> None:
    settings: Any = NarrowLogistic()
    test_likelihoods.test_masses_of_the_grey_levels_sum_to_one(settings, -2.0, 1.0)
    assert settings in [made() for made in likelihoods.LIKELIHOODS.values() if made is NarrowLogistic]
    [choice] = [s for s in every_setting(TrainVae) if s.path == ("likelihood",)]
    assert choice.choices is not None
    assert "narrow" in choice.choices
    check(TrainVae(likelihood=settings))
    card = save_vae(paths.user_models(), likelihood={"name": "narrow"})
    assert read_card(paths.user_models() / "toy-vae").likelihood == settings
    ends = tuple(Anchor(codes=((x, 0.0),)) for x in (-1.0, 1.0))
    frames = computed(PathRequest(model=card.id, anchors=ends), card)
    assert frames
    assert all(np.isfinite(values).all() for frame in frames for values in frame.arrays().values())


# A loss of GANs: a row in LOSSES of domain/gan.py and of engine/families/gan/objectives.py, its value at equilibrium


@pytest.fixture
def new_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    add_row(monkeypatch, gan.LOSSES, "soft_hinge", "Soft hinge")
    soft = nn.functional.softplus
    loss = gan_trainer.Loss(lambda r, _: soft(1 - r), lambda f: soft(1 + f), lambda f: -f, 0.0, lambda f: f)
    add_row(monkeypatch, gan_trainer.LOSSES, "soft_hinge", loss)
    add_row(monkeypatch, EQUILIBRIUM, "soft_hinge", (2 * np.log1p(np.e), 0.0))


@pytest.mark.usefixtures("new_loss")
def test_a_loss_is_held_to_its_equilibrium_and_trains(home: Path, tmp_path: Path) -> None:
    test_gan.test_losses_at_equilibrium("soft_hinge")
    request = gan.GanRequest(loss="soft_hinge", steps=3, every=1)
    assert [frame.position for frame in computed(request)] == [0, 1, 2, 3]
    assert again(request) == request
    out = tmp_path / "out.csv"
    assert exported(out, "gan", "--loss", "soft_hinge", "--steps", 3, "--quiet") == 0
    assert out.read_text(encoding="utf-8-sig").count("\n") > 2


# An export format: a writer and rows of FORMATS; its record is put in, and read by a row of KINDS


def write_ppm(pictures: FramePictureSource, path: Path, settings: Any, progress: Any) -> None:
    """All pictures in one PPM file, one behind the other, the record as the comment of the first."""
    with replacing(path) as file:
        progress(0, len(pictures))
        for done, picture in enumerate(pictures, 1):
            high, wide = picture.shape[:2]
            text = text_of(pictures.about, settings) if done == 1 else ""
            file.write(f"P6\n#{text}\n{wide} {high}\n255\n".encode() + picture[..., :3].tobytes())
            progress(done, len(pictures))


def ppm_texts(file: BinaryIO) -> Iterator[bytes]:
    """Its comment."""
    file.readline()
    yield file.readline(1 << 20)


def test_a_format_is_written_offered_and_read_back(
    monkeypatch: pytest.MonkeyPatch, toy: Card, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add_row(monkeypatch, export_settings.FORMATS, "ppm", "PPM")
    add_row(monkeypatch, formats.FORMATS, "ppm", Format(".ppm", write_ppm))
    add_row(monkeypatch, reading.KINDS, b"P6", ppm_texts)
    out = tmp_path / "out.ppm"
    assert exported(out, "reverse", "--model", "toy", *QUICK) == 0
    assert out.read_bytes().startswith(b"P6\n")
    assert read_record(out).request == ReverseRequest(model="toy", steps=4, samples=2)
    assert main(["info", "--json"]) == 0
    assert "ppm" in capsys.readouterr().out


# A network: one file in engine/nets/ and a row in NETS


@dataclass(frozen=True, slots=True)
class BlurConfig:
    """A denoiser that blurs."""

    channels: int = 1
    width: int = 3


class Blur(nn.Module):
    """One convolution, whatever t and class are."""

    def __init__(self, config: BlurConfig) -> None:
        super().__init__()
        self.config = config
        self.layer = nn.Conv2d(config.channels, config.channels, config.width, padding=config.width // 2)

    def forward(self, x: Tensor, t: Tensor, label: Tensor | None = None) -> Tensor:
        """The prediction."""
        found: Tensor = self.layer(x)
        return found


def test_a_network_is_a_row_and_a_folder(monkeypatch: pytest.MonkeyPatch, toy: Card, tmp_path: Path) -> None:
    add_row(monkeypatch, NETS, "blur", Net(BlurConfig, Blur))
    about = json.loads((paths.user_models() / "toy" / "card.json").read_text(encoding="utf-8"))
    about |= {"classes": [], "architecture": {"net": "blur", **dataclasses.asdict(BlurConfig())}}
    save_model(paths.user_models() / "blur", about, Blur(BlurConfig()).state_dict())
    card = read_card(paths.user_models() / "blur")
    assert len(computed(ReverseRequest(model="blur", steps=3, samples=2), card)) == 4
    out = tmp_path / "out.png"
    assert exported(out, "reverse", "--model", "blur", *QUICK) == 0


# A question of a view: a Query, and a row of ANSWERED


@dataclass(frozen=True, slots=True, eq=False)
class AskNorm(Query):
    """‖x‖ of pictures."""

    x: F32


def test_a_question_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    engine, query = LocalEngine({}, "cpu"), AskNorm(np.full((2, 2), 2, np.float32))
    with pytest.raises(TypeError, match="AskNorm"):
        engine.answer(query)
    add_row(monkeypatch, ANSWERED, AskNorm, lambda query, _bench: float(np.linalg.norm(query.x)))
    assert engine.answer(query) == 4


# A view: a subclass of View


class Heading(View):
    """Says which frame is shown."""

    def draw(self, shown: Shown) -> None:
        self.setAccessibleDescription("none" if shown.frame is None else f"t = {shown.frame.position:g}")


def test_a_view_draws_what_it_is_handed(qtbot: QtBot) -> None:
    view = Heading()
    qtbot.addWidget(view)
    view.draw(Shown(None, 7.0))
    assert view.accessibleDescription() == "none"
    run = reverse_run()
    view.draw(at(run, run.store[0].position))
    assert view.accessibleDescription() == f"t = {run.store[0].position:g}"


# An instrument: a subclass of Instrument and a row of INSTRUMENTS


class Clock(Instrument):
    """Says t."""

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.setFixedHeight(60)

    def draw(self, shown: Shown) -> None:
        self.setAccessibleDescription(f"t = {shown.cursor:g}")


def test_an_instrument_is_a_row_of_the_page(
    monkeypatch: pytest.MonkeyPatch, qtbot: QtBot, home: Path, tmp_path: Path
) -> None:
    add_row(monkeypatch, INSTRUMENTS, "clock", Entry("Clock", "Nothing but t.", Clock, wide=True))
    preferences = Preferences(tmp_path / "p.ini")
    preferences["instruments"] = "clock"
    page = InstrumentPage(desk(qtbot).services, preferences, INSTRUMENTS)
    qtbot.addWidget(page)
    page.resize(700, 500)
    page.show()
    qtbot.waitExposed(page)
    made = page.instrument("clock")
    assert isinstance(made, Clock)
    qtbot.waitUntil(lambda: not made.visibleRegion().isEmpty())
    with qtbot.waitSignal(page.drawn):
        page.draw(at(reverse_run(), 7.0))
    assert made.accessibleDescription() == "t = 7"
    page.close_page()


def test_every_file_that_a_recipe_names_is_there() -> None:
    text = (Path(__file__).parent.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    root = Path(__file__).parent.parent
    named = set(re.findall(r"`((?:diffviz|tests|packaging|models|resources)/[\w/.]*)`", text))
    assert len(named) > 20
    assert not [path for path in named if not (root / path).exists()]
