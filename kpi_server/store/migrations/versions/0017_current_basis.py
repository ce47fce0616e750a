"""Whether a KPI's current value is the reported or the computed one."""

from collections.abc import Sequence

from kpi_server.store.migrations.scripts import run_script

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    run_script(__file__)
