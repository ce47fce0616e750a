"""What is recorded are measures; of the statements about one cell exactly one stands."""

from collections.abc import Sequence

from kpi_server.store.migrations.scripts import run_script

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    run_script(__file__)
