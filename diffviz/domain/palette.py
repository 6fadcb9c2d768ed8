"""One colour, one meaning, everywhere it appears: image frame, plot line, equation term, export."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours as #rrggbb by meaning; see the table in CONTRIBUTING."""

    name: str
    ground: str
    panel: str
    field: str
    edge: str
    text: str
    quiet: str
    on_primary: str
    cursor: str
    noisy: str
    data: str
    noise: str
    beta: str
    alpha_bar: str
    generated: str
    loss: str
    error: str


DARK = Palette(
    name="dark",
    ground="#101218",
    panel="#171a21",
    field="#1f232c",
    edge="#262b36",
    text="#e8ebf2",
    quiet="#8d96a8",
    on_primary="#0b0d12",
    cursor="#5b9cff",
    noisy="#e8ebf2",
    data="#3ecf8e",
    noise="#ff7eb6",
    beta="#f5b83d",
    alpha_bar="#4cc9f0",
    generated="#ff8a4c",
    loss="#b69cff",
    error="#ff7a7a",
)
LIGHT = Palette(
    name="light",
    ground="#eef0f4",
    panel="#ffffff",
    field="#f4f5f8",
    edge="#d5d9e2",
    text="#171a21",
    quiet="#586174",
    on_primary="#ffffff",
    cursor="#1f62d0",
    noisy="#3a4152",
    data="#0d7a4c",
    noise="#c02672",
    beta="#8a5c00",
    alpha_bar="#06708f",
    generated="#b34a10",
    loss="#6a48c8",
    error="#c02a2a",
)
PALETTES: Mapping[str, Palette] = MappingProxyType({"dark": DARK, "light": LIGHT})

CLASSES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "dark": (
            "#e69f00",
            "#56b4e9",
            "#1fc48f",
            "#f0e442",
            "#5b8def",
            "#ff7043",
            "#dd8fc0",
            "#c3c9d6",
            "#a58be8",
            "#a5d84e",
        ),
        "light": (
            "#a86f00",
            "#0b77b5",
            "#007a58",
            "#857a00",
            "#2f55c4",
            "#c43e00",
            "#a8447d",
            "#565d6b",
            "#6a48b8",
            "#4d7c0f",
        ),
    }
)
"""Colours of classes by theme, after Okabe & Ito 2008; each class has a glyph too, so that hue is not needed."""


def class_colour(palette: Palette, index: int) -> str:
    """Colour of class `index`; more classes than colours begin again with other glyphs."""
    colours = CLASSES[palette.name]
    return colours[index % len(colours)]
