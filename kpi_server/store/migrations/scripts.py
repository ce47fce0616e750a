"""The SQL of a revision, which stands beside it in a file of its name."""

from pathlib import Path

from alembic import op


def run_script(revision: str) -> None:
    """Run the statements beside a revision's file; they and the comment before them are parted by empty lines."""
    script = Path(revision).with_suffix(".sql").read_text(encoding="utf-8")
    _comment, *statements = script.split("\n\n")
    for statement in statements:
        op.get_bind().exec_driver_sql(statement)
