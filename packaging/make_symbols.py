"""Make `resources/fonts/DiffvizSymbols.otf`: signs that the program writes and its font does not have.

Run it where another sign is wanted: `python packaging/make_symbols.py`. ∇ and ∓ are Δ and ± of that font, upside down;
the corner └ is two bars of it. The licence is the font's own, under another name as it asks for. Needs fontTools, which
matplotlib brings along.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.reverseContourPen import ReverseContourPen
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.transformPen import TransformPen
from fontTools.ttLib import TTFont

FONTS = Path(__file__).parent.parent / "resources" / "fonts"
SOURCE, MADE, FAMILY = FONTS / "Pretendard-Medium.otf", FONTS / "DiffvizSymbols.otf", "Diffviz Symbols"
UPSIDE_DOWN = {"∇": "Δ", "∓": "±"}
CORNER = "└"
THICK = 150
"""Of the bars of the corner, in units of the font's em."""
COPYRIGHT = (
    "Copyright (c) 2021, Kil Hyung-jin (https://github.com/orioncactus/pretendard), "
    "with Reserved Font Name Pretendard; changed for diffviz. SIL Open Font License, Version 1.1."
)


def upside_down(font: TTFont, sign: str) -> tuple[int, Any]:
    """Advance and outline of `sign`, upside down in its own place."""
    glyphs, name = font.getGlyphSet(), font.getBestCmap()[ord(sign)]
    bounds = BoundsPen(glyphs)
    glyphs[name].draw(bounds)
    pen = T2CharStringPen(glyphs[name].width, None)
    turned = TransformPen(ReverseContourPen(pen), (1, 0, 0, -1, 0, bounds.bounds[1] + bounds.bounds[3]))
    glyphs[name].draw(turned)
    return round(glyphs[name].width), pen.getCharString()


def corner(em: int) -> tuple[int, Any]:
    """Advance and outline of a bar down to the middle of the letters, and one to the right of it."""
    width, top, foot = em * 6 // 10, em * 8 // 10, em * 3 // 10
    left, right = em // 10, em // 2
    pen = T2CharStringPen(width, None)
    thick = em * THICK // 2048
    around = [(left, top), (left, foot), (right, foot), (right, foot + thick), (left + thick, foot + thick)]
    pen.moveTo(around[0])
    for point in (*around[1:], (left + thick, top)):
        pen.lineTo(point)
    pen.closePath()
    return width, pen.getCharString()


def main() -> None:
    """Write the font."""
    font = TTFont(SOURCE)
    em = font["head"].unitsPerEm
    signs = {sign: upside_down(font, source) for sign, source in UPSIDE_DOWN.items()} | {CORNER: corner(em)}
    named = {".notdef": (em // 2, T2CharStringPen(em // 2, None).getCharString())}
    named |= {f"uni{ord(sign):04X}": made for sign, made in signs.items()}
    builder = FontBuilder(em, isTTF=False)
    builder.setupGlyphOrder(list(named))
    builder.setupCharacterMap({ord(sign): f"uni{ord(sign):04X}" for sign in signs})
    builder.setupCFF(
        FAMILY.replace(" ", ""), {"FullName": FAMILY}, {name: shape for name, (_, shape) in named.items()}, {}
    )
    builder.setupHorizontalMetrics({name: (width, 0) for name, (width, _) in named.items()})
    ends = {"ascent": font["hhea"].ascent, "descent": font["hhea"].descent}
    builder.setupHorizontalHeader(**ends)
    builder.setupNameTable({"familyName": FAMILY, "styleName": "Regular", "copyright": COPYRIGHT})
    builder.setupOS2(sTypoAscender=ends["ascent"], sTypoDescender=ends["descent"], usWinAscent=ends["ascent"])
    builder.setupPost()
    builder.updateHead(created=0, modified=0)
    builder.font.recalcTimestamp = False
    builder.save(MADE)
    print(f"{len(signs)} signs, {MADE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
