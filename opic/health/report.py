"""Health pages: findings as JSON for machines, in words for people."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils import translation

from opic.health import ready, work
from opic.health.probes import Finding, Level, Probe, ask

STATUS = {level: level.name.lower() for level in Level}


@dataclass(frozen=True)
class Report:
    """The findings of one page, by the name of their probe."""

    findings: dict[str, Finding]

    @property
    def level(self) -> Level:
        """Return the worst level among the findings."""
        return max((finding.level for finding in self.findings.values()), default=Level.OK)

    @property
    def status(self) -> str:
        """Return the level as machines read it: `ok`, `late`, `degraded` or `down`."""
        return STATUS[self.level]

    @property
    def is_down(self) -> bool:
        """Return whether the page has to reply 503."""
        return self.level == Level.DOWN

    def reasons(self) -> list[str]:
        """Return the reasons, the worst first, each once, in the language that is active now."""
        findings = sorted(self.findings.values(), key=lambda finding: -finding.level)
        return list(dict.fromkeys(finding.words() for finding in findings if finding.reason))

    def as_json(self) -> dict[str, Any]:
        """Return status, English reasons, the level of each check, and all figures."""
        with translation.override("en"):
            reasons = self.reasons()
        checks = {name: STATUS[finding.level] for name, finding in self.findings.items()}
        figures = {
            name: value
            for finding in self.findings.values()
            for name, value in finding.figures.items()
        }
        return {"status": self.status, "reasons": reasons, "checks": checks, **figures}


def _report(probes: Iterable[Probe]) -> Report:
    return Report(ask(probes))


def whole_report() -> Report:
    """Return the findings of both pages together, for the people who look after the site."""
    probes = {probe.name: probe for probe in (*ready.PROBES, *work.PROBES)}
    return _report(probes.values())


def ready_report() -> Report:
    """Report whether this host can serve."""
    return _report(ready.PROBES)


def work_report() -> Report:
    """Report whether the work is being done, on whichever host."""
    return _report(work.PROBES)
