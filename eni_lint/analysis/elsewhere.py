"""What a deployment cannot say about things that live elsewhere: one key per thing, whichever rule asks."""

from __future__ import annotations

from eni_lint.model.answer import Unknown, Why
from eni_lint.model.identity import Symbol, Token, label


def elsewhere(token: Token) -> Unknown:
    """Say that a thing is not stated here, so that nothing about it can be told.

    >>> from eni_lint.model.identity import Literal
    >>> elsewhere(Literal("subnet-0a1b")).key
    'subnet-0a1b'
    """
    if isinstance(token, Symbol):
        return token.unknown
    return Unknown(Why.ELSEWHERE, label(token), decided_by="lint it together with the stack that states it")
