"""What a process of ours ends with, for supervisors (ours, systemd, Kubernetes) to act on."""

from enum import IntEnum

from cse.core.errors import CseError


class ExitCode(IntEnum):
    """Exit codes; anything else is a crash."""

    OK = 0
    FAILED = 1
    """It could not do what it was asked; the message says why."""
    USAGE = 2
    """The command line is wrong."""
    ALARM = 70
    """It found what must never be (a replica that differs): starting it again does not help, people must."""
    SETTINGS = 78
    """Settings cannot be used; starting it again does not help."""


class CannotStart(CseError):
    """A process cannot run here as asked; the message says how to mend it."""
