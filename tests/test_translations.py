"""English and Korean are complete: every text is in the catalogue, with the same blanks to fill in."""

from __future__ import annotations

import io
import re

import pytest
from babel.messages.mofile import read_mo

from diffviz.domain.text import DOMAIN, LANGUAGES, desktop_language, language, set_language, tr
from tests.catalogues import TRANSLATED, catalogue, compiled, extracted, folder

BLANKS = re.compile(r"\{(\w*)[^}]*\}")


@pytest.mark.parametrize("code", TRANSLATED)
def test_catalogue_is_complete(code: str) -> None:
    have = {m.id: m.string for m in catalogue(code) if m.id}
    missing = [m.id for m in extracted() if m.id and not translated(have.get(m.id))]
    assert not missing


def translated(string: str | tuple[str, ...] | list[str] | None) -> bool:
    """Whether there is a translation; of a plural, in every form."""
    return bool(string) if not isinstance(string, tuple | list) else bool(string) and all(string)


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_keep_their_blanks(code: str) -> None:
    for message in catalogue(code):
        if isinstance(message.id, str) and isinstance(message.string, str):
            assert sorted(BLANKS.findall(message.id)) == sorted(BLANKS.findall(message.string)), message.id


@pytest.mark.parametrize("code", TRANSLATED)
def test_compiled_catalogue_is_up_to_date(code: str) -> None:
    assert texts((folder(code) / f"{DOMAIN}.mo").read_bytes()) == texts(compiled(catalogue(code)))


def texts(compiled_catalogue: bytes) -> dict[str, object]:
    """What a compiled catalogue says, without the header, which names the version of the tool that wrote it."""
    return {str(message.id): message.string for message in read_mo(io.BytesIO(compiled_catalogue)) if message.id}


def test_switching_at_once() -> None:
    english = tr("Steps")
    set_language("ko")
    assert language() == "ko"
    assert tr("Steps") != english
    set_language("en")
    assert tr("Steps") == english
    assert desktop_language() in LANGUAGES
    with pytest.raises(ValueError, match="language"):
        set_language("xx")
