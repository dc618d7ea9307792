"""The metrics file can be read by Prometheus' own parser, whatever a name holds."""

from prometheus_client.parser import text_string_to_metric_families

from ritornello.telemetry import Telemetry, write_metrics


def test_the_metrics_file_comes_back_as_it_was(tmp_path):
    telemetry = Telemetry('re"fr\\esh\n')
    telemetry.step("evaluate", seconds=1.25, rows=3, outcome="ok")
    telemetry.step("evaluate", seconds=2.0, rows=4, outcome="ok")
    telemetry.check("stability", 0.123456789, "ok")
    telemetry.check("unknown", None, "ok")
    file = tmp_path / "node" / "ritornello.prom"
    for code in (4, 0):  # the second replaces the first
        write_metrics(file, telemetry, code)
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(file.read_text())
        for sample in family.samples
        if family.type == "gauge"
    }
    job = telemetry.job
    assert samples.pop(("ritornello_last_end_seconds", job)) > 1.7e9
    assert samples == {
        ("ritornello_exit_code", job): 0,
        ("ritornello_step_seconds", *sorted((job, "evaluate"))): 3.25,
        ("ritornello_step_rows", *sorted((job, "evaluate"))): 7,
        ("ritornello_check", *sorted((job, "stability"))): 0.123456789,
    }
    assert [one.name for one in file.parent.iterdir()] == ["ritornello.prom"]
