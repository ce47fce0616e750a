"""What is recorded by systems: its source, its series, and what callers may repeat."""

from collections.abc import Sequence

from kpi_server.store.migrations.scripts import run_script

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    run_script(__file__)
