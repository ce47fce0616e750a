-- What rollup puts together by currency, as amounts of the organization's own. CTEs of rollup, between `put_together` and
-- `spots`. $15 whether a span's measure is a flow, $16 whether its weight is; {{rates}} is rates_of_periods of `foreign_money`.
-- `lacking` is the first rate that is not known: its day, and the currencies.
flows as (
    select *
    from unnest($15::boolean[], $16::boolean[]) with ordinality as flow (is_flow, weight_is_flow, span)
),
foreign_money as materialized (
    select distinct
        organization.id as organization_id, money.base, organization.currency as quote, period_start, period_end, money.is_flow
    from put_together
    join flows using (span)
    cross join lateral (values (currency, is_flow), (weight_currency, weight_is_flow)) as money (base, is_flow)
    join organizations as organization on organization.id = $1
    where money.base is not null
),
rates as materialized (
    {rates}
),
converted as (
    select
        span, measure_id, length, grain, keys, across, segments, put_together.period_start, put_together.period_end,
        case across
            when 'MIN' then min(value * coalesce(rate.rate, 1))
            when 'MAX' then max(value * coalesce(rate.rate, 1))
            else sum(value * coalesce(rate.rate, 1) * coalesce(weight_rate.rate, 1))
        end as value,
        sum(weight * coalesce(weight_rate.rate, 1)) as weight,
        max(absence) as absence,
        false as foreign_money,
        least(
            min(array[rate.unknown::text, rate.base, rate.quote]) filter (where rate.rate is null and rate.base is not null),
            min(array[weight_rate.unknown::text, weight_rate.base, weight_rate.quote])
                filter (where weight_rate.rate is null and weight_rate.base is not null)
        ) as lacking
    from put_together
    join flows using (span)
    left join lateral (
        select rates.*, case when is_flow then rates.period_start else rates.period_end - 1 end as unknown
        from rates
        where rates.base = currency
            and rates.is_flow = flows.is_flow
            and rates.period_start = put_together.period_start
            and rates.period_end = put_together.period_end
    ) as rate on true
    left join lateral (
        select rates.*, case when is_flow then rates.period_start else rates.period_end - 1 end as unknown
        from rates
        where rates.base = weight_currency
            and rates.is_flow = flows.weight_is_flow
            and rates.period_start = put_together.period_start
            and rates.period_end = put_together.period_end
    ) as weight_rate on true
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9
),
