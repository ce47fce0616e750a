"""Golden vectors of the people metrics: what each answers, worked by hand or as a document has it."""

from kpi_server.plugin import Absence, Vector

_NO_DATA, _UNDEFINED = Absence.NO_DATA, Absence.UNDEFINED


def _case(metric: str, expected: str | Absence, source: str, **given: str | Absence) -> Vector:
    return Vector(metric=metric, given=given, expected=expected, source=source)


VECTORS = (
    _case("employee_satisfaction", "4.2", "001:79: 42 ÷ 10", satisfaction_total="42", satisfaction_ratings="10"),
    _case("employee_satisfaction", _UNDEFINED, "nobody rated", satisfaction_total="0", satisfaction_ratings="0"),
    _case("satisfaction_rate", "0.85", "002:23: 17 of 20", satisfied_employees="17", surveyed_employees="20"),
    _case("satisfaction_rate", "0", "nobody is content", satisfied_employees="0", surveyed_employees="20"),
    _case("satisfaction_rate", _UNDEFINED, "nobody was asked", satisfied_employees="0", surveyed_employees="0"),
    _case("retention", "0.92", "001:80: (25 - 2) ÷ 25", employees_at_start="25", employees_left="2"),
    _case("retention", _UNDEFINED, "nobody was there", employees_at_start="0", employees_left="0"),
    _case("turnover", "0.08", "001:146 and 001:80: 100 % - 92 %", retention="0.92"),
    _case("turnover", _NO_DATA, "retention is unknown", retention=_NO_DATA),
    _case("productivity_index", "85", "001:81", productivity="85"),
    _case("training_completion", "0.78", "001:82: 39 of 50", trainings_finished="39", trainings_assigned="50"),
    _case("training_completion", _UNDEFINED, "no training was due", trainings_finished="0", trainings_assigned="0"),
    _case("innovation_index", "7.2", "001:83: 36 ÷ 5", innovation_total="36", innovation_ratings="5"),
    _case("innovation_index", _UNDEFINED, "nobody rated", innovation_total="0", innovation_ratings="0"),
    _case("team_growth", "0.25", "002:182: 10 after 8", employees="10", before="8"),
    _case("team_growth", "-0.5", "half of the team left", employees="4", before="8"),
    _case("team_growth", _UNDEFINED, "from nobody to somebody", employees="10", before="0"),
    _case("productivity_index", _NO_DATA, "001:81 where nobody measures it", productivity=_NO_DATA),
    _case("knowledge_sharing", "6", "003:144", sharing_sessions="6"),
    _case("knowledge_sharing", "0", "003:144 in a month without a session", sharing_sessions="0"),
    _case("headcount", "10", "001:26 ÷ 001:30", employees="10"),
    _case("headcount", "0", "001:30 before anybody is hired", employees="0"),
    _case(
        "employees_joined",
        "3",
        "001:80: 26 at the end after 2 of 25 left",
        employees="26",
        employees_left="2",
        employees_at_start="25",
    ),
    _case(
        "employees_joined",
        "0",
        "nobody came, nobody left",
        employees="25",
        employees_left="0",
        employees_at_start="25",
    ),
)
