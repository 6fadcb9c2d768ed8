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


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko"}, "ko"),
        ({"LANG": "ko_KR.eucKR@hanja"}, "ko"),
        ({"LC_MESSAGES": "ko_KR.UTF-8"}, "ko"),
        ({"LC_ALL": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "ko_KR.UTF-8"}, "ko"),
        ({"LC_MESSAGES": "en_US.UTF-8", "LC_ALL": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "ko_KR.UTF-8", "LC_ALL": "", "LC_MESSAGES": ""}, "ko"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "ko"}, "ko"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "en_GB.UTF-8", "LANGUAGE": "ko:en"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LANGUAGE": "en_US:ko"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "LANGUAGE": "fr:ko_KR:en"}, "ko"),
        ({"LANG": "ko_KR.UTF-8", "LANGUAGE": "fr:de"}, "en"),
        ({"LANG": "ko_KR.UTF-8", "LANGUAGE": ":"}, "ko"),
        ({"LANGUAGE": "ko"}, "ko"),
        ({"LANG": "C", "LANGUAGE": "ko"}, "en"),
        ({"LANG": "C.UTF-8", "LANGUAGE": "ko"}, "en"),
        ({"LC_ALL": "POSIX", "LANG": "ko_KR.UTF-8", "LANGUAGE": "ko"}, "en"),
        ({"LC_CTYPE": "ko_KR.UTF-8", "LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "xx_XX.UTF-8"}, "en"),
    ],
)
def test_the_desktops_language_is_what_gettext_would_speak(
    said: dict[str, str], wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(monkeypatch, said)
    assert desktop_language(["en-US"]) == wanted


@pytest.mark.parametrize(
    ("system", "wanted"),
    [(["ko-KR", "en-US"], "ko"), (["fr-FR", "ko-KR"], "ko"), (["C"], "en"), (["Korean_Korea"], "ko")],
)
def test_where_the_environment_is_silent_the_system_is_asked(
    system: list[str], wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    speak(monkeypatch, {})
    assert desktop_language(system) == wanted
    speak(monkeypatch, {"LANG": "en_US.UTF-8"})
    assert desktop_language(system) == "en"


def speak(monkeypatch: pytest.MonkeyPatch, said: dict[str, str]) -> None:
    """Let the environment say of languages what is `said`, and nothing else."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "LANGUAGE", "LC_CTYPE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in said.items():
        monkeypatch.setenv(name, value)
