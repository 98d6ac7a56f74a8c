"""Settings: what an operator may choose, from CSE_* variables and a TOML file, checked at start-up."""

from cse.settings.load import SettingsError, load_settings
from cse.settings.model import Settings

__all__ = ["Settings", "SettingsError", "load_settings"]
