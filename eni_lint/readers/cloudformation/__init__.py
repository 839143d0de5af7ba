"""CloudFormation, SAM and the CDK: what their files say, as trees and values, before it becomes the model."""
