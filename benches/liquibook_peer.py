"""Liquibook's wheel (PyPI, C++ behind SWIG) on the commands of the mixed load: the open-source peer."""

import importlib.util
import subprocess
import time
from pathlib import Path
from typing import Any

from cse.messages import commands as c
from cse.messages.wire import Command, Side, TimeInForce

INSTALL = Path(__file__).parent.parent / "tools" / "install_bench_tools.sh"


def is_there() -> bool:
    """Tell whether the wheel is installed; tries to install it first."""
    if importlib.util.find_spec("liquibook") is None:
        subprocess.run([INSTALL], check=False)
        importlib.invalidate_caches()
    return importlib.util.find_spec("liquibook") is not None


def rate(commands: list[Command]) -> float:
    """Play the orders and cancels; return commands per second.

    Its ids are ours: an order's id counts accepted orders, and the mixed load's are all accepted.
    """
    import liquibook  # noqa: PLC0415  # only where its wheel is installed

    book = liquibook.DepthOrderBook()
    make, add, cancel = liquibook.SimpleOrder, book.add, book.cancel
    at_once, rests = liquibook.oc_immediate_or_cancel, liquibook.oc_no_conditions
    orders: list[Any] = [None]
    started = time.perf_counter()
    for command in commands:
        if isinstance(command, c.CancelOrder):
            cancel(orders[command.order_id])
        elif isinstance(command, c.PlaceOrder):
            conditions = at_once if command.time_in_force == TimeInForce.IOC else rests
            buys = command.side == Side.BUY
            order = make(buys, command.price, command.quantity, 0, conditions)
            orders.append(order)
            add(order)
    return len(commands) / (time.perf_counter() - started)
