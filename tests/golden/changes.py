"""Changes of a screen that a comparison has to see: each is made, photographed and undone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from PySide6.QtWidgets import QAbstractButton

from tests.golden.desk import Desk

Change = Callable[[Desk], Iterator[None]]


def moved(desk: Desk) -> Iterator[None]:
    """A button stands 2 pixels further right."""
    button = desk.app.window._bar.export
    button.move(button.x() + 2, button.y())
    yield
    button.move(button.x() - 2, button.y())


def missing(desk: Desk) -> Iterator[None]:
    """A small button is not there, and its place is empty."""
    button = desk.app.window._bar.help
    policy = button.sizePolicy()
    policy.setRetainSizeWhenHidden(True)
    button.setSizePolicy(policy)
    button.hide()
    yield
    button.show()


def without_a_curve(desk: Desk) -> Iterator[None]:
    """A curve is not drawn, and the switch that hides it looks as before."""
    plots = desk.app.window.lab.timeline.plots
    chip = next(chip for chip in plots.chips.values() if chip.isVisible() and chip.isChecked())
    chip.setChecked(False)
    _look(chip, True)
    yield
    _look(chip, False)
    chip.setChecked(True)


def _look(chip: QAbstractButton, on: bool) -> None:
    """Let `chip` look switched `on`, and nothing follow."""
    chip.blockSignals(True)
    chip.setChecked(on)
    chip.blockSignals(False)


def recoloured(desk: Desk) -> Iterator[None]:
    """One word has another colour, near to its own."""
    word = desk.app.window.lab.timeline._heading
    before = word.styleSheet()
    word.setStyleSheet("color: #b9a7a7;")
    yield
    word.setStyleSheet(before)


def elsewhere(desk: Desk) -> Iterator[None]:
    """The cursor stands one frame further."""
    session = desk.app.session
    before = session.cursor
    assert session.a is not None
    session.seek(session.a.plan.nearest(before + 5.0))
    yield
    session.seek(before)


def unmade(desk: Desk) -> Iterator[None]:
    """Nothing is changed: everything has been drawn anew."""
    desk.app.window.resize(desk.app.window.width(), desk.app.window.height() + 40)
    desk.rest()
    desk.app.window.resize(desk.app.window.width(), desk.app.window.height() - 40)
    yield


CHANGES: Mapping[str, Change] = MappingProxyType(
    {
        "moved": moved,
        "missing": missing,
        "without-a-curve": without_a_curve,
        "recoloured": recoloured,
        "elsewhere": elsewhere,
        "unmade": unmade,
    }
)
