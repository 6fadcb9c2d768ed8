"""Damage to INI files: values of other types, Qt's own notations, sections lost and doubled, lines without end."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.torture.damage import octets

VALUES = (
    "",
    "--5",
    "-1",
    "0",
    "99999999999999999999999",
    "1e400",
    "nan",
    "true",
    "maybe",
    "a, b, c",
    '"unclosed',
    "\\x0",
    "\\xd800",
    "\\x110000",
    "²",
    "５１２",
    "@Invalid()",
    "@ByteArray(\\0\\xff)",
    "@ByteArray(\\x1\\xd9\\xd0\\xcb\\0\\x3\\0\\0)",
    "@Variant(\\0\\0\\0\\x1f\\0)",
    "@Variant(\\0\\0\\0\\x7f\\0\\0\\0\\0\\x9QObject*\\0)",
    "@Rect(0 0 99999999999 -1)",
    "@Size(0)",
    "@@",
    "@Point()",
    "/tmp/canary",
    "../canary",
    "A" * 100_000,
    "%n%s%%",
)
LINES = (
    "[General]",
    "[layout]",
    "[%General]",
    "[",
    "]",
    "=",
    "==",
    ";",
    "\\",
    "@Variant()",
    "\x00",
    "general\\budget_mb=5",
)


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """The INI file `data` with hostile values and lines, or damaged bytes."""
    how = draw(st.integers(0, 5))
    if how == 0:
        return draw(octets.damaged(data))
    lines = data.decode("utf-8").splitlines()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        match draw(st.sampled_from(("value", "value", "value", "lose", "double", "line"))):
            case "value":
                lines[at] = (
                    lines[at].partition("=")[0] + "=" + draw(st.one_of(st.sampled_from(VALUES), st.text(max_size=9)))
                )
            case "lose":
                lines[at] = ""
            case "double":
                lines += lines[at:]
            case _:
                lines.insert(at, draw(st.sampled_from(LINES)))
    found = "\n".join(lines).encode("utf-8", "surrogatepass")
    return draw(octets.damaged(found)) if how == 1 else found
