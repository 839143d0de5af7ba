"""What a finding is known by from run to run: one fingerprint per finding, the same in every format."""

from __future__ import annotations

from msgspec.structs import replace

from eni_lint.finding import Finding, Verdict


def told_apart(verdict: Verdict) -> Verdict:
    """Give every finding a fingerprint of its own.

    Two inputs with the same resources (one root module, two workspaces) give equal fingerprints. Trackers show only
    the first of them, so the later ones are marked with their input.
    """
    everything = verdict.findings + tuple(one.finding for one in verdict.suppressed)
    if len({finding.identity for finding in everything}) == len(everything):
        return verdict
    seen: set[str] = set()
    findings = tuple(_own(finding, seen) for finding in verdict.findings)
    suppressed = tuple(replace(one, finding=_own(one.finding, seen)) for one in verdict.suppressed)
    return replace(verdict, findings=findings, suppressed=suppressed)


def _own(finding: Finding, seen: set[str]) -> Finding:
    own, number = finding.identity, 0
    while own in seen:
        number += 1
        own = f"{finding.identity}\n{finding.source}\n{number}"
    seen.add(own)
    return finding if own == finding.identity else replace(finding, identity=own)
