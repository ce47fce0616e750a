"""A schema of two tables and no KPIs, whose rows break every promise that its types make."""

import json
from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Annotated, Any

import strawberry
from sqlalchemy import BigInteger, Integer, MetaData, Numeric, Table, Text
from sqlalchemy import Column as TableColumn
from sqlalchemy.dialects.postgresql import JSONB
from strawberry.schema.config import StrawberryConfig
from strawberry.types.arguments import convert_arguments

from kpi_server.api.connections import After, Connection, First, Listing, PageArguments, connect
from kpi_server.api.execution.graph import Graph, Instance
from kpi_server.api.execution.leaves import Leaves
from kpi_server.api.execution.model import Relation, model_of
from kpi_server.api.execution.obtaining import Bound, Column, Entry, Many, One, Part, Rule
from kpi_server.api.fields import computed
from kpi_server.api.scalars import SCALARS
from kpi_server.errors import BadInput
from kpi_server.store.reads.clauses import Clauses
from kpi_server.store.reads.rows import list_of

METADATA = MetaData()
for _name, _columns in {
    "shops": [("name", Text), ("motto", Text), ("tags", JSONB)],
    "items": [
        ("shop_id", BigInteger),
        ("maker_id", BigInteger),
        ("position", BigInteger),
        ("name", Text),
        ("size", BigInteger),
        ("small", Integer),
        ("colour", Text),
        ("price", Numeric),
        ("width", Integer),
    ],
}.items():
    Table(
        _name,
        METADATA,
        TableColumn("organization_id", BigInteger, primary_key=True),
        TableColumn("id", BigInteger, primary_key=True),
        *(TableColumn(column, kind, nullable=True) for column, kind in _columns),
    )

TABLES = """
create table shops (organization_id bigint, id bigint primary key, name text, motto text, tags jsonb);
create table items (
    organization_id bigint, id bigint primary key, shop_id bigint, maker_id bigint, position bigint, name text,
    size bigint, small integer, colour text, price numeric, width integer
);
"""


class Colour(Enum):
    RED = "RED"
    BLUE = "BLUE"


@strawberry.type(description="A plain object.")
class Box:
    label: str | None = strawberry.field(description="What is written on it.")
    width: int = strawberry.field(description="How wide it is.")


def priced(price: Any) -> str | None:
    """A price for reading; there is none below zero."""
    if price is not None and price < 0:
        raise BadInput("a price is not negative")
    return None if price is None else f"{price} gold"


def boxed(name: str | None, width: int | None) -> Box:
    """A box, which may lack its width."""
    return Box(label=name, width=width)  # type: ignore[arg-type]


def language(text: str | None) -> str:
    """A language that there is.

    Raises:
        BadInput: it is none.
    """
    if text == "klingon":
        raise BadInput("nobody here speaks that")
    return text or "en"


SPOKEN = Bound("twin", "language", language)


@strawberry.type(description="A part of an item.")
class Piece:
    number: strawberry.Private[int]

    @computed("Its number; the second one has none.")
    def count(self) -> int:
        return None if self.number == 2 else self.number  # type: ignore[return-value]

    @computed("A name, or an error for the third.")
    async def name(self) -> str | None:
        if self.number == 3:
            raise BadInput("the third has no name")
        return f"piece {self.number}"


@strawberry.type(description="A thing in a shop.")
class Item:
    row: strawberry.Private[Any]

    @computed("Its number.", obtained=Column("id"))
    def id(self) -> int:
        return int(self.row["id"])

    @computed("Its name.", obtained=Column("name"))
    def name(self) -> str:
        return self.row["name"]  # type: ignore[no-any-return]

    @computed("Its name, or none.", obtained=Column("name"))
    def label(self) -> str | None:
        return self.row["name"]  # type: ignore[no-any-return]

    @computed("Its size, as it is.", obtained=Column("size"))
    def size(self) -> int:
        return self.row["size"]  # type: ignore[no-any-return]

    @computed("Its size, or none.", obtained=Column("size"))
    def maybe_size(self) -> int | None:
        return self.row["size"]  # type: ignore[no-any-return]

    @computed("Its colour.", obtained=Column("colour"))
    def colour(self) -> Colour | None:
        return self.row["colour"]  # type: ignore[no-any-return]

    @computed("Its price.", obtained=Rule(priced, ("price",)))
    def price(self) -> str | None:
        return priced(self.row["price"])

    @computed("Its price, which it must have.", obtained=Rule(priced, ("price",)))
    def sure_price(self) -> str:
        return priced(self.row["price"])  # type: ignore[return-value]

    @computed("Its box.", obtained=Rule(boxed, ("name", "width")))
    def box(self) -> Box | None:
        return boxed(self.row["name"], self.row["width"])

    @computed("The same columns, as a part of the row.", obtained=Part({"label": "name"}))
    def cut(self) -> Box | None:
        return boxed(self.row["name"], self.row["width"])

    @computed("Its parts, asked of a resolver.")
    async def pieces(self, count: int = 1) -> list[Piece]:
        return [Piece(number=number) for number in range(1, count + 1)]

    @computed("Its parts, each of which may be missing.")
    async def loose_pieces(self, count: int = 1) -> list[Piece | None]:
        return [Piece(number=number) for number in range(1, count + 1)]

    @computed("No list at all, but a number.")
    def wrong_list(self) -> list[Piece] | None:
        return 7  # type: ignore[return-value]

    @computed("A resolver that fails.")
    def broken(self) -> str | None:
        raise BadInput(f"broken {self.row['id']}")

    @computed("A resolver that fails where it must not.")
    async def sure_broken(self) -> str:
        raise BadInput(f"broken {self.row['id']}")

    @computed("Who made it: another shop.", obtained=One("maker"))
    async def maker(
        self, info: strawberry.Info
    ) -> "Annotated[Shop, strawberry.lazy('tests.integration.execution.toy')] | None":
        return await shop_of(info.context, self.row["maker_id"])


@strawberry.type(description="A shop.")
class Shop:
    row: strawberry.Private[Any]

    @computed("Its number.", obtained=Column("id"))
    def id(self) -> int:
        return int(self.row["id"])

    @computed("Its name.", obtained=Column("name"))
    def name(self) -> str:
        return self.row["name"]  # type: ignore[no-any-return]

    @computed("What it says in a language.", obtained=Column("twin.motto", SPOKEN))
    def motto(self, language: str | None = None) -> str | None:
        return self.row["motto"] if globals()["language"](language) == "en" else None

    @computed("Words about it.", obtained=Column("tags"))
    def tags(self) -> list[str] | None:
        return None if self.row["tags"] is None else json.loads(self.row["tags"])

    @computed("Its things.", obtained=Many("items", "shop_id"))
    async def items(self, info: strawberry.Info) -> list[Item]:
        rows = await info.context.fetch("select * from items where shop_id = $1 order by position, id", self.row["id"])
        return [Item(row=row) for row in rows]

    @computed("Its things, unless one fails.", obtained=Many("items", "shop_id"))
    async def maybe_items(self, info: strawberry.Info) -> list[Item] | None:
        rows = await info.context.fetch("select * from items where shop_id = $1 order by position, id", self.row["id"])
        return [Item(row=row) for row in rows]

    @computed("Its things, page by page.")
    async def item_page(self, info: strawberry.Info, first: First = None, after: After = None) -> Connection[Item]:
        clauses = Clauses()
        clauses.add("entry.shop_id = {}::bigint", self.row["id"])
        listing = Listing("Item", list_of("items", clauses), clauses)
        return connect(info.context, listing, PageArguments(first, after), lambda row: Item(row=row))


def _key(context: Any, *, id: int) -> int | None:  # noqa: A002
    if id < 0:
        raise BadInput("numbers are not negative")
    return id or None


@strawberry.type(description="Everything that can be asked.")
class Query:
    @strawberry.field(
        description="A shop by its number.",
        metadata={"obtained": Entry("shops", _key, lambda key, _given: Shop(row={"id": key}))},
    )
    async def shop(self, info: strawberry.Info, id: int) -> Shop | None:  # noqa: A002
        key = _key(info.context, id=id)
        return None if key is None else await shop_of(info.context, key)

    @strawberry.field(description="Things by their numbers, asked of a resolver.")
    async def items(self, info: strawberry.Info, ids: list[int]) -> list[Item | None]:
        rows = await info.context.fetch("select * from items where id = any ($1::bigint[])", ids)
        found = {row["id"]: Item(row=row) for row in rows}
        return [found.get(number) for number in ids]


async def shop_of(context: Any, number: int | None) -> Shop | None:
    """A shop by its number."""
    rows = await context.fetch("select * from shops where id = $1::bigint", number)
    return Shop(row=rows[0]) if rows else None


def build_toy() -> Graph:
    """What the planner knows of the toy."""
    schema = strawberry.Schema(Query, config=StrawberryConfig(scalar_map=dict(SCALARS)))
    converter = schema.schema_converter
    same = "{there}.organization_id = {here}.organization_id"

    def convert(field: Any, given: Mapping[str, Any]) -> Mapping[str, Any]:
        return convert_arguments(
            dict(given), field.arguments, scalar_registry=converter.scalar_registry, config=schema.config
        )

    relations = {
        ("items", "maker"): Relation("shops", f"{same} and {{there}}.id = {{here}}.maker_id", key="maker_id"),
        ("shops", "twin"): Relation(
            "shops", f"{same} and {{there}}.id = {{here}}.id and {{value}} = 'en'", default="'en'::text"
        ),
    }
    casts = MappingProxyType({"Float": "double precision"})
    return Graph(
        schema=schema._schema,
        model=model_of(METADATA, relations, {}),
        leaves=Leaves(casts=casts, written=frozenset({"Cursor"}), texts=frozenset({"Cursor"})),
        tables={"Shop": "shops", "Item": "items"},
        instances={
            "Shop": Instance({"row": ""}, lambda _, row: Shop(row=row["row"])),
            "Item": Instance({"row": ""}, lambda _, row: Item(row=row["row"])),
        },
        pages={"ItemConnection": "Item", "ItemEdge": "Item"},
        aliases={},
        passing=frozenset(),
        order="{entry}.position, {entry}.id",
        convert=convert,
    )
