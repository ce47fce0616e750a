"""Which features people take up, and what they build with them."""

from kpi_server.plugin import Across, Direction, Grain, Measure, OverTime, Sketch, Symbol, metric, parse_unit

MEASURES = (
    Measure(
        key="feature_users",
        name="Feature users",
        unit=parse_unit("COUNT(user)"),
        across=Across.MERGE,
        over_time=OverTime.MERGE,
        description="Different users who have used a feature.",
        source="004:482",
        sketch=Sketch.DISTINCT,
    ),
    Measure(
        key="eligible_users",
        name="Eligible users",
        unit=parse_unit("COUNT(user)"),
        across=Across.NONE,
        over_time=OverTime.LAST,
        description="Users who may use a feature; one user may be eligible for several.",
        source="004:482",
        alternative="core_feature_adoption",
    ),
    Measure(
        key="core_feature_users",
        name="Core feature users",
        unit=parse_unit("COUNT(user)"),
        across=Across.MERGE,
        over_time=OverTime.MERGE,
        description="Different users who used at least three core features within 30 days.",
        source="003:75",
        sketch=Sketch.DISTINCT,
    ),
    Measure(
        key="workflow_creators",
        name="Workflow creators",
        unit=parse_unit("COUNT(user)"),
        across=Across.MERGE,
        over_time=OverTime.MERGE,
        description="Different users who created at least one workflow.",
        source="004:254",
        sketch=Sketch.DISTINCT,
    ),
    Measure(
        key="workflows",
        name="Workflows",
        unit=parse_unit("COUNT(workflow)"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="Workflows that exist at the end of the period.",
        source="004:280",
    ),
    Measure(
        key="template_workflows",
        name="Workflows from templates",
        unit=parse_unit("COUNT(workflow)"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="Workflows that started from a template.",
        source="004:265",
    ),
    Measure(
        key="ai_workflows",
        name="Workflows with AI",
        unit=parse_unit("COUNT(workflow)"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="Workflows with at least one step handled by AI.",
        source="004:280",
    ),
    Measure(
        key="first_workflow_wait_total",
        name="Sum of times to first workflow",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Time from signup to a user's first workflow, added up over the users who made it in the period.",
        source="004:266",
    ),
    Measure(
        key="first_workflows",
        name="First workflows",
        unit=parse_unit("COUNT(user)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Users who made their first workflow in the period.",
        source="004:266",
    ),
    Measure(
        key="ai_cost",
        name="AI cost",
        unit=parse_unit("MONEY"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Cost of processing with AI.",
        source="004:291",
    ),
    Measure(
        key="ai_transactions",
        name="AI transactions",
        unit=parse_unit("COUNT(transaction)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Transactions processed with AI.",
        source="004:291",
    ),
    Measure(
        key="ai_ratings",
        name="AI ratings",
        unit=parse_unit("COUNT(rating)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Ratings that users gave AI answers.",
        source="004:292",
    ),
    Measure(
        key="satisfied_ai_ratings",
        name="Satisfied AI ratings",
        unit=parse_unit("COUNT(rating)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Ratings of AI answers that say the user was satisfied.",
        source="004:292",
    ),
    Measure(
        key="ai_request_capacity",
        name="AI request capacity",
        unit=parse_unit("COUNT(request)/minute"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="AI requests that the platform has been shown to process in a minute.",
        source="004:293",
    ),
)


@metric(
    unit="RATIO",
    direction=Direction.UP,
    source="004:482",
    aliases=("Feature Adoption Rate",),
    alternative="core_feature_adoption",
)
def feature_adoption(feature_users: Symbol, eligible_users: Symbol) -> Symbol:
    """Share of the eligible users who have used a feature."""
    return feature_users / eligible_users


@metric(
    unit="RATIO",
    direction=Direction.UP,
    source="003:75",
    aliases=("Feature Adoption (Core)",),
    grains=(Grain.MONTH,),
    alternative="core_feature_users",
)
def core_feature_adoption(core_feature_users: Symbol, active_users: Symbol) -> Symbol:
    """Share of users who used at least three core features within 30 days."""
    return core_feature_users / active_users


@metric(unit="RATIO", direction=Direction.UP, source="004:254")
def workflow_creation_rate(workflow_creators: Symbol, active_users: Symbol) -> Symbol:
    """Share of active users who have created a workflow."""
    return workflow_creators / active_users


@metric(unit="RATIO", direction=Direction.UP, source="004:265")
def template_usage_rate(template_workflows: Symbol, workflows: Symbol) -> Symbol:
    """Share of workflows that start from a template."""
    return template_workflows / workflows


@metric(unit="DURATION", direction=Direction.DOWN, source="004:266")
def time_to_first_workflow(first_workflow_wait_total: Symbol, first_workflows: Symbol) -> Symbol:
    """Average time from signup to a user's first workflow."""
    return first_workflow_wait_total / first_workflows


@metric(unit="COUNT(workflow)/user", direction=Direction.UP, source="004:267")
def workflows_per_user(workflows: Symbol, users: Symbol) -> Symbol:
    """Average number of workflows that a user has created."""
    return workflows / users


@metric(name="AI usage rate", unit="RATIO", direction=Direction.UP, source="004:280", aliases=("AI Adoption Rate",))
def ai_usage_rate(ai_workflows: Symbol, workflows: Symbol) -> Symbol:
    """Share of workflows that contain a step handled by AI."""
    return ai_workflows / workflows


@metric(name="AI cost per transaction", unit="MONEY/transaction", direction=Direction.DOWN, source="004:291")
def ai_cost_per_transaction(ai_cost: Symbol, ai_transactions: Symbol) -> Symbol:
    """Average cost of processing one transaction with AI."""
    return ai_cost / ai_transactions


@metric(name="AI response quality", unit="RATIO", direction=Direction.UP, source="004:292")
def ai_response_quality(satisfied_ai_ratings: Symbol, ai_ratings: Symbol) -> Symbol:
    """Share of AI answers that users rate as satisfactory."""
    return satisfied_ai_ratings / ai_ratings


@metric(name="AI processing volume", unit="COUNT(request)/minute", direction=Direction.UP, source="004:293")
def ai_processing_volume(ai_request_capacity: Symbol) -> Symbol:
    """AI requests that the platform can process in a minute."""
    return ai_request_capacity


METRICS = (
    feature_adoption,
    core_feature_adoption,
    workflow_creation_rate,
    template_usage_rate,
    time_to_first_workflow,
    workflows_per_user,
    ai_usage_rate,
    ai_cost_per_transaction,
    ai_response_quality,
    ai_processing_volume,
)
