"""Golden vectors of the market metrics: what each answers, worked by hand or as a document has it."""

from kpi_server.plugin import Absence, Vector

_UNDEFINED = Absence.UNDEFINED


def _case(metric: str, expected: str | Absence, source: str, **given: str | Absence) -> Vector:
    return Vector(metric=metric, given=given, expected=expected, source=source)


VECTORS = (
    _case("share", "0.023", "001:114: 1.15 of 50 million", revenue="1150000", market_revenue="50000000"),
    _case("share", _UNDEFINED, "there is no market yet", revenue="0", market_revenue="0"),
    _case("share", Absence.NO_DATA, "nobody knows the market", revenue="1150000", market_revenue=Absence.NO_DATA),
    _case("brand_awareness", "0.15", "001:115: 60 of 400", aware_respondents="60", respondents="400"),
    _case("brand_awareness", _UNDEFINED, "nobody was asked", aware_respondents="0", respondents="0"),
    _case("competitive_win_rate", "0.35", "001:116: 7 of 20", competitive_deals_won="7", competitive_deals="20"),
    _case("competitive_win_rate", _UNDEFINED, "no competitor", competitive_deals_won="0", competitive_deals="0"),
    _case("thought_leadership", "7.5", "001:117: 30 ÷ 4", standing_total="30", standing_ratings="4"),
    _case("thought_leadership", _UNDEFINED, "nobody rated", standing_total="0", standing_ratings="0"),
    _case("industry_recognition", "3", "001:118", awards="3"),
    _case("industry_recognition", "0", "no award is a number", awards="0"),
    _case("international_revenue", "0.25", "001:123: 0.3 of 1.2 million", revenue_abroad="300000", revenue="1200000"),
    _case("international_revenue", _UNDEFINED, "without revenue", revenue_abroad="0", revenue="0"),
    _case("new_markets", "2", "001:124", markets_entered="2"),
    _case("new_markets", "0", "001:124 without an entry", markets_entered="0"),
    _case("local_partnerships", "8", "001:125", partnerships="8"),
    _case("local_partnerships", Absence.NO_DATA, "001:125, uncounted", partnerships=Absence.NO_DATA),
    _case("cultural_adaptation", "7.2", "001:126: 36 ÷ 5", adaptation_total="36", adaptation_ratings="5"),
    _case("cultural_adaptation", _UNDEFINED, "nobody rated", adaptation_total="0", adaptation_ratings="0"),
    _case("content_engagement", "4.2", "002:82: 21 ÷ 5", engagement_total="21", engagement_ratings="5"),
    _case("content_engagement", _UNDEFINED, "nobody rated", engagement_total="0", engagement_ratings="0"),
)
