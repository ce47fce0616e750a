"""The deployment file is one that Compose accepts, and says what the deployment guide promises."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
COMPOSE = Path(sys.executable).with_name("docker-compose")


def compose(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the real Compose; validating needs no engine."""
    return subprocess.run(
        [COMPOSE, "--file", ROOT / "docker-compose.yml", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.defpath, **environment},
    )


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(compose("config", "--format", "json").stdout)["services"]
    return found


def test_compose_accepts_the_file_without_a_word():
    answer = compose("config", "--quiet")
    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


def test_compose_refuses_a_broken_file(tmp_path):
    """So that the test above is one that can fail."""
    broken = tmp_path / "docker-compose.yml"
    broken.write_text((ROOT / "docker-compose.yml").read_text(encoding="utf-8").replace("image:", "imge:"))
    answer = subprocess.run([COMPOSE, "--file", broken, "config", "--quiet"], capture_output=True, check=False)
    assert answer.returncode != 0


def test_the_server_starts_after_a_migration_that_succeeded(services):
    assert services["migrate"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert services["migrate"]["restart"] == "no"
    conditions = {name: need["condition"] for name, need in services["server"]["depends_on"].items()}
    assert conditions == {"database": "service_healthy", "migrate": "service_completed_successfully"}


def test_only_the_migration_knows_the_owner_of_the_tables(services):
    holders = [name for name, service in services.items() if "DATABASE_ADMIN_URL" in service.get("environment", {})]
    assert holders == ["migrate"]
    users = {
        variable: re.match(r"postgresql://(\w+):", address)
        for variable, address in services["migrate"]["environment"].items()
    }
    assert {variable: user.group(1) for variable, user in users.items() if user} == {
        "DATABASE_URL": "kpi_server",
        "DATABASE_ADMIN_URL": "kpi_owner",
    }


def test_nothing_is_published_beyond_this_machine(services):
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert [(port["host_ip"], port["published"], port["target"]) for port in ports] == [("127.0.0.1", "8000", 8000)]


def test_passwords_and_the_port_can_be_set_from_outside():
    answer = compose("config", "--format", "json", KPI_OWNER_PASSWORD="o1", KPI_SERVER_PASSWORD="s1", KPI_PORT="9000")
    services = json.loads(answer.stdout)["services"]
    assert services["database"]["environment"]["POSTGRES_PASSWORD"] == "o1"
    assert services["migrate"]["environment"]["DATABASE_ADMIN_URL"] == "postgresql://kpi_owner:o1@database:5432/kpi"
    assert services["server"]["environment"]["DATABASE_URL"] == "postgresql://kpi_server:s1@database:5432/kpi"
    assert services["server"]["ports"][0]["published"] == "9000"


def test_the_database_keeps_its_data_where_postgresql_18_has_it(services):
    assert services["database"]["image"] == "postgres:18"
    assert [volume["target"] for volume in services["database"]["volumes"]] == ["/var/lib/postgresql"]


def test_health_is_asked_often_while_starting(services):
    checks = {name: services[name]["healthcheck"] for name in ("database", "server")}
    assert {name: check["start_interval"] for name, check in checks.items()} == {"database": "500ms", "server": "500ms"}
    assert checks["database"]["test"][:2] == ["CMD", "pg_isready"]
    assert "/health/ready" in checks["server"]["test"][-1]
    assert "curl" not in str(checks)


@pytest.mark.families
def test_the_image_is_built_from_files_that_exist_and_are_sent(services):
    recipe = services["server"]["build"]["dockerfile_inline"]
    copied = [name for line in re.findall(r"(?m)^COPY (.+)$", recipe) for name in line.split()[:-1]]
    assert copied
    assert [name for name in copied if not (ROOT / name).exists()] == []
    sent = {line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"}
    assert set(copied) == sent


def test_the_server_runs_as_a_plain_user_on_the_pinned_versions(services):
    recipe = services["server"]["build"]["dockerfile_inline"]
    assert re.search(r"(?m)^FROM python:3\.13-slim$", recipe)
    assert re.search(r"(?m)^USER kpi$", recipe)
    assert "-c constraints.txt" in recipe
