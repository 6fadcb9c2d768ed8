"""Which kind of frames each kind of request is computed to."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from diffviz.domain.frames import ForwardFrame, Frame, PathFrame, ReverseFrame
from diffviz.domain.gan import GanFrame, GanRequest
from diffviz.domain.latent import PathRequest
from diffviz.domain.objective import ObjectiveFrame, ObjectiveRequest
from diffviz.domain.planar import PlanarFrame, PlanarRequest
from diffviz.domain.requests import ForwardRequest, Request, ReverseRequest

FRAME_OF: Mapping[type[Request], type[Frame]] = MappingProxyType(
    {
        ReverseRequest: ReverseFrame,
        ForwardRequest: ForwardFrame,
        PathRequest: PathFrame,
        GanRequest: GanFrame,
        ObjectiveRequest: ObjectiveFrame,
        PlanarRequest: PlanarFrame,
    }
)
