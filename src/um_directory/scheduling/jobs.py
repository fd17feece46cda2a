"""The schedule of whole comparisons, in APScheduler's terms."""

from __future__ import annotations

from collections.abc import Iterable

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from um_directory.propagation.application import Schedule
from um_directory.propagation.mirror import EVERYTHING
from um_directory.scheduling.worker import Worker


def trigger(schedule: Schedule) -> BaseTrigger:
    """When a schedule fires; cron expressions mean local time."""
    jitter = int(schedule.jitter.total_seconds()) or None
    if schedule.cron is not None:
        cron = CronTrigger.from_crontab(schedule.cron)
        cron.jitter = jitter
        return cron
    assert schedule.every is not None
    return IntervalTrigger(seconds=int(schedule.every.total_seconds()), jitter=jitter)


def timetable(workers: Iterable[Worker]) -> BackgroundScheduler:
    """A scheduler, not started, with one job for each worker.

    A job only tells the worker, whose one thread does one thing at a time, so runs cannot overlap. However
    late a run is (a machine asleep, a clock set), it runs once.
    """
    scheduler = BackgroundScheduler(
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for worker in workers:
        name = worker.application.name
        scheduler.add_job(
            worker.touch, trigger(worker.application.schedule), args=[EVERYTHING], id=name, name=name
        )
    return scheduler
