"""Whether a KPI's current value is the reported or the computed one."""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0017"
down_revision: str | None = "0016"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    script = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")
    _comment, *statements = script.split("\n\n")
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)
