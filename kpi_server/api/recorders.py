"""Who may record, and what systems may call themselves."""

from typing import Final

from kpi_server.api.arguments import granted
from kpi_server.domain.access import Grant, Role, Scope
from kpi_server.domain.recording import unfit
from kpi_server.errors import BadInput, Forbidden

RESERVED: Final = frozenset({"CATALOG", "API", "GENERATED", "EVENTS"})
"""What rows say of their origin; no system is called so."""

RECORDERS: Final = frozenset({Role.ADMIN, Role.INTEGRATOR, Role.SERVICE})

RESTATING: Final = "Restating closed periods"


def recorder(scope: Scope, slug: str) -> Grant:
    """The caller's grant in the organization, if it reaches as far as recording.

    Raises:
        NotFound: the caller sees no organization of that name.
        Forbidden: the role there does not record.
    """
    grant = granted(scope, slug)
    if grant.role not in RECORDERS:
        allowed = ", ".join(sorted(RECORDERS))
        raise Forbidden(f"Recording needs one of the roles {allowed}; yours in {slug} is {grant.role}.")
    return grant


def administrator(scope: Scope, slug: str, what: str) -> Grant:
    """The caller's grant in the organization, if it reaches as far as what administrators do.

    Raises:
        NotFound: the caller sees no organization of that name.
        Forbidden: the role there is another.
    """
    grant = granted(scope, slug)
    check_administers(grant, what)
    return grant


def check_administers(grant: Grant, what: str) -> None:
    """Nothing, for who may do what administrators do.

    Raises:
        Forbidden: the role is another.
    """
    if grant.role is not Role.ADMIN:
        raise Forbidden(f"{what} needs the role {Role.ADMIN}; yours in {grant.slug} is {grant.role}.")


def check_source(source: str) -> None:
    """Nothing, for what a system may call itself.

    Raises:
        BadInput: it is no name, or one of our own.
    """
    if source.upper() in RESERVED:
        raise BadInput(f"`source` is the name of the system that measures, not {source}")
    if fault := unfit(source):
        raise BadInput(f"`source`: {fault}")
