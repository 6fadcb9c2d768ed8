"""The labs in one place: which is shown, and the run that each comes back with.

Model folders: those that a person opens, and what is said of models that come and go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QStackedWidget, QWidget

from diffviz.domain import errors, provenance
from diffviz.domain.cards import TRACE, Card, model_folder, shown_name, told_apart
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr, trn
from diffviz.families import family_of
from diffviz.session.catalogue import Catalogue, CatalogueChange
from diffviz.session.folders import ANY, Folders, answering, usable
from diffviz.session.looks import LabLook, WindowLook, text, within, words
from diffviz.session.persistence import Persistence
from diffviz.session.preferences import Preferences, keepable
from diffviz.session.run import Run, Status
from diffviz.session.session import Session
from diffviz.ui.labs.lab import Lab
from diffviz.ui.labs.pages import Pages
from diffviz.ui.labs.registry import LabRegistry
from diffviz.ui.sample_viewer.panes import PaneChoice
from diffviz.ui.widgets.notice import OPENING, Action, Message, Notice
from diffviz.ui.window.documents import Documents


class LabStack(QStackedWidget):
    """The labs of `shelf`, made in here when they are first needed; one is `shown` from `begin` on.

    Signals: `brought_up`, when another lab has come to be shown; the session has not followed it yet. `looked`, when
    one shows again what a file says of it, perhaps with another model.
    """

    brought_up = Signal()
    looked = Signal()

    def __init__(
        self, shelf: LabRegistry, session: Session, preferences: Preferences, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._shelf, self._session, self._preferences = shelf, session, preferences
        self._kept: dict[str, tuple[Run | None, float]] = {}
        self._pending: dict[str, LabLook] = {}
        self._persistence: Persistence | None = None
        self.shown: Lab
        shelf.place = self
        shelf.made.connect(self._on_made)

    def begin(self, first: str) -> None:
        """Make the lab called `first`, and show it."""
        self.shown = self._shelf[first]
        self._session.shown_changed.connect(self._follow_run)

    def open(self, name: str) -> None:
        """Show the lab called `name`, with the run that was on its stage when it was left."""
        if self._shelf[name] is not self.shown:
            self._kept[self.shown.name] = (self._session.a, self._session.cursor)
            self._bring_up(self._shelf[name])
            self._go_on(self._shelf[name])

    def attend(self, persistence: Persistence, documents: Documents) -> None:
        """Show what comes out of files, and say what goes into them."""
        self._persistence = persistence
        persistence.look_at(self.seen)
        documents.opened.connect(self.take)

    def seen(self) -> WindowLook:
        """What each lab shows, those included that nobody has looked at since a file was opened."""
        labs = {lab.name: self._seen(lab) for lab in self._shelf.there()}
        return WindowLook({**self._pending, **labs}, self.shown.name)

    def _seen(self, lab: Lab) -> LabLook:
        waiting = self._pending.get(lab.name)
        if waiting is not None:
            return waiting
        session, kept = self._session, self._kept.get(lab.name, (None, 0.0))
        run, cursor = (session.a, session.cursor) if lab is self.shown else kept
        pages, panes = [one.page for one in lab.findChildren(Pages)], lab.panes()
        look = {**lab.look(), "timeline": lab.timeline.look(), "pages": pages}
        if panes is not None:
            look["panes"] = panes.choice.text()
        return LabLook(run, cursor, self._shelf.preferred(lab) if lab.choices() is None else "", lab.forms(), look)

    @Slot(object)
    def take(self, seen: WindowLook) -> None:
        """Let each lab show what `seen` says: now, or when it is looked at."""
        self._pending.update(seen.labs)
        for name, lab in seen.labs.items():
            self._kept[name] = lab.run, lab.cursor
        if seen.shown in self._shelf and seen.shown != self.shown.name and self._session.a is None:
            self.open(seen.shown)
        if self.shown.name not in self._pending:
            self._pending[self.shown.name] = self._of_run(self._session.a, self._session.cursor)
        self._look_again(self.shown)

    def _of_run(self, run: Run | None, cursor: float) -> LabLook:
        """What a file of an earlier version knows of a lab: its run."""
        model = getattr(run.request, "model", None) if run is not None else None
        return LabLook(run, cursor, str(model or ""), (run.request,) if run is not None else ())

    def _look_again(self, lab: Lab) -> None:
        """Let `lab` show what waits for it."""
        wanted = self._pending.pop(lab.name, None)
        if wanted is None:
            return
        if lab.choices() is None and wanted.model in {card.id for card in self._shelf.cards_of(lab.name)}:
            self._shelf.remember(lab, wanted.model)
        own = tuple(form for form in wanted.forms if (family_of(form).lab or family_of(form).name) == lab.name)
        lab.take(self._session.offered.get(self._shelf.preferred(lab)), own)
        panes, chosen = lab.panes(), text(wanted.look, "panes")
        if panes is not None and chosen is not None:
            panes.restore(PaneChoice.parse(chosen))
        lab.take_look(wanted.look)
        lab.timeline.take_look(within(wanted.look, "timeline"))
        for pages, page in zip(lab.findChildren(Pages), words(wanted.look, "pages") or (), strict=False):
            if page in pages.names:
                pages.open(page)
        self.looked.emit()

    def state(self) -> dict[str, Any]:
        """What another stack needs to go on from here; see `restore`."""
        pages = {lab.name: [one.state() for one in lab.findChildren(Pages)] for lab in self._shelf.there()}
        return {"seen": self.seen(), "there": list(pages), "kept": self._kept, "pages": pages}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from `state` of another stack over the same session."""
        seen: WindowLook = state["seen"]
        self._kept, self._pending = dict(state["kept"]), dict(seen.labs)
        if seen.shown in self._shelf and seen.shown != self.shown.name:
            self._bring_up(self._shelf[seen.shown])
        for name in state["there"]:
            if name in self._shelf:
                self._look_again(self._shelf[name])
                for pages, kept in zip(self._shelf[name].findChildren(Pages), state["pages"][name], strict=True):
                    pages.restore(kept)
        self.shown.set_active(True)

    def close_labs(self) -> None:
        """Keep the layout of the labs and what they show, and stop their timers."""
        seen = self.seen()
        if self._persistence is not None:
            self._persistence.look_at(lambda: seen)
        for lab in self._shelf.there():
            for pages in lab.findChildren(Pages):
                pages.settle()
            self._preferences.keep_layout(self._shelf.specs[lab.name].layout, lab.splitter.saveState())
            lab.close_lab()

    @Slot(object)
    def _on_made(self, lab: Lab) -> None:
        """Give a lab its place, its model and the layout it had."""
        self.addWidget(lab)
        lab.set_model(self._session.cards.get(self._shelf.preferred(lab)))
        places = self._preferences.layout(self._shelf.specs[lab.name].layout)
        if places is not None:
            lab.splitter.restoreState(places)

    def _bring_up(self, lab: Lab) -> None:
        """Put `lab` in place of the other; the session stays as it is."""
        self.shown.set_active(False)
        self.shown = lab
        self.setCurrentWidget(lab)
        self._look_again(lab)
        self.brought_up.emit()

    @Slot()
    def _follow_run(self) -> None:
        """A run that is shown brings its own lab up, as one of a session file does."""
        name = self._session.a.slot.partition("/")[0] if self._session.a else ""
        if name in self._shelf and name != self.shown.name:
            self._bring_up(self._shelf[name])
            self.shown.set_active(True)

    def _go_on(self, lab: Lab) -> None:
        run, cursor = self._kept.get(lab.name) or self._newest(lab)
        lab.set_active(True)
        self._session.show(run if run in self._session.runs else None)
        if run is not None:
            self._session.seek(cursor)
        elif lab.choices() is not None and lab.name not in self._kept and self._shelf.remembered(lab):
            lab.choose(self._shelf.preferred(lab))
        lab.start_first()
        self._session.warm_up(None if lab.choices() is not None else self._shelf.preferred(lab) or None)

    def _newest(self, lab: Lab) -> tuple[Run | None, float]:
        """The newest run there is for a lab that nobody has looked at, with its settings in the form."""
        runs = [run for run in self._session.runs if run.slot.partition("/")[0] == lab.name and len(run.store)]
        if not runs:
            return None, 0.0
        self._pending[lab.name] = self._of_run(runs[-1], runs[-1].newest)
        self._look_again(lab)
        return runs[-1], runs[-1].newest


class Failures(QObject):
    """Says in `notice` which runs fail out of sight, in another lab than the one that `stack` shows."""

    def __init__(self, stack: LabStack, session: Session, notice: Notice, parent: QWidget) -> None:
        super().__init__(parent)
        self._stack, self._session, self._notice = stack, session, notice
        self._known = self._failed()
        self._said: dict[int, Message] = {}
        session.runs_changed.connect(self._on_runs_changed)

    def close(self) -> None:
        """Follow the runs no longer."""
        self._session.runs_changed.disconnect(self._on_runs_changed)

    def _failed(self) -> set[int]:
        return {run.id for run in self._session.runs if run.status is Status.FAILED}

    @Slot()
    def _on_runs_changed(self) -> None:
        new, self._known = self._failed() - self._known, self._failed()
        for gone in self._said.keys() - self._known:
            self._notice.withdraw(self._said.pop(gone))
        for run in self._session.runs:
            if run.id in new and run.lasting and run.slot.partition("/")[0] != self._stack.shown.name:
                self._say(run)

    def _say(self, run: Run) -> None:
        text = tr("The run {name} failed.").format(name=self._session.names.of(run))
        why = sentence(run.error) if isinstance(run.error, errors.DiffvizError) else ""
        show: Action = (tr("Show the run"), partial(self._session.show, run))
        self._said[run.id] = Message(" ".join(filter(None, (text, why))), (show,), error=True)
        self._notice.say(self._said[run.id])


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
        last = [path.parent for path in self.catalogue.opened[-1:]]
        folder = next(iter(answering(last, usable)), None) or Folders(self._preferences).first(ANY)
        name = QFileDialog.getExistingDirectory(self._window, tr("Open model folder"), str(folder))
        if name:
            self.open(Path(name))

    def open(self, path: Path) -> None:
        """Open the model whose folder, card or weights `path` is, or say what is wrong with it."""
        self._expected = True
        try:
            card = self.catalogue.open(model_folder(path) or path)
        except errors.DiffvizError as error:
            self._notice.say(Message(sentence(error), error=True, kind=OPENING))
            return
        finally:
            self._expected = False
        self._keep()
        self._notice.done(OPENING)
        self.opened.emit(card, card.folder)
        if card.notes:
            text = tr("{name} is opened; what is to be known of it: {notes}.")
            self._notice.say(Message(text.format(name=card.name, notes="; ".join(card.notes))))
        if card.id != shown_name(card.folder):
            text = tr("There is another model called {name}: this one is listed as {id}.")
            self._notice.say(Message(text.format(name=shown_name(card.folder), id=card.id)))

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
        broken = {error.path.parent for error in change.wrong if isinstance(error, errors.ModelDamaged)}
        went = [card for card in change.went if card.folder not in broken]
        text = " ".join([*self._said_of_new(came), *map(self._said_of_gone, went), *map(sentence, change.wrong)])
        if text:
            self._notice.say(Message(text, error=bool(change.wrong)))

    def _said_of_new(self, cards: Sequence[Card]) -> list[str]:
        """One sentence on `cards`, where there are any."""
        names = ", ".join(told_apart(card, self._session.offered) for card in cards)
        text = trn("There is a new model: {list}.", "There are new models: {list}.", len(cards))
        return [text.format(list=names)] if cards else []

    def _said_of_gone(self, card: Card) -> str:
        used = any(card.id in provenance.models_of(run.request) for run in self._session.runs if run.lasting)
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
