import bench_evaluate


def test_figures_come_from_a_run() -> None:
    figures = bench_evaluate.figures(users=3_000, small=1_000)

    assert set(figures) == {
        "evaluate_over_json_loads",
        "evaluate_users_per_second",
        "evaluate_growth_100x",
        "evaluate_peak_mib_growth",
    }
    assert figures["evaluate_peak_mib_growth"] < 16


def test_measured_users_flow_without_failures() -> None:
    assert bench_evaluate.sample().failures == {}


def test_measured_expressions_do_what_they_say() -> None:
    values = bench_evaluate.sample().values

    assert str(values["displayName"]).endswith(" (Contoso)")
    assert str(values["telephoneNumber"])[1:].isdigit()
    assert str(values["mailNickname"]).isascii()
    assert str(values["mailNickname"]).islower()
