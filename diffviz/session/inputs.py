"""What a run starts from: its parent, and what the engine is handed with its request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from diffviz.domain.arrays import U8
from diffviz.domain.frames import Frame
from diffviz.domain.messages import RunInputs
from diffviz.domain.requests import Image, Request, Step, ancestry
from diffviz.session.run import Run


def parent_of(request: Request, runs: Sequence[Run]) -> Run | None:
    """The newest of `runs` that `request` continues."""
    start = request.start
    if not isinstance(start, Step):
        return None
    return next((run for run in reversed(runs) if run.request == start.of), None)


def inputs_of(request: Request, parent: Run | None, images: Mapping[str, U8]) -> RunInputs:
    """The pictures that `request` or what it continues starts from, as far as they are among `images`, and the frame
    and the keyframe of `parent` that it goes on from."""
    names = {name for r in ancestry(request) if isinstance(r.start, Image) for name in r.start.sha256}
    found = {name: images[name] for name in names if name in images}
    keyframe = parent.keyframes.before(request.start.at) if parent and isinstance(request.start, Step) else None
    return RunInputs(found, _origin(request, parent), keyframe)


def _origin(request: Request, parent: Run | None) -> Frame | None:
    start = request.start
    if not isinstance(start, Step) or parent is None:
        return None
    frame = parent.at(start.at)
    return frame if frame and frame.position == parent.plan.nearest(start.at) else None
