"""Acts of staff that wait for a second person."""

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Is filled in by the change that brings its tables."""


def downgrade() -> None:
    """Undo `upgrade`."""
