"""Change sets to lint: what `describe-change-set` prints, made of a few words."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from eni_lint import lint
from eni_lint.finding import Verdict

ACCOUNT = "111111111111"
VPC_ACCESS = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"
BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
PLACEHOLDER = "{{changeSet:KNOWN_AFTER_APPLY}}"
FUNCTION, ROLE, POLICY = "AWS::Lambda::Function", "AWS::IAM::Role", "AWS::IAM::Policy"
GROUP, STACK = "AWS::EC2::SecurityGroup", "AWS::CloudFormation::Stack"
TRUST = {
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]
}
ENI_ACTIONS = ["ec2:CreateNetworkInterface", "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"]
MANAGES = {"Statement": [{"Effect": "Allow", "Action": ENI_ACTIONS, "Resource": "*"}]}


def function(*, attached: bool = True, role: str = "app-Role-1", group: str = "sg-0a", **more: Any) -> dict[str, Any]:
    """State the properties of a function, in a VPC or out of it."""
    network = {"VpcConfig": {"SubnetIds": ["subnet-0a"], "SecurityGroupIds": [group]}} if attached else {}
    arn = role if role == PLACEHOLDER else f"arn:aws:iam::{ACCOUNT}:role/{role}"
    return {"Handler": "index.handler", "Runtime": "python3.12", "Role": arn, **network, **more}


def role(*policies: str, **more: Any) -> dict[str, Any]:
    """State the properties of a role with these managed policies."""
    return {"AssumeRolePolicyDocument": TRUST, "ManagedPolicyArns": list(policies), **more}


def policy(*roles: str, document: Any = MANAGES) -> dict[str, Any]:
    """State the properties of a policy of its own on these roles."""
    return {"PolicyName": "network", "Roles": list(roles), "PolicyDocument": document}


def change(action: str, logical_id: str, kind: str, before: Any = None, after: Any = None, **more: Any) -> Any:
    """State what happens to a resource; what is modified names the properties that differ."""
    entry: dict[str, Any] = {"Action": action, "LogicalResourceId": logical_id, "ResourceType": kind, "Scope": []}
    if action != "Add":
        entry["PhysicalResourceId"] = f"app-{logical_id}-1"
    if action == "Remove":
        entry["PolicyAction"] = "Delete"
    if action == "Modify":
        names = sorted(name for name in {**before, **after} if before.get(name) != after.get(name))
        entry.update(Scope=["Properties"], Replacement="False", Details=[detail(name) for name in names])
    for key, properties in (("BeforeContext", before), ("AfterContext", after)):
        if properties is not None:
            entry[key] = json.dumps({"Properties": properties})
    return {"Type": "Resource", "ResourceChange": {**entry, **more}}


def detail(name: str, attribute: str = "Properties") -> dict[str, Any]:
    """State that a property differs."""
    target = {"Attribute": attribute, "Name": name, "RequiresRecreation": "Never"}
    return {"Target": target, "Evaluation": "Static", "ChangeSource": "DirectModification"}


def change_set(*changes: Any, name: str = "app", **more: Any) -> dict[str, Any]:
    """State a whole change set of one stack."""
    place = f"arn:aws:cloudformation:eu-west-1:{ACCOUNT}"
    return {
        "ChangeSetName": "release",
        "ChangeSetId": f"{place}:changeSet/release/{name}",
        "StackName": name,
        "StackId": f"{place}:stack/{name}/1",
        "IncludeNestedStacks": False,
        "Changes": list(changes),
        **more,
    }


def bare(given: dict[str, Any]) -> dict[str, Any]:
    """Leave out what only --include-property-values shows."""
    given = copy.deepcopy(given)
    for each in given["Changes"]:
        for shown in ("BeforeContext", "AfterContext"):
            each["ResourceChange"].pop(shown, None)
    return given


def judged(folder: Path, **given: Any) -> Verdict:
    """Lint change sets that are saved side by side, under these names."""
    files = [folder / f"{name}.json" for name in given]
    for file, tree in zip(files, given.values(), strict=True):
        file.write_text(json.dumps(tree))
    return lint(*files)


def fired(verdict: Verdict) -> set[tuple[str, str]]:
    """List the rules that fired, each with its case."""
    return {(finding.rule, finding.case) for finding in verdict.findings}


def open_facts(verdict: Verdict, rule: str = "ROLE001") -> dict[str, str]:
    """List what keeps a rule undecided, each with what would decide it."""
    return {each.key: each.decided_by for each in verdict.undecided if rule in each.rules}
