"""What a rule looks at."""

from __future__ import annotations

from msgspec import Struct

from eni_lint.model.place import Scope


class Subject(Struct, frozen=True):
    """One function, role, network, endpoint, group or whole deployment, by its address."""

    kind: str
    address: str
    scope: Scope = Scope()
