-- By what amounts of other currencies are converted: the average rate of a period for flows, its closing rate for balances,
-- as in domain/currency. A select. {periods} is a relation of (organization_id, base, quote, period_start, period_end,
-- is_flow), each once; a row each with these, `rate`, null where none is known on the first day (flows) or on the last
-- (balances), and the first and last day of the dated rates that count in it. exchange_rates_by_day, from the last rate known
-- before the period.
select
    wanted.*,
    case when wanted.is_flow then average.rate else closing.rate end as rate,
    case when wanted.is_flow then average.first_day else closing.day end as first_day,
    case when wanted.is_flow then average.last_day else closing.day end as last_day
from {periods} as wanted
left join lateral (
    select daily.rate, daily.day
    from exchange_rates as daily
    where daily.organization_id = wanted.organization_id
        and daily.base = wanted.base
        and daily.quote = wanted.quote
        and daily.day < wanted.period_end
    order by daily.day desc
    limit 1
) as closing on not wanted.is_flow
left join lateral (
    select
        round(
            sum(held.rate * (least(held.until, wanted.period_end) - greatest(held.day, wanted.period_start)))
            / (wanted.period_end - wanted.period_start)::numeric(40, 30),
            12
        ) as rate,
        min(held.day) as first_day,
        max(held.day) as last_day
    from (
        select daily.rate, daily.day, lead(daily.day) over (order by daily.day) as until
        from exchange_rates as daily
        where daily.organization_id = wanted.organization_id
            and daily.base = wanted.base
            and daily.quote = wanted.quote
            and daily.day < wanted.period_end
            and daily.day >= (
                select max(known.day)
                from exchange_rates as known
                where known.organization_id = wanted.organization_id
                    and known.base = wanted.base
                    and known.quote = wanted.quote
                    and known.day <= wanted.period_start
            )
    ) as held
) as average on wanted.is_flow
