"""Names of runs: what tells each from its neighbours.

A name is made of the parts that a run's family has words for, and of the labels of its other settings. Said are those
that lead, those in which the runs of one kind differ (of details, those whose leads are alike), and the model where any
two runs differ in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from diffviz.domain import samples, sampling
from diffviz.domain.requests import Request, Step
from diffviz.domain.settings import settings_of, value_at
from diffviz.domain.text import tr
from diffviz.families import family_of
from diffviz.families.family import EVERYTHING, MODEL, Cards, NamePart, setting_words

BETWEEN = " · "
MOST_PICTURES, ID = 2, 4
"""So many of the pictures are named in which a run differs from others, one's own by so many characters."""
SEED = "seed"
Parts = tuple[NamePart, ...]
Key = tuple[str, str]
"""A kind of run, and the key of what is said of it."""
Value = tuple[str, tuple[str, ...]]
NOTHING: Value = ("", ())


def process_words(settings: sampling.ProcessSettings) -> str:
    """A process, and its T where that is a number of timesteps, in a few words."""
    match settings:
        case sampling.ZeroTerminal(schedule=inner):
            return tr("{schedule}, with nothing left at T").format(schedule=process_words(inner))
        case sampling.Betas():
            name = tr("β one by one")
        case sampling.VarianceExploding():
            name = tr(sampling.PROCESS_LABELS["ve"])
        case _:
            name = tr(sampling.PROCESS_LABELS[sampling.process_key(settings)])
    last = getattr(settings, "timesteps", None)
    return name if last is None else tr("{schedule}, T = {timesteps}").format(schedule=name, timesteps=last)


def names_of(requests: Sequence[Request], cards: Cards) -> tuple[str, ...]:
    """What each of `requests` is called among them: equal ones alike, unlike ones differently."""
    return told(requests, [parts_of(request, cards) for request in requests], cards)


def described(request: Request, cards: Cards) -> str:
    """All that there is to say of `request`: what it is called where its neighbours are not known."""
    return in_words(parts_of(request, cards))


def in_words(parts: Parts) -> str:
    """All of `parts` that have words."""
    return BETWEEN.join(part.text for part in parts if part.text)


def parts_of(request: Request, cards: Cards) -> Parts:
    """All that there is to say of `request`: the words of its family, and the settings that are not as they mostly are.

    The seed comes last.
    """
    own: Parts = family_of(request).parts(request, cards)
    known = {key for part in own for key in (part.key, *part.covers)}
    more = () if set(EVERYTHING) <= known else tuple(_labelled(request, known))
    return tuple(sorted((*own, *more), key=lambda part: part.key == SEED))


def _labelled(request: Request, known: set[str]) -> Iterator[NamePart]:
    for setting in settings_of(request):
        key, value = ".".join(setting.path), value_at(request, setting.path)
        if key not in known and key != SEED:
            yield NamePart(key, "" if value == setting.default else setting_words(setting, value), detail=True)


def told(requests: Sequence[Request], parts: Sequence[Parts], cards: Cards) -> tuple[str, ...]:
    """The names of `requests`, of which `parts` say all that there is to say."""
    names = list(_told(requests, parts))
    for same in _alike(requests, names):
        parents = [requests[i].start for i in same]
        befores = [start.of for start in parents if isinstance(start, Step)]
        if len(befores) == len(same):  # which of several runs a branch is of
            of = _told(befores, [parts_of(before, cards) for before in befores])
            for i, name in zip(same, of, strict=True):
                names[i] = tr("{run}, of {parent}").format(run=names[i], parent=name)
    for same in _alike(requests, names):
        seen = list(dict.fromkeys(requests[i] for i in same))
        for i in same:
            names[i] = f"{names[i]} ({seen.index(requests[i]) + 1})"
    return tuple(names)


def _alike(requests: Sequence[Request], names: Sequence[str]) -> list[list[int]]:
    """The numbers of those that share their name with an unlike one."""
    found: dict[str, list[int]] = defaultdict(list)
    for i, name in enumerate(names):
        found[name].append(i)
    return [same for same in found.values() if any(requests[i] != requests[same[0]] for i in same)]


def _told(requests: Sequence[Request], parts: Sequence[Parts]) -> Iterator[str]:
    kinds = [family_of(request).name for request in requests]
    leads = [BETWEEN.join((kind, *_leads(each))) for kind, each in zip(kinds, parts, strict=True)]
    values, details = _values(kinds, parts), _values(leads, parts)
    for kind, lead, each in zip(kinds, leads, parts, strict=True):
        known = [(part, details[lead, part.key] if part.detail else values[kind, part.key]) for part in each]
        said = ((part, others) for part, others in known if part.lead or len(others) > 1)
        yield BETWEEN.join(filter(None, (_pictured(*one) if one[0].pictures else one[0].text for one in said)))


def _leads(parts: Parts) -> Iterator[str]:
    return (part.text for part in parts if part.lead)


def _values(kinds: Sequence[str], parts: Sequence[Parts]) -> Mapping[Key, set[Value]]:
    """What the runs of each kind say under each key; of the model, what all runs say that have one."""
    own = [{part.key: (part.text, part.pictures) for part in each} for each in parts]
    found: dict[Key, set[Value]] = {}
    for kind in set(kinds):
        alike = [each for each, other in zip(own, kinds, strict=True) if other == kind]
        for key in {key for each in alike for key in each}:
            found[kind, key] = {each.get(key, NOTHING) for each in alike}
    models = {each[MODEL] for each in own if MODEL in each}
    return {key: models if key[1] == MODEL else values for key, values in found.items()}


def _pictured(part: NamePart, others: set[Value]) -> str:
    """How many pictures, and some of those in which one of `others` with as many differs; the one itself."""
    shared = set.intersection(*(set(pictures) for text, pictures in others if text == part.text))
    own = [name for name in part.pictures if name not in shared]
    names = ", ".join(map(picture_name, own[:MOST_PICTURES])) + (" …" if len(own) > MOST_PICTURES else "")
    if len(part.pictures) == 1 and own:
        return names
    return f"{part.text}, {names}" if own else part.text


def picture_name(sha256: str) -> str:
    """What a picture is called: its class and its number in the sample data, or that it is one's own."""
    found = samples.located((sha256,))
    if found is None:
        return tr("own picture {id}").format(id=sha256[:ID])
    dataset, (number,) = found
    label, names = samples.labels_of(dataset, (sha256,))[0], samples.load(dataset).classes
    return f"{dataset if label is None or not names else tr(names[label])} {number}"
