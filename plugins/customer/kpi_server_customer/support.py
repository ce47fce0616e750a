"""How customers are helped: tickets, answers and what customers think of them."""

from kpi_server.plugin import Across, Direction, Measure, OverTime, Symbol, metric, parse_unit

MEASURES = (
    Measure(
        key="tickets",
        name="Tickets opened",
        unit=parse_unit("COUNT(ticket)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Support tickets opened in the period.",
        source="003:93",
    ),
    Measure(
        key="tickets_open",
        name="Tickets open at the end",
        unit=parse_unit("COUNT(ticket)"),
        across=Across.SUM,
        over_time=OverTime.LAST,
        description="Support tickets that are open at the end of the period.",
        source="002:43",
    ),
    Measure(
        key="tickets_resolved_at_once",
        name="Tickets resolved at first contact",
        unit=parse_unit("COUNT(ticket)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Support tickets of the period that the first contact resolved.",
        source="003:95",
    ),
    Measure(
        key="first_response_total",
        name="Sum of first response times",
        unit=parse_unit("DURATION"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Time until support first answered, added up over the tickets answered.",
        source="003:94",
    ),
    Measure(
        key="first_responses",
        name="First responses",
        unit=parse_unit("COUNT(ticket)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Support tickets that got their first answer in the period.",
        source="003:94",
    ),
    Measure(
        key="support_rating_total",
        name="Sum of support ratings",
        unit=parse_unit("SCORE"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="The ratings that customers gave the support they received, added up.",
        source="002:92",
    ),
    Measure(
        key="support_ratings",
        name="Support ratings",
        unit=parse_unit("COUNT(rating)"),
        across=Across.SUM,
        over_time=OverTime.SUM,
        description="Ratings that customers gave the support they received.",
        source="002:92",
    ),
)


@metric(name="Support ticket volume", unit="COUNT(ticket)/100 customers", direction=Direction.DOWN, source="003:93")
def ticket_volume(tickets: Symbol, customers: Symbol) -> Symbol:
    """Support tickets opened for every hundred customers."""
    return 100 * tickets / customers


@metric(unit="COUNT(ticket)", direction=Direction.DOWN, source="002:43", aliases=("Support Tickets",))
def open_tickets(tickets_open: Symbol) -> Symbol:
    """Support tickets that are open now."""
    return tickets_open


@metric(unit="DURATION", direction=Direction.DOWN, source="003:94")
def first_response_time(first_response_total: Symbol, first_responses: Symbol) -> Symbol:
    """Average time until support first answers a ticket."""
    return first_response_total / first_responses


@metric(unit="RATIO", direction=Direction.UP, source="003:95", aliases=("Resolution Rate",))
def first_contact_resolution(tickets_resolved_at_once: Symbol, tickets: Symbol) -> Symbol:
    """Share of tickets resolved at the first contact."""
    return tickets_resolved_at_once / tickets


@metric(unit="SCORE", direction=Direction.UP, source="002:92")
def support_rating(support_rating_total: Symbol, support_ratings: Symbol) -> Symbol:
    """Average rating that customers give the support they received."""
    return support_rating_total / support_ratings


METRICS = (ticket_volume, open_tickets, first_response_time, first_contact_resolution, support_rating)
