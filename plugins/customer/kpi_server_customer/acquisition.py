"""How visitors become leads, trials and customers."""

from kpi_server.plugin import Across, Direction, Grain, Measure, OverTime, Sketch, Symbol, metric, parse_unit

MEASURES = (
    Measure(
        key="leads",
        name="Leads",
        unit=parse_unit("COUNT(lead)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Leads gained in the period.",
        source="002:79",
    ),
    Measure(
        key="leads_converted",
        name="Leads converted",
        unit=parse_unit("COUNT(lead)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Leads that became customers in the period.",
        source="001:51",
    ),
    Measure(
        key="trials",
        name="Trials begun",
        unit=parse_unit("COUNT(trial)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Trials registered in the period.",
        source="003:52",
    ),
    Measure(
        key="trials_converted",
        name="Trials converted",
        unit=parse_unit("COUNT(trial)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Trials that became paying customers in the period.",
        source="003:60",
    ),
    Measure(
        key="visitors",
        name="Unique visitors",
        unit=parse_unit("COUNT(visitor)"),
        across=Across.MERGE,
        over_time=OverTime.MERGE,
        description="Different visitors to the website.",
        source="003:51",
        sketch=Sketch.DISTINCT,
    ),
    Measure(
        key="visits",
        name="Website visits",
        unit=parse_unit("COUNT(visit)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Visits to the website.",
        source="003:54",
    ),
    Measure(
        key="organic_visits",
        name="Organic visits",
        unit=parse_unit("COUNT(visit)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Visits to the website that came from unpaid search.",
        source="003:54",
    ),
    Measure(
        key="qualified_opportunities",
        name="Qualified opportunities",
        unit=parse_unit("COUNT(opportunity)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Qualified sales opportunities that were decided in the period.",
        source="003:62",
    ),
    Measure(
        key="opportunities_won",
        name="Opportunities won",
        unit=parse_unit("COUNT(opportunity)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Qualified sales opportunities that were won in the period.",
        source="003:62",
    ),
    Measure(
        key="sales_cycle_total",
        name="Sum of sales cycles",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Time from trial or first contact to purchase, added up over the opportunities won.",
        source="003:61",
    ),
)


@metric(unit="COUNT(lead)/month", direction=Direction.UP, source="002:79", grains=(Grain.MONTH,), alternative="leads")
def lead_generation(leads: Symbol) -> Symbol:
    """Leads gained in a month."""
    return leads


@metric(unit="RATIO", direction=Direction.UP, source="001:51", aliases=("Conversion Rate",))
def lead_conversion(leads_converted: Symbol, leads: Symbol) -> Symbol:
    """Share of leads that become customers."""
    return leads_converted / leads


@metric(unit="COUNT(trial)/month", direction=Direction.UP, source="003:52", grains=(Grain.MONTH,), alternative="trials")
def trial_signups(trials: Symbol) -> Symbol:
    """Trials registered in a month."""
    return trials


@metric(name="Trial-to-paid conversion", unit="RATIO", direction=Direction.UP, source="003:60")
def trial_to_paid(trials_converted: Symbol, trials: Symbol) -> Symbol:
    """Share of trials that become paying customers."""
    return trials_converted / trials


@metric(
    unit="RATIO",
    direction=Direction.UP,
    source="003:53",
    aliases=("Signup Conversion Rate",),
)
def signup_conversion(trials: Symbol, visitors: Symbol) -> Symbol:
    """Share of website visitors who register for a trial."""
    return trials / visitors


@metric(
    unit="COUNT(visitor)/month", direction=Direction.UP, source="003:51", grains=(Grain.MONTH,), alternative="visitors"
)
def website_traffic(visitors: Symbol) -> Symbol:
    """Different visitors to the website in a month."""
    return visitors


@metric(unit="RATIO", direction=Direction.UP, source="003:54")
def organic_traffic_share(organic_visits: Symbol, visits: Symbol) -> Symbol:
    """Share of website traffic that comes from unpaid search."""
    return organic_visits / visits


@metric(unit="RATIO", direction=Direction.UP, source="003:62")
def win_rate(opportunities_won: Symbol, qualified_opportunities: Symbol) -> Symbol:
    """Share of qualified sales opportunities that were won."""
    return opportunities_won / qualified_opportunities


@metric(unit="DURATION", direction=Direction.DOWN, source="003:61", aliases=("Sales Cycle Length",))
def sales_cycle(sales_cycle_total: Symbol, opportunities_won: Symbol) -> Symbol:
    """Average time from trial or first contact to purchase."""
    return sales_cycle_total / opportunities_won


METRICS = (
    lead_generation,
    lead_conversion,
    trial_signups,
    trial_to_paid,
    signup_conversion,
    website_traffic,
    organic_traffic_share,
    win_rate,
    sales_cycle,
)
