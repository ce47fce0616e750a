"""Who asks, and how far that reaches: the permission scope that every request carries."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from kpi_server.errors import BadInput


class Role(StrEnum):
    """What a principal is in an organization; the fine rules of each role are applied where data is read."""

    EXECUTIVE = "EXECUTIVE"
    DEPARTMENT = "DEPARTMENT"
    SUPPORT = "SUPPORT"
    EXTERNAL = "EXTERNAL"
    ADMIN = "ADMIN"
    INTEGRATOR = "INTEGRATOR"
    SERVICE = "SERVICE"


@dataclass(frozen=True)
class Grant:
    """A role in one organization; `department` narrows it, None does not."""

    organization_id: int
    slug: str
    role: Role
    department: str | None = None


@dataclass(frozen=True)
class Opening:
    """What a new token is to open: a grant before its organization is looked up."""

    slug: str
    role: Role
    department: str | None = None


def parse_opening(text: str) -> Opening:
    """What "slug:ROLE" or "slug:ROLE:department" asks for.

    Raises:
        BadInput: it has another shape, or there is no such role.

    >>> parse_opening("acme:department:sales")
    Opening(slug='acme', role=<Role.DEPARTMENT: 'DEPARTMENT'>, department='sales')
    """
    slug, _, rest = text.partition(":")
    name, _, department = rest.partition(":")
    if not slug or name.upper() not in Role.__members__:
        raise BadInput(
            f"{text!r} is no grant: write organization:ROLE or organization:ROLE:department, "
            f"with one of {', '.join(Role)}."
        )
    return Opening(slug, Role[name.upper()], department or None)


@dataclass(frozen=True)
class Scope:
    """A principal with all its grants, at most one per organization.

    `trusted_only` says how it may ask, and nothing of what it may see: only with documents that the server trusts.
    """

    principal_id: int
    principal: str
    grants: tuple[Grant, ...]
    trusted_only: bool = False

    @cached_property
    def organization_ids(self) -> frozenset[int]:
        """The organizations that the principal may see.

        >>> Scope(1, "board", (Grant(7, "acme", Role.EXECUTIVE),)).organization_ids
        frozenset({7})
        """
        return frozenset(grant.organization_id for grant in self.grants)

    def grant(self, slug: str) -> Grant | None:
        """The grant in the organization of that slug, or None when the principal has none there.

        >>> scope = Scope(1, "board", (Grant(7, "acme", Role.EXECUTIVE),))
        >>> scope.grant("acme").role
        <Role.EXECUTIVE: 'EXECUTIVE'>
        >>> scope.grant("other") is None
        True
        """
        return next((grant for grant in self.grants if grant.slug == slug), None)

    @cached_property
    def digest(self) -> str:
        """Sixty-four hexadecimal digits that are equal for equal rights, in whatever order they were granted.

        Two principals with the same grants share it: what is cached under it must not name the principal.

        >>> acme, other = Grant(7, "acme", Role.EXECUTIVE), Grant(8, "other", Role.DEPARTMENT, "sales")
        >>> Scope(1, "board", (acme, other)).digest == Scope(2, "chair", (other, acme)).digest
        True
        >>> Scope(1, "board", (acme,)).digest == Scope(1, "board", (other,)).digest
        False
        """
        rights = sorted((grant.organization_id, grant.role, grant.department or "") for grant in self.grants)
        return hashlib.sha256(repr([(number, str(role), name) for number, role, name in rights]).encode()).hexdigest()
