"""The last day of what is due."""

from datetime import date

import pytest

from kpi_server.domain.deadline import last_day


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"day": date(2024, 5, 15)}, date(2024, 5, 15)),  # 000:70
        ({"day": date(2024, 5, 15), "period": "2024-Q4"}, date(2024, 5, 15)),
        ({"period": "2024-Q2"}, date(2024, 6, 30)),
        ({"period": "2024-02"}, date(2024, 2, 29)),
        ({"period": "2025-W01"}, date(2025, 1, 5)),
        ({"dated": "2024-12", "days": 30}, date(2025, 1, 30)),  # 001:174 and 001:220
        ({"dated": "2024-12", "days": 365}, date(2025, 12, 31)),
        ({"dated": "2024-12-05", "days": 7}, date(2024, 12, 12)),
        ({"dated": "2024-12"}, None),
        ({"days": 7}, None),  # 002:196 in a document without a date
        ({}, None),
    ],
)
def test_a_deadline_is_the_last_day(stated, expected):
    assert last_day(**stated) == expected
