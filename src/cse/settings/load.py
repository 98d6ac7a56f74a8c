"""Reads settings: command line over environment over TOML file over defaults; refuses by name."""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_settings import EnvSettingsSource
from pydantic_settings.exceptions import SettingsError as SourceError

from cse.core.errors import CseError
from cse.settings.model import Settings

PREFIX = "CSE_"
FILE_NAME = "cse.toml"
OTHERS = ("CSE_TEST_", "CSE_FAULT", "CSE_MARKET_DATA", "CSE_CONFIG")
"""Variables of ours that are no settings: for tests, and where the file is."""


class SettingsError(CseError):
    """Settings that cannot be used; each line of the message names one."""


def setting_names(model: type[BaseModel] = Settings, prefix: str = "") -> Iterator[str]:
    """Yield every setting as `section.name`, in the order in which they are documented."""
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from setting_names(kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def variable(setting: str) -> str:
    """Return the environment variable of a setting: "http.port" is CSE_HTTP_PORT."""
    return PREFIX + setting.replace(".", "_").upper()


def load_settings(
    config: Path | None = None,
    overrides: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
) -> Settings:
    """Read the settings of this process.

    `overrides` are what the command line said ("http.port": 9000). The file is `config`, else
    CSE_CONFIG, else cse.toml in the data directory if there is one.

    Raises:
        SettingsError: something is unknown, malformed or contradictory.
    """
    env = os.environ if environ is None else environ
    _refuse_unknown_variables(env)
    given = _nested(overrides or {})
    from_env = _read_environment(env)
    file = _file(config, env, given.get("data_dir") or from_env.get("data_dir"))
    from_file = _read_file(file) if file else {}
    if (
        file
        and "data_dir" in from_file
        and file.name == FILE_NAME
        and not (config or env.get("CSE_CONFIG"))
    ):
        raise SettingsError(
            f"data_dir: cannot be set in {file}, which is found through it; use CSE_DATA_DIR"
        )
    merged = _merge(_merge(from_file, from_env), given)
    try:
        return Settings(**merged)
    except ValidationError as error:
        raise SettingsError("\n".join(_complaints(error, from_file, from_env, file))) from None


def _refuse_unknown_variables(env: Mapping[str, str]) -> None:
    known = [variable(name) for name in setting_names()]
    lines = [
        f"{name}: there is no such setting{_suggest(name, known)}"
        for name in sorted(env)
        if name.startswith(PREFIX) and name not in known and not name.startswith(OTHERS)
    ]
    if lines:
        raise SettingsError("\n".join(lines))


def _suggest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _read_environment(env: Mapping[str, str]) -> dict[str, Any]:
    source = EnvSettingsSource(Settings)
    source.env_vars = {
        name.lower(): value for name, value in env.items() if name.startswith(PREFIX) and value
    }
    try:
        return source()
    except SourceError as error:
        raise SettingsError(str(error)) from error


def _file(config: Path | None, env: Mapping[str, str], data_dir: Any) -> Path | None:
    asked = config or (Path(env["CSE_CONFIG"]) if env.get("CSE_CONFIG") else None)
    if asked is not None:
        return asked
    beside = Path(data_dir or Settings.model_fields["data_dir"].default) / FILE_NAME
    return beside if beside.exists() else None


def _read_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: is not valid TOML: {error}") from error


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for name, value in flat.items():
        section, _, key = name.rpartition(".")
        (result.setdefault(section, {}) if section else result)[key] = value
    return result


def _merge(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(under)
    for name, value in over.items():
        below = merged.get(name)
        merged[name] = (
            _merge(below, value) if isinstance(value, dict) and isinstance(below, dict) else value
        )
    return merged


def _complaints(
    error: ValidationError,
    from_file: Mapping[str, Any],
    from_env: Mapping[str, Any],
    file: Path | None,
) -> Iterator[str]:
    known = list(setting_names())
    for problem in error.errors(include_url=False, include_input=False):
        # A list's item number or a union's branch adds to the path; the setting is what we name.
        name = ".".join(str(part) for part in problem["loc"][:2])
        if problem["type"] == "extra_forbidden":
            yield f"{name}: there is no such setting{_suggest(name, known)} (in {file})"
            continue
        name = name if name in known else str(problem["loc"][0]) if problem["loc"] else ""
        message = problem["msg"].removeprefix("Value error, ")
        if not name:
            yield message
            continue
        place = (
            variable(name)
            if _holds(from_env, name)
            else file
            if _holds(from_file, name)
            else "command line"
        )
        yield f"{name} ({place}): {message[0].lower()}{message[1:]}"


def _holds(tree: Mapping[str, Any], name: str) -> bool:
    section, _, key = name.rpartition(".")
    below = tree.get(section, {}) if section else tree
    return isinstance(below, Mapping) and key in below
