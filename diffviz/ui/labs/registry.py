"""The labs there are. Each is made when it is first opened: what nobody looks at costs no time at the start."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QWidget

from diffviz.domain.cards import Card
from diffviz.domain.ideal import is_ideal
from diffviz.domain.text import mark as _
from diffviz.families import FAMILIES
from diffviz.families.family import Family
from diffviz.session.player import Player
from diffviz.session.preferences import Preferences
from diffviz.session.run import RuntimeEstimator
from diffviz.session.session import Session
from diffviz.ui.labs.lab import Lab


@dataclass(frozen=True, slots=True, eq=False)
class AppContext:
    """What labs work with."""

    session: Session
    player: Player
    undo: QUndoStack
    preferences: Preferences
    costs: RuntimeEstimator


@dataclass(frozen=True, slots=True)
class LabSpec:
    """One lab: its `title` (English, translated when shown) and how it is made, as a child of a widget.

    `families` are those of its models; with `needs_model` it has content only where there is one of the first of them.
    `preference` names where its model, or what else it is about, is kept, and `first` what is chosen at first; `layout`
    names where the places of its splitters are kept.
    """

    title: str
    make: Callable[[AppContext, QWidget | None], Lab]
    families: tuple[str, ...]
    preference: str
    layout: str
    first: str = ""
    needs_model: bool = False


def _diffusion(tools: AppContext, place: QWidget | None) -> Lab:
    from diffviz.ui.labs.diffusion.lab import DiffusionLab

    return DiffusionLab(tools.session, tools.player, tools.undo, tools.preferences, tools.costs, place)


def _vae(tools: AppContext, place: QWidget | None) -> Lab:
    from diffviz.ui.labs.vae.lab import VaeLab

    return VaeLab(tools.session, tools.player, tools.undo, tools.costs, place)


def _gan(tools: AppContext, place: QWidget | None) -> Lab:
    from diffviz.ui.labs.gan.lab import GanLab

    return GanLab(tools.session, tools.player, tools.undo, tools.costs, place)


LABS: Mapping[str, LabSpec] = MappingProxyType(
    {
        "diffusion": LabSpec(_("Diffusion"), _diffusion, ("diffusion",), "model", "splitter", "fashion-ddpm"),
        "vae": LabSpec(_("VAE"), _vae, ("vae", "ae"), "vae_model", "vae-splitter", "fashion-vae-2d", needs_model=True),
        "gan": LabSpec(_("GAN"), _gan, ("gan",), "gan_data", "gan-splitter"),
    }
)


def _generic(family: Family) -> LabSpec:
    """The lab of runs of `family`, built from its row."""

    def make(tools: AppContext, place: QWidget | None) -> Lab:
        from diffviz.ui.labs.generic.lab import GenericLab

        return GenericLab(family, tools.session, tools.player, tools.undo, tools.costs, place)

    return LabSpec(family.title, make, (), "", f"{family.name}-splitter")


class LabRegistry(QObject):
    """The labs that have content, by name, in the order of their tabs; one that has been opened stays.

    `specs` are those of `LABS`, and one for every family that names none of them. Labs are made as children of `place`:
    what is moved into a window later gets its style twice. Signals: `made(lab)`, before it is used.
    """

    made = Signal(object)

    def __init__(self, tools: AppContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tools = tools
        self.place: QWidget | None = None
        self._labs: dict[str, Lab] = {}
        own = {family.name: _generic(family) for family in FAMILIES.values() if not family.lab}
        self.specs: Mapping[str, LabSpec] = {**LABS, **own}

    def __iter__(self) -> Iterator[str]:
        return (
            name
            for name, row in self.specs.items()
            if not row.needs_model or name in self._labs or self._has(row.families[0])
        )

    def __contains__(self, name: object) -> bool:
        return name in tuple(self)

    def __getitem__(self, name: str) -> Lab:
        """The lab called `name`, made where it was not. Raises KeyError where there is none with content."""
        if name not in self._labs:
            if name not in self:
                raise KeyError(name)
            lab = self._labs[name] = self.specs[name].make(self._tools, self.place)
            self._keep_panes(lab)
            self.made.emit(lab)
        return self._labs[name]

    def there(self) -> tuple[Lab, ...]:
        """The labs that have been made."""
        return tuple(self._labs.values())

    def cards_of(self, name: str) -> list[Card]:
        """The models of the lab called `name` by id, ideal denoisers after networks."""
        cards = [card for card in self._tools.session.offered.values() if card.family in self.specs[name].families]
        return sorted(cards, key=lambda card: (is_ideal(card), card.id))

    def lab_of(self, card: Card) -> str:
        """Name of the lab that the model of `card` belongs to; empty where it belongs to none."""
        return next((name for name, row in self.specs.items() if card.family in row.families), "")

    def preferred(self, lab: Lab) -> str:
        """Id of the model, or key of what else `lab` can be about, that was chosen last, or of the first there is."""
        choices = lab.choices()
        known = [card.id for card in self.cards_of(lab.name)] if choices is None else [c.key for c in choices]
        wanted = (self.remembered(lab), self.specs[lab.name].first, *known)
        return next((name for name in wanted if name in known), "")

    def remembered(self, lab: Lab) -> str:
        """Id of the model, or key of what else `lab` can be about, that was chosen last; empty for none."""
        preference = self.specs[lab.name].preference
        return str(self._tools.preferences[preference]) if preference else ""

    def remember(self, lab: Lab, key: str) -> None:
        """Choose `key` at the next start too."""
        if preference := self.specs[lab.name].preference:
            self._tools.preferences[preference] = key

    def _keep_panes(self, lab: Lab) -> None:
        """The choice of panes of `lab` is what it was, and is kept."""
        button, preferences = lab.panes(), self._tools.preferences
        if button is None:
            return
        button.restore(button.choice.kept(preferences["stage_panes"], lab.name))

        def keep() -> None:
            preferences["stage_panes"] = button.choice.keep(preferences["stage_panes"], lab.name)

        button.changed.connect(keep)

    def _has(self, family: str) -> bool:
        return any(card.family == family for card in self._tools.session.offered.values())
