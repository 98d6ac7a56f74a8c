"""Registrations and e-mail changes that wait for their proof."""

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Is filled in by the change that brings its tables."""


def downgrade() -> None:
    """Undo `upgrade`."""
