"""The event stream, and how far it is aggregated."""

from collections.abc import Sequence

from kpi_server.store.migrations.scripts import run_script

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    run_script(__file__)
