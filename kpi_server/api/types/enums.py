"""The enums of the graph: the domain's own, each value described."""

from collections.abc import Mapping
from enum import EnumMeta, StrEnum

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from kpi_server.domain.absence import Absence
from kpi_server.domain.access import Role
from kpi_server.domain.cadence import Cadence
from kpi_server.domain.calendar import Opening, Weekday, WeekPattern
from kpi_server.domain.comparison import Alignment, Comparison
from kpi_server.domain.direction import Direction
from kpi_server.domain.period import Grain
from kpi_server.domain.risk import RiskLevel
from kpi_server.domain.selection import Placement, ValueBasis
from kpi_server.domain.status import Colour, Status
from kpi_server.domain.target import AttainmentFlag, Operator
from kpi_server.domain.trend import Arrow, Basis
from kpi_server.domain.unit import UnitKind


class SortDirection(StrEnum):
    ASC = "ASC"
    DESC = "DESC"


class NullsPlace(StrEnum):
    FIRST = "FIRST"
    LAST = "LAST"


class TrendUnit(StrEnum):
    PERCENT = "PERCENT"
    COUNT = "COUNT"
    MULTIPLE = "MULTIPLE"
    POINTS = "POINTS"
    SCORE = "SCORE"
    MONEY = "MONEY"
    DURATION = "DURATION"
    MONTHS = "MONTHS"
    BYTES = "BYTES"
    RATIO = "RATIO"


class OwnerKind(StrEnum):
    EXECUTIVE = "EXECUTIVE"
    SUPPORT = "SUPPORT"
    TEAM = "TEAM"
    OTHER = "OTHER"


class DocumentKind(StrEnum):
    REPORT = "REPORT"
    FRAMEWORK = "FRAMEWORK"
    MONITORING = "MONITORING"
    SUMMARY = "SUMMARY"
    OTHER = "OTHER"


class Tendency(StrEnum):
    STABLE = "STABLE"
    RISING = "RISING"
    FALLING = "FALLING"


class FamilyHealth(StrEnum):
    LOADED = "LOADED"
    QUARANTINED = "QUARANTINED"
    MISSING = "MISSING"


def describe(enum: EnumMeta, description: str, values: Mapping[str, str]) -> None:
    """Make an enum known to the schema, with a description for each of its values."""
    described = strawberry.enum(enum, description=description)
    definition: StrawberryEnumDefinition = vars(described)["__strawberry_definition__"]
    for value in definition.values:
        value.description = values[value.name]


describe(
    Status,
    "What a value is worth against its target, derived by the server; documents' own words stand beside it.",
    {
        "NO_TARGET": "There is no target; never to be read as healthy.",
        "NOT_YET_DUE": "The target's period or deadline is not over yet.",
        "NO_DATA": "There is a target and no value.",
        "MET": "The target is met.",
        "ACCEPTABLE": "Not met, and within what the KPI declares as acceptable.",
        "NEAR_MISS": "Missed by little.",
        "MISSED": "Missed.",
    },
)
describe(
    ValueBasis,
    "Where a value comes from. Neither kind replaces the other.",
    {
        "REPORTED": "A document, a person or a system states it.",
        "COMPUTED": "It is calculated from recorded measures.",
    },
)
describe(
    Comparison,
    "Which earlier period a value is compared with.",
    {"PREVIOUS": "The one before.", "YEAR_BEFORE": "The same one a year before."},
)
describe(
    Alignment,
    "What becomes of a period that has not ended.",
    {
        "COMPLETE": "It is left out.",
        "TO_DATE": "It is compared with as many days of the earlier period as have passed of it.",
    },
)
describe(
    Colour,
    "A light on a board.",
    {
        "GREEN": "Met or acceptable.",
        "YELLOW": "A near miss; in documents also: watch it.",
        "RED": "Missed.",
        "BLUE": "An opportunity; only documents say it.",
        "GREY": "Nothing to judge: no target, no data, or not due yet.",
    },
)
describe(
    Direction,
    "Which way a KPI is meant to move.",
    {"UP": "Higher is better.", "DOWN": "Lower is better.", "NONE": "Neither is better."},
)
describe(
    Placement,
    "Where in a document a figure or target stands.",
    {
        "KPI_ROW": "In the KPI's own row or section.",
        "HEADLINE": "In a headline or summary.",
        "TILE": "On a tile of a dashboard.",
        "ALERT": "In an alert.",
        "SIGNAL": "In an early-warning signal.",
        "MATRIX": "In a matrix of features or segments.",
        "STAGE": "Among a stage's targets.",
        "COHORT": "In a cohort table.",
        "DECISION": "In a decision.",
        "PROGRESSION": "As a step of a progression.",
        "NARRATIVE": "In running text.",
    },
)
describe(
    Operator,
    "How a value is compared with its target.",
    {
        "AT_LEAST": "The value or more.",
        "MORE_THAN": "More than the value.",
        "AT_MOST": "The value or less.",
        "LESS_THAN": "Less than the value.",
        "EQUAL": "Exactly the value.",
        "BETWEEN": "Between low and high, both included.",
        "TEXT": "The same words.",
    },
)
describe(
    AttainmentFlag,
    "Why an attainment is no plain ratio.",
    {
        "UNBOUNDED": "Lower is better and the value is zero: no ratio is large enough, the target is met.",
        "RATIO_UNDEFINED": "The target is zero: the attainment is 1 if met, else 0.",
    },
)
describe(
    Absence,
    "Why there is no number. Zero is a number.",
    {
        "NO_DATA": "Nothing was reported or recorded.",
        "NOT_YET_DUE": "The period is not over yet.",
        "UNDEFINED": "The calculation has no result, such as a division by zero.",
        "NOT_APPLICABLE": "The document says that it does not apply.",
        "NON_ADDITIVE": "It cannot be rolled up to this level.",
        "WITHHELD": "The caller may not see it.",
        "ERROR": "Its calculation failed.",
    },
)
describe(
    UnitKind,
    "What kind of number a KPI is.",
    {
        "COUNT": "How many of something.",
        "RATIO": "A fraction: 0.032 is 3.2 %.",
        "MULTIPLE": "A ratio shown as x:1.",
        "POINTS": "Points from -100 to 100.",
        "SCORE": "A score on a scale.",
        "MONEY": "An amount of a currency.",
        "DURATION": "Seconds.",
        "MONTHS": "Calendar months.",
        "BYTES": "Bytes.",
        "TEXT": "Words.",
    },
)
describe(
    Arrow,
    "The way a figure moved, whether that is good or not.",
    {"UP": "It rose.", "DOWN": "It fell.", "FLAT": "It stayed."},
)
describe(
    Basis,
    "What a trend is measured against.",
    {
        "WOW": "The week before.",
        "MOM": "The month before.",
        "QOQ": "The quarter before.",
        "YOY": "The year before.",
        "UNSPECIFIED": "Not said.",
    },
)
describe(
    RiskLevel,
    "A level as documents print it.",
    {"LOW": "Low.", "MEDIUM": "Medium.", "HIGH": "High."},
)
describe(
    Tendency,
    "Where a risk is heading, as printed.",
    {"STABLE": "It stays as it is.", "RISING": "It grows.", "FALLING": "It shrinks."},
)
describe(
    Role,
    "What a principal is in an organization.",
    {
        "EXECUTIVE": "Sees everything.",
        "DEPARTMENT": "Belongs to a department.",
        "SUPPORT": "Looks after technical and operational matters.",
        "EXTERNAL": "Stands outside.",
        "ADMIN": "Administers the organization.",
        "INTEGRATOR": "Records data.",
        "SERVICE": "A program.",
    },
)
describe(SortDirection, "Which end comes first.", {"ASC": "The smallest first.", "DESC": "The greatest first."})
describe(
    NullsPlace,
    "Where entries without a value stand in an order, whichever end comes first.",
    {"FIRST": "In front of all others.", "LAST": "Behind all others."},
)
describe(
    TrendUnit,
    "What the amount of a trend is in.",
    {
        "PERCENT": "A fraction of the earlier value: 0.28 is 28 %. Of a ratio it may mean percentage points.",
        "COUNT": "A number of what is counted.",
        "MULTIPLE": "A difference of multiples.",
        "POINTS": "Points; for a ratio percentage points.",
        "SCORE": "A difference of scores.",
        "MONEY": "An amount of the KPI's currency.",
        "DURATION": "Seconds.",
        "MONTHS": "Calendar months.",
        "BYTES": "Bytes.",
        "RATIO": "A difference of fractions.",
    },
)
describe(
    OwnerKind,
    "What kind of role owns things.",
    {
        "EXECUTIVE": "An executive.",
        "SUPPORT": "A supporting role.",
        "TEAM": "A team.",
        "OTHER": "Another role.",
    },
)
describe(
    DocumentKind,
    "What kind of document facts are from.",
    {
        "REPORT": "A report of a period.",
        "FRAMEWORK": "A framework: what is measured and aimed at.",
        "MONITORING": "A view of the current state.",
        "SUMMARY": "A summary.",
        "OTHER": "Another kind.",
    },
)
describe(
    FamilyHealth,
    "Whether a family is served.",
    {
        "LOADED": "It is served.",
        "QUARANTINED": "It is installed and left out because of a problem.",
        "MISSING": "KPIs belong to it, but it is not installed.",
    },
)
describe(
    Grain,
    "The length of a period.",
    {
        "YEAR": "A year of the organization's calendar: 2026, or FY2026.",
        "QUARTER": "A quarter: 2026-Q1, or FY2026-Q1.",
        "MONTH": "A month: 2026-03, or FY2026-P03 where fiscal months are of whole weeks.",
        "WEEK": "A week, from Monday unless the calendar says another day: 2026-W07.",
        "DAY": "A day: 2026-03-31.",
    },
)
describe(Weekday, "A day of the week.", {day.name: f"{day.value.title()}." for day in Weekday})
describe(
    WeekPattern,
    "How many weeks the thirds of a fiscal quarter have; the last of a year has its 53rd week, if there is one.",
    {
        "FOUR_FOUR_FIVE": "4-4-5.",
        "FOUR_FIVE_FOUR": "4-5-4.",
        "FIVE_FOUR_FOUR": "5-4-4.",
    },
)
describe(
    Opening,
    "Which week opens a fiscal year of whole weeks.",
    {
        "NEAREST": "The one that begins nearest to the first day of the year's first month.",
        "ON_OR_BEFORE": "The last that begins on or before the first day of the year's first month.",
    },
)
describe(
    Cadence,
    "How often something is reported, watched or reviewed.",
    {
        "CONTINUOUS": "Always.",
        "DAILY": "Every day.",
        "WEEKLY": "Every week.",
        "MONTHLY": "Every month.",
        "QUARTERLY": "Every quarter.",
        "ANNUALLY": "Every year.",
    },
)
