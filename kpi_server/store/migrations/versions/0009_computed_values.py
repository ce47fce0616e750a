"""Revisions of calculated values, and which are to be calculated again."""

from collections.abc import Sequence

from kpi_server.store.migrations.scripts import run_script

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    run_script(__file__)
