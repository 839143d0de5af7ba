"""Words to the linter in comments: suppressions with a reason, and what a function calls."""

from __future__ import annotations

import re

from eni_lint.model.deployment import Directive
from eni_lint.model.place import Origin

MARK = "eni-lint:"
IGNORE = re.compile(r"eni-lint:\s*ignore\[([^\]]*)\]\s*(.*)")
NEEDS = re.compile(r"eni-lint:\s*needs\s*=\s*([\w,.-]+)")
UNTIL = re.compile(r"\buntil=(\d{4}-\d{2}-\d{2})\b")


def directives_in(comment: str, address: str, origin: Origin | None = None) -> tuple[Directive, ...]:
    """Read the directives of one comment that stands at a resource.

    A suppression without a reason is kept without one, so that it can be reported; it suppresses nothing.

    >>> directives_in("# eni-lint: ignore[ROLE002, NET] shared role until=2027-01-31", "f")[0].until
    '2027-01-31'
    >>> directives_in("# eni-lint: needs=s3,dynamodb", "f")[0].needs
    ('s3', 'dynamodb')
    """
    if MARK not in comment:
        return ()
    found = []
    for line in comment.splitlines():
        ignore, needs = IGNORE.search(line), NEEDS.search(line)
        if ignore is not None:
            reason, until = parted(ignore[2].removesuffix("*/").removesuffix("#}"))
            found.append(Directive(address, _words(ignore[1]), reason, until, origin=origin))
        elif needs is not None:
            found.append(Directive(address, needs=_words(needs[1]), origin=origin))
    return tuple(found)


def parted(words: str) -> tuple[str, str]:
    """Part what stands behind a suppression into its reason and its last day, empty where it has none.

    >>> parted("shared  role until=2027-01-31")
    ('shared role', '2027-01-31')
    """
    until = UNTIL.search(words)
    return " ".join(UNTIL.sub("", words).split()), until[1] if until else ""


def directives_of(stated: object, address: str, origin: Origin | None = None) -> tuple[Directive, ...]:
    """Read the directives of metadata: `{"ignore": [{"id", "reason", "until"}], "needs": [...]}`.

    >>> directives_of({"ignore": [{"id": "NET", "reason": "by design"}]}, "f")[0].rules
    ('NET',)
    """
    if not isinstance(stated, dict):
        return ()
    found = []
    for one in stated.get("ignore") or ():
        if isinstance(one, dict) and one.get("id"):
            rules = _words(str(one["id"]))
            found.append(
                Directive(address, rules, str(one.get("reason", "")), str(one.get("until", "")), origin=origin)
            )
    needs = stated.get("needs")
    if needs:
        words = _words(needs) if isinstance(needs, str) else tuple(map(str, needs))
        found.append(Directive(address, needs=words, origin=origin))
    return tuple(found)


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())
