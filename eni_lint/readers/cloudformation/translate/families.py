"""What kinds of things links lead to, by resource type, and the properties of each type that links stand in."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field


class Family(Struct, frozen=True):
    """One kind of thing: its resource types, and what names one of them.

    `attributes` are those whose value names the thing, the empty one for `Ref`; none stand for any. `named` is the
    property that holds its own name. `through` are other types that stand for one, each with the property that leads
    there.
    """

    types: tuple[str, ...]
    attributes: frozenset[str] = frozenset({""})
    named: str = ""
    through: Mapping[str, str] = field(default_factory=dict)

    def admits(self, kind: str, attribute: str) -> bool:
        """Tell whether an attribute of a resource type names one of this family."""
        return kind in self.types and (not self.attributes or attribute in self.attributes)


MAIN_TABLE = " (main route table)"
DEFAULT_GROUP = " (default security group)"

VPC = Family(("AWS::EC2::VPC",))
SUBNET = Family(("AWS::EC2::Subnet",))
GROUP = Family(("AWS::EC2::SecurityGroup",))
TABLE = Family(("AWS::EC2::RouteTable",))
ROLE = Family(("AWS::IAM::Role",), frozenset({"", "Arn"}), "RoleName")
POLICY = Family(("AWS::IAM::ManagedPolicy",), named="ManagedPolicyName")
FUNCTION = Family(
    ("AWS::Lambda::Function",),
    frozenset({"", "Arn"}),
    "FunctionName",
    {"AWS::Lambda::Alias": "FunctionName", "AWS::Lambda::Version": "FunctionName"},
)
INTERNET_GATEWAY = Family(("AWS::EC2::InternetGateway",))
VPN_GATEWAY = Family(("AWS::EC2::VPNGateway",), frozenset({"", "VPNGatewayId"}))
EGRESS_GATEWAY = Family(("AWS::EC2::EgressOnlyInternetGateway",), frozenset({"", "Id"}))
NAT = Family(("AWS::EC2::NatGateway",))
ENDPOINT = Family(("AWS::EC2::VPCEndpoint",))
ADDRESS = Family(("AWS::EC2::EIP",), frozenset({"AllocationId"}))
TRANSIT_GATEWAY = Family(("AWS::EC2::TransitGateway",))
PEERING = Family(("AWS::EC2::VPCPeeringConnection",), frozenset({"", "Id"}))
INTERFACE = Family(("AWS::EC2::NetworkInterface",), frozenset({"", "Id"}))
INSTANCE = Family(("AWS::EC2::Instance",), frozenset({"", "InstanceId"}))
PREFIX_LIST = Family(("AWS::EC2::PrefixList",), frozenset({"", "PrefixListId"}))

# The IAM prefix of the API behind a resource type.
SERVICES = {
    "AWS::SQS::Queue": "sqs",
    "AWS::SNS::Topic": "sns",
    "AWS::DynamoDB::Table": "dynamodb",
    "AWS::DynamoDB::GlobalTable": "dynamodb",
    "AWS::Serverless::SimpleTable": "dynamodb",
    "AWS::S3::Bucket": "s3",
    "AWS::SecretsManager::Secret": "secretsmanager",
    "AWS::SSM::Parameter": "ssm",
    "AWS::KMS::Key": "kms",
    "AWS::Kinesis::Stream": "kinesis",
    "AWS::KinesisFirehose::DeliveryStream": "firehose",
    "AWS::StepFunctions::StateMachine": "states",
    "AWS::Serverless::StateMachine": "states",
    "AWS::Events::EventBus": "events",
    "AWS::MSK::Cluster": "kafka",
    "AWS::MSK::ServerlessCluster": "kafka",
    "AWS::AmazonMQ::Broker": "mq",
    "AWS::DocDB::DBCluster": "rds",
    "AWS::RDS::DBCluster": "rds",
    "AWS::RDS::DBInstance": "rds",
    "AWS::Elasticsearch::Domain": "es",
    "AWS::OpenSearchService::Domain": "es",
    "AWS::AppConfig::Application": "appconfig",
    "AWS::Cognito::UserPool": "cognito-idp",
    "AWS::ECR::Repository": "ecr",
    "AWS::SES::EmailIdentity": "ses",
    "AWS::Athena::WorkGroup": "athena",
    "AWS::Glue::Database": "glue",
}
# Where such a resource states its own name; elsewhere it is `Name`.
NAMED_BY = {
    "AWS::SQS::Queue": "QueueName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::DynamoDB::Table": "TableName",
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::Serverless::SimpleTable": "TableName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::KinesisFirehose::DeliveryStream": "DeliveryStreamName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
SERVICE = Family((*SERVICES, "AWS::Lambda::Function"), frozenset())

# The property behind each field of a model record, where it is not spelled like it.
LINKS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("AWS::Lambda::Function", "role"): ("Role",),
    ("AWS::Lambda::Function", "attachment"): ("VpcConfig",),
    ("AWS::Lambda::Function", "subnets"): ("VpcConfig", "SubnetIds"),
    ("AWS::Lambda::Function", "groups"): ("VpcConfig", "SecurityGroupIds"),
    ("AWS::Lambda::Function", "environment"): ("Environment", "Variables"),
    ("AWS::Lambda::Function", "layers"): ("Layers",),
    ("AWS::Lambda::Function", "name"): ("FunctionName",),
    ("AWS::IAM::Role", "trust"): ("AssumeRolePolicyDocument",),
    ("AWS::IAM::Role", "boundary"): ("PermissionsBoundary",),
    ("AWS::IAM::Role", "name"): ("RoleName",),
    ("AWS::IAM::Policy", "policy"): ("PolicyDocument",),
    ("AWS::IAM::Policy", "roles"): ("Roles",),
    ("AWS::IAM::RolePolicy", "policy"): ("PolicyDocument",),
    ("AWS::IAM::RolePolicy", "roles"): ("RoleName",),
    ("AWS::IAM::ManagedPolicy", "document"): ("PolicyDocument",),
    ("AWS::IAM::ManagedPolicy", "policy"): ("PolicyDocument",),
    ("AWS::IAM::ManagedPolicy", "roles"): ("Roles",),
    ("AWS::EC2::VPC", "dns_support"): ("EnableDnsSupport",),
    ("AWS::EC2::VPC", "dns_hostnames"): ("EnableDnsHostnames",),
    ("AWS::EC2::VPC", "dedicated"): ("InstanceTenancy",),
    ("AWS::EC2::NatGateway", "subnet"): ("SubnetId",),
    ("AWS::EC2::NatGateway", "public"): ("ConnectivityType",),
    ("AWS::EC2::NatGateway", "allocation"): ("AllocationId",),
    ("AWS::EC2::VPCEndpoint", "kind"): ("VpcEndpointType",),
    ("AWS::EC2::VPCEndpoint", "service"): ("ServiceName",),
    ("AWS::EC2::VPCEndpoint", "private_dns"): ("PrivateDnsEnabled",),
    ("AWS::EC2::VPCEndpoint", "groups"): ("SecurityGroupIds",),
    ("AWS::EC2::VPCEndpoint", "subnets"): ("SubnetIds",),
    ("AWS::EC2::VPCEndpoint", "tables"): ("RouteTableIds",),
    ("AWS::EC2::SecurityGroup", "egress"): ("SecurityGroupEgress",),
    ("AWS::EC2::SecurityGroup", "ingress"): ("SecurityGroupIngress",),
    ("AWS::EC2::VPCBlockPublicAccessOptions", "mode"): ("InternetGatewayBlockMode",),
}
