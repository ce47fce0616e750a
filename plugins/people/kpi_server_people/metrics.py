"""The metrics of the people family, in reading order; a source such as "003:114" is line 114 of document 003."""

from kpi_server.plugin import Direction, Grain, Symbol, metric, previous


@metric(name="Employee satisfaction", unit="SCORE", direction=Direction.UP, source="003:143")
def employee_satisfaction(satisfaction_total: Symbol, satisfaction_ratings: Symbol) -> Symbol:
    """Average rating that employees give their work on the organization's scale."""
    return satisfaction_total / satisfaction_ratings


@metric(name="Employee satisfaction rate", unit="RATIO", direction=Direction.UP, source="002:23")
def satisfaction_rate(satisfied_employees: Symbol, surveyed_employees: Symbol) -> Symbol:
    """Share of employees who say that they are satisfied."""
    return satisfied_employees / surveyed_employees


@metric(name="Employee retention", unit="RATIO", direction=Direction.UP, source="001:80")
def retention(employees_at_start: Symbol, employees_left: Symbol) -> Symbol:
    """Share of employees who stayed through the period."""
    return (employees_at_start - employees_left) / employees_at_start


@metric(name="Employee turnover", unit="RATIO", direction=Direction.DOWN, source="001:146")
def turnover(retention: Symbol) -> Symbol:
    """Share of employees who left during the period."""
    return 1 - retention


@metric(name="Productivity index", unit="SCORE", direction=Direction.UP, source="001:81")
def productivity_index(productivity: Symbol) -> Symbol:
    """Index of how much the teams accomplish, on the organization's scale."""
    return productivity


@metric(name="Training completion", unit="RATIO", direction=Direction.UP, source="001:82")
def training_completion(trainings_finished: Symbol, trainings_assigned: Symbol) -> Symbol:
    """Share of assigned trainings that were finished."""
    return trainings_finished / trainings_assigned


@metric(name="Innovation index", unit="SCORE", direction=Direction.UP, source="001:83")
def innovation_index(innovation_total: Symbol, innovation_ratings: Symbol) -> Symbol:
    """Rating of how readily the teams bring forth new ideas."""
    return innovation_total / innovation_ratings


@metric(
    name="Team growth",
    unit="RATIO",
    direction=Direction.UP,
    source="002:182",
    inputs={"before": previous("employees")},
)
def team_growth(employees: Symbol, before: Symbol) -> Symbol:
    """Growth of the number of employees over the preceding period."""
    return (employees - before) / before


@metric(
    name="Knowledge sharing",
    unit="COUNT(session)/month",
    direction=Direction.UP,
    source="003:144",
    grains=(Grain.MONTH,),
    alternative="sharing_sessions",
)
def knowledge_sharing(sharing_sessions: Symbol) -> Symbol:
    """Internal documents and training sessions shared in a month."""
    return sharing_sessions


@metric(name="Headcount", unit="COUNT(employee)", direction=Direction.UP, source="001:190")
def headcount(employees: Symbol) -> Symbol:
    """Employees at the end of the period."""
    return employees


@metric(
    name="Employees who joined",
    unit="COUNT(employee)",
    direction=Direction.UP,
    source="001:80; what the number of employees at both ends and those who left imply",
)
def employees_joined(employees: Symbol, employees_left: Symbol, employees_at_start: Symbol) -> Symbol:
    """Employees who came during the period: those at its end, and those who left, less those at its start."""
    return employees + employees_left - employees_at_start


METRICS = (
    employee_satisfaction,
    satisfaction_rate,
    retention,
    turnover,
    productivity_index,
    training_completion,
    innovation_index,
    team_growth,
    knowledge_sharing,
    headcount,
    employees_joined,
)
