"""The tables as paths see them: columns, the rows they name, and columns that are computed from others."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, MetaData, Numeric, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeEngine

TENANT: Final = "organization_id"
_KINDS: Final[tuple[tuple[type[TypeEngine[Any]], str], ...]] = (
    (BigInteger, "bigint"),
    (Integer, "integer"),
    (Numeric, "numeric"),
    (Boolean, "boolean"),
    (DateTime, "timestamptz"),
    (Date, "date"),
    (JSONB, "jsonb"),
    (Text, "text"),
)


class NoSuchPath(LookupError):
    """A declaration names a column or relation that the tables do not have."""


@dataclass(frozen=True)
class ColumnKind:
    """A column's type in Postgres, and whether it may hold null."""

    type: str
    nullable: bool


@dataclass(frozen=True)
class Relation:
    """A row that another leads to, at most one.

    `condition` says which, of `{here}` and `{there}` (aliases) and `{value}` (the parameter, `default` where no field
    binds it). `key` is the column here that is null exactly when there is no such row; without it, `there` is asked.
    """

    table: str
    condition: str
    key: str | None = None
    default: str | None = None
    there: str = "id"


@dataclass(frozen=True)
class Computed:
    """A column that is an expression: `{path}` in it stands for other columns, `{now}` for the request's moment."""

    sql: str
    kind: ColumnKind


@dataclass(frozen=True)
class Model:
    """All tables; relations by foreign key are known from the tables, others are given."""

    columns: Mapping[str, Mapping[str, ColumnKind]]
    relations: Mapping[tuple[str, str], Relation]
    computed: Mapping[tuple[str, str], Computed] = field(default_factory=dict)

    def relation(self, table: str, name: str) -> Relation:
        """The relation of that name.

        Raises:
            NoSuchPath: the table has none.
        """
        try:
            return self.relations[table, name]
        except KeyError:
            raise NoSuchPath(f"{table} has no relation {name}") from None

    def column(self, table: str, name: str) -> ColumnKind:
        """The kind of a column.

        Raises:
            NoSuchPath: the table has none of that name.
        """
        try:
            return self.columns[table][name]
        except KeyError:
            raise NoSuchPath(f"{table} has no column {name}") from None


def model_of(
    metadata: MetaData,
    relations: Mapping[tuple[str, str], Relation],
    computed: Mapping[tuple[str, str], Computed],
) -> Model:
    """The model of declared tables; a column `x_id` that names another row is the relation `x`."""
    columns = {
        table.name: {column.name: ColumnKind(_kind(column.type), bool(column.nullable)) for column in table.columns}
        for table in metadata.tables.values()
    }
    named = {
        (table.name, key.column_keys[-1].removesuffix("_id")): Relation(
            key.referred_table.name,
            f"{{there}}.{TENANT} = {{here}}.{TENANT} and {{there}}.id = {{here}}.{key.column_keys[-1]}",
            key=key.column_keys[-1],
        )
        for table in metadata.tables.values()
        for key in table.foreign_key_constraints
        if len(key.column_keys) == 2
    }
    return Model(columns, {**named, **relations}, computed)


def placeholders(sql: str) -> tuple[str, ...]:
    """The names in braces."""
    return tuple(re.findall(r"\{([a-z_.]+)\}", sql))


def _kind(type_: TypeEngine[Any]) -> str:
    return next((name for kind, name in _KINDS if isinstance(type_, kind)), "text")
