"""What an encoding lacks is written with what it has."""

from __future__ import annotations

import pytest

from diffviz.cli.streams import TRANSLITERATE, transliterated


@pytest.mark.parametrize(
    ("text", "readable"),
    [
        ("ᾱ_t", "alpha_bar_t"),
        ("β", "beta"),
        ("x̂₀", "x_hat_0"),
        ("ε̂ = ε_u", "eps_hat = eps_u"),
        ("‖z‖ ≤ σ²", "||z|| <= sigma^2"),
        ("28×28 · 3 left…", "28x28 - 3 left..."),
        ("“Möbius”", '"Mobius"'),
        ("Σ λ ½", "Sigma lambda 1/2"),
        ("한", "\\ud55c"),
        ("a\udcff.gif", "a\\xff.gif"),
        ("plain", "plain"),
    ],
)
def test_characters_are_named_as_papers_type_them(text: str, readable: str) -> None:
    assert transliterated(text) == readable


def test_only_what_an_encoding_lacks_is_changed() -> None:
    text = "β × é “ᾱ” 한"
    assert text.encode("utf-8", TRANSLITERATE) == text.encode()
    assert text.encode("cp1252", TRANSLITERATE).decode("cp1252") == "beta × é “alpha_bar” \\ud55c"
    assert text.encode("cp949", TRANSLITERATE).decode("cp949") == "β × e “alpha_bar” 한"


def test_bytes_that_were_no_text_pass_through_where_there_is_ascii_alone() -> None:
    name = "\udcc3\udcbc.gif"
    assert name.encode("ascii", TRANSLITERATE) == b"\xc3\xbc.gif"
    assert name.encode("utf-8", TRANSLITERATE) == b"\\xc3\\xbc.gif"
