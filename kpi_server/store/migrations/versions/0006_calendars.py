"""An organization's calendar beside its time zone."""

from collections.abc import Sequence

from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None


def upgrade() -> None:
    op.get_bind().exec_driver_sql("alter table organizations add column calendar varchar not null default ''")
