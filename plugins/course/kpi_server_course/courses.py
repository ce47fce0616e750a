"""Courses: who enrolls, finishes, earns the certificate and recommends the course."""

from kpi_server.plugin import Across, Direction, Grain, Measure, OverTime, Symbol, metric, parse_unit

MEASURES = (
    Measure(
        key="enrollments",
        name="Enrollments",
        unit=parse_unit("COUNT(student)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Students who enrolled in the period.",
        source="001:92",
    ),
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
    Measure(
        key="certified_students",
        name="Certified students",
        unit=parse_unit("COUNT(student)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Students who earned the certificate of a course that ended in the period.",
        source="001:96",
    ),
    Measure(
        key="promoters",
        name="Course promoters",
        unit=parse_unit("COUNT(answer)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Students' answers of 9 or 10 to the question how likely a recommendation is.",
        source="001:94; 004:514",
    ),
    Measure(
        key="detractors",
        name="Course detractors",
        unit=parse_unit("COUNT(answer)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Students' answers from 0 to 6 to the question how likely a recommendation is.",
        source="001:94; 004:516",
    ),
    Measure(
        key="recommendation_answers",
        name="Course recommendation answers",
        unit=parse_unit("COUNT(answer)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="All students' answers to the question how likely a recommendation is.",
        source="001:94; 004:515",
    ),
    Measure(
        key="course_revenue",
        name="Course revenue",
        unit=parse_unit("MONEY"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Revenue from the students who enrolled in the period.",
        source="001:95",
    ),
)


@metric(
    name="Enrollment rate",
    unit="COUNT(student)/month",
    direction=Direction.UP,
    source="001:92",
    grains=(Grain.MONTH,),
    alternative="enrollments",
)
def enrollment(enrollments: Symbol) -> Symbol:
    """Students who enroll in a month."""
    return enrollments


@metric(name="Completion rate", unit="RATIO", direction=Direction.UP, source="001:93")
def completion(course_finishers: Symbol, course_participants: Symbol) -> Symbol:
    """Share of enrolled students who finish the course."""
    return course_finishers / course_participants


@metric(name="Course NPS", unit="POINTS", direction=Direction.UP, source="001:94; 004:510")
def nps(promoters: Symbol, detractors: Symbol, recommendation_answers: Symbol) -> Symbol:
    """Percentage of students who promote the course less percentage who advise against it."""
    return 100 * (promoters - detractors) / recommendation_answers


@metric(unit="MONEY", direction=Direction.UP, source="001:95")
def revenue_per_student(course_revenue: Symbol, enrollments: Symbol) -> Symbol:
    """Course revenue divided by the number of students."""
    return course_revenue / enrollments


@metric(name="Certification rate", unit="RATIO", direction=Direction.UP, source="001:96")
def certification(certified_students: Symbol, course_participants: Symbol) -> Symbol:
    """Share of students who earn the certificate."""
    return certified_students / course_participants


METRICS = (enrollment, completion, nps, revenue_per_student, certification)
