"""The registry of families: found when the server starts, then frozen."""

from kpi_server.registry.discovery import build, discover
from kpi_server.registry.families import LoadedFamily, Policy, QuarantinedFamily, Registry
from kpi_server.registry.naming import fold_name
from kpi_server.registry.offers import Candidate, attempt

__all__ = [
    "Candidate",
    "LoadedFamily",
    "Policy",
    "QuarantinedFamily",
    "Registry",
    "attempt",
    "build",
    "discover",
    "fold_name",
]
