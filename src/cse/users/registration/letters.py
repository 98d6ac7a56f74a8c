"""What people are written about their addresses. Plain text; nothing that somebody else typed but a handle."""

from typing import Final

from cse.users.mail import Letter, letter

_JOIN: Final = """Somebody, probably you, registers at CS Exchange with this address and the handle {handle}.

{link}

This is good once and for 24 hours; with it, and the password that was chosen then, the account begins. If it was not
you, do nothing: without the link there is no account.
"""
_HAS_ACCOUNT: Final = """Somebody, perhaps you, tried to register at CS Exchange with this address.
You have an account already: log in, or ask for a new password if you forgot yours.

If it was not you, do nothing: nothing was changed, and nobody was told that you are here.
"""
_PROVE: Final = """You registered at CS Exchange as {handle}. Show that this address is yours:

{link}

This is good once and for 24 hours. If it was not you, do nothing: the account is a stranger's, and stays unproved.
"""
_CHANGE: Final = """Somebody, probably you, wants this to be the address of an account at CS Exchange.

{link}

This is good once, for 24 hours, and as long as the session that asked goes on. If it was not you, do nothing.
"""
_IN_USE: Final = """Somebody, perhaps you, tried to make this the address of another account at CS Exchange.
It is the address of yours already, so nothing was changed. If it was not you, do nothing.
"""
_ASKED: Final = """A new e-mail address was asked for in your account at CS Exchange: {new}.
The address changes as soon as a link that was sent there is opened.

If it was not you, change your password at once: that ends the other sessions and with them this change.
"""
_CHANGED: Final = """The address of your account at CS Exchange was changed from {old} to {new}.
All sessions but the one that asked were ended; API keys are as they were.

If it was not you, write to the exchange's support at once.
"""


def join_letter(email: str, handle: str, link: str) -> Letter:
    """Return the letter to an address that is nobody's yet."""
    return letter(email, "Your registration at CS Exchange", _JOIN.format(handle=handle, link=link))


def taken_letter(email: str) -> Letter:
    """Return the letter to whoever is registered with an address that somebody registers with."""
    return letter(email, "Your registration at CS Exchange", _HAS_ACCOUNT)


def proof_letter(email: str, handle: str, link: str) -> Letter:
    """Return the letter to a person whose address is not proved yet."""
    return letter(email, "Verify your e-mail address", _PROVE.format(handle=handle, link=link))


def change_letter(email: str, link: str) -> Letter:
    """Return the letter to an address that is to be somebody's."""
    return letter(email, "Your new e-mail address", _CHANGE.format(link=link))


def in_use_letter(email: str) -> Letter:
    """Return the letter to the owner of an address that somebody else wants for theirs."""
    return letter(email, "Your new e-mail address", _IN_USE)


def change_asked_letter(old: str, new: str) -> Letter:
    """Return the notice to the address that a person has when they ask for another."""
    return letter(old, "A new e-mail address was asked for", _ASKED.format(new=new))


def changed_letters(old: str, new: str) -> tuple[Letter, Letter]:
    """Return the notices to both addresses after the change."""
    subject, text = "Your e-mail address was changed", _CHANGED.format(old=old, new=new)
    return letter(old, subject, text), letter(new, subject, text)
