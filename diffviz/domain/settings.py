"""Settings are declared once, on a request's dataclass; form, command line and validation derive from it.

A field becomes a setting by its annotation::

    eta: Annotated[float, Label("η"), Bounds(0, 1), Help("0 is deterministic, 1 is DDPM.")] = 0.0

A field annotated with `Variants` holds one of several settings dataclasses (a sampler, a noise schedule): choosing
its key chooses the class, and the class's own settings follow it. Fields without a `Label` are not settings.
"""

import dataclasses
import numbers
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from diffviz.domain.errors import NotAChoice, OutOfRange

Path = tuple[str, ...]
Field = tuple[Any, tuple[Any, ...], type[Any]]
NUMBERS: Mapping[type[Any], type[Any]] = MappingProxyType({int: numbers.Integral, float: numbers.Real})
T = TypeVar("T")
M = TypeVar("M")


@dataclass(frozen=True, slots=True)
class Label:
    """Name of the setting as the form shows it (English, translated when shown)."""

    text: str


@dataclass(frozen=True, slots=True)
class Help:
    """One sentence on the setting, with its source where it has one."""

    text: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """Smallest and largest value, both allowed; `step` is what one key press changes; `log` spaces a slider.

    `why` is a clause on where they come from (English, translated when shown).
    """

    low: float
    high: float
    step: float | None = None
    log: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Within:
    """Bounds that depend on the other settings of the dataclass that a setting belongs to, inside its `Bounds`."""

    bounds: Callable[[Any], Bounds]


@dataclass(frozen=True, slots=True)
class OneOf:
    """Allowed values of a text setting and their labels (English, translated when shown)."""

    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Variants:
    """Settings classes to choose from, by key, and the labels of the keys.

    `named(owner)` gives other labels where they depend on the other settings of the dataclass that the setting belongs
    to.
    """

    table: Mapping[str, type[Any]]
    labels: Mapping[str, str]
    named: Callable[[Any], Mapping[str, str]] | None = None


@dataclass(frozen=True, slots=True)
class Option:
    """Name on the command line where it is not the field's own, without dashes."""

    name: str


@dataclass(frozen=True, slots=True)
class When:
    """The setting applies only where `applies(owner)` holds for the dataclass it belongs to.

    `why` is a clause on why it does not elsewhere (English, translated when shown).
    """

    applies: Callable[[Any], bool]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Usual:
    """The setting's usual value depends on the other settings: `value(owner)` for the dataclass it belongs to.

    Where another setting changes what is usual, the value follows. What is built or read keeps the value that it has.
    """

    value: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a request: where it is (`path`), what it accepts, how it is named and explained."""

    path: Path
    kind: type[Any]
    label: str
    default: Any
    help: str = ""
    bounds: Bounds | None = None
    choices: Mapping[str, str] | None = None
    variants: Mapping[str, type[Any]] | None = None
    option: str = ""
    why: str = ""

    @property
    def name(self) -> str:
        """Name on the command line, without dashes in front."""
        return self.option or self.path[-1].replace("_", "-")

    def held(self, value: Any) -> Any:
        """`value` within the bounds, where it is a number that has some."""
        return min(max(value, self.bounds.low), self.bounds.high) if self.bounds and value is not None else value


def settings_of(owner: Any, *, every: bool = False) -> Iterator[Setting]:
    """Settings of a dataclass instance in order, those of the chosen variants included.

    Those that do not apply are left out unless `every` is true.
    """
    return _settings(owner, (), every)


def value_at(owner: Any, path: Path) -> Any:
    """Value of the setting at `path`; of a variant, its key."""
    value = owner
    for name in path:
        holder, value = value, getattr(value, name)
    variants = _find(type(holder), path[-1], Variants)
    return variant_key(variants.table, value, _called(type(holder), path[-1])) if variants else value


def with_value(owner: T, path: Path, value: Any) -> T:
    """A copy of `owner` with the setting at `path` changed, and those whose usual value depends on it.

    Choosing another variant keeps the values that both variants have in common.
    """
    name, *rest = path
    old = getattr(owner, name)
    if rest:
        new = with_value(old, tuple(rest), value)
    else:
        variants = _find(type(owner), name, Variants)
        new = _variant(variants, old, value, _called(type(owner), name)) if variants else value
    changed: T = _replace(owner, {name: new})
    return followed(owner, changed)


def followed(before: T, after: T) -> T:
    """`after`, a changed `before`, with the usual values where what is usual has changed and they have not."""
    new: dict[str, Any] = {}
    for field, marks, _ in _fields(type(after)):
        name, usual = field.name, _pick(marks, Usual)
        if usual and getattr(before, name) == getattr(after, name) and usual.value(before) != usual.value(after):
            new[name] = usual.value(after)
    return _replace(after, new) if new else after


def check(owner: Any) -> None:
    """Raise `OutOfRange`, `NotAChoice` or TypeError for the first setting that is not allowed."""
    for setting in settings_of(owner, every=True):
        _check(setting, value_at(owner, setting.path))


def variant_key(table: Mapping[str, type[Any]], value: Any, name: str = "") -> str:
    """Key of the class of `value` in `table`. Raises `NotAChoice` of setting `name` where it is of none of them."""
    found = next((key for key, cls in table.items() if type(value) is cls), None)
    if found is None:
        raise NotAChoice(name or type(value).__name__, repr(value), tuple(table))
    return found


def every_setting(cls: type[Any]) -> Iterator[Setting]:
    """Settings of a request class over all its variants, each option name once: what a command line offers."""
    seen: set[str] = set()
    for setting in _declared(cls, ()):
        if setting.name not in seen:
            seen.add(setting.name)
            yield setting


def _settings(owner: Any, prefix: Path, every: bool) -> Iterator[Setting]:
    for field, marks, kind in _fields(type(owner)):
        when = _pick(marks, When)
        if not every and when and not when.applies(owner):
            continue
        within, variants, usual = _pick(marks, Within), _pick(marks, Variants), _pick(marks, Usual)
        for setting in _one(field, marks, kind, prefix):
            known = dataclasses.replace(setting, bounds=within.bounds(owner)) if within else setting
            known = dataclasses.replace(known, default=usual.value(owner)) if usual else known
            yield dataclasses.replace(known, choices=variants.named(owner)) if variants and variants.named else known
        if variants:
            yield from _settings(getattr(owner, field.name), (*prefix, field.name), every)


def _declared(cls: type[Any], prefix: Path) -> Iterator[Setting]:
    for field, marks, kind in _fields(cls):
        yield from _one(field, marks, kind, prefix)
        variants = _pick(marks, Variants)
        for variant in variants.table.values() if variants else ():
            yield from _declared(variant, (*prefix, field.name))


def _one(field: Any, marks: tuple[Any, ...], kind: type[Any], prefix: Path) -> Iterator[Setting]:
    label, help_, option = _pick(marks, Label), _pick(marks, Help), _pick(marks, Option)
    one_of, variants, when = _pick(marks, OneOf), _pick(marks, Variants), _pick(marks, When)
    if label is None:
        return
    default = _default(field)
    yield Setting(
        path=(*prefix, field.name),
        kind=kind,
        label=label.text,
        default=variant_key(variants.table, default) if variants else default,
        help=help_.text if help_ else "",
        bounds=_pick(marks, Bounds),
        choices=variants.labels if variants else one_of.labels if one_of else None,
        variants=variants.table if variants else None,
        option=option.name if option else "",
        why=when.why if when else "",
    )


def _fields(cls: type[Any]) -> tuple[Field, ...]:
    """Field, marks and kind of each field of a settings class. Kept: to read annotations takes milliseconds."""
    if cls not in _known:
        hints = get_type_hints(cls, include_extras=True)
        _known[cls] = tuple((field, *_annotation(hints[field.name])) for field in dataclasses.fields(cls))
    return _known[cls]


_known: dict[type[Any], tuple[Field, ...]] = {}


def _annotation(hint: Any) -> tuple[tuple[Any, ...], type[Any]]:
    marks = get_args(hint)[1:] if hasattr(hint, "__metadata__") else ()
    kind = get_args(hint)[0] if marks else hint
    return marks, kind if isinstance(kind, type) and get_origin(kind) is None else str


def _find(cls: type[Any], name: str, mark: type[M]) -> M | None:
    return next((_pick(marks, mark) for field, marks, _ in _fields(cls) if field.name == name), None)


def _pick(marks: tuple[Any, ...], mark: type[M]) -> M | None:
    return next((m for m in marks if isinstance(m, mark)), None)


def _default(field: Any) -> Any:
    made = field.default_factory is not dataclasses.MISSING
    value = field.default_factory() if made else field.default
    return None if value is dataclasses.MISSING else value


def _called(cls: type[Any], field: str) -> str:
    """The name of a setting on the command line, as `Setting.name`."""
    option = _find(cls, field, Option)
    return option.name if option else field.replace("_", "-")


def _variant(variants: Variants, old: Any, key: str, name: str) -> Any:
    if key not in variants.table:
        raise NotAChoice(name, key, tuple(variants.table))
    cls = variants.table[key]
    common = {f.name for f in dataclasses.fields(cls)} & {f.name for f in dataclasses.fields(old)}
    shared = {name: getattr(old, name) for name in common} if type(old) is not cls else {}
    return cls(**shared) if type(old) is not cls else old


def _replace(owner: Any, values: Mapping[str, Any]) -> Any:
    return dataclasses.replace(owner, **values)


def _check(setting: Setting, value: Any) -> None:
    bounds, number = setting.bounds, NUMBERS.get(setting.kind)
    if number and (not isinstance(value, number) or isinstance(value, bool)):
        raise TypeError(f"{setting.name} is a number of type {setting.kind.__name__}, not {value!r}")
    if bounds and not bounds.low <= value <= bounds.high:
        raise OutOfRange(setting.name, value, bounds.low, bounds.high, bounds.why)
    if setting.choices is not None and value not in setting.choices:
        raise NotAChoice(setting.name, str(value), tuple(setting.choices))
