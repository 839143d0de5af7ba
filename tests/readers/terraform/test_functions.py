"""What the reader makes of functions and what belongs to them."""

from __future__ import annotations

import pytest

from eni_lint.model.identity import Literal

from .made import change, function, plan, read

FAILED = "arn:aws:sqs:eu-west-1:123456789012:failed"


@pytest.mark.parametrize(
    ("kind", "attribute"),
    [
        ("aws_lambda_event_source_mapping", "destination_arn"),
        ("aws_lambda_function_event_invoke_config", "destination"),
    ],
)
def test_what_lambda_itself_delivers_to_is_a_target_of_the_function(kind: str, attribute: str) -> None:
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:f"
    given = {"function_name": "f", "destination_config": [{"on_failure": [{attribute: FAILED}]}]}
    changes = [function(arn=arn), change(f"{kind}.failed", after=given)]

    (found,) = read(plan(changes)).after.functions.values()

    assert found.targets == (Literal(FAILED),)
