-- A new event whose amount no known rate converts: no row where all can be. $1 organization, $2 kind, $3 the last event that
-- counts already, $4 the organization's currency, $5 its zone. events_by_id and exchange_rates_by_day.
select event.currency, (event.occurred_at at time zone $5::text)::date as day
from events as event
where event.organization_id = $1
    and event.kind = $2
    and event.id > $3
    and event.currency is not null
    and not exists (
        select from exchange_rates as daily
        where daily.organization_id = $1
            and daily.base = event.currency
            and daily.quote = $4
            and daily.day <= (event.occurred_at at time zone $5::text)::date
    )
order by event.occurred_at
limit 1
