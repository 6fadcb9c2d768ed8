"""A run as a command for a shell and as a Python program: either computes the same frames."""

from __future__ import annotations

import dataclasses
import shlex
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from diffviz import paths
from diffviz.domain.cards import Card
from diffviz.domain.ideal import is_ideal
from diffviz.domain.provenance import Record, encoded, images_of, models_of, packed
from diffviz.domain.requests import Request
from diffviz.families import family_of

FILM, TABLE = "out.gif", "out.csv"
IMPORTS = (
    "from diffviz import paths",
    "from diffviz.domain.frames import Frame",
    "from diffviz.domain.ideal import known_cards",
    "from diffviz.domain.messages import RunInputs",
)

FOLDER_IMPORTS = (
    "from dataclasses import replace",
    "from pathlib import Path",
    "from diffviz.domain.cards import read_card",
)


def command_of(record: Record, cards: Mapping[str, Card], out: str = "") -> str:
    """A `diffviz export` command for the run of `record`, for a POSIX shell; it writes `out`, or what suits the run.

    What has no option (pictures of one's own, a run that continues another) goes into it as the record itself. A model
    that is not in the folders of models is named by its own folder.
    """
    request = record.request
    family = family_of(request)
    out = out or (FILM if family.panes else TABLE)
    words = family.command(request, cards)
    elsewhere = _elsewhere(record, cards)
    if words is None:
        more = [word for card in elsewhere.values() for word in ("--model", str(card.folder))]
        said = ["again", encoded(record), out, *more]
    else:
        said = [words[0], out, *words[1:]]
        for i in [i for i, word in enumerate(said) if word in ("--model", "--beside")]:
            said[i + 1] = str(elsewhere[said[i + 1]].folder) if said[i + 1] in elsewhere else said[i + 1]
    return shlex.join(["diffviz", "export", *said])


def python_of(record: Record, cards: Mapping[str, Card]) -> str:
    """A Python program that computes the frames of the run of `record` into the list `frames`."""
    request, names = record.request, images_of(record.request)
    elsewhere = _elsewhere(record, cards)
    images = "".join(f"    {name!r}: unpacked({name!r}, {packed(record.images[name])!r}),\n" for name in names)
    lines = [
        *IMPORTS,
        *(FOLDER_IMPORTS if elsewhere else []),
        *(["from diffviz.domain.provenance import PictureWire, unpacked"] if names else []),
        *_imports(request),
        "from diffviz.engine.engine import LocalEngine",
        "",
        f"request = {request!r}",
        f"images = {{\n{images}}}" if names else "images = {}",
        "cards, _ = known_cards(paths.model_roots())",
        *(f"cards[{m!r}] = replace(read_card(Path({str(c.folder)!r})), id={m!r})" for m, c in elsewhere.items()),
        "engine = LocalEngine(cards)",
        "frames = [item for item in engine.frames(request, RunInputs(images)) if isinstance(item, Frame)]",
        textwrap.dedent(
            """\
            for frame in frames:
                print(frame.position, {name: array.shape for name, array in frame.arrays().items()})
            """
        ),
    ]
    return "\n".join(lines)


def _elsewhere(record: Record, cards: Mapping[str, Card]) -> dict[str, Card]:
    """Models of `record`, by id, that a program which is started does not find under that id in its folders."""
    used = {model: cards[model] for model in models_of(record.request) if model in cards}
    roots = {root.resolve() for root in paths.model_roots()}
    return {
        model: card
        for model, card in used.items()
        if not is_ideal(card) and (card.folder.name != model or card.folder.parent.resolve() not in roots)
    }


def _imports(request: Request) -> Iterator[str]:
    """One line for each module of the classes that the request's own text names."""
    modules: dict[str, set[str]] = {}
    for part in _parts(request):
        modules.setdefault(type(part).__module__, set()).add(type(part).__name__)
    for module, names in sorted(modules.items()):
        yield f"from {module} import {', '.join(sorted(names))}"


def _parts(value: Any) -> Iterator[Any]:
    if dataclasses.is_dataclass(value):
        yield value
        for field in dataclasses.fields(value):
            yield from _parts(getattr(value, field.name))
