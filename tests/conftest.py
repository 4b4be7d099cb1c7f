"""Prints after everything else what this run covered: the CPU tiers, the build, and how much was skipped."""
import upreg

COUNTS = {"skipped": 0}


def pytest_runtest_logreport(report):
    if report.skipped:
        COUNTS["skipped"] += 1


def pytest_unconfigure(config):
    if getattr(config.option, "collectonly", False):
        return
    print(f"cpu tiers run: {', '.join(upreg.cpu_info()['tiers'])}; skipped: {COUNTS['skipped']}")
