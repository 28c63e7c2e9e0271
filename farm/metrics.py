"""Figures in Prometheus' text format, written to a file for node_exporter's textfile collector: nothing listens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from pairforge.datasets.files import write_atomic
from pairforge.farm.report_schema import Attempt
from pairforge.farm.status import Status


def of_status(status: Status) -> bytes:
    """A whole plan, as seen from anywhere. Labels are states, stages and reasons, never jobs: they stay few."""
    labels = {"plan": status.plan.id, "scene": status.plan.identity.scene}
    page = _Page("pairforge_plan", labels)
    totals = status.totals
    page.put("scenes", "Scenes that the plan makes.", status.scenes_wanted)
    page.put("scenes_made", "Scenes that are whole.", status.scenes_made)
    reasons: dict[str, int] = {}
    for poison in status.poison:
        reasons[poison.reason] = reasons.get(poison.reason, 0) + 1
    page.each("scenes_quarantined", "Scenes in quarantine, by reason.", "reason", reasons)
    page.each("jobs", "Jobs by state.", "state", status.counts)
    page.put("keyframes_total", "Keyframes made by all attempts.", totals.frames)
    page.put("retries_total", "Tries at scenes that were lost and begun again.", totals.retries)
    page.put("attempts_total", "Attempts at jobs.", totals.attempts)
    page.put("cpu_seconds_total", "CPU seconds of all attempts.", totals.cpu_s)
    page.put("wall_seconds_total", "Wall seconds of all attempts.", totals.wall_s)
    page.put("written_bytes_total", "Bytes of the scenes that were published.", totals.bytes_written)
    page.each("stage_seconds_total", "Wall seconds by stage.", "stage", totals.seconds)
    page.put("job_peak_bytes", "Most memory that one job's processes held together.", totals.peak_bytes)
    page.put("keyframes_per_second", "Keyframes a second of the jobs that run now.", status.frame_pace)
    if status.eta_s is not None:
        page.put("eta_seconds", "Seconds until all is made at this pace.", status.eta_s)
    if status.cpu_hours_in_all is not None:
        page.put("cpu_hours_expected", "CPU hours that all will have cost.", status.cpu_hours_in_all)
    page.put("seen_timestamp_seconds", "When this was seen.", status.at.timestamp())
    return page.text()


def of_attempt(attempt: Attempt, job: int, labels: Mapping[str, str]) -> bytes:
    """One attempt at a job, as its own host sees it."""
    page = _Page("pairforge_job", {**labels, "job": str(job)})
    page.each("state", "1 for the state that the job is in.", "state", {attempt.state: 1})
    page.put("attempt", "Number of this attempt.", attempt.number)
    page.put("scenes", "Scenes of the job.", attempt.scenes_asked)
    page.put("scenes_made", "Scenes that were there or were made.", attempt.scenes_kept + attempt.scenes_done)
    page.put("scenes_failed", "Scenes that could not be made.", attempt.scenes_failed)
    page.put("retries_total", "Tries at scenes that were lost and begun again.", attempt.retries)
    page.put("keyframes_total", "Keyframes made.", attempt.frames)
    page.put("cpu_seconds_total", "CPU seconds of the job's processes.", attempt.cpu_s)
    page.put("wall_seconds_total", "Wall seconds since it began.", attempt.wall_s)
    page.put("peak_bytes", "Most memory that its processes held together.", attempt.peak_bytes)
    page.put("written_bytes_total", "Bytes of the scenes that were published.", attempt.bytes_written)
    page.each("stage_seconds_total", "Wall seconds by stage.", "stage", attempt.seconds)
    page.put("heartbeat_timestamp_seconds", "When this was written.", attempt.heartbeat.timestamp())
    return page.text()


def write(path: Path, text: bytes) -> None:
    """Whole or not at all, and readable by the collector's user. Raises MachineError."""
    write_atomic(path.parent, path, text)


class _Page:
    """Families of one prefix and common labels, in a registry of their own: nothing of this process is told along."""

    def __init__(self, prefix: str, labels: Mapping[str, str]) -> None:
        self._prefix, self._labels = prefix, dict(labels)
        self._families: list[Metric] = []

    def put(self, name: str, help_text: str, value: float) -> None:
        self._add(name, help_text, (), {(): value})

    def each(self, name: str, help_text: str, label: str, values: Mapping[Any, float]) -> None:
        self._add(name, help_text, (label,), {(str(key),): value for key, value in values.items()})

    def collect(self) -> Iterator[Metric]:
        yield from self._families

    def text(self) -> bytes:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return bytes(generate_latest(registry))

    def _add(
        self, name: str, help_text: str, more: tuple[str, ...], values: Mapping[tuple[str, ...], float]
    ) -> None:
        kind = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
        family = kind(f"{self._prefix}_{name}", help_text, labels=[*self._labels, *more])
        for key, value in values.items():
            family.add_metric([*self._labels.values(), *key], value)
        self._families.append(family)
