"""The figures of a KPI, by segment and day."""

from collections.abc import Sequence

from kpi_server.store.migrations.scripts import run_script

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    run_script(__file__)
