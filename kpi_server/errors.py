"""Every error the product raises on purpose, as one tree.

KpiError
├── UserError                  the caller can mend it; the message may be shown as it stands
│   ├── BadInput               BAD_USER_INPUT   a value, argument or document that cannot be accepted
│   │   └── FigureError        BAD_FIGURE       a printed figure or target that cannot be read in its unit
│   ├── Unauthenticated        UNAUTHENTICATED  no token, or one that opens nothing
│   ├── Forbidden              FORBIDDEN        the principal's role does not reach that far
│   ├── NotFound               NOT_FOUND        nothing of that name that the caller may see
│   ├── Ambiguous              AMBIGUOUS        a name of several things; the message lists the choices
│   ├── Conflict               CONFLICT         it contradicts what was sent before
│   ├── TooMany                LIMIT_EXCEEDED   it asks for more than is answered at once
│   ├── CursorExpired          CURSOR_EXPIRED   a place in the feed that cannot be continued from
│   └── CatalogError           BAD_CATALOG      everything wrong in a seed catalog, by file, line and field
└── OperatorError              whoever runs the server mends it; printed by the command line, masked by the API
    ├── PluginError            BAD_PLUGIN       everything wrong in the installed families
    ├── TrustedDocumentsError  BAD_DOCUMENTS    everything wrong in the trusted documents, by file and line
    ├── PostgresUnavailable    NO_DATABASE      no server, or none that answers
    ├── DatabaseTooOld         OLD_DATABASE     a server older than PostgreSQL 15, or a schema not migrated
    └── StartupError           CANNOT_START     a busy port, a directory that cannot be written, an unsafe role
"""

from collections.abc import Sequence
from dataclasses import dataclass


class KpiError(Exception):
    """Root of the tree; `code` is stable and documented, the message says what, where and what to do."""

    code = "INTERNAL_ERROR"

    @property
    def message(self) -> str:
        return str(self)


class UserError(KpiError):
    code = "BAD_USER_INPUT"


class BadInput(UserError):
    """A value that cannot be accepted, as the caller wrote it."""


class FigureError(BadInput):
    """A printed figure or target that cannot be read in the unit of its KPI."""

    code = "BAD_FIGURE"


class Unauthenticated(UserError):
    code = "UNAUTHENTICATED"


class Forbidden(UserError):
    code = "FORBIDDEN"


class NotFound(UserError):
    code = "NOT_FOUND"


class Ambiguous(UserError):
    """A name of several things; the message lists the choices."""

    code = "AMBIGUOUS"


class Conflict(UserError):
    """It contradicts what was sent before under the same key or id."""

    code = "CONFLICT"


class TooMany(UserError):
    """It asks for more than is answered at once; the message names the limit."""

    code = "LIMIT_EXCEEDED"


class CursorExpired(UserError):
    """A place in the feed behind which events are told no longer; the message says how to begin again."""

    code = "CURSOR_EXPIRED"


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong, where it is and what to do about it."""

    place: str
    field: str
    message: str

    def __str__(self) -> str:
        where = f"{self.place}: {self.field}" if self.field else self.place
        return f"{where}: {self.message}"


class ProblemsError(KpiError):
    """Several problems reported at once; nothing was applied."""

    def __init__(self, summary: str, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join([summary, *(f"  {problem}" for problem in self.problems)]))


class CatalogError(ProblemsError, UserError):
    code = "BAD_CATALOG"


class OperatorError(KpiError):
    code = "CANNOT_START"


class PluginError(ProblemsError, OperatorError):
    code = "BAD_PLUGIN"


class TrustedDocumentsError(ProblemsError, OperatorError):
    code = "BAD_DOCUMENTS"


class PostgresUnavailable(OperatorError):
    code = "NO_DATABASE"


class DatabaseTooOld(OperatorError):
    code = "OLD_DATABASE"


class StartupError(OperatorError):
    """The server cannot start here: the sentence says why and what to do."""
