"""One thing that a function calls, and how sure that is."""

from __future__ import annotations

from msgspec import Struct

from eni_lint.model.answer import Because

INTERNET = "internet"


class Need(Struct, frozen=True):
    """A call of a function to the internet or to a service, by its IAM prefix or an action of it.

    The tier is 3 where the call is certain, 2 where it is likely, 1 for a hint.
    """

    service: str
    tier: int
    because: tuple[Because, ...] = ()

    @property
    def name(self) -> str:
        """Name what is called.

        >>> Need("secretsmanager:GetSecretValue", 2).name
        'secretsmanager'
        """
        return self.service.partition(":")[0]
