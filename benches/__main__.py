"""`python -m benches [name ...] [--quick]`: run benchmarks, print tables, keep results."""

import argparse
import importlib
import time
from typing import Final

from rich.console import Console

from benches.report import publish

BENCHES: Final = (
    "engine",
    "native",
    "replay",
    "journal",
    "open_loop_native",
    "http",
    "signed_requests",
    "people_at_scale",
    "order_entry",
    "websocket",
    "fanout",
    "projection_rows",
    "history_pages",
    "startup",
    "web_app",
    "web_markets",
)


def main() -> None:
    """Run the named benchmarks, or all of them."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[[], *BENCHES], help="which ones (default: all)"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, to see that all runs; nothing is kept"
    )
    arguments = parser.parse_args()
    console = Console()
    for name in arguments.names or BENCHES:
        started = time.perf_counter()
        console.rule(name)
        bench = importlib.import_module(f"benches.{name}")
        figures = bench.run(quick=arguments.quick)
        publish(name, figures, save=not arguments.quick)
        console.print(f"{name}: {time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
