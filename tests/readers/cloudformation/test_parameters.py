import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eni_lint.readers.cloudformation.parameters import ParameterSet, read_parameters
from eni_lint.readers.errors import ReadError

from .samples import FIXTURES, mutated

SAMCONFIG = FIXTURES / "parameters" / "samconfig.toml"


@pytest.mark.parametrize(
    "text",
    [
        '[{"ParameterKey": "Stage", "ParameterValue": "prod"}, {"ParameterKey": "Size", "ParameterValue": "2"}]',
        '{"Parameters": {"Stage": "prod", "Size": "2"}, "Tags": {"team": "a"}}',
        '{"Stage": "prod", "Size": 2}',
        '["Stage=prod", "Size=2"]',
        "template-file-path: app.yaml\nparameters: {Stage: prod, Size: 2}\ntags: {team: a}",
        "Stage: prod\nSize: 2",
    ],
    ids=["cloudformation", "codepipeline", "map", "assignments", "git-sync", "yaml map"],
)
def test_every_shape_of_a_parameters_file_says_the_same(text: str) -> None:
    (found,) = read_parameters(text.encode())

    assert found.parameters == {"Stage": "prod", "Size": "2"}


def test_a_deployment_file_names_its_template() -> None:
    assert read_parameters(b"template-file-path: app.yaml") == (ParameterSet({}, template="app.yaml"),)


def test_each_environment_of_a_sam_configuration_is_a_set_of_its_own() -> None:
    assert read_parameters(SAMCONFIG.read_bytes(), str(SAMCONFIG)) == (
        ParameterSet(
            {"Stage": "dev", "Subnets": "subnet-1,subnet-2", "Title": "two words"}, "default", "orders", "eu-west-1"
        ),
        ParameterSet({"Stage": "prod", "Subnets": "subnet-3", "Title": "x=y"}, "prod", "orders-prod", "us-east-1"),
        ParameterSet({"Stage": "old", "Title": "a,b"}, "old"),
    )


def test_a_sam_configuration_may_be_yaml() -> None:
    text = b"version: 0.1\nprod: {deploy: {parameters: {parameter_overrides: {Stage: prod}, template_file: a.yaml}}}"

    assert read_parameters(text, "samconfig.yaml") == (ParameterSet({"Stage": "prod"}, "prod", template="a.yaml"),)


def test_a_value_that_stays_as_deployed_is_not_known() -> None:
    text = b'[{"ParameterKey": "A", "UsePreviousValue": true}, {"ParameterKey": "B", "ParameterValue": "b"}]'

    assert read_parameters(text)[0].parameters == {"B": "b"}


def test_lists_are_written_with_commas_and_booleans_as_text() -> None:
    assert read_parameters(b"{A: [a, b], B: true, C: null}")[0].parameters == {"A": "a,b", "B": "true", "C": ""}


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("p.json", "{", "not valid YAML or JSON"),
        ("p.json", "3", "p.json: not a file of parameters: it holds neither names nor values"),
        ("p.json", "[3]", "p.json: not a list of parameters: an entry has no ParameterKey"),
        ("p.json", '["A"]', "p.json: not a list of parameters: an entry is not written Key=Value"),
        ("p.json", '{"A": {"B": 1}}', "p.json: the parameter A holds a mapping, where CloudFormation takes a text"),
        ("p.toml", "a = ", "p.toml: not valid TOML"),
        ("p.toml", '[a.deploy.parameters]\nparameter_overrides = "A=\'"', "p.toml: No closing quotation"),
    ],
)
def test_what_holds_no_parameters_is_refused(file: str, text: str, message: str) -> None:
    with pytest.raises(ReadError) as refused:
        read_parameters(text.encode(), file)

    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


@settings(max_examples=200)
@given(mutated([SAMCONFIG.read_bytes(), b'[{"ParameterKey": "A", "ParameterValue": "a"}]']), st.booleans())
def test_a_damaged_file_is_read_or_refused(data: bytes, toml: bool) -> None:
    with contextlib.suppress(ReadError):
        assert read_parameters(data, "p.toml" if toml else "p.json")
