"""A run as a command for a shell and as a Python program: either computes the same frames."""

from __future__ import annotations

import dataclasses
import shlex
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from diffviz.domain import samples
from diffviz.domain.cards import Card
from diffviz.domain.gan import DATA, Drawn, GanRequest, Pictures
from diffviz.domain.objective import ObjectiveRequest
from diffviz.domain.planar import PlanarRequest
from diffviz.domain.provenance import Record, encoded, images_of, packed
from diffviz.domain.requests import NO_CLASS, ForwardRequest, Image, Noise, Request, ReverseRequest
from diffviz.domain.settings import settings_of, value_at, variant_key

FILM, TABLE = "out.gif", "out.csv"
IMPORTS = (
    "from diffviz import paths",
    "from diffviz.domain.frames import Frame",
    "from diffviz.domain.ideal import known_cards",
    "from diffviz.domain.messages import RunInputs",
)


def command_of(record: Record, cards: Mapping[str, Card], out: str = "") -> str:
    """A `diffviz export` command for the run of `record`, for a POSIX shell; it writes `out`, or what suits the run.

    What has no option (pictures of one's own, a run that continues another) goes into it as the record itself.
    """
    request = record.request
    out = out or (TABLE if isinstance(request, ObjectiveRequest) else FILM)
    match request:
        case ReverseRequest(start=Noise()):
            words = ["reverse", out, "--model", request.model, *_options(request, cards.get(request.model))]
        case ForwardRequest(start=Image() as start) if found := samples.located(start.sha256):
            model = ["--model", request.model] if request.model else []
            pictures = ["--dataset", found[0], "--index", *map(str, found[1])]
            card = cards.get(request.model or "")
            words = ["forward", out, *model, *pictures, *_options(request, card)]
        case GanRequest(start=Noise(), data=Pictures(dataset=dataset, folder="")):
            words = ["gan", out, "--data", dataset, *_training(request)]
        case GanRequest(start=Noise()) if not isinstance(request.data, Drawn | Pictures):
            words = ["gan", out, "--data", variant_key(DATA, request.data), *_training(request)]
        case ObjectiveRequest(start=Image() as start) if found := samples.located(start.sha256):
            pictures = ["--dataset", found[0], "--index", *map(str, found[1])]
            card = cards.get(request.model)
            words = ["objective", out, "--model", request.model, *pictures, *_options(request, card)]
        case PlanarRequest(start=Noise()) if request.model or not isinstance(request.data, Drawn):
            model = ["--model", request.model] if request.model else []
            words = ["planar", out, *model, *_options(request, None)]
        case _:
            words = ["again", encoded(record), out]
    return shlex.join(["diffviz", "export", *words])


def python_of(record: Record) -> str:
    """A Python program that computes the frames of the run of `record` into the list `frames`."""
    request, names = record.request, images_of(record.request)
    images = "".join(f"    {name!r}: unpacked({name!r}, {packed(record.images[name])!r}),\n" for name in names)
    lines = [
        *IMPORTS,
        *(["from diffviz.domain.provenance import PictureWire, unpacked"] if names else []),
        *_imports(request),
        "from diffviz.engine.engine import LocalEngine",
        "",
        f"request = {request!r}",
        f"images = {{\n{images}}}" if names else "images = {}",
        "cards, _ = known_cards(paths.model_roots())",
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


def _training(request: GanRequest) -> Iterator[str]:
    words = iter(tuple(_options(request, None)))
    for word in words:
        if word == "--data":
            next(words)  # is said in words of its own
        else:
            yield word


def _options(request: Request, card: Card | None) -> Iterator[str]:
    for setting in settings_of(request):
        value = value_at(request, setting.path)
        if setting.name == "class" and value == NO_CLASS and not (card and card.conditional):
            continue
        if setting.name == "guidance" and value == 1.0:
            continue
        if isinstance(value, bool):
            yield f"--{setting.name}" if value else f"--no-{setting.name}"
        else:
            yield from (f"--{setting.name}", f"{value!r}" if isinstance(value, float) else str(value))


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
