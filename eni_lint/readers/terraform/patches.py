"""Patches in Terraform's language: inside a module, things have other names than their addresses."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, takewhile

from eni_lint.readers.terraform.addresses import Step, spelled, steps_of


def filled(patch: str, names: Mapping[str, str]) -> str:
    """Fill names into a patch: comments tell addresses, code refers to things as the module around it can.

    >>> filled("# of @role@\\nrole = @role@.name", {"role": "module.a.aws_iam_role.r"})
    '# of module.a.aws_iam_role.r\\nrole = aws_iam_role.r.name'
    >>> names = {"function": "module.a.aws_lambda_function.f", "carrier": "module.b.aws_iam_role_policy.p"}
    >>> filled("# in @functions@:\\ndepends_on = [@carrier@]", {**names, "functions": names["function"]})
    '# in module.a:\\ndepends_on = [module.b]'
    """
    if "depends_on" in patch and "function" in names and "carrier" in names:
        function, carrier = names["function"], names["carrier"]
        waiting = names.get("functions", function).replace(function, _apart(function, carrier), 1)
        names = {**names, "functions": waiting, "carrier": _apart(carrier, function)}
    return "\n".join(_line(line, names) for line in patch.split("\n"))


def _line(line: str, names: Mapping[str, str]) -> str:
    code, mark, comment = line.partition("#")
    for name, address in names.items():
        code = code.replace(f"@{name}@", _inside(address))
        comment = comment.replace(f"@{name}@", address)
    return code + mark + comment


def _apart(address: str, other: str) -> str:
    """Give the outermost module around a thing that is not around the other, or the thing where there is none.

    >>> _apart("module.a.module.b.aws_vpc.v", "module.a.aws_vpc.w"), _apart("aws_vpc.v", "module.a.aws_vpc.w")
    ('module.a.module.b', 'aws_vpc.v')
    """
    calls, others = _calls(address), _calls(other)
    shared = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(calls, others, strict=False))))
    return spelled(tuple(chain(*calls[: shared + 1]))) if shared < len(calls) else address


def _inside(address: str) -> str:
    """Name a thing, or a call, as the module around it does; what is no address stays.

    >>> _inside('module.a["x"].aws_vpc.v[0]'), _inside("module.a.module.b"), _inside("subnet-1 and 2 more")
    ('aws_vpc.v[0]', 'module.b', 'subnet-1 and 2 more')
    """
    calls = _calls(address)
    own = steps_of(address)[sum(map(len, calls)) :] or (calls or [()])[-1]
    return spelled(own) if calls else address


def _calls(address: str) -> list[tuple[Step, ...]]:
    """List the calls around a thing, each with the key of its instance."""
    found: list[tuple[Step, ...]] = []
    steps = steps_of(address)
    while steps[:1] == ("module",):
        size = 3 if any(isinstance(step, tuple) for step in steps[2:3]) else 2
        found.append(steps[:size])
        steps = steps[size:]
    return found
