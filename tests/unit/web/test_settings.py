"""Settings come from the environment, and a wrong one is refused by name."""

import pytest
from pydantic import ValidationError

from kpi_server.settings import Settings, table


def test_settings_are_read_from_the_environment(monkeypatch):
    for name, value in {
        "DATABASE_URL": "postgresql://a@b/c",
        "KPI_PORT": "9000",
        "KPI_GRAPHIQL": "off",
        "KPI_MAX_DEPTH": "7",
        "KPI_REQUEST_TIMEOUT_S": "1.5",
    }.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.database_url == "postgresql://a@b/c"
    assert (settings.port, settings.graphiql, settings.max_depth, settings.request_timeout_s) == (9000, False, 7, 1.5)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KPI_PORT", "65536"),
        ("KPI_PORT", "-1"),
        ("KPI_WORKERS", "0"),
        ("KPI_MAX_COST", "0"),
        ("KPI_REQUEST_TIMEOUT_S", "0"),
        ("KPI_PLUGINS", "loose"),
        ("KPI_LOG_FORMAT", "xml"),
        ("KPI_INTROSPECTION", "perhaps"),
    ],
)
def test_a_wrong_value_is_refused(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(ValidationError, match=variable.removeprefix("KPI_").lower()):
        Settings()


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError, match="frozen"):
        Settings().port = 1


def test_every_variable_is_named_once():
    variables = [row.variable for row in table()]
    assert len(variables) == len(set(variables))
    others = [name for name in variables if not name.startswith("KPI_")]
    assert others == ["DATABASE_URL", "DATABASE_ADMIN_URL", "DATABASE_LISTEN_URL"]
