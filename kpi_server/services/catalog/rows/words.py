"""What fields of catalog rows hold, and what rows have in common."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from kpi_server.domain.target import Operator

Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=80, description="Lower-case key.")]
KpiKey = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]*\.[a-z0-9_]+$", max_length=120, description="A KPI: family.key.")
]
Text = Annotated[str, Field(pattern=r"\S", max_length=4000)]
Words = Annotated[str, Field(pattern=r"\S", max_length=300)]
SourceLine = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9._-]+:[1-9][0-9]{0,6}$", description="Where it stands: document key, colon, line.")
]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Number = Annotated[
    str,
    Field(
        pattern=r"^-?[0-9]{1,24}(\.[0-9]{1,24})?(\.\.-?[0-9]{1,24}(\.[0-9]{1,24})?)?$",
        description='A number in canonical form: "0.25" is 25 %, "90" is 90 seconds; "0.15..0.2" is a range.',
    ),
]
Share = Annotated[
    str, Field(pattern=r"^(0\.[0-9]{1,24}|1(\.0{1,24})?)$", description='A part of the whole: "0.95" is 95 %.')
]
PeriodText = Annotated[
    str,
    Field(
        pattern=r"^([0-9]{4}(-(Q[1-4]|W[0-9]{2}|[0-9]{2}(-[0-9]{2})?))?|FY[0-9]{4}(-(Q[1-4]|P[0-9]{2}))?)$",
        description=(
            'A period: "2024", "2024-Q1", "2024-03", "2024-W07" or "2024-03-31"; of fiscal years "FY2024", '
            '"FY2024-Q1", "FY2024-P03".'
        ),
    ),
]
Colour = Literal["GREEN", "YELLOW", "RED", "BLUE"]
Arrow = Literal["UP", "DOWN", "FLAT"]
Dimension = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=80, description="What segments differ in: plan, region.")
]
Segment = Annotated[dict[Dimension, Key], Field(description="Dimension: value; empty is the whole.")]
Cadence = Literal["CONTINUOUS", "DAILY", "WEEKLY", "MONTHLY", "QUARTERLY", "ANNUALLY"]
Severity = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW", "WARNING", "INFO"]
Level = Literal["LOW", "MEDIUM", "HIGH"]


class Row(BaseModel):
    """One fact, with the document line it is from."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)

    source: SourceLine


class Cell(BaseModel):
    """A printed figure or target that stands on another line than its row, or needs more than its words."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)

    text: Words
    """The words as printed."""
    source: SourceLine | None = None
    """Its own line, if not its row's."""
    operator: Operator | None = None
    """For a target whose words do not say it."""
    value: Number | None = None
    """The number in canonical form, for words that cannot be read."""


Printed = Annotated[Words | Cell, Field(description="Words as printed, or a cell with a line of its own.")]


class Light(Row):
    """What a document says of a matter: status words and colour."""

    status: Words | None = None
    """Status words as printed ("On Track", "NEAR MISS (97% of target)")."""
    colour: Colour | None = None
    """The printed light or sign: ✅ is GREEN, ⚠️ YELLOW, ❌ RED, 🔶 YELLOW."""


class Verdict(Light):
    """Status words and colour with the document's comment."""

    analysis: Text | None = None
    """The document's comment."""


class Judgement(Verdict):
    """What a document says of a figure: status words, colour, comment, trend."""

    trend: Words | None = None
    """As printed, with its basis ("+25% MoM")."""
    arrow: Arrow | None = None
    """The printed arrow."""
