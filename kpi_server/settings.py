"""Every setting of the server, in one table: its environment variable, its default, and what it does."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "KPI_"

Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0)]


class Settings(BaseSettings):
    """What the environment says; anything else is a wrong value, reported by name when the server starts."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, validate_by_name=True, validate_by_alias=True, extra="ignore"
    )

    database_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_URL"),
        description="PostgreSQL as the server's own role reaches it: postgresql://user:password@host:port/database.",
    )
    database_admin_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_ADMIN_URL"),
        description="The same database as the owner of its tables reaches it; only migrations use it.",
    )
    database_connections: Count = Field(default=10, description="Connections to the database, per process.")

    database_pooled: bool = Field(
        default=False,
        description="DATABASE_URL leads to a pooler in transaction mode: nothing is left on a connection.",
    )

    database_listen_url: str | None = Field(
        default=None,
        validation_alias=AliasChoices("DATABASE_LISTEN_URL"),
        description="The same database with no pooler between, to hear of writes by; else DATABASE_URL if it has none.",
    )

    host: str = Field(default="127.0.0.1", description="The address to listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="The port to listen on.")
    workers: Count = Field(default=1, description="Processes that serve requests.")
    log_format: Literal["text", "json"] = Field(default="text", description="How a log line is written.")
    plugins: Literal["strict", "quarantine"] = Field(
        default="strict", description="A broken family stops the server (strict), or is left out (quarantine)."
    )

    recompute: bool = Field(
        default=True,
        description=(
            "Calculate in the background what recorded values change, and make measures of events that wait; "
            "else `kpi-server work` has to."
        ),
    )

    feed_retention_days: Count = Field(
        default=30, description="Days for which changes are told; whoever was away for longer reads everything again."
    )
    live_wake: Literal["notify", "poll"] = Field(
        default="notify",
        description="How processes hear of each other's writes: by NOTIFY beside looking, or by looking alone.",
    )
    live_poll_s: Seconds = Field(
        default=2.0, description="Seconds between two looks for writes that nobody told of, while anybody follows."
    )

    graphiql: bool = Field(default=True, description="Serve the GraphiQL page to browsers at /graphql.")
    operations: Path | None = Field(
        default=None, description="Folder of example operations for GraphiQL's tabs; else the repository's own."
    )
    introspection: bool = Field(default=True, description="Let authenticated callers ask for the schema.")
    trusted_documents: Path | None = Field(
        default=None, description="Folder of GraphQL files, or a manifest, that clients may name by their hashes."
    )
    trusted_only: bool = Field(default=False, description="Execute trusted documents only, whoever asks.")
    suggestions: bool = Field(default=False, description="Say “Did you mean …” of fields and types.")

    max_body_bytes: Count = Field(
        default=4_194_304, description="Largest request body; 10,000 observations with ids and segments need 2 MB."
    )
    max_ingest_bytes: Count = Field(
        default=10_737_418_240, description="Largest stream of observations to /ingest, as it is sent."
    )
    max_document_bytes: Count = Field(default=100_000, description="Largest GraphQL document.")
    max_tokens: Count = Field(default=5_000, description="Most tokens in a document.")
    max_depth: Count = Field(default=20, description="Deepest nesting of fields, fragments included.")
    max_aliases: Count = Field(default=200, description="Most aliases in an operation, fragments counted each time.")
    max_directives: Count = Field(default=100, description="Most directives in an operation, counted the same way.")
    max_root_fields: Count = Field(default=30, description="Most fields at the root of an operation.")
    max_breadth: Count = Field(default=300, description="Most fields in one selection, fragments expanded.")
    max_fields: Count = Field(default=3_000, description="Most fields in an operation, fragments counted each time.")
    max_values: Count = Field(default=5_000, description="Most values in a query's variables, at each use.")
    max_mutation_values: Count = Field(
        default=200_000,
        description="Most values in a mutation's variables: 10,000 events may have 180,000.",
    )
    max_value_depth: Count = Field(default=40, description="Deepest nesting of lists and objects in a value.")
    max_cost: Count = Field(default=20_000, description="Most objects that an operation may ask for.")

    max_connections: Count = Field(
        default=10_000, description="Most WebSockets and event streams that are open at once, a process."
    )
    max_principal_connections: Count = Field(
        default=1_000, description="Most of them that one principal may have, a process."
    )
    max_connection_operations: Count = Field(default=100, description="Most operations at once on one WebSocket.")
    max_message_bytes: Count = Field(
        default=262_144, description="Largest message on a WebSocket; what is larger is sent by POST."
    )
    ping_interval_s: Seconds = Field(
        default=20.0, description="Seconds between signs of life on open connections, and to wait for an answer to one."
    )
    send_timeout_s: Seconds = Field(
        default=10.0, description="Seconds that a message waits for a client that does not read."
    )
    connection_life_s: Seconds = Field(
        default=86_400.0, description="Seconds after which an open connection ends, so that its client comes back."
    )

    response_cache_bytes: int = Field(
        default=16_777_216, ge=0, description="Memory for answers that are asked for again, a process; 0 keeps none."
    )

    body_timeout_s: Seconds = Field(default=10.0, description="Seconds a client has to send its request body.")
    request_timeout_s: Seconds = Field(default=20.0, description="Seconds an operation may take in all.")
    statement_timeout_s: Seconds = Field(default=10.0, description="Seconds one SQL statement may take.")


class Setting(NamedTuple):
    """One row of the table."""

    variable: str
    default: str
    help: str


def table() -> Iterator[Setting]:
    """Every setting with its environment variable, its default as one would write it, and its help text."""
    for name, field in Settings.model_fields.items():
        alias = field.validation_alias
        variable = alias.choices[0] if isinstance(alias, AliasChoices) else f"{PREFIX}{name.upper()}"
        default = "" if field.default is None else str(field.default).lower()
        yield Setting(str(variable), default, field.description or "")
