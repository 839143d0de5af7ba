"""What SAM's policy templates grant.

A test compares this table with the installed `samtranslator`, which it was taken from.
"""

from __future__ import annotations

from eni_lint.readers.cloudformation.tree import Tree

_SCOPED: Tree = {"Fn::Transform": "the parameters of a SAM policy template"}


def statements(template: str) -> list[Tree]:
    """The statements that a policy template stands for; an unknown template has none.

    >>> statements("EC2DescribePolicy")
    [{'Effect': 'Allow', 'Action': ['ec2:DescribeRegions', 'ec2:DescribeInstances'], 'Resource': '*'}]
    """
    found = _GRANTS.get(template, "")
    return [_statement(statement) for statement in found.split(" + ")] if found else []


def _statement(written: str) -> Tree:
    everywhere = written.startswith("* ")
    actions: list[Tree] = [*written.removeprefix("* ").split()]
    return {"Effect": "Allow", "Action": actions, "Resource": "*" if everywhere else _SCOPED}


# Actions by template; a plus stands between statements, a star before one that is granted on every resource.
_GRANTS = {
    "AMIDescribePolicy": "* ec2:DescribeImages",
    "AWSSecretsManagerGetSecretValuePolicy": "secretsmanager:GetSecretValue",
    "AWSSecretsManagerRotationPolicy": (
        "secretsmanager:DescribeSecret secretsmanager:GetSecretValue secretsmanager:PutSecretValue "
        "secretsmanager:UpdateSecretVersionStage + * secretsmanager:GetRandomPassword"
    ),
    "AcmGetCertificatePolicy": "acm:GetCertificate",
    "AthenaQueryPolicy": (
        "* athena:ListWorkGroups athena:GetExecutionEngine athena:GetExecutionEngines athena:GetNamespace "
        "athena:GetCatalogs athena:GetNamespaces athena:GetTables athena:GetTable + "
        "athena:StartQueryExecution athena:GetQueryResults athena:DeleteNamedQuery athena:GetNamedQuery "
        "athena:ListQueryExecutions athena:StopQueryExecution athena:GetQueryResultsStream "
        "athena:ListNamedQueries athena:CreateNamedQuery athena:GetQueryExecution athena:BatchGetNamedQuery "
        "athena:BatchGetQueryExecution athena:GetWorkGroup"
    ),
    "CloudFormationDescribeStacksPolicy": "cloudformation:DescribeStacks",
    "CloudWatchDashboardPolicy": (
        "* cloudwatch:GetDashboard cloudwatch:ListDashboards cloudwatch:PutDashboard cloudwatch:ListMetrics"
    ),
    "CloudWatchDescribeAlarmHistoryPolicy": "* cloudwatch:DescribeAlarmHistory",
    "CloudWatchPutMetricPolicy": "* cloudwatch:PutMetricData",
    "CodeCommitCrudPolicy": (
        "codecommit:GitPull codecommit:GitPush codecommit:CreateBranch codecommit:DeleteBranch "
        "codecommit:GetBranch codecommit:ListBranches codecommit:MergeBranchesByFastForward "
        "codecommit:MergeBranchesBySquash codecommit:MergeBranchesByThreeWay codecommit:UpdateDefaultBranch "
        "codecommit:BatchDescribeMergeConflicts codecommit:CreateUnreferencedMergeCommit "
        "codecommit:DescribeMergeConflicts codecommit:GetMergeCommit codecommit:GetMergeOptions "
        "codecommit:BatchGetPullRequests codecommit:CreatePullRequest codecommit:DescribePullRequestEvents "
        "codecommit:GetCommentsForPullRequest codecommit:GetCommitsFromMergeBase codecommit:GetMergeConflicts "
        "codecommit:GetPullRequest codecommit:ListPullRequests codecommit:MergePullRequestByFastForward "
        "codecommit:MergePullRequestBySquash codecommit:MergePullRequestByThreeWay "
        "codecommit:PostCommentForPullRequest codecommit:UpdatePullRequestDescription "
        "codecommit:UpdatePullRequestStatus codecommit:UpdatePullRequestTitle codecommit:DeleteFile "
        "codecommit:GetBlob codecommit:GetFile codecommit:GetFolder codecommit:PutFile "
        "codecommit:DeleteCommentContent codecommit:GetComment codecommit:GetCommentsForComparedCommit "
        "codecommit:PostCommentForComparedCommit codecommit:PostCommentReply codecommit:UpdateComment "
        "codecommit:BatchGetCommits codecommit:CreateCommit codecommit:GetCommit codecommit:GetCommitHistory "
        "codecommit:GetDifferences codecommit:GetObjectIdentifier codecommit:GetReferences codecommit:GetTree "
        "codecommit:GetRepository codecommit:UpdateRepositoryDescription codecommit:ListTagsForResource "
        "codecommit:TagResource codecommit:UntagResource codecommit:GetRepositoryTriggers "
        "codecommit:PutRepositoryTriggers codecommit:TestRepositoryTriggers codecommit:GetBranch "
        "codecommit:GetCommit codecommit:UploadArchive codecommit:GetUploadArchiveStatus "
        "codecommit:CancelUploadArchive"
    ),
    "CodeCommitReadPolicy": (
        "codecommit:GitPull codecommit:GetBranch codecommit:ListBranches "
        "codecommit:BatchDescribeMergeConflicts codecommit:DescribeMergeConflicts codecommit:GetMergeCommit "
        "codecommit:GetMergeOptions codecommit:BatchGetPullRequests codecommit:DescribePullRequestEvents "
        "codecommit:GetCommentsForPullRequest codecommit:GetCommitsFromMergeBase codecommit:GetMergeConflicts "
        "codecommit:GetPullRequest codecommit:ListPullRequests codecommit:GetBlob codecommit:GetFile "
        "codecommit:GetFolder codecommit:GetComment codecommit:GetCommentsForComparedCommit "
        "codecommit:BatchGetCommits codecommit:GetCommit codecommit:GetCommitHistory "
        "codecommit:GetDifferences codecommit:GetObjectIdentifier codecommit:GetReferences codecommit:GetTree "
        "codecommit:GetRepository codecommit:ListTagsForResource codecommit:GetRepositoryTriggers "
        "codecommit:TestRepositoryTriggers codecommit:GetBranch codecommit:GetCommit "
        "codecommit:GetUploadArchiveStatus"
    ),
    "CodePipelineLambdaExecutionPolicy": "* codepipeline:PutJobSuccessResult codepipeline:PutJobFailureResult",
    "CodePipelineReadOnlyPolicy": "codepipeline:ListPipelineExecutions",
    "ComprehendBasicAccessPolicy": (
        "* comprehend:BatchDetectKeyPhrases comprehend:DetectDominantLanguage comprehend:DetectEntities "
        "comprehend:BatchDetectEntities comprehend:DetectKeyPhrases comprehend:DetectSentiment "
        "comprehend:BatchDetectDominantLanguage comprehend:BatchDetectSentiment"
    ),
    "CostExplorerReadOnlyPolicy": (
        "* ce:GetCostAndUsage ce:GetDimensionValues ce:GetReservationCoverage "
        "ce:GetReservationPurchaseRecommendation ce:GetReservationUtilization ce:GetTags"
    ),
    "DynamoDBBackupFullAccessPolicy": (
        "dynamodb:CreateBackup dynamodb:DescribeContinuousBackups + dynamodb:DeleteBackup "
        "dynamodb:DescribeBackup dynamodb:ListBackups"
    ),
    "DynamoDBCrudPolicy": (
        "dynamodb:GetItem dynamodb:DeleteItem dynamodb:PutItem dynamodb:Scan dynamodb:Query "
        "dynamodb:UpdateItem dynamodb:BatchWriteItem dynamodb:BatchGetItem dynamodb:DescribeTable "
        "dynamodb:ConditionCheckItem"
    ),
    "DynamoDBReadPolicy": "dynamodb:GetItem dynamodb:Scan dynamodb:Query dynamodb:BatchGetItem dynamodb:DescribeTable",
    "DynamoDBReconfigurePolicy": "dynamodb:UpdateTable",
    "DynamoDBRestoreFromBackupPolicy": (
        "dynamodb:RestoreTableFromBackup + dynamodb:PutItem dynamodb:UpdateItem dynamodb:DeleteItem "
        "dynamodb:GetItem dynamodb:Query dynamodb:Scan dynamodb:BatchWriteItem"
    ),
    "DynamoDBStreamReadPolicy": (
        "dynamodb:DescribeStream dynamodb:GetRecords dynamodb:GetShardIterator + dynamodb:ListStreams"
    ),
    "DynamoDBWritePolicy": "dynamodb:PutItem dynamodb:UpdateItem dynamodb:BatchWriteItem",
    "EC2CopyImagePolicy": "ec2:CopyImage",
    "EC2DescribePolicy": "* ec2:DescribeRegions ec2:DescribeInstances",
    "EFSWriteAccessPolicy": "elasticfilesystem:ClientMount elasticfilesystem:ClientWrite",
    "EKSDescribePolicy": "* eks:DescribeCluster eks:ListClusters",
    "EcsRunTaskPolicy": "ecs:RunTask",
    "ElasticMapReduceAddJobFlowStepsPolicy": "elasticmapreduce:AddJobFlowSteps",
    "ElasticMapReduceCancelStepsPolicy": "elasticmapreduce:CancelSteps",
    "ElasticMapReduceModifyInstanceFleetPolicy": (
        "elasticmapreduce:ModifyInstanceFleet elasticmapreduce:ListInstanceFleets"
    ),
    "ElasticMapReduceModifyInstanceGroupsPolicy": (
        "elasticmapreduce:ModifyInstanceGroups elasticmapreduce:ListInstanceGroups"
    ),
    "ElasticMapReduceSetTerminationProtectionPolicy": "elasticmapreduce:SetTerminationProtection",
    "ElasticMapReduceTerminateJobFlowsPolicy": "elasticmapreduce:TerminateJobFlows",
    "ElasticsearchHttpPostPolicy": "es:ESHttpPost es:ESHttpPut",
    "EventBridgePutEventsPolicy": "events:PutEvents",
    "FilterLogEventsPolicy": "logs:FilterLogEvents",
    "FirehoseCrudPolicy": (
        "firehose:CreateDeliveryStream firehose:DeleteDeliveryStream firehose:DescribeDeliveryStream "
        "firehose:PutRecord firehose:PutRecordBatch firehose:UpdateDestination"
    ),
    "FirehoseWritePolicy": "firehose:PutRecord firehose:PutRecordBatch",
    "KMSDecryptPolicy": "kms:Decrypt",
    "KMSEncryptPolicy": "kms:Encrypt",
    "KMSEncryptPolicy_v2": (
        "kms:Encrypt kms:GenerateDataKey kms:GenerateDataKeyWithoutPlaintext kms:GenerateDataKeyPair "
        "kms:GenerateDataKeyPairWithoutPlaintext"
    ),
    "KinesisCrudPolicy": (
        "kinesis:AddTagsToStream kinesis:CreateStream kinesis:DecreaseStreamRetentionPeriod "
        "kinesis:DeleteStream kinesis:DescribeStream kinesis:DescribeStreamSummary kinesis:GetShardIterator "
        "kinesis:IncreaseStreamRetentionPeriod kinesis:ListTagsForStream kinesis:MergeShards "
        "kinesis:PutRecord kinesis:PutRecords kinesis:SplitShard kinesis:RemoveTagsFromStream"
    ),
    "KinesisStreamReadPolicy": (
        "kinesis:ListStreams kinesis:DescribeLimits + kinesis:DescribeStream kinesis:DescribeStreamSummary "
        "kinesis:GetRecords kinesis:GetShardIterator"
    ),
    "LambdaInvokePolicy": "lambda:InvokeFunction",
    "MobileAnalyticsWriteOnlyAccessPolicy": "* mobileanalytics:PutEvents",
    "OrganizationsListAccountsPolicy": "* organizations:ListAccounts",
    "PinpointEndpointAccessPolicy": (
        "mobiletargeting:GetEndpoint mobiletargeting:UpdateEndpoint mobiletargeting:UpdateEndpointsBatch"
    ),
    "PollyFullAccessPolicy": (
        "polly:GetLexicon polly:DeleteLexicon + polly:DescribeVoices polly:ListLexicons polly:PutLexicon "
        "polly:SynthesizeSpeech"
    ),
    "RekognitionDetectOnlyPolicy": (
        "* rekognition:DetectFaces rekognition:DetectLabels rekognition:DetectModerationLabels rekognition:DetectText"
    ),
    "RekognitionFacesManagementPolicy": (
        "rekognition:IndexFaces rekognition:DeleteFaces rekognition:SearchFaces "
        "rekognition:SearchFacesByImage rekognition:ListFaces"
    ),
    "RekognitionFacesPolicy": "* rekognition:CompareFaces rekognition:DetectFaces",
    "RekognitionLabelsPolicy": "* rekognition:DetectLabels rekognition:DetectModerationLabels",
    "RekognitionNoDataAccessPolicy": (
        "rekognition:CompareFaces rekognition:DetectFaces rekognition:DetectLabels rekognition:DetectModerationLabels"
    ),
    "RekognitionReadPolicy": (
        "rekognition:ListCollections rekognition:ListFaces rekognition:SearchFaces rekognition:SearchFacesByImage"
    ),
    "RekognitionWriteOnlyAccessPolicy": "rekognition:CreateCollection rekognition:IndexFaces",
    "Route53ChangeResourceRecordSetsPolicy": "route53:ChangeResourceRecordSets",
    "S3CrudPolicy": (
        "s3:GetObject s3:ListBucket s3:GetBucketLocation s3:GetObjectVersion s3:PutObject s3:PutObjectAcl "
        "s3:GetLifecycleConfiguration s3:PutLifecycleConfiguration s3:DeleteObject"
    ),
    "S3FullAccessPolicy": (
        "s3:GetObject s3:GetObjectAcl s3:GetObjectVersion s3:PutObject s3:PutObjectAcl s3:DeleteObject "
        "s3:DeleteObjectTagging s3:DeleteObjectVersionTagging s3:GetObjectTagging s3:GetObjectVersionTagging "
        "s3:PutObjectTagging s3:PutObjectVersionTagging + s3:ListBucket s3:GetBucketLocation "
        "s3:GetLifecycleConfiguration s3:PutLifecycleConfiguration"
    ),
    "S3ReadPolicy": "s3:GetObject s3:ListBucket s3:GetBucketLocation s3:GetObjectVersion s3:GetLifecycleConfiguration",
    "S3WritePolicy": "s3:PutObject s3:PutObjectAcl s3:PutLifecycleConfiguration",
    "SESBulkTemplatedCrudPolicy": (
        "ses:GetIdentityVerificationAttributes ses:SendEmail ses:SendRawEmail ses:SendTemplatedEmail "
        "ses:SendBulkTemplatedEmail ses:VerifyEmailIdentity"
    ),
    "SESBulkTemplatedCrudPolicy_v2": (
        "ses:SendEmail ses:SendRawEmail ses:SendTemplatedEmail ses:SendBulkTemplatedEmail + * "
        "ses:GetIdentityVerificationAttributes ses:VerifyEmailIdentity"
    ),
    "SESCrudPolicy": "ses:GetIdentityVerificationAttributes ses:SendEmail ses:SendRawEmail ses:VerifyEmailIdentity",
    "SESEmailTemplateCrudPolicy": (
        "* ses:CreateTemplate ses:GetTemplate ses:ListTemplates ses:UpdateTemplate ses:DeleteTemplate "
        "ses:TestRenderTemplate"
    ),
    "SESSendBouncePolicy": "ses:SendBounce",
    "SNSCrudPolicy": "sns:ListSubscriptionsByTopic sns:CreateTopic sns:SetTopicAttributes sns:Subscribe sns:Publish",
    "SNSPublishMessagePolicy": "sns:Publish",
    "SQSPollerPolicy": (
        "sqs:ChangeMessageVisibility sqs:ChangeMessageVisibilityBatch sqs:DeleteMessage "
        "sqs:DeleteMessageBatch sqs:GetQueueAttributes sqs:ReceiveMessage"
    ),
    "SQSSendMessagePolicy": "sqs:SendMessage*",
    "SSMParameterReadPolicy": "* ssm:DescribeParameters + ssm:GetParameters ssm:GetParameter ssm:GetParametersByPath",
    "SSMParameterWithSlashPrefixReadPolicy": (
        "* ssm:DescribeParameters + ssm:GetParameters ssm:GetParameter ssm:GetParametersByPath"
    ),
    "SageMakerCreateEndpointConfigPolicy": "sagemaker:CreateEndpointConfig",
    "SageMakerCreateEndpointPolicy": "sagemaker:CreateEndpoint",
    "ServerlessRepoReadWriteAccessPolicy": (
        "serverlessrepo:CreateApplication serverlessrepo:CreateApplicationVersion "
        "serverlessrepo:UpdateApplication serverlessrepo:GetApplication serverlessrepo:ListApplications "
        "serverlessrepo:ListApplicationVersions serverlessrepo:ListApplicationDependencies"
    ),
    "StepFunctionsCallbackPolicy": "states:SendTaskFailure states:SendTaskHeartbeat states:SendTaskSuccess",
    "StepFunctionsExecutionPolicy": "states:StartExecution",
    "StepFunctionsExecutionPolicy_v2": "states:StartExecution states:StartSyncExecution",
    "TextractDetectAnalyzePolicy": (
        "* textract:DetectDocumentText textract:StartDocumentTextDetection textract:StartDocumentAnalysis "
        "textract:AnalyzeDocument"
    ),
    "TextractGetResultPolicy": "* textract:GetDocumentTextDetection textract:GetDocumentAnalysis",
    "TextractPolicy": "* textract:*",
    "VPCAccessPolicy": (
        "* ec2:CreateNetworkInterface ec2:DeleteNetworkInterface ec2:DescribeNetworkInterfaces "
        "ec2:DetachNetworkInterface"
    ),
}
