"""One quantity, one name: what a curve or a pane is called in the window is what it is called in files and tables."""

from __future__ import annotations

import dataclasses

import pytest

from diffviz.cli.evaluate import table
from diffviz.domain import panes
from diffviz.domain.frames import ForwardFrame, Frame
from diffviz.domain.plots import PlotData
from diffviz.families import export_panes_of, panes_of, path
from diffviz.ui.labs.vae.point import PathPointView
from tests.export.runs import forward_run, reverse_run


def test_the_figures_at_the_cursor_are_called_as_their_curves(qapp: object) -> None:
    view = PathPointView()
    assert [plot.key for plot in path.plots(PlotData())] == list(view.columns.values)[1:]


@pytest.mark.parametrize("frames", [reverse_run(), forward_run()], ids=["reverse", "forward"])
def test_panes_have_one_symbol(frames: list[Frame]) -> None:
    for run in (frames, *([fixed(frames)] if isinstance(frames[0], ForwardFrame) else [])):
        window = {p.symbol: (p.colour, p.value_range[1]) for step in (False, True) for p in panes_of_window(run, step)}
        files = {pane.label: (pane.hue, pane.limit) for pane in export_panes_of(run)}
        assert files == window


def panes_of_window(run: list[Frame], step: bool) -> tuple[panes.Pane, ...]:
    return panes_of(run[0], step_noise=step)


def fixed(frames: list[Frame]) -> list[Frame]:
    """The same run with one noise for every t."""
    return [dataclasses.replace(frame, step_noise=None) for frame in frames if isinstance(frame, ForwardFrame)]


def test_on_the_command_line_a_share_of_a_sharpness_is_not_called_sharpness() -> None:
    text = table({"sharpness": {"prior_mean": 0.27}})
    assert text.splitlines()[0] == "relative_sharpness"
    assert "0.27" in text
