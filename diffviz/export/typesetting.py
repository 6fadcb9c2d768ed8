"""Words and mathematics, set by matplotlib; imported only where something is drawn for a file.

matplotlib is made ready without a person's folders: it would keep settings and a list of all fonts of the system there.
It knows the program's font and no other, whatever is installed. What it holds for the whole process (`rcParams`) is
changed for the time of one drawing only, under a lock: a preview and an export may draw at once.
"""

from __future__ import annotations

import json
import logging
import math
import tempfile
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from diffviz import paths
from diffviz.domain.arrays import U8
from diffviz.domain.text import BAR, HAT, TILDE, Root, Term, parse, plain
from diffviz.export.panes import FAMILY, font_file, is_set

DPI = 72
"""Dots per inch where a point is a pixel."""
WEIGHTS: Mapping[str, int] = MappingProxyType({"Regular": 400, "Medium": 500, "SemiBold": 600})
LISTS = ("3.11.0", "390")
"""Versions of matplotlib's list of fonts that are known; with another one it looks at the fonts of the system, once."""
NO_FONTS: Mapping[str, Any] = {
    "defaultFamily": {"ttf": FAMILY, "afm": FAMILY},
    "ttflist": [],
    "afmlist": [],
    "default_size": None,
}


def _make_ready() -> None:
    """Import matplotlib in a folder that is gone afterwards, with an empty list of fonts; add those it is to know."""
    with tempfile.TemporaryDirectory(prefix="diffviz-") as folder, paths.environment("MPLCONFIGDIR", folder):
        for version in LISTS:
            made = {**NO_FONTS, "_version": version, "_FontManager__default_weight": 400, "__class__": "FontManager"}
            with suppress(OSError):
                Path(folder, f"fontlist-v{version}.json").write_text(json.dumps(made), encoding="ascii")
        from matplotlib import font_manager, get_data_path
    for path in (*map(font_file, WEIGHTS), Path(get_data_path(), "fonts", "ttf", "cmex10.ttf")):
        font_manager.fontManager.addfont(path)


_make_ready()
import matplotlib  # noqa: E402
from matplotlib.backends.backend_agg import RendererAgg  # noqa: E402
from matplotlib.cbook import is_math_text  # noqa: E402
from matplotlib.font_manager import FontProperties  # noqa: E402
from matplotlib.textpath import text_to_path  # noqa: E402

FONTS = {f"mathtext.{kind}": f"{FAMILY}:medium" for kind in ("rm", "it", "bf", "bfit", "cal", "sf", "tt")}
STYLE: Mapping[Any, Any] = MappingProxyType(
    {
        "font.family": FAMILY,
        "mathtext.default": "regular",
        "mathtext.fallback": "None",
        **FONTS,
        "svg.fonttype": "none",
        "svg.hashsalt": "diffviz",
        "pdf.fonttype": 3,  # of the outlines: a font of the kind that ours is cannot be embedded as it is
    }
)
_lock = threading.RLock()


@contextmanager
def drawing() -> Iterator[None]:
    """Within it matplotlib draws as the program does, for one thread at a time."""
    with _lock, matplotlib.rc_context(dict(STYLE)), _without_complaints():
        yield


@contextmanager
def _without_complaints() -> Iterator[None]:
    """Nothing is said of a person's name for a model in letters that the font does not have."""
    logger = logging.getLogger("matplotlib.mathtext")
    disabled, logger.disabled = logger.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
            yield
    finally:
        logger.disabled = disabled


@lru_cache
def properties(size: float, weight: str = "Medium") -> FontProperties:
    """The program's font, `size` points high, for words and mathematics; not to be changed."""
    file = str(font_file(weight))
    return FontProperties(family=FAMILY, weight=WEIGHTS[weight], size=size, fname=file, math_fontfamily="custom")


ACCENTS = {HAT: r"\hat", TILDE: r"\tilde", BAR: r"\bar"}
SPECIAL = str.maketrans({c: f"\\{c}" for c in "{}_$%&#"} | {"\\": r"\backslash ", "^": "", "~": r"\sim "})


@lru_cache(maxsize=1024)
def mathtext(notation: str) -> str:
    """`notation` for matplotlib: what has a mark, an index or a root as mathematics, all else as words."""
    parts = [(is_set, tuple(terms)) for is_set, terms in groupby(parse(notation), is_set)]
    made = "".join(f"${''.join(map(_math, terms))}$" if is_set else _words(terms) for is_set, terms in parts)
    return made if not any(is_set for is_set, _ in parts) or _understood(made) else _escaped(plain(notation))


def _understood(text: str) -> bool:
    """Whether it is mathematics: what a person has called a model may only look like it."""
    try:
        width_of(text, DPI)
    except ValueError:
        return False
    return True


def _words(terms: Iterable[Term | Root]) -> str:
    return _escaped("".join(term.text for term in terms if isinstance(term, Term)))


def _escaped(words: str) -> str:
    return words.replace("$", r"\$")


def _math(term: Term | Root) -> str:
    if isinstance(term, Root):
        return rf"\sqrt{{{''.join(map(_math, term.terms))}}}"
    letter = term.text.translate(SPECIAL)
    marked = f"{ACCENTS[term.mark]}{{{letter}}}" if term.mark else letter
    return f"{marked}_{{{term.subscript.translate(SPECIAL)}}}" if term.subscript else marked


@lru_cache(maxsize=1024)
def width_of(text: str, size: float, weight: str = "Medium") -> float:
    """How wide `text`, as `mathtext` gives it, is where it is `size` points high, in points."""
    words, is_math = _said(text)
    with drawing():
        return float(text_to_path.get_text_width_height_descent(words, properties(size, weight), is_math)[0])


def _said(text: str) -> tuple[str, bool]:
    is_math = is_math_text(text)
    return text if is_math else text.replace(r"\$", "$"), is_math


def mask_of(text: str, size: int, weight: str, x: float) -> U8:
    """`text`, as `mathtext` gives it, its letters `size` pixels high: how much of every pixel it covers.

    uint8 (3 `size`, …), in which the text begins at `x`, on the line 2 `size` from above.
    """
    words, is_math = _said(text)
    with drawing():
        width = math.ceil(x + width_of(text, size, weight)) + size
        renderer = RendererAgg(width, 3 * size, DPI)
        renderer.draw_text(renderer.new_gc(), x, 2 * size, words, properties(size, weight), 0, is_math)
    return np.array(renderer.buffer_rgba(), np.uint8)[..., 3]
