"""The seven families, installed from their sources: what the documents' names mean in them, and in which units."""

import re
import runpy
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kpi_server.registry import Registry, discover

ROOT = Path(__file__).parents[3]
FAMILIES = ("course", "customer", "financial", "market", "people", "product", "technical")
install: Callable[[Path, Path], None] = runpy.run_path(str(ROOT / "tests" / "toy_family" / "installing.py"))["install"]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    site = tmp_path_factory.mktemp("site")
    for name in FAMILIES:
        install(ROOT / "plugins" / name, site)
    before = set(sys.modules)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(site)
        yield discover(path=[str(site)])
    for name in set(sys.modules) - before:
        if name.startswith("kpi_server_"):
            del sys.modules[name]


# Names as the documents print them, with the first line that prints them so.
PRINTED = """
000:11  MONTHLY ACTIVE USERS           product.mau
000:18  REVENUE (ARR)                  financial.arr
000:39  MEAN TIME TO RECOVERY          technical.mttr
001:26  ARR                            financial.arr
001:28  Average Deal Size              financial.average_deal_size
001:29  Pipeline Value                 financial.pipeline_value
001:30  Revenue per Employee           financial.revenue_per_employee
001:35  Gross Margin                   financial.gross_margin
001:36  EBITDA Margin                  financial.ebitda_margin
001:37  Operating Margin               financial.operating_margin
001:38  Cash Flow                      financial.cash_flow
001:39  Burn Rate                      financial.burn_rate
001:48  New Customers                  customer.new_customers
001:49  CAC                            financial.cac
001:50  CAC Payback                    financial.cac_payback
001:51  Lead Conversion                customer.lead_conversion
001:52  Sales Cycle                    customer.sales_cycle
001:57  Churn Rate                     customer.churn
001:58  LTV                            financial.clv
001:59  LTV:CAC Ratio                  financial.ltv_cac
001:60  NPS                            customer.nps
001:70  Platform Uptime                technical.availability
001:71  API Response Time              technical.api_response_time
001:72  Feature Adoption               product.feature_adoption
001:73  Bug Resolution                 technical.bug_resolution_time
001:74  Security Incidents             technical.security_incidents
001:79  Employee Satisfaction          people.employee_satisfaction
001:81  Productivity Index             people.productivity_index
001:82  Training Completion            people.training_completion
001:83  Innovation Index               people.innovation_index
001:92  Enrollment Rate                course.enrollment
001:93  Completion Rate                course.completion
001:94  Course NPS                     course.nps
001:95  Revenue per Student            course.revenue_per_student
001:96  Certification Rate             course.certification
001:101 Executive Enrollments          course.executive_enrollments
001:102 C-Level Participation          course.c_level_participation
001:103 ROI Achievement                course.roi_achievement
001:104 Referral Rate                  course.referral_rate
001:105 Alumni Network                 course.alumni_network
001:114 Market Share                   market.share
001:115 Brand Awareness                market.brand_awareness
001:116 Competitive Win Rate           market.competitive_win_rate
001:117 Thought Leadership             market.thought_leadership
001:118 Industry Recognition           market.industry_recognition
001:123 International Revenue          market.international_revenue
001:124 New Markets                    market.new_markets
001:125 Local Partnerships             market.local_partnerships
001:126 Cultural Adaptation            market.cultural_adaptation
001:146 Employee Turnover              people.turnover
002:21  Customer Retention             customer.retention
002:38  Customer Churn                 customer.churn
002:39  API Performance                technical.api_response_time
002:43  Support Tickets                customer.open_tickets
002:48  Partnership Revenue            financial.partnership_revenue
002:60  Feature Delivery               technical.feature_delivery_time
002:61  Code Quality                   technical.code_quality
002:69  Win Rate                       customer.win_rate
002:72  Deal Size                      financial.average_deal_size
002:79  Lead Generation                customer.lead_generation
002:80  Conversion Rate                customer.lead_conversion
002:82  Content Engagement             market.content_engagement
002:83  Marketing ROI                  financial.marketing_roi
002:91  NPS Score                      customer.nps
002:92  Support Rating                 customer.support_rating
002:93  Time to Value                  customer.time_to_value
002:106 MRR                            financial.mrr
002:107 Revenue Growth                 financial.revenue_growth
002:109 Net Revenue Retention          financial.net_revenue_retention
002:117 LTV/CAC Ratio                  financial.ltv_cac
002:118 Payback Period                 financial.cac_payback
002:131 Funding Raised                 financial.funding_raised
002:180 Customer Growth                customer.customer_growth
002:182 Team Growth                    people.team_growth
002:187 Cost per Customer              financial.cac
003:18  Monthly Active Business Value  product.mabv
003:51  Website Traffic                customer.website_traffic
003:52  Trial Signups                  customer.trial_signups
003:53  Signup Conversion Rate         customer.signup_conversion
003:54  Organic Traffic Share          customer.organic_traffic_share
003:55  Content Marketing ROI          financial.content_marketing_roi
003:60  Trial-to-Paid Conversion       customer.trial_to_paid
003:61  Sales Cycle Length             customer.sales_cycle
003:63  Average Contract Value         financial.average_contract_value
003:64  Pipeline Velocity              financial.pipeline_velocity
003:71  Time to First Value            customer.time_to_first_value
003:72  Onboarding Completion          product.onboarding_completion
003:73  First Dashboard Created        product.first_dashboard_created
003:74  Integration Success Rate       product.integration_success_rate
003:75  Feature Adoption (Core)        product.core_feature_adoption
003:82  Session Duration               product.session_duration
003:83  Dashboards per User            product.dashboards_per_user
003:84  API Usage Growth               product.api_usage_growth
003:91  Net Promoter Score             customer.nps
003:93  Support Ticket Volume          customer.ticket_volume
003:94  First Response Time            customer.first_response_time
003:95  Resolution Rate                customer.first_contact_resolution
003:100 Monthly Churn Rate             customer.churn
003:101 Annual Churn Rate              customer.annual_churn
003:103 Customer Lifetime Value        financial.clv
003:104 Expansion Revenue              financial.expansion_revenue
003:111 Monthly Recurring Revenue      financial.mrr
003:112 Annual Recurring Revenue       financial.arr
003:113 Revenue Growth Rate            financial.revenue_growth
003:114 Gross Revenue Retention        financial.gross_revenue_retention
003:115 Bookings Growth                financial.bookings_growth
003:120 Customer Acquisition Cost      financial.cac
003:124 Unit Economics Health          financial.unit_economics_health
003:131 System Uptime                  technical.availability
003:132 Page Load Time                 technical.page_load_time
003:133 Query Performance              technical.query_time
003:134 Data Freshness                 technical.data_freshness
003:135 Error Rate                     technical.error_rate
003:140 Feature Velocity               technical.feature_velocity
003:141 Bug Resolution Time            technical.bug_resolution_time
003:142 Code Quality Score             technical.code_quality
003:144 Knowledge Sharing              people.knowledge_sharing
003:209 ACV                            financial.average_contract_value
003:613 Revenue run rate               financial.revenue_run_rate
004:30  MRR                            financial.mrr
004:55  CLV                            financial.clv
004:108 TTV                            customer.time_to_value
004:128 Power User Achievement         product.power_user_time
004:137 Customer Churn Rate            customer.churn
004:156 Revenue Churn                  customer.revenue_churn
004:186 DAU/MAU Ratio                  product.dau_mau
004:187 Peak DAU Capacity              product.peak_dau_capacity
004:211 MAU Retention Rate             product.mau_retention
004:220 User Retention Rate            product.user_retention
004:239 6-Month Retention              product.six_month_retention
004:249 Workflow Creation Rate         product.workflow_creation_rate
004:275 AI Usage Rate                  product.ai_usage_rate
004:290 AI Adoption Rate               product.ai_usage_rate
004:334 System Availability            technical.availability
004:350 Monthly Uptime                 technical.availability
004:351 Annual Uptime                  technical.annual_availability
004:352 MTBF                           technical.mtbf
004:389 Concurrent Users Supported     technical.concurrent_users
004:416 Data Processing Volume         technical.data_volume
004:423 Data Growth Rate               technical.data_growth
004:455 TTFV                           customer.time_to_first_value
004:477 Feature Adoption Rate          product.feature_adoption
004:531 CSAT                           customer.csat
004:581 CAC Payback Period             financial.cac_payback
004:594 CLV:CAC Ratio                  financial.ltv_cac
004:607 Break-even Point               financial.clv_to_cac_break_even
004:642 Monthly Burn Rate              financial.burn_rate
004:660 Runway                         financial.runway
004:727 Network I/O                    technical.network_io
"""


def printed() -> list[tuple[str, str]]:
    rows = re.findall(r"^\d{3}:\d+ +(.+?) +(\S+)$", PRINTED, flags=re.MULTILINE)
    assert len(rows) == PRINTED.strip().count("\n") + 1
    return [(name, key) for name, key in rows]


@pytest.mark.parametrize(("name", "key"), printed())
def test_a_name_that_the_documents_print_means_one_metric(registry: Registry, name: str, key: str) -> None:
    assert registry.resolve(name) == (key,)


@pytest.mark.parametrize("name", ["Customer Satisfaction", "Team Satisfaction", "Retention Rate"])
def test_a_name_of_two_meanings_in_the_documents_is_left_to_the_organization(registry: Registry, name: str) -> None:
    """Customer Satisfaction is NPS in 000:25, a score in 001:61 and a share in 004:531."""
    assert registry.resolve(name) == ()


@pytest.mark.parametrize(
    ("key", "unit", "direction"),
    [
        ("financial.mrr", "MONEY/month", "UP"),
        ("financial.arr", "MONEY", "UP"),
        ("financial.burn_rate", "MONEY/month", "DOWN"),
        ("financial.ltv_cac", "MULTIPLE", "UP"),
        ("financial.cac_payback", "MONTHS", "DOWN"),
        ("financial.unit_economics_health", "TEXT", "NONE"),
        ("product.mau", "COUNT(user)", "UP"),
        ("product.mau_rate", "RATIO", "UP"),
        ("product.ai_cost_per_transaction", "MONEY/transaction", "DOWN"),
        ("technical.mttr", "DURATION", "DOWN"),
        ("technical.deployment_frequency", "COUNT(deployment)/week", "UP"),
        ("technical.feature_velocity", "COUNT(story point)/sprint", "UP"),
        ("technical.network_io", "BYTES/second", "NONE"),
        ("customer.nps", "POINTS", "UP"),
        ("customer.satisfaction", "SCORE", "UP"),
        ("customer.ticket_volume", "COUNT(ticket)/100 customers", "DOWN"),
        ("course.nps", "POINTS", "UP"),
        ("people.turnover", "RATIO", "DOWN"),
        ("market.market_rank", "TEXT", "NONE"),
    ],
)
def test_a_metric_has_the_unit_in_which_the_documents_state_it(
    registry: Registry, key: str, unit: str, direction: str
) -> None:
    metric = registry.metric(key)
    assert metric is not None
    assert (str(metric.unit), metric.direction) == (unit, direction)


def test_each_family_is_served_from_a_distribution_of_its_own(registry: Registry) -> None:
    assert [loaded.family.name for loaded in registry.families] == list(FAMILIES)
    assert [loaded.distribution for loaded in registry.families] == [f"kpi-server-{name}" for name in FAMILIES]


def test_every_definition_is_one_sentence_with_a_line_of_a_document(registry: Registry) -> None:
    """A standard may stand behind the line, where the document names a metric without its formula."""
    poor = {
        key
        for key, declared in {**registry.metrics, **registry.measures}.items()
        if not re.fullmatch(r"[A-Z][^.]*\.", declared.description)
        or not re.fullmatch(r"00[0-4]:[1-9]\d*(; .+)?", declared.source)
    }
    assert poor == set()
