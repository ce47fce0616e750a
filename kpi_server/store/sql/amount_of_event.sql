-- An event's amount in the organization's currency $7: by the last rate known on its day in the zone $8. An expression, null
-- where no rate is known; exchange_rates_by_day.
case
    when event.currency is null then event.amount
    else event.amount * (
        select daily.rate
        from exchange_rates as daily
        where daily.organization_id = $1
            and daily.base = event.currency
            and daily.quote = $7
            and daily.day <= (event.occurred_at at time zone $8::text)::date
        order by daily.day desc
        limit 1
    )
end
