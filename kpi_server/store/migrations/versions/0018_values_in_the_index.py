"""The values that stand, in the index by which series are read."""

from collections.abc import Sequence

from kpi_server.store.migrations.scripts import run_script

revision: str = "0018"
down_revision: str | None = "0017"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    run_script(__file__)
