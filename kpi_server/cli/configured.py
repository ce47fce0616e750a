"""The settings of the environment, with one sentence a wrong one."""

from pydantic import AliasChoices, ValidationError

from kpi_server.errors import StartupError
from kpi_server.settings import PREFIX, Settings


def settings_of_environment() -> Settings:
    """What the environment says.

    Raises:
        StartupError: a variable has a value that cannot be used; all of them are named.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = [f"{_variable(str(fault['loc'][0]))}: {fault['msg']}" for fault in error.errors(include_url=False)]
        raise StartupError("\n".join(["The environment has values that cannot be used:", *wrong])) from error


def _variable(field: str) -> str:
    """The environment variable of a field."""
    info = Settings.model_fields.get(field)
    if info is None:
        return field  # an alias, which is the variable's own name
    alias = info.validation_alias
    return str(alias.choices[0]) if isinstance(alias, AliasChoices) else f"{PREFIX}{field.upper()}"
