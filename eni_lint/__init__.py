"""eni-lint: what will go wrong with Lambda functions in VPCs, said before the deployment.

>>> from eni_lint import lint
>>> verdict = lint("plan.json")          # doctest: +SKIP
>>> [finding.rule for finding in verdict.findings]          # doctest: +SKIP
['ROLE001']
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__version__ = "0.1.0"
__all__ = ["__version__", "lint"]

if TYPE_CHECKING:
    from eni_lint.api import lint


def __getattr__(name: str) -> object:
    """Import the function only when somebody asks for it: the command line does not pay for it twice."""
    if name == "lint":
        from eni_lint.api import lint

        return lint
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
