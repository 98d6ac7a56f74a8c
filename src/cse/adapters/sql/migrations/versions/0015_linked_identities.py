"""Identities at other providers, linked to people."""

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Is filled in by the change that brings its tables."""


def downgrade() -> None:
    """Undo `upgrade`."""
