"""How an expression makes its value from what it mentions, as far as its text is at hand."""

from __future__ import annotations

from enum import Enum


class Shape(Enum):
    """What is known of the way from the mentions of an expression to its value."""

    UNSEEN = "a plan tells what is mentioned, and no more"
    LISTED = "the value is all that is mentioned, and nothing else"
    CHOSEN = "the value is some of what is mentioned"
    MADE = "the value is made from texts, and may be anything"
