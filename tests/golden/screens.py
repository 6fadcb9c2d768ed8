"""The screens that are kept as pictures: one table, and how each is brought up."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from PIL import Image
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from diffviz.domain.gan import GanRequest
from diffviz.domain.objective import ObjectiveRequest
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.requests import Request, ReverseRequest
from diffviz.domain.sampling import Ddpm, VarianceExploding
from diffviz.domain.text import tr
from diffviz.export.run_info import about_of
from diffviz.ui.export_dialog.dialog import ExportDialog
from diffviz.ui.gallery.picture_import import PictureDialog
from diffviz.ui.instruments.table import INSTRUMENTS
from diffviz.ui.labs.gan.controller import RECORDED
from diffviz.ui.labs.gan.lab import KL, STAGE
from diffviz.ui.labs.vae import stage as vae
from diffviz.ui.widgets import notice
from diffviz.ui.widgets.shortcuts import ShortcutsDialog
from tests.golden.changes import CHANGES, Change
from tests.golden.desk import Desk
from tests.toys import WALK, WalkRequest

LARGE, SMALL, LEAST = (1440, 900), (1100, 700), (900, 620)
Show = Callable[[Desk], QWidget]


@dataclass(frozen=True, slots=True)
class Screen:
    """One picture: `name` is that of its file, `show` brings it up in the window of `size` and gives what is kept.

    Those of one `group` are taken one after the other in the same program. Each of `changes` does to the screen what a
    comparison has to see. A `slow` one, the last of its group, takes too long for every change.
    """

    name: str
    group: str
    show: Show
    size: tuple[int, int] = LARGE
    theme: str = "dark"
    language: str = "en"
    changes: Mapping[str, Change] = field(default_factory=dict)
    slow: bool = False


DDIM = ReverseRequest(model="fashion-ddpm", samples=8, steps=16, seed=7)
DDPM = dataclasses.replace(DDIM, sampler=Ddpm())
EXPLODING = ReverseRequest(model="ideal-fashion", images=10, process=VarianceExploding(), samples=8, steps=16)
REVERSE_SLOT, BESIDE_SLOT = "diffusion/reverse", "diffusion/beside"


def forward(desk: Desk) -> QWidget:
    """The first pictures, noised: what stands there when the program is opened."""
    window = _lab(desk, "diffusion")
    run = next(run for run in desk.app.session.runs if run.slot == "diffusion/forward")
    desk.until(lambda: run.status.final)
    _alone(desk, run.request, run.slot, 300.0)
    return window


def reverse(desk: Desk) -> QWidget:
    """Pictures made of noise, in the middle of their way."""
    window = _lab(desk, "diffusion")
    _alone(desk, DDIM, REVERSE_SLOT, 500.0)
    return window


def sample(desk: Desk) -> QWidget:
    """One of them on the whole stage."""
    window = reverse(desk)
    desk.rest()
    desk.app.window.lab.stage.canvas.set_focus_sample(2)
    return window


def compared(desk: Desk) -> QWidget:
    """DDPM beside DDIM."""
    return _compared(desk, DDPM)


def unlike(desk: Desk) -> QWidget:
    """Runs of unlike processes beside each other."""
    return _compared(desk, EXPLODING)


def _compared(desk: Desk, other: Request) -> QWidget:
    window = reverse(desk)
    b = desk.computed(other, BESIDE_SLOT, show=False)
    desk.app.session.pin(b)
    return window


def _alone(desk: Desk, request: Request, slot: str, at: float) -> None:
    """The run of `request` on the stage with nothing beside it, its settings in the form, the cursor at `at`."""
    lab, session = desk.app.window.lab, desk.app.session
    lab.pages.open("stage")
    session.pin(None)
    lab.form.set_request(request)
    run = desk.computed(request, slot)
    session.seek(run.plan.nearest(at))
    lab.stage.canvas.set_focus_sample(None)


def _lab(desk: Desk, name: str) -> QWidget:
    window = desk.app.window
    window.open_lab(name)
    window.shown.take_keyboard()
    return window


def _instrument(key: str) -> Show:
    """Instrument `key` on the run of `reverse`, without the page around it."""

    def show(desk: Desk) -> QWidget:
        page = desk.app.window.lab.instruments
        _instruments(desk, *INSTRUMENTS)
        desk.rest()
        page.grid.reveal(page.cards[key])
        return page.cards[key]

    return show


def _page(*keys: str) -> Show:
    """The page of instruments with `keys`."""

    def show(desk: Desk) -> QWidget:
        _instruments(desk, *keys)
        desk.rest()
        desk.app.window.lab.instruments.grid.verticalScrollBar().setValue(0)
        return desk.app.window

    return show


def _instruments(desk: Desk, *keys: str) -> None:
    """Choose `keys` and no others, with what they measure."""
    _lab(desk, "diffusion")
    lab = desk.app.window.lab
    _alone(desk, DDIM, REVERSE_SLOT, 500.0)
    lab.pages.open("instruments")
    for key in INSTRUMENTS:
        lab.instruments.choose(key, key in keys)
    for key, request in MEASURED.items():
        if key in keys and not any(type(run.request) is type(request) for run in desk.app.session.runs):
            desk.rest()
            instrument = lab.instruments.instrument(key)
            asked = dataclasses.replace(instrument.draft.request, **_changes(request))  # type: ignore[attr-defined]
            lab.instruments.compute(key, asked)


MEASURED: Mapping[str, Request] = {
    "objective": ObjectiveRequest(draws=2, every=50, seed=7),
    "plane": PlanarRequest(steps=20, particles=200, seed=7),
}


def _changes(request: Request) -> dict[str, object]:
    """Settings of `request` that are not at their defaults."""
    usual = type(request)()
    names = (field.name for field in dataclasses.fields(request))
    return {name: getattr(request, name) for name in names if getattr(request, name) != getattr(usual, name)}


def _latent(page: str, at: float = 0.5, backdrop: str = vae.PLAIN) -> Show:
    """Page `page` of the VAE lab with the cursor at `at`."""

    def show(desk: Desk) -> QWidget:
        window, lab = _lab(desk, "vae"), desk.app.window.vae
        desk.until(lambda: lab.runs.run is not None and lab.runs.run.status.final)
        lab.stage.show_page(page)
        lab.stage.page_chosen.emit(page)
        lab.stage.backdrops.set_current(backdrop)
        lab.stage.backdrop_chosen.emit(backdrop)
        assert lab.runs.run is not None
        desk.app.session.seek(lab.runs.run.plan.nearest(at))
        return window

    return show


TRAINING = GanRequest(steps=60, every=5, seed=7)


def plane(desk: Desk) -> QWidget:
    """A training in two dimensions, soon after its beginning."""
    window, lab = _lab(desk, "gan"), desk.app.window.gan
    lab.pages.open(STAGE)
    lab.form.set_request(TRAINING)
    desk.computed(TRAINING, lab.training_slot)
    desk.app.session.seek(40.0)
    return window


def untrained(desk: Desk) -> QWidget:
    """Data that nothing has been trained on."""
    window = _lab(desk, "gan")
    desk.app.window.gan.pages.open(STAGE)
    desk.app.window.gan.choose("moons")
    return window


def images(desk: Desk) -> QWidget:
    """A recorded training of pictures."""
    window = _lab(desk, "gan")
    desk.app.window.gan.pages.open(STAGE)
    desk.app.window.gan.choose(RECORDED + "fashion-gan")
    desk.app.session.seek(5000.0)
    return window


def divergence(desk: Desk) -> QWidget:
    """The page of KL and JS."""
    window = plane(desk)
    desk.app.window.gan.pages.open(KL)
    return window


def walk(desk: Desk) -> QWidget:
    """A kind of run without a lab of its own."""
    window = _lab(desk, WALK.name)
    request = WalkRequest(seed=7)
    desk.computed(request, f"{WALK.name}/run")
    desk.app.session.seek(12.0)
    return window


def export(desk: Desk) -> QWidget:
    """The export dialog, of the first run."""
    forward(desk)
    session, run = desk.app.session, desk.app.session.a
    assert run is not None
    about = about_of(run.request, session.images, session.cards, "cpu")
    dialog = ExportDialog(run, session.cursor, session.cards, desk.app.preferences, desk.app.window, about=about)
    dialog.show()
    desk.until(lambda: dialog.preview.settled)
    return dialog


def settings(desk: Desk) -> QWidget:
    """The menu of settings."""
    return _menu(desk, "Settings")


def files(desk: Desk) -> QWidget:
    """The menu of files."""
    return _menu(desk, "Files")


def _menu(desk: Desk, name: str) -> QWidget:
    buttons = desk.app.window.findChildren(QToolButton)
    menu = next(button for button in buttons if button.accessibleName() == tr(name)).menu()
    assert isinstance(menu, QMenu)
    menu.popup(desk.app.window.rect().center())
    return menu


def shortcuts(desk: Desk) -> QWidget:
    """The keys of the Diffusion lab."""
    forward(desk)
    dialog = ShortcutsDialog(desk.app.window.shown.shortcuts(), desk.app.window)
    dialog.show()
    return dialog


def picture(desk: Desk) -> QWidget:
    """A picture of one's own, with its crop."""
    side = 240
    shades = Image.new("L", (side + 80, side))
    shades.putdata([(x * y) // 300 % 256 for y in range(side) for x in range(side + 80)])
    dialog = PictureDialog(shades, "shades.png", (28, 28), dark=True, parent=desk.app.window)
    dialog.show()
    return dialog


def said(desk: Desk) -> QWidget:
    """A notice that asks something, over the lower edge of the window."""
    window = forward(desk)
    text = "The model folder was not found: where has it gone?"
    desk.app.window.notice.put_away()
    desk.app.window.notice.say(notice.Message(text, (("Open…", desk.put_away), ("Forget", desk.put_away)), error=True))
    return window


KOREAN, LIGHT = "ko", "light"
DIFFUSION, INSTRUMENT, LABS, MORE = "diffusion", "instruments", "labs", "more"
TABLE: tuple[Screen, ...] = (
    Screen("forward", DIFFUSION, forward, changes=CHANGES),
    Screen("forward-small", DIFFUSION, forward, SMALL),
    Screen("reverse", DIFFUSION, reverse),
    Screen("sample", DIFFUSION, sample),
    Screen("compared", DIFFUSION, compared),
    Screen("unlike-small", DIFFUSION, unlike, SMALL),
    Screen("export", DIFFUSION, export),
    Screen("settings", DIFFUSION, settings),
    Screen("files", DIFFUSION, files),
    Screen("shortcuts", DIFFUSION, shortcuts),
    Screen("picture", DIFFUSION, picture),
    Screen("said-small", DIFFUSION, said, SMALL),
    Screen("forward-light", DIFFUSION, forward, theme=LIGHT),
    Screen("compared-light-small", DIFFUSION, compared, SMALL, LIGHT),
    Screen("forward-light-least", DIFFUSION, forward, LEAST, LIGHT),
    Screen("export-light", DIFFUSION, export, theme=LIGHT),
    Screen("reverse-korean", DIFFUSION, reverse, language=KOREAN),
    Screen("compared-korean-small", DIFFUSION, compared, SMALL, language=KOREAN),
    Screen("export-korean", DIFFUSION, export, language=KOREAN),
    Screen("instruments", INSTRUMENT, _page("equations", "reverse", "variances", "kl")),
    *(Screen(f"instrument-{key}", INSTRUMENT, _instrument(key)) for key in INSTRUMENTS),
    Screen("instruments-light-small", INSTRUMENT, _page("reverse", "visits", "kl"), SMALL, LIGHT, slow=True),
    *(
        Screen(f"instrument-{key}-light", INSTRUMENT, _instrument(key), theme=LIGHT, slow=True)
        for key in ("objective", "plane", "recognised", "visits")
    ),
    Screen("latent", LABS, _latent(vae.MAPS)),
    Screen("latent-manifold", LABS, _latent(vae.MAPS, 0.25, vae.MANIFOLD)),
    Screen("latent-small", LABS, _latent(vae.MAPS), SMALL),
    Screen("latent-machine", LABS, _latent(vae.MACHINE)),
    Screen("latent-blur", LABS, _latent(vae.BLUR), SMALL),
    Screen("latent-kl", LABS, _latent(vae.KL), SMALL),
    Screen("untrained", LABS, untrained, SMALL),
    Screen("plane", LABS, plane),
    Screen("plane-small", LABS, plane, SMALL),
    Screen("divergence", LABS, divergence, SMALL),
    Screen("walk", LABS, walk),
    Screen("latent-light", LABS, _latent(vae.MAPS), theme=LIGHT, slow=True),
    Screen("plane-light", LABS, plane, theme=LIGHT, slow=True),
    Screen("walk-light-small", LABS, walk, SMALL, LIGHT, slow=True),
    Screen("images", MORE, images, slow=True),
    Screen("images-light-small", MORE, images, SMALL, LIGHT, slow=True),
    Screen("images-korean-small", MORE, images, SMALL, language=KOREAN, slow=True),
    Screen("latent-korean-small", MORE, _latent(vae.MACHINE), SMALL, language=KOREAN, slow=True),
    Screen("instruments-korean", MORE, _page("step", "scaling", "markov", "leftover"), language=KOREAN, slow=True),
)
GROUPS = tuple(dict.fromkeys(screen.group for screen in TABLE))


def screens_of(group: str, *, slow: bool) -> list[Screen]:
    """Those of `group`, in the order in which they are taken, with or without the slow ones."""
    return [screen for screen in TABLE if screen.group == group and (slow or not screen.slow)]
