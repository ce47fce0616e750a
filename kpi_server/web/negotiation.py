"""Content types as RFC 9110 has them: parameters, upper case, wildcards and quality values."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

GRAPHQL_JSON = "application/graphql-response+json"
JSON = "application/json"
HTML = "text/html"

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_TYPE = re.compile(rf"\s*({_WORD})/({_WORD})\s*")
_PARAMETER = re.compile(rf";\s*(?:({_WORD})=({_WORD}|\"(?:[^\"\\]|\\.)*\"))?\s*")
_QUALITY = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?")
_PARTS = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')


@dataclass(frozen=True)
class MediaType:
    """A type or a range of types, in lower case, without its quality."""

    main: str
    sub: str
    parameters: Mapping[str, str]
    quality: float = 1.0

    @property
    def name(self) -> str:
        return f"{self.main}/{self.sub}"

    def fit(self, offer: str) -> int:
        """How closely the range names an offered type: 3 by name, 2 by its main type, 1 as anything, 0 not at all."""
        if self.name == offer:
            return 3
        if self.sub == "*" and self.main == offer.partition("/")[0]:
            return 2
        return 1 if self.name == "*/*" else 0


@lru_cache(maxsize=256)
def media_type(header: str) -> MediaType | None:
    """What a Content-Type header says, or None when it is not one media type.

    >>> media_type("Application/JSON; Charset=UTF-8").name
    'application/json'
    >>> media_type("text/plain; application/json") is None
    True
    """
    match = _TYPE.match(header)
    if match is None:
        return None
    parameters: dict[str, str] = {}
    place = match.end()
    while place < len(header):
        parameter = _PARAMETER.match(header, place)
        if parameter is None or parameter.end() == place:
            return None
        if parameter[1]:
            parameters[parameter[1].lower()] = _unquoted(parameter[2])
        place = parameter.end()
    quality = parameters.pop("q", "1")
    if not _QUALITY.fullmatch(quality):
        return None
    return MediaType(match[1].lower(), match[2].lower(), parameters, float(quality))


@lru_cache(maxsize=256)
def preferred(accept: str | None, offers: tuple[str, ...]) -> str | None:
    """The offered type that the Accept header likes best, or None when it takes none of them.

    Among equals what is named wins over what a wildcard covers, then the earlier offer; without a header the last
    offer is meant. A range that cannot be read is passed over.

    >>> preferred("application/json;q=0.5, application/graphql-response+json", (GRAPHQL_JSON, JSON))
    'application/graphql-response+json'
    >>> preferred("*/*", (GRAPHQL_JSON, JSON))
    'application/json'
    """
    if accept is None or not accept.strip():
        return offers[-1]
    ranges = list(_ranges(accept))
    ranked = [(*_liking(offer, ranges), -place, offer) for place, offer in enumerate(offers)]
    acceptable = [rank for rank in ranked if rank[0] > 0]
    if not acceptable:
        return None
    quality, fit, _, best = max(acceptable)
    return offers[-1] if fit == 1 and (quality, fit) == _liking(offers[-1], ranges) else best


def is_preferred(accept: str | None, wanted: str, others: Sequence[str]) -> bool:
    """Whether the Accept header names a type and likes it better than every other; to name it last is no preference.

    >>> is_preferred("application/json, text/event-stream", "text/event-stream", (GRAPHQL_JSON, JSON))
    False
    >>> is_preferred("text/event-stream, */*;q=0.1", "text/event-stream", (GRAPHQL_JSON, JSON))
    True
    """
    if accept is None or wanted not in accept.lower():
        return False
    ranges = list(_ranges(accept))
    quality, fit = _liking(wanted, ranges)
    return fit == 3 and quality > 0 and all((quality, fit) > _liking(other, ranges) for other in others)


def _liking(offer: str, ranges: Sequence[MediaType]) -> tuple[float, int]:
    """Quality and closeness of the range that names an offer most closely; (0, 0) when none does."""
    fit, quality = max(((range_.fit(offer), range_.quality) for range_ in ranges), default=(0, 0.0))
    return (quality, fit) if fit else (0.0, 0)


def _ranges(accept: str) -> Iterator[MediaType]:
    for part in _PARTS.findall(accept):
        if (found := media_type(part)) is not None:
            yield found


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
