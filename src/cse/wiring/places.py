"""Where the files that are not the journal's lie inside the data directory."""

from pathlib import Path

from cse.settings import Settings


def key_ring(settings: Settings) -> Path:
    """Return the file of the keys that sign access tokens."""
    return settings.data_dir / "keys.json"


def sealing_keys(settings: Settings) -> Path:
    """Return the file of the keys that seal secrets in the database; without it they cannot be opened."""
    return settings.data_dir / "sealing-keys.json"


def documents_folder(settings: Settings) -> Path:
    """Return the folder of people's sealed documents."""
    return settings.data_dir / "documents"


def mailbox_file(settings: Settings) -> Path:
    """Return the file of the sandbox's mailbox."""
    return settings.data_dir / "mailbox.json"


def demo_logins(settings: Settings) -> Path:
    """Return the file of the sandbox's demo log-ins."""
    return settings.data_dir / "demo-logins.json"


def bot_logins(settings: Settings) -> Path:
    """Return the file of the log-ins that the bots made for themselves."""
    return settings.data_dir / "bot-logins.json"
