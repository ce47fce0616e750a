"""What the people metrics are calculated from, in reading order; "001:80" is line 80 of document 001."""

from kpi_server.plugin import Across, Measure, OverTime, parse_unit


def _count(key: str, name: str, description: str, *, of: str, source: str) -> Measure:
    """What is counted during a period: it adds up, across segments and over time."""
    return Measure(
        key=key,
        name=name,
        unit=parse_unit(f"COUNT({of})"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description=description,
        source=source,
    )


def _rating(key: str, name: str, description: str, *, source: str) -> Measure:
    """Ratings added up: divided by their number they are a mean that is right for every segment and period."""
    return Measure(
        key=key,
        name=name,
        unit=parse_unit("SCORE"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description=description,
        source=source,
    )


MEASURES = (
    _rating(
        "satisfaction_total", "Sum of employee ratings", "The ratings of their work by employees.", source="003:143"
    ),
    _count(
        "satisfaction_ratings", "Employee ratings", "Employees who rated their work.", of="rating", source="003:143"
    ),
    _count(
        "satisfied_employees",
        "Satisfied employees",
        "Employees who said in a survey that they are satisfied.",
        of="employee",
        source="002:23",
    ),
    _count(
        "surveyed_employees",
        "Surveyed employees",
        "Employees who said in a survey whether they are satisfied.",
        of="employee",
        source="002:23",
    ),
    Measure(
        key="employees_at_start",
        name="Employees at the start",
        unit=parse_unit("COUNT(employee)"),
        across=Across.SUM,
        over_time=OverTime.FIRST,
        description="Employees with whom the period begins.",
        source="001:80",
    ),
    _count(
        "employees_left",
        "Employees who left",
        "Employees of the period's start who left during the period.",
        of="employee",
        source="001:146",
    ),
    Measure(
        key="employees",
        name="Employees",
        unit=parse_unit("COUNT(employee)"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="Employees at the period's end.",
        source="001:190",
    ),
    Measure(
        key="productivity",
        name="Productivity",
        unit=parse_unit("SCORE"),
        across=Across.WEIGHTED,
        weight="employees",
        over_time=OverTime.AVG,
        description="Index of what a team accomplishes, on the organization's scale.",
        source="001:81",
    ),
    _count(
        "trainings_assigned",
        "Trainings assigned",
        "Trainings that were to be finished in the period.",
        of="training",
        source="001:82",
    ),
    _count(
        "trainings_finished",
        "Trainings finished",
        "Those of the assigned trainings that were finished.",
        of="training",
        source="001:82",
    ),
    _rating(
        "innovation_total", "Sum of innovation ratings", "The ratings of how readily teams innovate.", source="001:83"
    ),
    _count(
        "innovation_ratings",
        "Innovation ratings",
        "Ratings of how readily teams innovate.",
        of="rating",
        source="001:83",
    ),
    _count(
        "sharing_sessions",
        "Sharing sessions",
        "Internal documents and training sessions that were shared in the period.",
        of="session",
        source="003:144",
    ),
)
