"""What an execution role tells about the calls of a function: which services its policies name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eni_lint.analysis.needs.environment import service_of
from eni_lint.analysis.needs.need import Need
from eni_lint.analysis.permissions import Permissions
from eni_lint.data.endpoints import endpoints_of, is_resident
from eni_lint.model.answer import Because, No, Unknown
from eni_lint.model.compute import Endpointed
from eni_lint.model.identity import Literal, Token, label
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
    role: str, permissions: Permissions, endpointed: Mapping[str, Endpointed], targets: tuple[Token, ...]
) -> Iterator[Need]:
    """List the services that the policies of a role name; `targets` are what Lambda itself delivers to."""
    for grant, certain in permissions.grants_of(role):
        if isinstance(certain, Unknown | No):
            continue
        if isinstance(grant.policy, AwsManaged):
            yield from _of_aws(grant, grant.policy)
            continue
        document = permissions.document_of(grant, "")
        if not isinstance(document, Unknown):
            for statement in document.statements:
                yield from _of_statement(grant, statement, endpointed, targets)


def unread(
    role: str, permissions: Permissions, endpointed: Mapping[str, Endpointed], targets: tuple[Token, ...]
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
            opened = _openness(statement, endpointed, targets)
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
    grant: Grant, statement: Statement, endpointed: Mapping[str, Endpointed], targets: tuple[Token, ...]
) -> Iterator[Need]:
    if not statement.allows:
        return
    everything = "*" in statement.resources or not statement.resources
    for action in statement.actions:
        if isinstance(action, Unknown) or not _is_called(action):
            continue
        if action.lower() in DELIVERIES and _delivers_only(action, statement, endpointed, targets) is not False:
            continue
        tier = 1 if everything else 2
        yield Need(action, tier, (Because(f"{grant.address} allows {action}", grant.address, "policy", tier),))


def _openness(statement: Statement, endpointed: Mapping[str, Endpointed], targets: tuple[Token, ...]) -> Unknown | None:
    if not statement.allows:
        return None
    for action in statement.actions:
        if isinstance(action, Unknown):
            return action
        if action.lower() in DELIVERIES:
            delivers = _delivers_only(action, statement, endpointed, targets)
            if isinstance(delivers, Unknown):
                return delivers
    return None


def _is_called(action: str) -> bool:
    """Tell whether an action stands for a call that crosses the function's subnets."""
    lowered = action.lower()
    prefix = lowered.partition(":")[0]
    if "*" in prefix or prefix in NOT_CALLED or lowered in NOT_CALLED or lowered in BY_OTHERS:
        return False
    return not is_resident(action) and endpoints_of(prefix) is not None


def _delivers_only(
    action: str, statement: Statement, endpointed: Mapping[str, Endpointed], targets: tuple[Token, ...]
) -> bool | Unknown:
    """Tell whether a statement allows a delivery to nothing but what Lambda itself delivers to."""
    service = action.partition(":")[0].lower()
    if not statement.resources:
        return False
    opened: Unknown | None = None
    for resource in statement.resources:
        if any(_is(resource, target, endpointed) for target in targets):
            continue
        if isinstance(resource, str):
            return False
        if any(service_of(target, endpointed) in (service, "") for target in targets):
            opened = resource
        else:
            return False
    return True if opened is None else opened


def _is(resource: str | Unknown, target: Token, endpointed: Mapping[str, Endpointed]) -> bool:
    if isinstance(resource, Unknown):
        return resource.address == label(target) or resource.key.startswith(f"{label(target)}.")
    if isinstance(target, Literal):
        return resource == target.value
    stated = endpointed.get(label(target))
    return (
        stated is not None
        and isinstance(stated.name, str)
        and bool(stated.name)
        and (resource.endswith((f":{stated.name}", f"/{stated.name}")))
    )
