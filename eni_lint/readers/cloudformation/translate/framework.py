"""What the CDK adds to programs by itself: handlers of custom resources, with their roles and groups.

The ids of these constructs are part of logical ids, so that aws-cdk-lib keeps them from version to version:
https://github.com/aws/aws-cdk/tree/main/packages/aws-cdk-lib.
"""

from __future__ import annotations

import re

# Functions that a stack has once, whoever asks for them: what their ids begin with, up to a fixed UUID.
SINGLETONS = (
    "AWS679f53fac002430cb0da5b7982bd2287",  # custom-resources: AwsCustomResource
    "AWSb4cf1abd4e4f4bc699441af7ccd9ec37",  # aws-events-targets: AwsApi
    "BucketNotificationsHandler050a0587b7544547bf325f094a3db834",  # aws-s3
    "CrossRegionAwsSdk8a0c93f3dbef4b71ac137aaf2048ce7e",  # aws-stepfunctions-tasks
    "Custom::CDKBucketDeployment8693BB64968944B69AAFB0CC9EB8756C",  # aws-s3-deployment
    "LogRetentionaae0aa3c5b4d4f87b02d85b201efdd8a",  # aws-logs
)
# Constructs that hold nothing but the CDK's own: the framework of a Provider, and what handles types of the library.
WHOLE = (
    "@aws-cdk--aws-dynamodb.ReplicaProvider",
    "@aws-cdk--aws-eks.ClusterResourceProvider",
    "@aws-cdk--aws-eks.KubectlProvider",
    "AWSCDK.TriggerCustomResourceProviderCustomResourceProvider",
    "Custom::AWSCDKOpenIdConnectProviderCustomResourceProvider",
    "Custom::CrossAccountZoneDelegationCustomResourceProvider",
    "Custom::CrossRegionExportReaderCustomResourceProvider",
    "Custom::CrossRegionExportWriterCustomResourceProvider",
    "Custom::DeleteExistingRecordSetCustomResourceProvider",
    "Custom::ECRAutoDeleteImagesCustomResourceProvider",
    "Custom::S3AutoDeleteObjectsCustomResourceProvider",
    "Custom::SyntheticsAutoDeleteUnderlyingResourcesCustomResourceProvider",
    "Custom::VpcRestrictDefaultSGCustomResourceProvider",
    "framework-isComplete",
    "framework-onEvent",
    "framework-onTimeout",
)
_OF_THE_CDK = re.compile(
    rf"(?:^|/)(?:{'|'.join(map(re.escape, SINGLETONS))}|(?:{'|'.join(map(re.escape, WHOLE))})(?:/|$))"
)


def is_of_the_cdk(path: str) -> bool:
    """Tell whether a construct is, or stands inside of, one that the CDK adds by itself.

    >>> is_of_the_cdk("Shop/Provider/framework-onEvent/ServiceRole"), is_of_the_cdk("Shop/Orders/ServiceRole")
    (True, False)
    """
    return _OF_THE_CDK.search(path) is not None
