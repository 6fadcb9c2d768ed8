"""Render the equations of `diffviz.ui.instruments.formulas` to `resources/equations.json`, as vector graphics.

Run it after a formula has changed: `python packaging/make_equations.py`. Needs ziamath, a development dependency.
"""

from __future__ import annotations

import json
import re

from ziamath import zmath
from ziamath.config import config

from diffviz import paths
from diffviz.ui.instruments.formulas import FILE, SIZE, latex_of

VIEW = re.compile(r'viewBox="(\S+) (\S+) (\S+) (\S+)"')
NUMBER = re.compile(r"-?\d+\.\d{3,}")


def render(latex: str) -> dict[str, object]:
    """One piece; in the SVG's view box the baseline is at 0."""
    svg = zmath.Latex(latex, size=SIZE).svg()
    view = VIEW.search(svg)
    assert view, "ziamath writes a view box"
    _, top, width, height = map(float, view.groups())
    short = NUMBER.sub(lambda match: f"{float(match.group()):.2f}", svg)
    return {"svg": short, "width": round(width, 2), "above": round(-top, 2), "below": round(height + top, 2)}


def main() -> None:
    """Write all pieces."""
    config.svg2 = False
    made = {latex: render(latex) for latex in latex_of()}
    text = json.dumps(made, ensure_ascii=False, indent=0)
    (paths.resources() / FILE).write_text(text + "\n", encoding="utf-8")
    print(f"{len(made)} pieces, {len(text):,} bytes")


if __name__ == "__main__":
    main()
