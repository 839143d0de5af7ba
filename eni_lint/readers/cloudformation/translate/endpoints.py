"""VPC endpoints."""

from __future__ import annotations

from collections.abc import Iterator

from eni_lint.data.endpoints import normalise_service
from eni_lint.model.answer import Unknown
from eni_lint.model.network import Endpoint
from eni_lint.readers.cloudformation.translate.families import GROUP, SUBNET, TABLE, VPC
from eni_lint.readers.cloudformation.translate.links import Linker
from eni_lint.readers.cloudformation.translate.stage import Declared

KINDS = {
    "gateway": "gateway",
    "interface": "interface",
    "gatewayloadbalancer": "gwlb",
    "resource": "resource",
    "servicenetwork": "service_network",
}
# A region to read the names of services in where the deployment's own is not known.
REGION = ("${AWS::Region}", "us-east-1")


def endpoints(linker: Linker) -> Iterator[Endpoint]:
    """Yield every endpoint."""
    for declared in linker.stage.of("AWS::EC2::VPCEndpoint"):
        kind = linker.text(declared, "VpcEndpointType")
        region = linker.text(declared, "ServiceRegion")
        yield Endpoint(
            address=declared.address,
            scope=declared.scope,
            vpc=linker.one(declared, "VpcId", family=VPC),
            service=_service(linker, declared),
            kind=kind if isinstance(kind, Unknown) else KINDS.get(kind.lower(), "gateway"),
            tables=linker.many(declared, "RouteTableIds", family=TABLE),
            subnets=linker.many(declared, "SubnetIds", family=SUBNET),
            groups=linker.many(declared, "SecurityGroupIds", family=GROUP),
            # Unlike the API, CloudFormation leaves private names out unless asked, as its schema of the type says:
            # https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html
            private_dns=linker.flag(declared, "PrivateDnsEnabled"),
            kind_omitted=not declared.states("VpcEndpointType"),
            region=region if isinstance(region, str) and region else declared.scope.region,
        )


def _service(linker: Linker, declared: Declared) -> str | Unknown:
    name = linker.text(declared, "ServiceName")
    return name if isinstance(name, Unknown) else normalise_service(name.replace(*REGION))
