-- The bound of a target: its own, or so many times the current value of the KPI that it is a multiple of.
-- An expression; the names are columns of targets, and of the standing of the other KPI as a whole.
case
    when {multiple} is null or {of_kpi.standing.value} is null then {value}
    else {multiple} * {of_kpi.standing.value}
end
