"""Recurring revenue and its bridge, made of the events that say what customers pay."""

from kpi_server.plugin import Cell, Events, Grain, Movement, aggregate

_BRIDGE = {
    "opening_mrr": "opening",
    "new_mrr": "entered",
    "expansion_mrr": "grown",
    "contraction_mrr": "shrunk",
    "churned_mrr": "left",
    "subscription_mrr": "closing",
}


@aggregate(
    kind="subscription", outputs=tuple(_BRIDGE), grain=Grain.MONTH, amount="MONEY/month", by=("plan",), lasting=True
)
async def subscriptions(events: Events) -> list[Cell]:
    """What customers pay a month and how it moved; an event says what its subject, the customer, pays from then on."""
    return [cell for movement in await events.movements() for cell in _cells(movement)]


def _cells(movement: Movement) -> list[Cell]:
    return [
        Cell(measure, movement.period, movement.segment, getattr(movement, part)) for measure, part in _BRIDGE.items()
    ]


AGGREGATES = (subscriptions,)
