"""`cse up` on PostgreSQL and Redis: the same exchange, and one that goes on trading when either is away."""

from pathlib import Path

import httpx

from cse.entrypoints.exits import ExitCode
from tests.integration.exchange import Exchange, deposit, get, place
from tests.servers import PrivatePostgres, PrivateRedis
from tests.waiting import wait_until


def _status(running: Exchange) -> dict[str, bool]:
    found = httpx.get(f"{running.base}/api/health/ready", timeout=30).json()
    return {name: each["ok"] for name, each in found["dependencies"].items()}


def test_trading_goes_on_while_database_and_redis_are_away(
    tmp_path: Path, private_postgres: PrivatePostgres, private_redis: PrivateRedis
) -> None:
    """Both stop: orders get 201, history 503, health names them; both come back: history is whole."""
    env = {"CSE_DATABASE_URL": private_postgres.url, "CSE_REDIS_URL": private_redis.url}
    with Exchange(tmp_path, env=env) as running, running.person("ann") as ann:
        deposit(ann, "USDC", "1000", "a")
        running.settle()
        private_postgres.stop()
        private_redis.stop()
        for number in range(3):
            assert place(ann, "buy", "1.2000", "1.00", client_order_id=f"o-{number}")
        assert len(get(ann, "/api/orders", status="open")["orders"]) == 3
        refused = ann.get("/api/ledger")
        assert (refused.status_code, refused.json()["retryable"]) == (503, True), running.err
        wait_until(lambda: not _status(running)["database"], 60, "health to tell")
        assert httpx.get(f"{running.base}/api/health/ready", timeout=30).status_code == 200
        private_postgres.start()
        private_redis.start()
        running.settle()
        ledger = get(ann, "/api/ledger")["ledger"]
        assert [entry["reason"] for entry in ledger] == ["order_hold"] * 6 + ["deposit"]
        wait_until(lambda: all(_status(running).values()), 60, "everything to be well")
        assert running.stop() == ExitCode.OK


def test_it_starts_while_its_database_is_away(
    tmp_path: Path, private_postgres: PrivatePostgres, private_redis: PrivateRedis
) -> None:
    """Market data and health are served, log-ins get 503; when it comes, people can register."""
    private_postgres.stop()
    env = {"CSE_DATABASE_URL": private_postgres.url, "CSE_REDIS_URL": private_redis.url}
    with Exchange(tmp_path, env=env) as running:
        assert httpx.get(f"{running.base}/api/markets", timeout=30).json()["markets"]
        who = {"email": "ann@example.com", "password": "some good words"}
        refused = httpx.post(f"{running.base}/api/auth/login", json=who, timeout=30)
        assert (refused.status_code, refused.json()["retryable"]) == (503, True)
        private_postgres.start()
        running.settle()

        def registered() -> bool:
            body = {**who, "handle": "ann"}
            answer = httpx.post(f"{running.base}/api/auth/register", json=body, timeout=30)
            return answer.status_code in {201, 409}  # 409: done, but the answer was lost

        wait_until(registered, 60, "registration")
        known = httpx.post(f"{running.base}/api/auth/login", json=who, timeout=30)
        assert known.status_code == 200, known.text
        assert running.stop() == ExitCode.OK
