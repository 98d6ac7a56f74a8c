"""The command line. Commands import what they need when they run, so that `cse --help` is quick."""

import sys


def main() -> None:
    """Run `cse`; an expected error is told in one sentence, without a traceback."""
    from cse.cli.app import app
    from cse.core.errors import CseError
    from cse.entrypoints.exits import ExitCode
    from cse.settings import SettingsError

    try:
        app()
    except SettingsError as error:
        print("cse: these settings cannot be used:", file=sys.stderr)  # noqa: T201  # a CLI prints
        for line in str(error).splitlines():
            print(f"  {line}", file=sys.stderr)  # noqa: T201  # a CLI prints
        sys.exit(ExitCode.SETTINGS)
    except CseError as error:
        print(f"cse: {error}", file=sys.stderr)  # noqa: T201  # a CLI prints
        sys.exit(ExitCode.FAILED)
    except OSError as error:  # a full disk, a file in the way, no permission: the system's sentence
        place = f"{error.filename}: " if error.filename else ""
        print(f"cse: {place}{error.strerror or error}", file=sys.stderr)  # noqa: T201  # a CLI prints
        sys.exit(ExitCode.FAILED)
