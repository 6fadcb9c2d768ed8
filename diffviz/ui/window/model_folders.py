"""Model folders: those that a person opens, and what is said of models that come and go."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from diffviz.domain.cards import TRACE, Card, model_folder, told_apart
from diffviz.domain.errors import DiffvizError
from diffviz.domain.provenance import models_of
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr, trn
from diffviz.paths import home
from diffviz.session.catalogue import Catalogue, CatalogueChange
from diffviz.session.preferences import Preferences, keepable
from diffviz.session.session import Session
from diffviz.ui.widgets.notice import Action, Message, Notice

MOST_OPENED = 32


class ModelFolders(QObject):
    """Opens model folders into `catalogue`, keeps which for the next start, and says in `notice` what came of them.

    Signals: `opened(card, folder)`: a person wants to see this model.
    """

    opened = Signal(object, object)

    def __init__(
        self, catalogue: Catalogue, session: Session, preferences: Preferences, notice: Notice, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.catalogue, self._session = catalogue, session
        self._preferences, self._notice, self._window = preferences, notice, parent
        self._expected = False
        catalogue.changed.connect(self._on_changed)

    @Slot()
    def ask(self) -> None:
        """Ask for a model's folder, and open it."""
        last = self.catalogue.opened[-1:]
        folder = str(last[0].parent if last else home() or Path.cwd())
        name = QFileDialog.getExistingDirectory(self._window, tr("Open model folder"), folder)
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> None:
        """Open the model whose folder, card or weights `path` is, or say what is wrong with it."""
        self._expected = True
        try:
            card = self.catalogue.open(model_folder(path) or path)
        except DiffvizError as error:
            self._notice.say(Message(sentence(error), error=True))
            return
        finally:
            self._expected = False
        self._keep()
        self.opened.emit(card, card.folder)
        if card.id != card.folder.name:
            text = tr("There is another model called {name}: this one is listed as {id}.")
            self._notice.say(Message(text.format(name=card.folder.name, id=card.id)))

    def say_lost(self) -> None:
        """Say which folders that were opened once have no model any more, and offer what can be done."""
        lost = self.catalogue.lost
        if not lost:
            return
        text = trn(
            "A model folder that was opened before is not there: {list}. Where has it gone?",
            "Model folders that were opened before are not there: {list}. Where have they gone?",
            len(lost),
        ).format(list=", ".join(map(str, lost)))
        actions: Sequence[Action] = (
            (tr("Open model folder…"), partial(self._found_again, lost)),
            (tr("Forget"), partial(self._forget, lost)),
        )
        self._notice.say(Message(text, actions))

    def close(self) -> None:
        """Follow the models no longer."""
        self.catalogue.changed.disconnect(self._on_changed)

    def _found_again(self, lost: Sequence[Path]) -> None:
        """Ask where the model is now; what is found has the place of the only one that was lost."""
        before = self.catalogue.opened
        self.ask()
        if len(lost) == 1 and self.catalogue.opened != before:
            self._forget(lost)

    def _forget(self, folders: Sequence[Path]) -> None:
        for folder in folders:
            self.catalogue.forget(folder)
        self._keep()

    def _keep(self) -> None:
        names = [str(path) for path in self.catalogue.opened]
        self._preferences["opened"] = "\n".join(name for name in names[-MOST_OPENED:] if _has_a_line(name))

    @Slot(object)
    def _on_changed(self, change: CatalogueChange) -> None:
        came = () if self._expected else change.came
        text = " ".join([*self._said_of_new(came), *map(self._said_of_gone, change.went), *map(sentence, change.wrong)])
        if text:
            self._notice.say(Message(text, error=bool(change.wrong)))

    def _said_of_new(self, cards: Sequence[Card]) -> list[str]:
        """One sentence on `cards`, where there are any."""
        names = ", ".join(told_apart(card, self._session.offered) for card in cards)
        text = trn("There is a new model: {list}.", "There are new models: {list}.", len(cards))
        return [text.format(list=names)] if cards else []

    def _said_of_gone(self, card: Card) -> str:
        used = any(card.id in models_of(run.request) for run in self._session.runs if run.lasting)
        if used:
            text = tr("The model {name} is gone: its folder was moved or deleted. Its runs keep their frames.")
        else:
            text = tr("The model {name} is gone: its folder was moved or deleted.")
        return text.format(name=told_apart(card, self._session.cards))


def not_shown(card: Card) -> str:
    """Why no lab shows the model of `card`, which has been opened."""
    dataset = card.dataset.get("name", "?")
    return {
        "classifier": tr("{name} is used where pictures of {dataset} are recognised: it has no lab of its own."),
        "gan": tr("{name} has no recorded training in its folder ({file}): there is nothing to show."),
        "ae": tr("{name} is shown beside a VAE, and there is none: open one first."),
    }.get(card.family, tr("No lab shows {name}.")).format(name=card.name, dataset=dataset, file=TRACE)


def _has_a_line(name: str) -> bool:
    return keepable(name) and "\n" not in name
