"""What the settings are: for people (`cse config`, docs/operating/settings.md) and for child processes."""

import ast
import inspect
import re
import sys
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from cse.settings.load import variable
from cse.settings.model import Settings
from cse.settings.sections import Unit

MASK = "****"

_PREFACE = (
    "Made from `src/cse/settings` by `cse config --markdown`; a test holds the two together.",
    "",
    "Each setting is read from the command line where a command has an option for it, else from its",
    "environment variable, else from the TOML file (`--config`, else `CSE_CONFIG`, else `cse.toml` in the data",
    "directory), else it has its default. In TOML, `http.port` is `port` under `[http]`; in the environment",
    "lists are separated by commas. What is unknown or malformed is refused by name, and `cse config` shows",
    "what counts, with secrets masked.",
)


class Described(NamedTuple):
    """One setting, for people."""

    name: str
    variable: str
    values: str
    """What it takes, with its unit."""
    default: str
    text: str


def describe() -> Iterator[tuple[str, str, list[Described]]]:
    """Yield (section name, section's text, settings); the first section, of the top level, has no name."""
    top, sections = [], []
    for name, field in Settings.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            items = [
                _describe(kind, key, below, f"{name}.") for key, below in kind.model_fields.items()
            ]
            sections.append((name, inspect.getdoc(kind) or "", items))
        else:
            top.append(_describe(Settings, name, field, ""))
    yield "", "", top
    yield from sections


def effective(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield every setting's name and present value as it would stand in TOML, secrets masked."""
    for name, value in _leaves(settings):
        yield name, _shown(value)


def environment(settings: Settings) -> dict[str, str]:
    """Return the CSE_* variables that give a child process these very settings, secrets and all."""
    return {
        variable(name): value.get_secret_value() if isinstance(value, SecretStr) else _plain(value)
        for name, value in _leaves(settings)
        if value is not None
    }


def mask_url(url: str) -> str:
    """Return a URL with its passwords hidden."""
    url = re.sub(r"(?i)(password=)[^&]*", rf"\g<1>{MASK}", url)
    head, at, rest = url.rpartition("@")
    scheme, slashes, login = head.partition("://")
    user, colon, _ = login.partition(":")
    return f"{scheme}{slashes}{user}{colon and ':' + MASK}{at}{rest}" if at else url


def markdown() -> str:
    """Return docs/operating/settings.md."""
    lines = ["# Settings", "", *_PREFACE]
    for section, text, items in describe():
        lines += ["", f"## `[{section}]`" if section else "## Top level", ""]
        lines += [text, ""] if text else []
        lines += ["| Setting | Variable | Values | Default | Meaning |", "|---|---|---|---|---|"]
        lines += [
            f"| `{i.name}` | `{i.variable}` | {i.values} | {i.default} | {i.text} |".replace(
                "|  |", "| |"
            )
            for i in items
        ]
    return "\n".join(lines) + "\n"


def _leaves(settings: BaseModel, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if isinstance(value, BaseModel):
            yield from _leaves(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(value: Any) -> str:
    if isinstance(value, SecretStr):
        return f'"{mask_url(value.get_secret_value())}"'
    if isinstance(value, tuple):
        return "[" + ", ".join(f'"{item}"' for item in value) + "]"
    if value is None:
        return "(not set)"
    return f'"{value}"' if isinstance(value, str | Path) else _plain(value)


def _describe(kind: type[BaseModel], name: str, field: FieldInfo, prefix: str) -> Described:
    default = (
        field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    )
    shown = {"": "empty", "()": "empty", "None": "not set"}.get(
        str(default)
    ) or f"`{_plain(default)}`"
    return Described(
        prefix + name,
        variable(prefix + name),
        _values(field),
        shown,
        _texts(kind).get(name, ""),
    )


def _values(field: FieldInfo) -> str:
    if get_origin(field.annotation) is Literal:
        return ", ".join(f"`{choice}`" for choice in get_args(field.annotation))
    if bool in get_args(field.annotation) or field.annotation is bool:
        return "`true`, `false`"
    if field.annotation is not int:
        return {Path: "path", SecretStr: "URL (secret)", str: "text"}.get(field.annotation, "list")  # type: ignore[arg-type]  # a plain class
    limits = {type(item).__name__: item for item in field.metadata}
    low, high = getattr(limits.get("Ge"), "ge", None), getattr(limits.get("Le"), "le", None)
    span = (
        f"{low} to {high}"
        if high is not None
        else f"{low} or more"
        if low is not None
        else "whole number"
    )
    unit = next((item.name for item in field.metadata if isinstance(item, Unit)), "")
    return f"{span} {unit}".strip()


@cache
def _texts(kind: type[BaseModel]) -> dict[str, str]:
    """Read the texts that stand below the settings of one class."""
    module = ast.parse(inspect.getsource(sys.modules[kind.__module__]))
    body = next(
        n.body for n in module.body if isinstance(n, ast.ClassDef) and n.name == kind.__name__
    )
    texts = {}
    for above, below in pairwise(body):
        if (
            isinstance(above, ast.AnnAssign)
            and isinstance(below, ast.Expr)
            and isinstance(above.target, ast.Name)
        ):
            texts[above.target.id] = " ".join(ast.literal_eval(below.value).split())
    return texts
