"""The metrics of the course family, in reading order; a source such as "003:114" is line 114 of document 003."""

from kpi_server.plugin import Across, Direction, Measure, Metric, OverTime, Symbol, Vector, metric, parse_unit

MEASURES = (
    Measure(
        key="course_participants",
        name="Course participants",
        unit=parse_unit("COUNT(student)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Students whose course ended in the period, whether they finished it or not.",
        source="001:93",
    ),
    Measure(
        key="course_finishers",
        name="Course finishers",
        unit=parse_unit("COUNT(student)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Students who finished a course that ended in the period.",
        source="001:93",
    ),
)


@metric(name="Completion rate", unit="RATIO", direction=Direction.UP, source="001:93")
def completion(course_finishers: Symbol, course_participants: Symbol) -> Symbol:
    """Share of enrolled students who finish the course."""
    return course_finishers / course_participants


METRICS = (
    Metric(
        key="enrollment",
        name="Enrollment rate",
        unit=parse_unit("COUNT(student)/month"),
        direction=Direction.UP,
        description="Students who enroll in a month.",
        source="001:92",
    ),
    completion,
    Metric(
        key="nps",
        name="Course NPS",
        unit=parse_unit("POINTS"),
        direction=Direction.UP,
        description="Percentage of students who promote the course less percentage who advise against it.",
        source="001:94",
    ),
    Metric(
        key="revenue_per_student",
        name="Revenue per student",
        unit=parse_unit("MONEY"),
        direction=Direction.UP,
        description="Course revenue divided by the number of students.",
        source="001:95",
    ),
    Metric(
        key="certification",
        name="Certification rate",
        unit=parse_unit("RATIO"),
        direction=Direction.UP,
        description="Share of students who earn the certificate.",
        source="001:96",
    ),
    Metric(
        key="executive_enrollments",
        name="Executive enrollments",
        unit=parse_unit("COUNT(student)"),
        direction=Direction.UP,
        description="Students enrolled in the executive program.",
        source="001:101",
    ),
    Metric(
        key="c_level_participation",
        name="C-level participation",
        unit=parse_unit("RATIO"),
        direction=Direction.UP,
        description="Share of executive students who hold a C-level position.",
        source="001:102",
    ),
    Metric(
        key="roi_achievement",
        name="ROI achievement",
        unit=parse_unit("RATIO"),
        direction=Direction.UP,
        description="Return that participants report on the cost of the program.",
        source="001:103",
    ),
    Metric(
        key="referral_rate",
        name="Referral rate",
        unit=parse_unit("RATIO"),
        direction=Direction.UP,
        description="Share of students who came by recommendation of another student.",
        source="001:104",
    ),
    Metric(
        key="alumni_network",
        name="Alumni network",
        unit=parse_unit("COUNT(member)"),
        direction=Direction.UP,
        description="Members of the network of former students.",
        source="001:105",
    ),
)

VECTORS = (
    Vector(
        metric="completion",
        given={"course_finishers": 78, "course_participants": 100},
        expected="0.78",
        source="001:93, 78 of 100",
    ),
)
