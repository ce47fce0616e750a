"""Files of events, and aggregates that fail."""

from collections.abc import Sequence

from kpi_server.store.migrations.scripts import run_script

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    run_script(__file__)
