"""What documents say of a KPI: each document's own view of it, and their notes."""

from enum import StrEnum

import strawberry

from kpi_server.api.fields import computed
from kpi_server.api.request import Info
from kpi_server.api.scalars import Period
from kpi_server.api.standing import Measure
from kpi_server.api.types.catalog import Document, Owner
from kpi_server.api.types.enums import describe
from kpi_server.api.types.source import Source, source_of
from kpi_server.api.types.target import Target
from kpi_server.api.types.value import ReportedFigure, Trend, Value, derived_trend, figure_value, number
from kpi_server.domain.status import Status
from kpi_server.services.standing import standings_by_document
from kpi_server.store.reads import Key, Record
from kpi_server.store.standing import StandingRow


class AnnotationKind(StrEnum):
    ANALYSIS = "ANALYSIS"
    STATEMENT = "STATEMENT"
    TARGET = "TARGET"
    REVISION = "REVISION"
    DECISION = "DECISION"
    ADVICE = "ADVICE"


describe(
    AnnotationKind,
    "What a note is about.",
    {
        "ANALYSIS": "A comment on a figure.",
        "STATEMENT": "A statement in prose, a headline or a footer.",
        "TARGET": "Why a target is what it is.",
        "REVISION": "Why a target was changed or confirmed.",
        "DECISION": "What was decided.",
        "ADVICE": "What an alert says is to be done.",
    },
)


@strawberry.type(description="A note of a document about a KPI.")
class Annotation:
    kind: AnnotationKind = strawberry.field(description="What it is about.")
    label: str | None = strawberry.field(description="What it is called there.")
    text: str = strawberry.field(description="The words as printed.")
    dated: Period | None = strawberry.field(
        description="What it is dated: the period it speaks of, else its document's date or period."
    )
    source: Source = strawberry.field(description="Where it is printed.")


@strawberry.type(description="What one document says of a KPI, judged by the document's own figure and target.")
class DocumentView:
    value: Value | None = strawberry.field(description="The value that counts in it; null where it states none.")
    target: Target | None = strawberry.field(description="The target that judges it there.")
    attainment: float | None = strawberry.field(description="How far that target is attained, 1 = 100 %.")
    status: Status = strawberry.field(description="What the value is worth against that target, whatever day it is.")
    change: Trend | None = strawberry.field(
        description="The change from the value of the document before; null where there is none."
    )
    key: strawberry.Private[tuple[int, str]]
    figure: strawberry.Private[Record | None]
    rows: strawberry.Private[list[Record]]

    @computed("The document.")
    async def document(self, info: Info) -> Document | None:
        found = await info.context.loaders.documents.load(self.key)
        return next((Document.of(row) for row in found), None)

    @computed("The figure that counts in it.", name="figure")
    def shown_figure(self) -> ReportedFigure | None:
        return None if self.figure is None else ReportedFigure.of(self.figure)

    @computed("Whom it names as the owner: in the figure's row, else in the last row that names one.")
    async def owner(self, info: Info) -> Owner | None:
        owners = {row["id"]: row["owner_id"] for row in self.rows if row["owner_id"] is not None}
        own = None if self.figure is None else owners.get(self.figure["kpi_row_id"])
        owner_id = own or next(reversed(owners.values()), None)
        if owner_id is None:
            return None
        row = await info.context.loaders.row("owners").load((self.key[0], owner_id))
        return None if row is None else Owner.of(row)


async def document_views(info: Info, kpi: Key, measure: Measure, *, segment: str) -> list[DocumentView]:
    """What each document says of a KPI in a segment, the oldest document first."""
    loaders = info.context.loaders
    facts = await loaders.facts_of_kpis.load(kpi)
    figures = {row["id"]: row for row in await loaders.children("reported_figures", "kpi_id").load(kpi)}
    aims = {row["id"]: row for row in await loaders.children("targets", "kpi_id").load(kpi)}
    rows = await loaders.children("kpi_rows", "kpi_id").load(kpi)
    views: list[DocumentView] = []
    before: StandingRow | None = None
    for document, standing in standings_by_document(facts, segment=segment):
        figure, aim = figures.get(standing.figure_id), aims.get(standing.target_id)
        views.append(
            DocumentView(
                value=None if figure is None else figure_value(figure, measure),
                target=None if aim is None else Target.of(aim),
                attainment=number(standing.attainment),
                status=Status(standing.status),
                change=_change(standing, before, measure),
                key=(kpi[0], document),
                figure=figure,
                rows=[row for row in rows if row["document"] == document],
            )
        )
        before = standing if standing.value is not None else before
    return views


async def annotations(info: Info, kpi: Key) -> list[Annotation]:
    """What documents note about a KPI, the oldest document first."""
    return [
        Annotation(
            kind=AnnotationKind(row["kind"]),
            label=row["label"],
            text=row["text"],
            dated=row["dated"],
            source=source_of(row),
        )
        for row in await info.context.loaders.annotations_of_kpis.load(kpi)
    ]


def _change(standing: StandingRow, before: StandingRow | None, measure: Measure) -> Trend | None:
    """From the document before; in the first one from an earlier period that it names itself."""
    earlier = standing.previous_value if before is None else before.value
    return derived_trend(standing.value, earlier, measure)
