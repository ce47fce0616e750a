"""Recurring revenue: MRR and ARR, how they grow, what opens and closes a period, and what was kept."""

from kpi_server.plugin import Direction, Grain, Symbol, metric, optional, previous, to_date, year_before

_MOVEMENTS = {key: optional(key) for key in ("new_mrr", "expansion_mrr", "contraction_mrr", "churned_mrr")}
"""Recorded when they happen: a month without a departure has none, and nobody records zeros."""


@metric(
    name="Monthly recurring revenue",
    unit="MONEY/month",
    direction=Direction.UP,
    source="004:35",
    aliases=("MRR",),
    inputs={"usage_fees": optional(to_date("usage_fees", Grain.MONTH))},
    grains=(Grain.MONTH, Grain.QUARTER, Grain.YEAR),
    alternative="subscription_mrr",
    version=2,
)
def mrr(subscription_mrr: Symbol, usage_fees: Symbol) -> Symbol:
    """Predictable subscription revenue of one month, usage fees included where there are any."""
    return subscription_mrr + usage_fees


@metric(
    name="Annual recurring revenue",
    unit="MONEY",
    direction=Direction.UP,
    source="004:86",
    aliases=("ARR", "Revenue (ARR)"),
    inputs={"contract_value_adjustments": optional("contract_value_adjustments")},
)
def arr(mrr: Symbol, contract_value_adjustments: Symbol) -> Symbol:
    """Contracted recurring revenue stated as a yearly amount."""
    return mrr * 12 + contract_value_adjustments


@metric(
    name="MRR growth",
    unit="RATIO/month",
    direction=Direction.UP,
    source="004:45",
    aliases=("MRR growth rate",),
    inputs={"before": previous("mrr")},
    grains=(Grain.MONTH,),
    alternative="arr_growth",
)
def mrr_growth(mrr: Symbol, before: Symbol) -> Symbol:
    """Growth of monthly recurring revenue over the month before."""
    return (mrr - before) / before


@metric(
    name="ARR growth",
    unit="RATIO",
    direction=Direction.UP,
    source="004:96",
    inputs={"before": year_before("arr")},
)
def arr_growth(arr: Symbol, before: Symbol) -> Symbol:
    """Growth of annual recurring revenue over the year before."""
    return (arr - before) / before


@metric(
    name="Closing MRR",
    unit="MONEY/month",
    direction=Direction.UP,
    source="003:102",
    aliases=("Ending MRR",),
    inputs=_MOVEMENTS,
    version=2,
)
def closing_mrr(
    opening_mrr: Symbol, new_mrr: Symbol, expansion_mrr: Symbol, contraction_mrr: Symbol, churned_mrr: Symbol
) -> Symbol:
    """Monthly recurring revenue with which the period ends: what opened it and the movements there were in it."""
    return opening_mrr + new_mrr + expansion_mrr - contraction_mrr - churned_mrr


@metric(
    name="Net revenue retention",
    unit="RATIO",
    direction=Direction.UP,
    source="003:102",
    aliases=("NRR",),
    inputs={key: _MOVEMENTS[key] for key in ("expansion_mrr", "contraction_mrr", "churned_mrr")},
    version=2,
)
def net_revenue_retention(
    opening_mrr: Symbol, expansion_mrr: Symbol, contraction_mrr: Symbol, churned_mrr: Symbol
) -> Symbol:
    """Share of the opening recurring revenue kept, expansion included; what was not recorded did not happen."""
    return (opening_mrr + expansion_mrr - contraction_mrr - churned_mrr) / opening_mrr


@metric(
    name="Gross revenue retention",
    unit="RATIO",
    direction=Direction.UP,
    source="003:114",
    aliases=("GRR",),
    inputs={key: _MOVEMENTS[key] for key in ("contraction_mrr", "churned_mrr")},
    version=2,
)
def gross_revenue_retention(opening_mrr: Symbol, contraction_mrr: Symbol, churned_mrr: Symbol) -> Symbol:
    """Share of the opening recurring revenue kept, expansion left out; what was not recorded did not happen."""
    return (opening_mrr - contraction_mrr - churned_mrr) / opening_mrr


@metric(
    name="Enterprise ARR share",
    unit="RATIO",
    direction=Direction.UP,
    source="004:97",
    aliases=("Enterprise ARR Contribution",),
)
def enterprise_arr_share(enterprise_arr: Symbol, arr: Symbol) -> Symbol:
    """Share of annual recurring revenue that enterprise customers contribute."""
    return enterprise_arr / arr
