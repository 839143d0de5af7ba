"""What the CDK adds to a program by itself is not the user's to edit."""

from __future__ import annotations

import pytest

from eni_lint.finding import Severity
from eni_lint.readers.cloudformation.translate.framework import is_of_the_cdk

from .test_translate import FUNCTION, STACK, Folder, folder

__all__ = ["folder"]


@pytest.mark.parametrize(
    "path",
    [
        "Shop/Provider/framework-onEvent",
        "Shop/Provider/framework-onEvent/ServiceRole",
        "Shop/AWS679f53fac002430cb0da5b7982bd2287/SecurityGroup",
        "Shop/Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756Cc85df2d5a8d904ea0b5fa6ec73aea83f8c6d1d88e5",
        "Shop/Custom::S3AutoDeleteObjectsCustomResourceProvider/Handler",
        "Shop/LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a/ServiceRole/DefaultPolicy",
        "Shop/@aws-cdk--aws-eks.KubectlProvider/Handler",
    ],
)
def test_handlers_of_the_library_are_its_own(path: str) -> None:
    assert is_of_the_cdk(path)


@pytest.mark.parametrize(
    "path",
    [
        "Shop/Orders",
        "Shop/Provider",
        "Shop/Custom::OwnThingCustomResourceProvider/Handler",
        "Shop/SingletonLambda679f53fac002430cb0da5b7982bd2288",
        "",
    ],
)
def test_what_people_write_is_theirs(path: str) -> None:
    assert not is_of_the_cdk(path)


def test_a_handler_of_the_library_gives_no_warning(folder: Folder) -> None:
    closed = {"GroupDescription": "none", "VpcId": {"Ref": "Vpc"}, "SecurityGroupEgress": [{"CidrIp": "127.0.0.1/32"}]}
    handler = {**FUNCTION, "Metadata": {"aws:cdk:path": "Shop/Provider/framework-onEvent/Resource"}}
    resources = {**STACK, "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": closed}}

    theirs = folder.verdict({"Resources": {**resources, "Function": handler}})
    own = folder.verdict({"Resources": resources})

    assert {f.severity for f in theirs.findings if f.rule == "NET007"} == {Severity.INFO}
    assert {f.severity for f in own.findings if f.rule == "NET007"} == {Severity.WARNING}
