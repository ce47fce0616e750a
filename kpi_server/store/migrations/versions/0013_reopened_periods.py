"""Periods that were opened again after they were closed."""

from collections.abc import Sequence

from kpi_server.store.migrations.scripts import run_script

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    run_script(__file__)
