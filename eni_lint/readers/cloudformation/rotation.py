"""Functions that rotate secrets from inside of a VPC, which a template asks for without stating them.

Secrets Manager makes them in a nested stack of its own, from its transform or from an application that it publishes:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-secretsmanager.html.
"""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.readers.cloudformation.origins import Expanded
from eni_lint.readers.cloudformation.tree import Path, Tree, find, mapping, text

# Where each kind says in which network its function stands, and which service it calls.
_ASKS = {
    "AWS::SecretsManager::RotationSchedule": ("HostedRotationLambda", "VpcSubnetIds", "VpcSecurityGroupIds"),
    "AWS::Serverless::Application": ("Parameters", "vpcSubnetIds", "vpcSecurityGroupIds"),
}
_SERVICE: Tree = {"Fn::Sub": "https://secretsmanager.${AWS::Region}.${AWS::URLSuffix}"}
_TRUST: Tree = {
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}]
}
_ACCESS: Tree = {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"}


def expand(tree: dict[str, Tree]) -> Expanded:
    """Add the functions that rotate secrets in a VPC, each with its role."""
    resources = mapping(tree.get("Resources"))
    made: dict[str, Tree] = {}
    origins: dict[Path, Path] = {}
    for name, body in resources.items():
        for logical_id, added in _of(name, mapping(body)):
            made[logical_id] = added
            origins["Resources", logical_id] = ("Resources", name)
    return Expanded({**tree, "Resources": {**resources, **made}}, origins) if made else Expanded(tree)


def _of(name: str, body: dict[str, Tree]) -> Iterator[tuple[str, Tree]]:
    section, subnets, groups = _ASKS.get(text(body.get("Type")), ("", "", ""))
    asked = mapping(find(body, "Properties", section)) if section else {}
    if subnets not in asked or groups not in asked:
        return
    role = f"{name} (role of the rotation)"
    kept: dict[str, Tree] = {"Condition": body["Condition"]} if "Condition" in body else {}
    properties: dict[str, Tree] = {
        "Role": {"Fn::GetAtt": [role, "Arn"]},
        "VpcConfig": {
            "SubnetIds": {"Fn::Split": [",", asked[subnets]]},
            "SecurityGroupIds": {"Fn::Split": [",", asked[groups]]},
        },
        "Environment": {"Variables": {"SECRETS_MANAGER_ENDPOINT": asked.get("endpoint", _SERVICE)}},
    }
    yield f"{name} (rotation)", {"Type": "AWS::Lambda::Function", **kept, "Properties": properties}
    permitted: dict[str, Tree] = {"AssumeRolePolicyDocument": _TRUST, "ManagedPolicyArns": [_ACCESS]}
    yield role, {"Type": "AWS::IAM::Role", **kept, "Properties": permitted}
