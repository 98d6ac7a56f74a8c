"""Sub-accounts and transfers between them."""

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Is filled in by the change that brings its tables."""


def downgrade() -> None:
    """Undo `upgrade`."""
