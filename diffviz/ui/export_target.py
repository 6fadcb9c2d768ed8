"""Where an export goes: a suggested name, the file dialog, and what is wrong with a name."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from diffviz.domain.cards import Card
from diffviz.domain.export import FORMATS as LABELS
from diffviz.domain.latent import PathRequest
from diffviz.domain.planar import PLANAR_DATA, PlanarRequest
from diffviz.domain.requests import ForwardRequest, Request, ReverseRequest
from diffviz.domain.samplers import SAMPLERS
from diffviz.domain.schedules import key_of
from diffviz.domain.settings import variant_key
from diffviz.domain.text import tr
from diffviz.export.formats import FORMATS


def choose_file(parent: QWidget, suggestion: Path, format_: str) -> Path | None:
    """Ask for the file or folder to write; None where the person thought better of it."""
    suffix = FORMATS[format_].suffix
    kind = f"{tr(LABELS[format_])} (*{suffix})" if suffix else tr("Folders (*)")
    title = tr("Export to") if suffix else tr("Export into a new folder")
    dialog = QFileDialog(parent, title, str(suggestion.parent), kind)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix.removeprefix("."))
    dialog.selectFile(suggestion.name)
    accepted = dialog.exec()
    found = dialog.selectedFiles()
    dialog.deleteLater()
    return Path(found[0]) if accepted and found else None


def wrong_name(path: Path, format_: str) -> str:
    """What is wrong with the name `path` for a file of that format; empty where nothing is."""
    suffix = FORMATS[format_].suffix
    if not suffix or path.suffix.lower() == suffix:
        return ""
    return tr("The name {name} does not end in {suffix}: choose one that does.").format(name=path.name, suffix=suffix)


def name_for(request: Request, card: Card | None) -> str:
    """A name for the file that says which run it shows."""
    match request:
        case ReverseRequest():
            sampler = variant_key(SAMPLERS, request.sampler)
            return f"{request.model}-{sampler}-{request.steps}-seed{request.seed}"
        case ForwardRequest():
            schedule = card.id if card else key_of(request.schedule)
            return f"forward-{schedule}-seed{request.seed}"
        case PlanarRequest():
            what = request.model or variant_key(PLANAR_DATA, request.data)
            return f"particles-{what}-{variant_key(SAMPLERS, request.sampler)}-{request.steps}-seed{request.seed}"
        case PathRequest():
            return f"path-{'-'.join(request.models)}-{request.curve}"
        case _:
            return f"run-seed{request.seed}"
