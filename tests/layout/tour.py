"""Every place of the program, one after the other, as a person would come to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from PySide6.QtWidgets import QApplication, QDialog, QWidget

from diffviz.domain.text import tr
from diffviz.session.runtime import Fault
from diffviz.ui.instruments.table import INSTRUMENTS
from diffviz.ui.labs.vae import stage as vae
from diffviz.ui.window.dialogs import CrashDialog
from tests.golden import screens
from tests.golden.desk import Desk

Place = Callable[[Desk], QWidget]


def _instruments(desk: Desk) -> QWidget:
    """All instruments below each other."""
    return screens._page(*INSTRUMENTS)(desk)


def _drawer(of: Place) -> Place:
    """`of` with the figures of this instant beside it, or over it where there is little width."""

    def show(desk: Desk) -> QWidget:
        window = of(desk)
        desk.app.window._bar.drawer.setChecked(True)
        return window

    return show


def _crash(desk: Desk) -> QWidget:
    screens.forward(desk)
    fault = Fault("RuntimeError: nobody foresaw", "Traceback\n  in a line")
    dialog = CrashDialog(fault, desk.app.support, desk.app.window)
    dialog.show()
    return dialog


def _bookmarks(desk: Desk) -> QWidget:
    screens.forward(desk)
    run = desk.app.session.a
    assert run is not None
    if not run.bookmarks:
        desk.app.session.places.toggle(run, desk.app.session.cursor)
    return _called(desk, tr("Bookmarks…"))


def _called(desk: Desk, name: str) -> QWidget:
    """The dialog that the action called `name` opens."""
    next(action for action in desk.app.window.actions() if action.text() == name).trigger()
    dialogs = [each for each in QApplication.topLevelWidgets() if isinstance(each, QDialog) and each.isVisible()]
    return dialogs[0]


PLACES: Mapping[str, Place] = MappingProxyType(
    {
        "forward": screens.forward,
        "reverse": screens.reverse,
        "sample": screens.sample,
        "compared": screens.compared,
        "unlike": screens.unlike,
        "figures": _drawer(screens.compared),
        "instruments": _instruments,
        "maps": screens._latent(vae.MAPS),
        "manifold": screens._latent(vae.MAPS, 0.25, vae.MANIFOLD),
        "machine": screens._latent(vae.MACHINE),
        "faults": screens._latent(vae.FAULTS),
        "blur": screens._latent(vae.BLUR),
        "kl": screens._latent(vae.KL),
        "latent figures": _drawer(screens._latent(vae.MAPS)),
        "untrained": screens.untrained,
        "plane": screens.plane,
        "divergence": screens.divergence,
        "images": screens.images,
        "training figures": _drawer(screens.plane),
        "walk": screens.walk,
        "walk figures": _drawer(screens.walk),
        "notice": screens.said,
        "export": screens.export,
        "settings": screens.settings,
        "files": screens.files,
        "shortcuts": screens.shortcuts,
        "picture": screens.picture,
        "crash": _crash,
        "bookmarks": _bookmarks,
    }
)
