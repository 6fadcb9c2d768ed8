"""Which panes a run has, in the window and in files."""

from __future__ import annotations

from collections.abc import Sequence

from diffviz.domain.errors import NotAChoice
from diffviz.domain.export_settings import USUAL, ExportSettings
from diffviz.domain.frames import Frame
from diffviz.domain.panes import ExportPane, Pane
from diffviz.families import family_of_frame


def panes_of(frame: Frame, *, step_noise: bool = False) -> tuple[Pane, ...]:
    """The panes of `frame`'s run, in order; with `step_noise` a chain's ε_t instead of its combined ε̄_t.

    Empty for frames that are not images.
    """
    family = family_of_frame(type(frame))
    return family.pictures(frame, step_noise) if family else ()


def export_panes_of(frames: Sequence[Frame]) -> tuple[ExportPane, ...]:
    """The panes that the run `frames` (in the order of computation) can show; none for an empty run."""
    family = family_of_frame(type(frames[0])) if frames else None
    return family.panes_there(frames[0], family.panes) if family else ()


def shown_panes(frames: Sequence[Frame], settings: ExportSettings) -> tuple[ExportPane, ...]:
    """The panes that `settings` ask for, of the run `frames`; its first where the usual one is asked for and missing.

    Raises `NotAChoice` for a pane that it does not have.
    """
    known = {pane.key: pane for pane in export_panes_of(frames)}
    wanted = settings.panes
    if wanted == USUAL and known and wanted[0] not in known:
        wanted = tuple(known)[:1]
    unknown = [key for key in wanted if key not in known]
    if unknown or not wanted:
        raise NotAChoice("panes", ", ".join(unknown), tuple(known))
    return tuple(known[key] for key in wanted)
