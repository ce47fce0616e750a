"""The brake: so many failures at once, then one a second, for each address alone."""

from kpi_server.web.authentication import FAILURES, Brake


def brake_at(moments):
    return Brake(clock=lambda: moments[-1])


def test_failures_up_to_the_limit_need_no_waiting_and_the_next_ones_do():
    brake = brake_at([0.0])
    assert [brake.failed("a") for _ in range(FAILURES)] == [0] * FAILURES
    assert [brake.failed("a") for _ in range(3)] == [1, 1 + 1, 1 + 1]


def test_a_second_lets_one_more_failure_through():
    moments = [0.0]
    brake = brake_at(moments)
    for _ in range(FAILURES):
        brake.failed("a")
    moments.append(1.0)
    assert [brake.failed("a"), brake.failed("a")] == [0, 1]


def test_addresses_do_not_share_a_bucket():
    brake = brake_at([0.0])
    for _ in range(FAILURES + 1):
        brake.failed("a")
    assert brake.failed("b") == 0
