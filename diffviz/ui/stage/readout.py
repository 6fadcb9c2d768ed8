"""The line below the panes: the pixel under the pointer, in every pane."""

from __future__ import annotations

from diffviz.domain.text import tr
from diffviz.ui.stage.picture import Picture
from diffviz.ui.stage.scene import Hit
from diffviz.ui.views.figures import NOTHING, signed
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.math_label import plain


def values_at(picture: Picture, hit: Hit) -> list[tuple[float, ...]]:
    """The pixel's value in every pane, one number per channel."""
    return [tuple(float(v) for v in array[hit.sample, :, hit.row, hit.column]) for array in picture.arrays]


def place(hit: Hit) -> str:
    """Which pixel it is, counted from 1."""
    return tr("sample {sample} · row {row}, column {column}").format(
        sample=hit.sample + 1, row=hit.row + 1, column=hit.column + 1
    )


def texts_at(picture: Picture, hit: Hit) -> list[str]:
    """The pixel's value in every pane as it is written; a pane with nothing to show has none."""
    values = enumerate(values_at(picture, hit))
    return [NOTHING if i in picture.absent else " ".join(map(signed, numbers)) for i, numbers in values]


def readout(picture: Picture, hit: Hit) -> str:
    """The pixel in plain text: sample 3 · row 12, column 7 · xₜ −0.231 · x̂₀ −0.950 · ε̂ 0.712."""
    values = zip(picture.panes, texts_at(picture, hit), strict=True)
    return " · ".join((place(hit), *(f"{plain(pane.symbol)} {text}" for pane, text in values)))


def rich_readout(picture: Picture, hit: Hit) -> str:
    """The same as rich text, every symbol in its colour."""
    quiet = theme.color("quiet").name()
    parts = [f"<span style='color:{quiet}'>{place(hit)}</span>"]
    for pane, text in zip(picture.panes, texts_at(picture, hit), strict=True):
        hue = theme.color(pane.colour).name()
        parts.append(f"<b style='color:{hue}'>{plain(pane.symbol)}</b> {text}")
    return "&nbsp;&nbsp; ".join(parts)
