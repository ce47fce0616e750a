"""Golden vectors: what each calculator makes of ordinary, empty and missing inputs, worked by hand."""

from typing import Final

from kpi_server.plugin import Absence, Vector

NO_DATA: Final = Absence.NO_DATA
UNDEFINED: Final = Absence.UNDEFINED


def _vector(metric: str, expected: str | int | Absence, source: str, **given: str | int | Absence) -> Vector:
    return Vector(metric=metric, given=given, expected=expected, source=source)


VECTORS: Final = (
    _vector("enrollment", 150, "001:92", enrollments=150),
    _vector("enrollment", 0, "001:92", enrollments=0),
    _vector("enrollment", NO_DATA, "001:92", enrollments=NO_DATA),
    _vector("completion", "0.78", "001:93", course_finishers=117, course_participants=150),
    _vector("completion", UNDEFINED, "001:93", course_finishers=0, course_participants=0),
    _vector("nps", 72, "001:94", promoters=79, detractors=7, recommendation_answers=100),
    _vector("nps", -100, "004:516", promoters=0, detractors=4, recommendation_answers=4),
    _vector("nps", UNDEFINED, "004:510", promoters=0, detractors=0, recommendation_answers=0),
    _vector("revenue_per_student", 3200, "001:95", course_revenue=480_000, enrollments=150),
    _vector("revenue_per_student", UNDEFINED, "001:95", course_revenue=480_000, enrollments=0),
    _vector("revenue_per_student", NO_DATA, "001:95", course_revenue=NO_DATA, enrollments=150),
    _vector("certification", "0.65", "001:96", certified_students=13, course_participants=20),
    _vector("certification", UNDEFINED, "001:96", certified_students=0, course_participants=0),
    _vector("executive_enrollments", 25, "001:101", executive_students=25),
    _vector("executive_enrollments", NO_DATA, "001:101", executive_students=NO_DATA),
    _vector("c_level_participation", "0.6", "001:102", c_level_students=15, executive_students=25),
    _vector("c_level_participation", UNDEFINED, "001:102", c_level_students=0, executive_students=0),
    _vector("roi_achievement", "2.8", "001:103", program_benefit=380_000, program_cost=100_000),
    _vector(
        "roi_achievement", "-0.5", "001:103: half of the cost came back", program_benefit=50000, program_cost=100_000
    ),
    _vector("roi_achievement", UNDEFINED, "001:103", program_benefit=0, program_cost=0),
    _vector("referral_rate", "0.35", "001:104", referred_students=7, enrollments=20),
    _vector("referral_rate", UNDEFINED, "001:104", referred_students=0, enrollments=0),
    _vector("alumni_network", 150, "001:105", alumni=150),
    _vector("alumni_network", NO_DATA, "001:105", alumni=NO_DATA),
)
