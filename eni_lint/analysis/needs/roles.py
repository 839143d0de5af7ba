"""What an execution role tells about the calls of a function: which services its policies name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eni_lint.analysis.needs.environment import service_of
from eni_lint.analysis.needs.need import Need
from eni_lint.analysis.permissions import Permissions
from eni_lint.data.endpoints import endpoints_of, is_resident, services_of_endpoint
from eni_lint.model.answer import Answer, Because, No, Unknown, Yes, all_of, any_of
from eni_lint.model.compute import Endpointed
from eni_lint.model.identity import Literal, Symbol, Token, label
from eni_lint.model.policy import AwsManaged, Grant, Statement

# Traffic of these never crosses the function's subnets, or the actions are pasted without being called.
NOT_CALLED = frozenset({"logs", "xray", "ec2", "iam:passrole", "cloudwatch:putmetricdata", "rds-db", "s3files"})
# Lambda itself polls event sources, and services that hold data decrypt it on the caller's behalf.
BY_OTHERS = frozenset(
    action.lower()
    for action in (
        "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility",
        "sqs:GetQueueUrl", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary", "kinesis:ListShards", "kinesis:ListStreams", "kinesis:SubscribeToShard",
        "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams",
        "kafka:DescribeCluster", "kafka:DescribeClusterV2", "kafka:GetBootstrapBrokers", "mq:DescribeBroker",
        "kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKey*", "kms:DescribeKey",
    )
)  # fmt: skip
# What Lambda does with a dead letter queue or a destination, in the function's name.
DELIVERIES = frozenset({"sqs:sendmessage", "sns:publish", "events:putevents", "lambda:invokefunction", "s3:putobject"})
# What the policies that AWS keeps for a service are called; they say what is possible, not what is called.
AWS_POLICIES = {
    "AmazonS3": "s3", "AmazonDynamoDB": "dynamodb", "AmazonSQS": "sqs", "AmazonSNS": "sns", "AmazonSSM": "ssm",
    "SecretsManager": "secretsmanager", "AmazonKinesisFirehose": "firehose", "AmazonKinesis": "kinesis",
    "AmazonSES": "ses", "AmazonBedrock": "bedrock", "AWSStepFunctions": "states", "AmazonEventBridge": "events",
    "AmazonAthena": "athena", "AmazonCognito": "cognito-idp", "AmazonTextract": "textract",
    "AmazonRekognition": "rekognition", "ComprehendReadOnly": "comprehend", "AWSLambda_FullAccess": "lambda",
}  # fmt: skip


def needs_of(
    role: str,
    permissions: Permissions,
    endpointed: Mapping[str, Endpointed],
    targets: tuple[Token, ...],
    *,
    shared: bool = False,
) -> Iterator[Need]:
    """List the services that the policies of a role name; `targets` are what Lambda itself delivers to.

    A `shared` role tells less of each of its users: what it allows on a hidden resource it may allow on all.
    """
    for grant, certain in permissions.grants_of(role):
        if isinstance(certain, Unknown | No):
            continue
        if isinstance(grant.policy, AwsManaged):
            yield from _of_aws(grant, grant.policy)
            continue
        document = permissions.document_of(grant, "")
        if not isinstance(document, Unknown):
            for statement in document.statements:
                yield from _of_statement(grant, statement, endpointed, targets, shared)


def unread(
    role: str,
    permissions: Permissions,
    endpointed: Mapping[str, Endpointed],
    targets: tuple[Token, ...],
    *,
    shared: bool = False,
) -> Unknown | None:
    """Say why a role may allow calls that nobody sees, or None where all of its policies are read."""
    for grant, certain in permissions.grants_of(role):
        if isinstance(certain, Unknown):
            return certain
        if isinstance(grant.policy, AwsManaged):
            continue
        document = permissions.document_of(grant, "")
        if isinstance(document, Unknown):
            return document
        if document.rest is not None:
            return document.rest
        for statement in document.statements:
            opened = _openness(statement, endpointed, targets, shared)
            if opened is not None:
                return opened
    return permissions.unseen(role)


def _of_aws(grant: Grant, policy: AwsManaged) -> Iterator[Need]:
    name = policy.name.rpartition("/")[2]
    for beginning, service in AWS_POLICIES.items():
        if name.startswith(beginning) and "ExecutionRole" not in name:
            yield Need(service, 1, (Because(f"{grant.address} attaches {name}", grant.address, "policy", 1),))
            return


def _of_statement(
    grant: Grant,
    statement: Statement,
    endpointed: Mapping[str, Endpointed],
    targets: tuple[Token, ...],
    shared: bool,
) -> Iterator[Need]:
    if not statement.allows:
        return
    everything = (
        "*" in statement.resources or not statement.resources or (shared and _may_be_all(statement) is not None)
    )
    for action in statement.actions:
        if isinstance(action, Unknown) or not _is_called(action):
            continue
        if action.lower() in DELIVERIES and not isinstance(_delivers_only(action, statement, endpointed, targets), No):
            continue
        tier = 1 if everything else 2
        yield Need(action, tier, (Because(f"{grant.address} allows {action}", grant.address, "policy", tier),))


def _openness(
    statement: Statement, endpointed: Mapping[str, Endpointed], targets: tuple[Token, ...], shared: bool
) -> Unknown | None:
    if not statement.allows:
        return None
    hidden = _may_be_all(statement) if shared else None
    for action in statement.actions:
        if isinstance(action, Unknown):
            return action
        if hidden is not None and _is_called(action):
            return hidden
        if action.lower() in DELIVERIES:
            delivers = _delivers_only(action, statement, endpointed, targets)
            if isinstance(delivers, Unknown):
                return delivers
    return None


def may_tell_of(endpoint: str) -> bool:
    """Tell whether some action that a role allows may stand for a call to an endpoint.

    >>> may_tell_of("sqs"), may_tell_of("logs")
    (True, False)
    """
    return any(_is_called(f"{prefix}:Call") for prefix in services_of_endpoint(endpoint))


def _is_called(action: str) -> bool:
    """Tell whether an action stands for a call that crosses the function's subnets."""
    lowered = action.lower()
    prefix = lowered.partition(":")[0]
    if "*" in prefix or prefix in NOT_CALLED or lowered in NOT_CALLED or lowered in BY_OTHERS:
        return False
    return not is_resident(action) and endpoints_of(prefix) is not None


def _may_be_all(statement: Statement) -> Unknown | None:
    """Give a resource that may be all of them: what is not known and belongs to nothing that is stated."""
    return next((one for one in statement.resources if isinstance(one, Unknown) and not one.address), None)


def _delivers_only(
    action: str, statement: Statement, endpointed: Mapping[str, Endpointed], targets: tuple[Token, ...]
) -> Answer:
    """Answer whether a statement allows a delivery to nothing but what Lambda itself delivers to."""
    if not statement.resources:
        return No()
    service = action.partition(":")[0].lower()
    return all_of(any_of(_is(one, target, service, endpointed) for target in targets) for one in statement.resources)


def _is(resource: str | Unknown, target: Token, service: str, endpointed: Mapping[str, Endpointed]) -> Answer:
    """Answer whether a resource of a statement is one of the things that Lambda delivers to."""
    if isinstance(target, Symbol):
        return target.unknown
    if isinstance(resource, Unknown):
        if resource.address == label(target) or resource.key.startswith(f"{label(target)}."):
            return Yes()
        return resource if service_of(target, endpointed) in (service, "") else No()
    if isinstance(target, Literal):
        return Yes() if resource == target.value else No()
    stated = endpointed.get(label(target))
    if stated is None or stated.service != service or stated.name == "":
        return No()
    if isinstance(stated.name, Unknown):
        return stated.name
    return Yes() if resource.endswith((f":{stated.name}", f"/{stated.name}")) else No()
