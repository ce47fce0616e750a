"""The feed of changes: what reads it in order, and its epoch."""

from collections.abc import Sequence

from kpi_server.store.migrations.scripts import run_script

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    run_script(__file__)
