"""Translation of everything a person reads.

`tr` looks a literal English sentence up in the current catalogue. `mark` only marks a literal for extraction: it is for
text that is declared once (labels, help) and translated each time it is shown.
"""

import gettext
import locale
from collections.abc import Mapping
from types import MappingProxyType

from diffviz import paths

DOMAIN = "diffviz"
LANGUAGES: Mapping[str, str] = MappingProxyType({"en": "English", "ko": "한국어"})

_current: gettext.NullTranslations = gettext.NullTranslations()
_language = "en"


def tr(text: str) -> str:
    """`text` in the current language; English text is its own key."""
    return _current.gettext(text) if text else text


def trn(one: str, many: str, n: int) -> str:
    """`one` or `many` as the current language counts `n`."""
    return _current.ngettext(one, many, n)


def mark(text: str) -> str:
    """`text` itself, marked for extraction and translated later by `tr`."""
    return text


def language() -> str:
    """Code of the language in force, a key of `LANGUAGES`."""
    return _language


def set_language(code: str) -> None:
    """Switch to `code`, a key of `LANGUAGES`. Raises ValueError for another."""
    global _current, _language
    if code not in LANGUAGES:
        raise ValueError(f"unknown language {code!r}; one of {', '.join(LANGUAGES)}")
    folder = paths.resources() / "translations"
    _current = gettext.translation(DOMAIN, folder, [code], fallback=True)
    _language = code


def desktop_language() -> str:
    """The desktop's language where it is offered, else English."""
    code = (locale.getlocale()[0] or "en").split("_")[0].lower()
    code = {"korean": "ko"}.get(code, code)
    return code if code in LANGUAGES else "en"
