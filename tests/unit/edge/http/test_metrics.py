"""Metrics: names that end in units, labels without ids."""

from rankd.edge.http.metrics import Metrics

RANKING = "rankd.v1.RankingService"


def lines(metrics: Metrics) -> set[str]:
    return {line for line in metrics.text().decode().splitlines() if not line.startswith("#")}


def test_a_rank_call_is_counted_and_timed_by_surface() -> None:
    metrics = Metrics()
    metrics.count_call(RANKING, "Rank", "video", "OK", 0.004)
    metrics.count_call(RANKING, "Rank", "", "NOT_FOUND", 0.001)
    metrics.count_call(RANKING, "GetSurface", "", "OK", 0.001)
    found = lines(metrics)
    assert 'rankd_rank_requests_total{code="OK",surface="video"} 1.0' in found
    assert 'rankd_rank_requests_total{code="NOT_FOUND",surface=""} 1.0' in found
    assert 'rankd_calls_total{code="OK",method="GetSurface"} 1.0' in found
    assert 'rankd_rank_duration_seconds_bucket{le="0.005",surface="video"} 1.0' in found
    assert 'rankd_rank_duration_seconds_bucket{le="0.002",surface="video"} 0.0' in found


def test_an_answer_without_its_decision_in_the_journal_would_be_counted() -> None:
    metrics = Metrics()
    metrics.count_decision("video", [], proven=True)
    assert "rankd_decisions_unlogged_total 0.0" in lines(metrics)
    metrics.count_decision("video", [], proven=False)
    assert "rankd_decisions_unlogged_total 1.0" in lines(metrics)


def test_only_what_could_not_be_recorded_counts_as_unrecordable() -> None:
    metrics = Metrics()
    metrics.count_refusal("Rank", "OVERLOADED")
    metrics.count_refusal("Rank", "RECORDS_UNAVAILABLE")
    found = lines(metrics)
    assert "rankd_unrecordable_decisions_total 1.0" in found
    assert 'rankd_refusals_total{method="Rank",reason="OVERLOADED"} 1.0' in found


def test_degradations_are_counted_by_surface_and_reason() -> None:
    metrics = Metrics()
    metrics.count_decision("video", ["QUOTA_SHORT", "DEFAULT_USED"], proven=True)
    metrics.count_decision("video", [], proven=True)
    found = lines(metrics)
    assert 'rankd_decisions_total{surface="video"} 2.0' in found
    assert 'rankd_degraded_answers_total{reason="QUOTA_SHORT",surface="video"} 1.0' in found


def test_what_stands_elsewhere_is_read_at_the_scrape() -> None:
    metrics, level = Metrics(), [1]
    metrics.gauge("rankd_level", "A level.", lambda: level[0])
    metrics.total("rankd_things", "Things.", lambda: 3)
    level[0] = 5
    assert {"rankd_level 5.0", "rankd_things_total 3.0"} <= lines(metrics)


def test_two_services_in_one_process_count_apart() -> None:
    one, other = Metrics(), Metrics()
    one.count_decision("video", [], proven=True)
    assert 'rankd_decisions_total{surface="video"} 1.0' in lines(one)
    assert 'rankd_decisions_total{surface="video"} 1.0' not in lines(other)
