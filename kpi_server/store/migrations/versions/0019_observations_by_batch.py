"""The primary key of observations, by batch instead of by day."""

from collections.abc import Sequence

from kpi_server.store.migrations.scripts import run_script

revision: str = "0019"
down_revision: str | None = "0018"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    run_script(__file__)
