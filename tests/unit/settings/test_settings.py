"""Settings: who wins over whom, what is refused and how it is named, what is kept secret."""

from pathlib import Path

import pytest

from cse.settings import Settings, SettingsError, load_settings
from cse.settings.load import setting_names, variable
from cse.settings.reference import effective, environment, markdown, mask_url

ROOT = Path(__file__).parents[3]


def _refusal(**given: object) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(**{"environ": {}, **given})  # type: ignore[arg-type]  # as the test gives them
    return str(caught.value)


def test_the_sandbox_is_what_runs_when_nothing_is_said() -> None:
    """Defaults: sandbox, loopback, ./data, SQLite inside it, bots on."""
    settings = load_settings(environ={})
    assert (settings.mode, settings.http.host, settings.http.port) == ("sandbox", "127.0.0.1", 8000)
    assert settings.data_dir == Path("data")
    assert settings.database_url.startswith("sqlite:////")
    assert settings.bots_on


def test_command_line_wins_over_environment_over_file(tmp_path: Path) -> None:
    """One setting in all three places, others in one each: the nearest counts, the others stay."""
    file = tmp_path / "any.toml"
    file.write_text('engine = "python"\n[http]\nport = 1\nhost = "::1"\nmax_body_bytes = 5\n')
    env = {"CSE_HTTP_PORT": "2", "CSE_HTTP_HOST": "0.0.0.0"}
    settings = load_settings(config=file, overrides={"http.port": 3}, environ=env)
    assert (settings.http.port, settings.http.host) == (3, "0.0.0.0")
    assert (settings.http.max_body_bytes, settings.engine) == (5, "python")


def test_the_file_in_the_data_directory_is_found(tmp_path: Path) -> None:
    """cse.toml beside the data counts without being named; CSE_CONFIG names another instead."""
    (tmp_path / "cse.toml").write_text("[http]\nport = 7\n")
    other = tmp_path / "other.toml"
    other.write_text("[http]\nport = 8\n")
    env = {"CSE_DATA_DIR": str(tmp_path)}
    assert load_settings(environ=env).http.port == 7
    assert load_settings(environ={**env, "CSE_CONFIG": str(other)}).http.port == 8
    assert load_settings(overrides={"data_dir": tmp_path}, environ={}).http.port == 7


def test_an_unknown_variable_is_refused_by_name_with_a_suggestion() -> None:
    """A typing error in the environment never passes silently."""
    assert _refusal(environ={"CSE_HTTP_PROT": "1"}) == (
        "CSE_HTTP_PROT: there is no such setting; did you mean CSE_HTTP_PORT?"
    )


@pytest.mark.parametrize(
    "name", ["CSE_TEST_DATABASE_URL", "CSE_MARKET_DATA", "CSE_FAULT", "CSE_FAULT_POINT", "CSECRET"]
)
def test_variables_of_tests_and_of_others_are_left_alone(name: str) -> None:
    """What tests use, and what is not ours, is no setting and no error."""
    load_settings(environ={name: "x"})


def test_an_unknown_name_in_the_file_is_refused_with_file_and_suggestion(tmp_path: Path) -> None:
    """At the top level, inside a section, and a section that does not exist."""
    file = tmp_path / "cse.toml"
    file.write_text("data_dri = 'x'\n[http]\nprt = 1\n[jurnal]\nx = 1\n")
    refusal = _refusal(config=file)
    assert f"data_dri: there is no such setting; did you mean data_dir? (in {file})" in refusal
    assert f"http.prt: there is no such setting; did you mean http.port? (in {file})" in refusal
    assert "jurnal: there is no such setting" in refusal


@pytest.mark.parametrize(
    ("name", "value", "part"),
    [
        ("CSE_HTTP_PORT", "eighty", "http.port (CSE_HTTP_PORT): "),
        ("CSE_HTTP_PORT", "65536", "less than or equal to 65535"),
        ("CSE_MODE", "prod", "'sandbox' or 'production'"),
        ("CSE_ENGINE", "rust", "'auto', 'python' or 'native'"),
        ("CSE_DURABILITY", "quorum", "durability (CSE_DURABILITY): "),
        (
            "CSE_DATABASE_URL",
            "mysql://root:secret@db/x",
            "database.url (CSE_DATABASE_URL): must be",
        ),
        ("CSE_REDIS_URL", "http://x", "redis.url (CSE_REDIS_URL): must begin"),
        ("CSE_HTTP_CORS_ORIGINS", "example.com", "is no origin such as"),
        ("CSE_HTTP_TRUSTED_PROXIES", "10.0.0.0/8,me", "http.trusted_proxies"),
        ("CSE_QUEUE_ADDRESS", "tcp:9000", "must be unix:/path or tcp:host:port"),
        ("CSE_BOTS_ENABLED", "perhaps", "bots.enabled (CSE_BOTS_ENABLED): "),
        ("CSE_JOURNAL_SEGMENT_BYTES", "1", "greater than or equal to 4096"),
    ],
)
def test_a_malformed_value_is_refused_by_name(name: str, value: str, part: str) -> None:
    """The message names setting and variable and never repeats a secret."""
    refusal = _refusal(environ={name: value})
    assert part in refusal
    assert "secret@" not in refusal


def test_several_mistakes_are_told_at_once(tmp_path: Path) -> None:
    """One line each, from wherever they come."""
    file = tmp_path / "cse.toml"
    file.write_text("[log]\nlevel = 'loud'\n")
    refusal = _refusal(config=file, environ={"CSE_HTTP_PORT": "x"}, overrides={"bots.seed": -1})
    assert [line.split(":")[0] for line in refusal.splitlines()] == [
        "http.port (CSE_HTTP_PORT)",
        f"log.level ({file})",
        "bots.seed (command line)",
    ]


def test_a_file_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    """Missing, broken, or one that would move the directory it lies in."""
    assert "cannot be read" in _refusal(config=tmp_path / "none.toml")
    file = tmp_path / "cse.toml"
    file.write_text("[http\n")
    assert f"{file}: is not valid TOML" in _refusal(config=file)
    file.write_text('data_dir = "elsewhere"\n')
    assert "data_dir: cannot be set in" in _refusal(overrides={"data_dir": tmp_path})
    assert load_settings(config=file, environ={}).data_dir == Path("elsewhere")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CSE_BOTS_ENABLED", "true"),
        ("CSE_TOKENS_BCRYPT_COST", "4"),
        ("CSE_HTTP_CORS_ORIGINS", "*"),
        ("CSE_REGISTRATION_VERIFY_EMAIL", "false"),
        ("CSE_OPERATORS_APPROVALS", "0"),
        ("CSE_OPERATORS_REQUIRE_SECOND_FACTOR", "false"),
    ],
)
def test_what_is_for_development_is_refused_in_production(name: str, value: str) -> None:
    """The same setting is fine in the sandbox, which names it at start."""
    assert name in _refusal(environ={"CSE_MODE": "production", name: value})
    assert load_settings(environ={name: value}).development_only()


def test_staff_proves_a_second_factor_in_production() -> None:
    """Not set means: there, and not in the sandbox; in both one other person must agree."""
    assert load_settings(environ={"CSE_MODE": "production"}).staff_second_factor
    sandbox = load_settings(environ={})
    assert not sandbox.staff_second_factor
    assert sandbox.operators.approvals == 1


def test_production_proves_addresses_first_and_the_sandbox_where_it_is_told_to() -> None:
    """Not set: by the mode; set in the sandbox: as set."""
    assert load_settings(environ={"CSE_MODE": "production"}).verifies_first
    assert not load_settings(environ={}).verifies_first
    assert load_settings(environ={"CSE_REGISTRATION_VERIFY_EMAIL": "true"}).verifies_first


def test_production_has_no_bots_unless_it_says_so() -> None:
    """Not set means: on in the sandbox only."""
    assert not load_settings(environ={"CSE_MODE": "production"}).bots_on


def test_secrets_are_masked_wherever_settings_are_shown() -> None:
    """repr, str and `cse config` hold no password of either URL."""
    env = {
        "CSE_DATABASE_URL": "postgresql://u:hunter2@db/x",
        "CSE_REDIS_URL": "redis://:hunter2@r:1/0",
    }
    settings = load_settings(environ=env)
    shown = dict(effective(settings))
    assert "hunter2" not in f"{settings!r}{settings}{shown}"
    assert shown["database.url"] == '"postgresql://u:****@db/x"'
    assert mask_url("postgresql://h/x?user=a&password=b&ssl=on").endswith("&password=****&ssl=on")


def test_a_child_process_gets_the_very_same_settings(tmp_path: Path) -> None:
    """`environment` gives back, through the environment alone, what file and command line said."""
    file = tmp_path / "x.toml"
    file.write_text('[http]\ncors_origins = ["https://a.b"]\n[bots]\nenabled = false\n')
    settings = load_settings(config=file, overrides={"data_dir": tmp_path}, environ={})
    assert load_settings(environ=environment(settings)) == settings


def test_every_setting_has_its_own_variable() -> None:
    """No two settings share a variable, and none could be taken for a test's."""
    variables = [variable(name) for name in setting_names()]
    assert len(set(variables)) == len(variables)
    assert not [name for name in variables if name.startswith(("CSE_TEST_", "CSE_FAULT"))]


def test_settings_built_bare_read_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests and tools that say Settings(...) do not depend on the surroundings."""
    monkeypatch.setenv("CSE_HTTP_PORT", "9")
    assert Settings().http.port == 8000


def test_the_reference_page_is_current() -> None:
    """docs/operating/settings.md is what `cse config --markdown` prints, and every setting has a text."""
    assert (ROOT / "docs/operating/settings.md").read_text(encoding="utf-8") == markdown()
    assert "|  |\n" not in markdown()


def test_providers_send_people_back_over_https_in_production() -> None:
    """To the exchange's public address, or to a page of its own; without either it does not start."""
    known = {"mode": "production", "oauth": {"x_client_id": "me", "x_client_secret": "s"}}
    with pytest.raises(ValueError, match="CSE_OAUTH_REDIRECT_PAGE"):
        Settings.model_validate(known)
    with pytest.raises(ValueError, match="CSE_OAUTH_REDIRECT_PAGE"):
        Settings.model_validate({**known, "http": {"public_url": "http://exchange.example"}})
    public = Settings.model_validate({**known, "http": {"public_url": "https://exchange.example"}})
    assert public.oauth_page == "https://exchange.example/oauth/callback"
