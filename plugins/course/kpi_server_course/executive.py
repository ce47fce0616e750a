"""The executive program: who takes part, what it returns, and the network of former students."""

from kpi_server.plugin import Across, Direction, Measure, OverTime, Symbol, metric, parse_unit

MEASURES = (
    Measure(
        key="executive_students",
        name="Executive students",
        unit=parse_unit("COUNT(student)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Students who enrolled in the executive program in the period.",
        source="001:101",
    ),
    Measure(
        key="c_level_students",
        name="C-level students",
        unit=parse_unit("COUNT(student)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Executive students of the period who hold a C-level position.",
        source="001:102",
    ),
    Measure(
        key="program_benefit",
        name="Program benefit",
        unit=parse_unit("MONEY"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Benefit that participants report of the program, in money.",
        source="001:103",
    ),
    Measure(
        key="program_cost",
        name="Program cost",
        unit=parse_unit("MONEY"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="What the participants who reported a benefit paid for the program.",
        source="001:103",
    ),
    Measure(
        key="referred_students",
        name="Referred students",
        unit=parse_unit("COUNT(student)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Students who enrolled in the period by recommendation of another student.",
        source="001:104",
    ),
    Measure(
        key="alumni",
        name="Alumni",
        unit=parse_unit("COUNT(member)"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="Members of the network of former students at the end of the period.",
        source="001:105",
    ),
)


@metric(unit="COUNT(student)", direction=Direction.UP, source="001:101")
def executive_enrollments(executive_students: Symbol) -> Symbol:
    """Students enrolled in the executive program."""
    return executive_students


@metric(name="C-level participation", unit="RATIO", direction=Direction.UP, source="001:102")
def c_level_participation(c_level_students: Symbol, executive_students: Symbol) -> Symbol:
    """Share of executive students who hold a C-level position."""
    return c_level_students / executive_students


@metric(
    name="ROI achievement",
    unit="RATIO",
    direction=Direction.UP,
    source="001:103; Phillips, Return on Investment in Training and Performance Improvement Programs, 2nd ed. 2003",
)
def roi_achievement(program_benefit: Symbol, program_cost: Symbol) -> Symbol:
    """Return that participants report on the cost of the program."""
    return (program_benefit - program_cost) / program_cost


@metric(unit="RATIO", direction=Direction.UP, source="001:104")
def referral_rate(referred_students: Symbol, enrollments: Symbol) -> Symbol:
    """Share of students who came by recommendation of another student."""
    return referred_students / enrollments


@metric(unit="COUNT(member)", direction=Direction.UP, source="001:105")
def alumni_network(alumni: Symbol) -> Symbol:
    """Members of the network of former students."""
    return alumni


METRICS = (executive_enrollments, c_level_participation, roi_achievement, referral_rate, alumni_network)
