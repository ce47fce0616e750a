"""Arguments as callers write them, checked before anything is asked of the database."""

import re
from typing import Final

from kpi_server.api.identity import read_cursor
from kpi_server.domain.access import Grant, Scope
from kpi_server.domain.calendar import ISO, Calendar
from kpi_server.domain.period import parse_period
from kpi_server.domain.segment import read_segment
from kpi_server.domain.series import MOST_POINTS, Window
from kpi_server.errors import BadInput, NotFound
from kpi_server.store.reads.keyset import Slice, SortKey

LARGEST_PAGE: Final = 100
DEFAULT_PAGE: Final = 20
_LONGEST: Final = 200
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def checked(text: str, name: str) -> str:
    """A text that Postgres can hold and that is no longer than a name would be.

    Raises:
        BadInput: it is longer, or holds NUL or half a character.
    """
    if len(text) > _LONGEST:
        raise BadInput(f"`{name}` is longer than {_LONGEST} characters")
    if _UNSTORABLE.search(text):
        raise BadInput(f"`{name}` holds a character that no text can store (NUL or half a character)")
    return text


def granted(scope: Scope, slug: str) -> Grant:
    """The caller's grant in the organization of that name.

    Raises:
        NotFound: the caller sees none of that name.
    """
    grant = scope.grant(checked(slug, "organization"))
    if grant is None:
        raise NotFound(f'There is no organization "{slug}" that you may see.')
    return grant


def segment_text(segment: str | None) -> str:
    """The canonical text of a segment; none and "" are the whole.

    Raises:
        BadInput: it is not made of key=value pairs.
    """
    return str(read_segment(checked(segment, "segment"))) if segment else ""


def series_window(start: str | None, end: str | None, last: int | None, calendar: Calendar = ISO) -> Window:
    """The part of a series that two periods, both included, and a number of points ask for.

    Raises:
        BadInput: the end lies before the start, or the number is none from 1 to 5,000.
    """
    if last is not None and not 1 <= last <= MOST_POINTS:
        raise BadInput(f"`last` is between 1 and {MOST_POINTS}, not {last}")
    first, final = (None if text is None else parse_period(text, calendar) for text in (start, end))
    if first is not None and final is not None and final.end <= first.start:
        raise BadInput(f"`to` ({final}) ends before `from` ({first}) begins")
    return Window(None if first is None else first.start, None if final is None else final.end, last)


def wanted_slice(
    *,
    list_name: str,
    keys: tuple[SortKey, ...],
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> Slice:
    """The part of a list that Relay's arguments ask for; 20 from its beginning when they say nothing.

    Raises:
        BadInput: `first` and `last` together, a page that is no page (1 to 100; `last: 0` is empty), a bad cursor.
    """
    if first is not None and last is not None:
        raise BadInput("ask for `first` or for `last`, not for both")
    if first is not None and not 1 <= first <= LARGEST_PAGE:
        raise BadInput(f"`first` is between 1 and {LARGEST_PAGE}, not {first}")
    if last is not None and not 0 <= last <= LARGEST_PAGE:
        raise BadInput(f"`last` is between 0 and {LARGEST_PAGE}, not {last}")
    limit = next((size for size in (first, last) if size is not None), DEFAULT_PAGE)
    return Slice(
        limit=limit,
        backward=last is not None,
        after=None if after is None else read_cursor(after, list_name, keys),
        before=None if before is None else read_cursor(before, list_name, keys),
    )
