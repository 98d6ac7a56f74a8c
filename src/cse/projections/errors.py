"""What stops a projection."""

from cse.core.errors import CseError


class ImpossibleEvent(CseError):
    """The events contradict what came before them: a bug in the engine or in the fold, or a wrong journal.

    Going on would write history that is wrong, so the projection stops and somebody has to look.
    """


class PositionMoved(CseError):
    """Somebody else has written to this projection: there are two projectors, and this one must stop."""


class PositionLost(CseError):
    """The database has forgotten something that was written to it (a backup, a failover that lost commits).

    The journal has it all: a projector that starts anew goes on from where the database stands now.
    """


class WrongVenue(CseError):
    """The database holds the history of another venue than the one whose journal is followed."""
