"""What a board shows of a KPI, in kpi_current itself."""

from collections.abc import Sequence

from kpi_server.store.migrations.scripts import run_script

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    run_script(__file__)
