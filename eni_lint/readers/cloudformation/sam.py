"""Serverless functions become the plain resources that SAM makes of them, under the same logical ids.

Only what bears on networks and permissions is made: functions, their roles, versions, aliases, event source mappings
and where results are delivered. `samtranslator` is the oracle in the tests.
"""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.readers.cloudformation.origins import Expanded, origin
from eni_lint.readers.cloudformation.tree import Path, Tree, find, function_of, mapping, sequence, text, written

_KEPT_ATTRIBUTES = ("Condition", "DeletionPolicy", "UpdateReplacePolicy", "DependsOn", "Metadata")
_PASSED_ON = ("Condition", "DeletionPolicy", "UpdateReplacePolicy")
_NO_VALUE: Tree = {"Ref": "AWS::NoValue"}

# What stands for the source in an event of this type, and the managed policy that SAM attaches for it.
_SOURCES = {
    "DocumentDB": ("Cluster", ""),
    "DynamoDB": ("Stream", "service-role/AWSLambdaDynamoDBExecutionRole"),
    "Kinesis": ("Stream", "service-role/AWSLambdaKinesisExecutionRole"),
    "MQ": ("Broker", ""),
    "MSK": ("Stream", "service-role/AWSLambdaMSKExecutionRole"),
    "SQS": ("Queue", "service-role/AWSLambdaSQSQueueExecutionRole"),
    "SelfManagedKafka": ("", ""),
}
_NETWORK_ACTIONS: list[Tree] = [
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeVpcs",
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
]
_DOCUMENT_DB_ACTIONS = ("rds:DescribeDBClusterParameters", "rds:DescribeDBSubnetGroups", "rds:DescribeDBClusters")
_KAFKA_SECRETS = (
    "BASIC_AUTH",
    "CLIENT_CERTIFICATE_TLS_AUTH",
    "OAUTHBEARER_AUTH",
    "SASL_SCRAM_256_AUTH",
    "SASL_SCRAM_512_AUTH",
    "SERVER_ROOT_CA_CERTIFICATE",
)
_SECRETS = {
    "DocumentDB": ("BASIC_AUTH",),
    "MQ": ("BASIC_AUTH",),
    "MSK": ("CLIENT_CERTIFICATE_TLS_AUTH",),
    "SelfManagedKafka": _KAFKA_SECRETS,
}
_TRUST: Tree = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": ["lambda.amazonaws.com"]}}
    ],
}
_DEAD_LETTER_ACTIONS = {"SQS": "sqs:SendMessage", "SNS": "sns:Publish"}
# Properties of SAM's own, and those that CloudFormation spells differently.
_NOT_PLAIN = frozenset(
    {
        "AssumeRolePolicyDocument",
        "AutoPublishAlias",
        "AutoPublishAliasAllProperties",
        "AutoPublishCodeSha256",
        "CodeUri",
        "DeadLetterQueue",
        "DeploymentPreference",
        "EventInvokeConfig",
        "Events",
        "FunctionUrlConfig",
        "ImageUri",
        "InlineCode",
        "PermissionsBoundary",
        "Policies",
        "PropagateTags",
        "ProvisionedConcurrencyConfig",
        "Role",
        "RolePath",
        "Tags",
        "Tracing",
        "VersionDeletionPolicy",
        "VersionDescription",
    }
)


def expand(tree: dict[str, Tree]) -> Expanded:
    """Replace every serverless function by the resources that SAM makes of it; other resources stay as they are."""
    resources = mapping(tree.get("Resources"))
    functions = [
        _Function(tree, name, mapping(body))
        for name, body in resources.items()
        if text(find(body, "Type")) == "AWS::Serverless::Function"
    ]
    if not functions:
        return Expanded(tree)
    made = {**resources, **{name: body for function in functions for name, body in function.resources().items()}}
    negated = {name: body for function in functions for name, body in function.conditions().items()}
    conditions: dict[str, Tree] = {"Conditions": {**negated, **mapping(tree.get("Conditions"))}} if negated else {}
    names = {name: logical_id for function in functions for name, logical_id in function.names().items()}
    plain: dict[str, Tree] = {**tree, "Resources": made, **conditions}
    origins = {at: stem for function in functions for at, stem in function.origins().items()}
    return Expanded(mapping(_renamed(plain, names)) if names else plain, origins)


class _Function:
    """One serverless function: its properties with the globals merged in, and what is made of them."""

    def __init__(self, tree: dict[str, Tree], name: str, body: dict[str, Tree]) -> None:
        self.name = name
        self.body = body
        shared = _heeded(mapping(find(tree, "Globals", "Function")), body.get("IgnoreGlobals"))
        place: Path = ("Resources", name, "Properties")
        merged, self._merged_from = _merge(shared, mapping(body.get("Properties")), place, ("Globals", "Function"))
        self.properties = mapping(merged)
        self.alias = _alias_id(tree, name, self.properties.get("AutoPublishAlias"))

    def resources(self) -> dict[str, Tree]:
        made: dict[str, Tree] = {self.name: self._function()}
        if self._makes_role():
            made[f"{self.name}Role"] = self._role()
        if "AutoPublishAlias" in self.properties:
            made[f"{self.name}Version"] = self._version()
            made[self.alias] = self._alias()
        if "EventInvokeConfig" in self.properties:
            made[f"{self.name}EventInvokeConfig"] = self._event_invoke_config()
        for event, body in self._events():
            made[f"{self.name}{event}"] = self._event_source(body)
        return made

    def names(self) -> dict[str, str]:
        """What `Fn.Alias` and `Fn.Version` stand for."""
        published = "AutoPublishAlias" in self.properties
        return {f"{self.name}.Alias": self.alias, f"{self.name}.Version": f"{self.name}Version"} if published else {}

    def conditions(self) -> dict[str, Tree]:
        """The condition that SAM adds for a role that is generated in the else branch."""
        name, _, otherwise = self._role_branches()
        return {f"NOT{name}": {"Fn::Not": [{"Condition": name}]}} if otherwise == _NO_VALUE else {}

    def origins(self) -> dict[Path, Path]:
        whole: Path = ("Resources", self.name)
        found: dict[Path, Path] = {}
        for made in (f"{self.name}Role", f"{self.name}Version", self.alias, f"{self.name}EventInvokeConfig"):
            found["Resources", made] = whole
        for index, (_, step) in enumerate(self._inline_policies()):
            place = (*whole, "Properties", "Policies", *step) if step is not None else whole
            found["Resources", f"{self.name}Role", "Properties", "Policies", index, "PolicyDocument"] = place
        for event, _ in self._events():
            found["Resources", f"{self.name}{event}"] = (*whole, "Properties", "Events", event)
        return {**self._merged_from, **{made: origin(at, self._merged_from) for made, at in found.items()}}

    def _function(self) -> Tree:
        properties = {key: value for key, value in self.properties.items() if key not in _NOT_PLAIN}
        if "DeadLetterQueue" in self.properties:
            properties["DeadLetterConfig"] = {"TargetArn": find(self.properties, "DeadLetterQueue", "TargetArn")}
        if self._traces():
            properties["TracingConfig"] = {"Mode": self.properties["Tracing"]}
        if "InlineCode" in self.properties:
            properties["Code"] = {"ZipFile": self.properties["InlineCode"]}
        properties["Role"] = self._role_value()
        return {"Type": "AWS::Lambda::Function", **self._attributes(_KEPT_ATTRIBUTES), "Properties": properties}

    def _attributes(self, names: tuple[str, ...]) -> dict[str, Tree]:
        return {name: self.body[name] for name in names if name in self.body}

    def _traces(self) -> bool:
        return bool(self.properties.get("Tracing")) and self.properties.get("Tracing") != "Disabled"

    # The role

    def _role_branches(self) -> tuple[str, Tree, Tree]:
        name, argument = function_of(self.properties.get("Role"))
        match argument:
            case [str(condition), then, otherwise] if name == "Fn::If" and _NO_VALUE in (then, otherwise):
                return condition, then, otherwise
            case _:
                return "", None, None

    def _makes_role(self) -> bool:
        return self.properties.get("Role") is None or self._role_branches()[0] != ""

    def _role_value(self) -> Tree:
        own: Tree = {"Fn::GetAtt": [f"{self.name}Role", "Arn"]}
        condition, then, otherwise = self._role_branches()
        if not condition:
            return own if self._makes_role() else self.properties["Role"]
        branches = [own if branch == _NO_VALUE else branch for branch in (then, otherwise)]
        return own if branches == [own, own] else {"Fn::If": [condition, *branches]}

    def _role(self) -> Tree:
        condition, then, otherwise = self._role_branches()
        attributes = self._attributes(_PASSED_ON)
        if condition and then != otherwise:
            attributes["Condition"] = condition if then == _NO_VALUE else f"NOT{condition}"
        properties: dict[str, Tree] = {
            "AssumeRolePolicyDocument": self.properties.get("AssumeRolePolicyDocument", _TRUST),
            "ManagedPolicyArns": self._managed_policies(),
        }
        policies: list[Tree] = [policy for policy, _ in self._inline_policies()]
        if policies:
            properties["Policies"] = policies
        for ours, plain in (("RolePath", "Path"), ("PermissionsBoundary", "PermissionsBoundary")):
            if ours in self.properties:
                properties[plain] = self.properties[ours]
        return {"Type": "AWS::IAM::Role", **attributes, "Properties": properties}

    def _managed_policies(self) -> list[Tree]:
        durable = bool(self.properties.get("DurableConfig"))
        basic = "AWSLambdaBasicDurableExecutionRolePolicy" if durable else "AWSLambdaBasicExecutionRole"
        arns = [_aws_policy(f"service-role/{basic}")]
        if self._traces():
            arns.append(_aws_policy("AWSXrayWriteOnlyAccess"))
        if self.properties.get("VpcConfig"):
            arns.append(_aws_policy("service-role/AWSLambdaVPCAccessExecutionRole"))
        arns += [_managed(policy) for policy, _ in self._policies() if _is_managed(policy)]
        arns += [_aws_policy(name) for _, body in self._events() if (name := _SOURCES[text(body.get("Type"))][1])]
        return [arn for index, arn in enumerate(arns) if arn not in arns[:index]]

    def _policies(self) -> Iterator[tuple[Tree, Path]]:
        policies = self.properties.get("Policies")
        if isinstance(policies, list):
            yield from ((policy, (index,)) for index, policy in enumerate(policies))
        elif policies:
            yield policies, ()

    def _inline_policies(self) -> Iterator[tuple[Tree, Path | None]]:
        """The inline policies of the role, each with its place in `Policies` if it was written there."""
        queue = mapping(self.properties.get("DeadLetterQueue"))
        if action := _DEAD_LETTER_ACTIONS.get(text(queue.get("Type"))):
            yield _inline("DeadLetterQueuePolicy", [_allow([action], queue.get("TargetArn"))]), None
        for index, (policy, step) in enumerate(self._policies()):
            if not _is_managed(policy):
                yield _inline_of(f"{self.name}RolePolicy{index}", policy), step
        for _, body in self._events():
            granted = _event_statements(text(body.get("Type")), mapping(body.get("Properties")))
            if granted:
                yield _inline(f"{text(body.get('Type'))}EventPolicy", granted), None

    # Versions and events

    def _version(self) -> Tree:
        kept = "Delete" if "CapacityProviderConfig" in self.properties else "Retain"
        attributes = {
            "DeletionPolicy": self.properties.get("VersionDeletionPolicy", kept),
            **self._attributes(_PASSED_ON),
        }
        return {"Type": "AWS::Lambda::Version", **attributes, "Properties": {"FunctionName": {"Ref": self.name}}}

    def _alias(self) -> Tree:
        properties: dict[str, Tree] = {
            "Name": self.properties["AutoPublishAlias"],
            "FunctionName": {"Ref": self.name},
            "FunctionVersion": {"Fn::GetAtt": [f"{self.name}Version", "Version"]},
        }
        if "ProvisionedConcurrencyConfig" in self.properties:
            properties["ProvisionedConcurrencyConfig"] = self.properties["ProvisionedConcurrencyConfig"]
        return {"Type": "AWS::Lambda::Alias", **self._attributes(_PASSED_ON), "Properties": properties}

    def _event_invoke_config(self) -> Tree:
        """What becomes of asynchronous results; the queues and topics that SAM makes where none is given are not."""
        properties: dict[str, Tree] = {
            "FunctionName": {"Ref": self.name},
            "DestinationConfig": {
                outcome: {"Destination": given}
                for outcome, body in mapping(find(self.properties, "EventInvokeConfig", "DestinationConfig")).items()
                if (given := find(body, "Destination")) is not None
            },
        }
        return {"Type": "AWS::Lambda::EventInvokeConfig", **self._attributes(_PASSED_ON), "Properties": properties}

    def _events(self) -> Iterator[tuple[str, dict[str, Tree]]]:
        for name, body in mapping(self.properties.get("Events")).items():
            if text(find(body, "Type")) in _SOURCES:
                yield name, mapping(body)

    def _event_source(self, body: dict[str, Tree]) -> Tree:
        source, _ = _SOURCES[text(body.get("Type"))]
        given = mapping(body.get("Properties"))
        properties = {key: value for key, value in given.items() if key not in (source, "KafkaBootstrapServers")}
        properties["FunctionName"] = {"Ref": self.alias if "AutoPublishAlias" in self.properties else self.name}
        if source in given:
            properties["EventSourceArn"] = given[source]
        if "KafkaBootstrapServers" in given:
            endpoints: Tree = {"KafkaBootstrapServers": given["KafkaBootstrapServers"]}
            properties["SelfManagedEventSource"] = {"Endpoints": endpoints}
        return {"Type": "AWS::Lambda::EventSourceMapping", **self._attributes(_PASSED_ON), "Properties": properties}


def _heeded(shared: dict[str, Tree], ignored: Tree) -> dict[str, Tree]:
    """The globals that a function does not refuse."""
    if ignored == "*":
        return {}
    return {key: value for key, value in shared.items() if key not in sequence(ignored)}


def _merge(shared: Tree, local: Tree, at: Path, shared_at: Path) -> tuple[Tree, dict[Path, Path]]:
    """Merge as SAM does: mappings by key, lists one after the other, and in everything else the local value wins."""
    if isinstance(shared, list) and isinstance(local, list) and at[-1] != "Architectures":
        first = {(*at, index): (*shared_at, index) for index in range(len(shared))}
        then = {(*at, len(shared) + index): (*at, index) for index in range(len(local))}
        return [*shared, *local], {**first, **then}
    if not isinstance(shared, dict) or not isinstance(local, dict) or function_of(shared)[0] or function_of(local)[0]:
        return local, {}
    merged = {**shared, **local}
    origins: dict[Path, Path] = {(*at, key): (*shared_at, key) for key in shared.keys() - local.keys()}
    for key in shared.keys() & local.keys():
        merged[key], inner = _merge(shared[key], local[key], (*at, key), (*shared_at, key))
        origins |= inner
    return merged, origins


def _alias_id(tree: dict[str, Tree], name: str, alias: Tree) -> str:
    if isinstance(alias, dict):
        alias = find(tree, "Parameters", text(alias.get("Ref")), "Default")
    return f"{name}Alias{written(alias).replace('-', 'D').replace('_', 'U')}"


def _renamed(tree: Tree, names: dict[str, str]) -> Tree:
    match tree:
        case {"Ref": str(name)} if name in names:
            return {"Ref": names[name]}
        case dict():
            return {key: _renamed(value, names) for key, value in tree.items()}
        case list():
            return [_renamed(value, names) for value in tree]
        case _:
            return tree


# Policies


def _aws_policy(path: str) -> Tree:
    return {"Fn::Sub": f"arn:${{AWS::Partition}}:iam::aws:policy/{path}"}


def _is_managed(policy: Tree) -> bool:
    name, argument = function_of(policy)
    branches = sequence(argument)[1:] if name == "Fn::If" else []
    return isinstance(policy, str) or (name != "" and not any(_is_document(branch) for branch in branches))


def _is_document(branch: Tree) -> bool:
    return isinstance(branch, dict) and not function_of(branch)[0]


def _managed(policy: Tree) -> Tree:
    if isinstance(policy, str):
        return _named(policy)
    match function_of(policy):
        case "Fn::If", [condition, *branches]:
            return {"Fn::If": [condition, *(_managed(branch) for branch in branches)]}
        case _:
            return policy


def _named(policy: str) -> Tree:
    from eni_lint.data.managed_policies import managed_policy

    known = None if policy.startswith("arn:") else managed_policy(policy)
    return _aws_policy(f"{known.path}{known.name}".removeprefix("/")) if known else policy


def _inline_of(name: str, policy: Tree) -> Tree:
    match function_of(policy):
        case "Fn::If", [condition, *branches]:
            return {
                "Fn::If": [
                    condition,
                    *(branch if branch == _NO_VALUE else _inline_of(name, branch) for branch in branches),
                ]
            }
        case _:
            pass
    if "Statement" in mapping(policy):
        return {"PolicyName": name, "PolicyDocument": policy}
    from eni_lint.readers.cloudformation import sam_policies

    template = next(iter(mapping(policy)), "")
    unknown: list[Tree] = [{"Fn::Transform": template}]
    return _inline(name, sam_policies.statements(template) or unknown)


def _inline(name: str, statements: list[Tree]) -> Tree:
    return {"PolicyName": name, "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}


def _allow(actions: list[Tree], resource: Tree) -> Tree:
    return {"Effect": "Allow", "Action": actions, "Resource": resource}


def _event_statements(kind: str, properties: dict[str, Tree]) -> list[Tree]:
    """What SAM lets a generated role do for an event source, beyond the managed policy."""
    accesses = {
        text(find(item, "Type")): find(item, "URI") for item in sequence(properties.get("SourceAccessConfigurations"))
    }
    secrets = [uri for name, uri in accesses.items() if uri is not None and name in _SECRETS.get(kind, ())]
    granted = [_allow(["secretsmanager:GetSecretValue"], uri) for uri in secrets]
    if granted and "SecretsManagerKmsKeyId" in properties:
        granted.append(_allow(["kms:Decrypt"], "*"))
    if kind == "MQ":
        granted.append(_allow(["mq:DescribeBroker"], properties.get("Broker")))
    if kind == "DocumentDB":
        granted.append(_allow([*_DOCUMENT_DB_ACTIONS], "*"))
    if kind == "DocumentDB" or {"VPC_SUBNET", "VPC_SECURITY_GROUP"} <= accesses.keys():
        granted.append(_allow(_NETWORK_ACTIONS, "*"))
    return granted
