"""Profiles, notification settings, avatars."""

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Is filled in by the change that brings its tables."""


def downgrade() -> None:
    """Undo `upgrade`."""
