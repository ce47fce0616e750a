"""Commands are modules that are read when they are asked for."""

import gc
import sys

import pytest

from kpi_server.cli.commands import Commands

SOUND = "import gc\nimport click\n\ncommand = click.Command(str(gc.isenabled()))\n"


@pytest.fixture
def group(tmp_path, monkeypatch):
    """A group of two commands, of which one's module cannot be read."""
    package = tmp_path / "commands_of_a_test"
    package.mkdir()
    for name, text in {"__init__": "", "sound": SOUND, "broken": "raise OSError('no such thing')\n"}.items():
        (package / f"{name}.py").write_text(text, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    yield Commands(modules={"sound": "Fine.", "broken": "Not."}, package="commands_of_a_test")
    for name in [name for name in sys.modules if name.startswith("commands_of_a_test")]:
        del sys.modules[name]


def test_a_command_is_read_without_garbage_collection_which_goes_on_afterwards(group):
    assert (group.get_command(None, "sound").name, gc.isenabled()) == ("False", True)


def test_garbage_collection_goes_on_after_a_command_that_cannot_be_read(group):
    with pytest.raises(OSError, match="no such thing"):
        group.get_command(None, "broken")
    assert gc.isenabled()


def test_who_has_switched_garbage_collection_off_finds_it_off(group):
    gc.disable()
    try:
        assert (group.get_command(None, "sound").name, gc.isenabled()) == ("False", False)
    finally:
        gc.enable()
