"""Who may record, and what systems may call themselves."""

from collections.abc import Mapping
from typing import Any, Final

from kpi_server.api.arguments import granted
from kpi_server.domain.access import Grant, Role, Scope
from kpi_server.domain.recording import unfit
from kpi_server.errors import BadInput, Forbidden
from kpi_server.services.recording import Sender

RESERVED: Final = frozenset({"CATALOG", "API", "GENERATED", "EVENTS"})
"""What rows say of their origin; no system is called so."""

RECORDERS: Final = frozenset({Role.ADMIN, Role.INTEGRATOR, Role.SERVICE})


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


def sending(scope: Scope, given: Mapping[str, Any], *, of: str, things: str, most: int) -> tuple[Grant, Sender]:
    """Who sends something, where the frame of what is given is right; the `things` in its list `of` are checked apart.

    Raises:
        NotFound: the caller sees no organization of that name.
        Forbidden: the role there does not record.
        BadInput: too many things or none, or a source that is no name.
    """
    grant = recorder(scope, given["organization"])
    count = len(given[of])
    if not 1 <= count <= most:
        raise BadInput(f"`{of}` holds 1 to {most} {things}, not {count}: send them in several calls")
    return grant, sender_as(scope, grant, given["source"])


def sender_as(scope: Scope, grant: Grant, source: str) -> Sender:
    """The caller as who records under a source's name.

    Raises:
        BadInput: it is no name, or one of our own.
    """
    check_source(source)
    return Sender(grant.organization_id, scope.principal_id, scope.principal, source)


def check_restates(grant: Grant, *, restates: bool) -> None:
    """Nothing, for what does not write into closed periods, or is sent by who may.

    Raises:
        Forbidden: it would, and the role is another than administrators'.
    """
    if restates:
        check_administers(grant, "Restating closed periods")


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
    if fault := unfit(source, is_needed=True):
        raise BadInput(f"`source`: {fault}")
