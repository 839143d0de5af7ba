"""What kinds of things links lead to, and by which attributes they are known."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field


class Family(Struct, frozen=True):
    """One kind of thing: its resource types, and the attributes that name it.

    `prefixes` are how its literal names begin, none where a name may be any text. `lists` are data sources that
    give many of them, with the attribute that does. `aliases` are attributes of other types that name one of them,
    each with what is put behind the address of the other to name it. `tail` is where the path begins in their ARNs.
    `made_of_data` marks things that only data sources make, `written_out` those whose literal names often stand beside
    references, where no plan shows them, `within_network` those that only stand beside others of the same network.
    `through` are other types that stand for one, with what leads there.
    """

    name: str
    types: tuple[str, ...]
    identities: frozenset[str] = frozenset({"id"})
    prefixes: tuple[str, ...] = ()
    lists: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[tuple[str, str], str] = field(default_factory=dict)
    tail: str = ""
    made_of_data: bool = False
    written_out: bool = False
    within_network: bool = False
    through: Mapping[str, str] = field(default_factory=dict)

    def admits(self, text: str) -> bool:
        """Tell whether a text can be the name of such a thing.

        >>> SUBNET.admits("subnet-1"), SUBNET.admits("true")
        (True, False)
        """
        return text.startswith(self.prefixes) if self.prefixes else bool(text)


MAIN_TABLE = " (main route table)"
DEFAULT_GROUP = " (default security group)"

VPC = Family(
    "vpc",
    ("aws_vpc", "aws_default_vpc"),
    prefixes=("vpc-",),
    lists={"aws_vpcs": "ids"},
)
OWNER_OF_MAIN_TABLE = Family(
    "vpc of a main table",
    ("aws_vpc", "aws_default_vpc"),
    identities=frozenset({"default_route_table_id", "main_route_table_id"}),
    prefixes=("rtb-",),
    within_network=True,
)
SUBNET = Family(
    "subnet",
    ("aws_subnet", "aws_default_subnet"),
    prefixes=("subnet-",),
    lists={"aws_subnets": "ids", "aws_subnet_ids": "ids"},
    within_network=True,
)
GROUP = Family(
    "group",
    ("aws_security_group", "aws_default_security_group"),
    prefixes=("sg-",),
    lists={"aws_security_groups": "ids"},
    aliases={
        ("aws_vpc", "default_security_group_id"): DEFAULT_GROUP,
        ("aws_default_vpc", "default_security_group_id"): DEFAULT_GROUP,
    },
    within_network=True,
)
TABLE = Family(
    "table",
    ("aws_route_table", "aws_default_route_table"),
    identities=frozenset({"id", "route_table_id"}),
    prefixes=("rtb-",),
    lists={"aws_route_tables": "ids"},
    aliases={
        (kind, attribute): MAIN_TABLE
        for kind in ("aws_vpc", "aws_default_vpc")
        for attribute in ("main_route_table_id", "default_route_table_id")
    },
)
ROLE = Family(
    "role",
    ("aws_iam_role", "aws_iam_service_linked_role"),
    identities=frozenset({"id", "arn", "name"}),
    tail=":role",
    written_out=True,
)
POLICY = Family(
    "policy",
    ("aws_iam_policy",),
    identities=frozenset({"id", "arn"}),
    prefixes=("arn:",),
    tail=":policy",
    written_out=True,
)
DOCUMENT = Family(
    "document",
    ("aws_iam_policy_document",),
    identities=frozenset({"json", "minified_json"}),
    prefixes=("{",),
    made_of_data=True,
)
FUNCTION = Family(
    "function",
    ("aws_lambda_function",),
    identities=frozenset({"id", "arn", "function_name", "qualified_arn", "invoke_arn", "qualified_invoke_arn"}),
    through={"aws_lambda_alias": "function_name"},
)
INTERNET_GATEWAY = Family(
    "internet gateway",
    ("aws_internet_gateway",),
    identities=frozenset({"id", "internet_gateway_id"}),
    prefixes=("igw-",),
)
EGRESS_GATEWAY = Family("egress-only gateway", ("aws_egress_only_internet_gateway",), prefixes=("eigw-",))
NAT = Family("nat", ("aws_nat_gateway",), prefixes=("nat-",), lists={"aws_nat_gateways": "ids"})
ENDPOINT = Family("endpoint", ("aws_vpc_endpoint",), prefixes=("vpce-",))
ADDRESS = Family("address", ("aws_eip",), identities=frozenset({"id", "allocation_id"}), prefixes=("eipalloc-",))
TRANSIT_GATEWAY = Family("transit gateway", ("aws_ec2_transit_gateway",), prefixes=("tgw-",))
PEERING = Family("peering", ("aws_vpc_peering_connection", "aws_vpc_peering_connection_accepter"), prefixes=("pcx-",))
INTERFACE = Family("interface", ("aws_network_interface",), prefixes=("eni-",))
INSTANCE = Family("instance", ("aws_instance",), prefixes=("i-",))
PREFIX_LIST = Family(
    "prefix list",
    ("aws_ec2_managed_prefix_list", "aws_prefix_list"),
    prefixes=("pl-",),
    aliases={("aws_vpc_endpoint", "prefix_list_id"): " (prefix list)"},
)

SERVICES = {
    "aws_sqs_queue": "sqs",
    "aws_sns_topic": "sns",
    "aws_dynamodb_table": "dynamodb",
    "aws_s3_bucket": "s3",
    "aws_secretsmanager_secret": "secretsmanager",
    "aws_ssm_parameter": "ssm",
    "aws_kms_key": "kms",
    "aws_kinesis_stream": "kinesis",
    "aws_kinesis_firehose_delivery_stream": "firehose",
    "aws_sfn_state_machine": "states",
    "aws_cloudwatch_event_bus": "events",
    "aws_msk_cluster": "kafka",
    "aws_msk_serverless_cluster": "kafka",
    "aws_mq_broker": "mq",
    "aws_docdb_cluster": "rds",
    "aws_rds_cluster": "rds",
    "aws_db_instance": "rds",
    "aws_elasticsearch_domain": "es",
    "aws_opensearch_domain": "es",
    "aws_appconfig_application": "appconfig",
    "aws_cognito_user_pool": "cognito-idp",
    "aws_ecr_repository": "ecr",
    "aws_ses_email_identity": "ses",
    "aws_athena_workgroup": "athena",
    "aws_glue_catalog_database": "glue",
}
SERVICE = Family(
    "service",
    (*SERVICES, "aws_lambda_function"),
    identities=frozenset(
        {
            "id",
            "arn",
            "url",
            "name",
            "bucket",
            "stream_arn",
            "endpoint",
            "address",
            "function_name",
            "invoke_arn",
            "queue_url",
            "bucket_domain_name",
            "bucket_regional_domain_name",
            "bootstrap_brokers",
            "bootstrap_brokers_tls",
            "reader_endpoint",
            "key_id",
            "secret_id",
            "domain",
        }
    ),
)

FAMILIES = (
    *(VPC, SUBNET, GROUP, TABLE, ROLE, POLICY, DOCUMENT, FUNCTION, INTERNET_GATEWAY, EGRESS_GATEWAY, NAT, ENDPOINT),
    *(ADDRESS, TRANSIT_GATEWAY, PEERING, INTERFACE, INSTANCE, PREFIX_LIST, SERVICE),
)
# Every type of resource or data source that is looked at, besides those whose values only pass through.
TYPES = frozenset(
    (
        *(type_ for family in FAMILIES for type_ in (*family.types, *family.lists, *family.through)),
        "aws_ec2_carrier_gateway",
        "aws_iam_policy_attachment",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_iam_role_policy_attachments_exclusive",
        "aws_internet_gateway_attachment",
        "aws_lambda_event_source_mapping",
        "aws_lambda_function_event_invoke_config",
        "aws_main_route_table_association",
        "aws_route",
        "aws_route_table_association",
        "aws_security_group_rule",
        "aws_vpc_block_public_access_exclusion",
        "aws_vpc_block_public_access_options",
        "aws_vpc_endpoint_policy",
        "aws_vpc_endpoint_route_table_association",
        "aws_vpc_endpoint_security_group_association",
        "aws_vpc_endpoint_subnet_association",
        "aws_vpc_ipv4_cidr_block_association",
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
        "aws_vpc_security_group_vpc_association",
        "aws_vpn_gateway",
        "aws_vpn_gateway_route_propagation",
        "time_sleep",
    )
)
