"""Make root modules of any size, for measuring."""

from __future__ import annotations

from pathlib import Path

NETWORK = """\
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}

resource "aws_subnet" "private" {
  for_each          = { us-east-1a = 0, us-east-1b = 1 }
  vpc_id            = aws_vpc.main.id
  availability_zone = each.key
  cidr_block        = cidrsubnet(aws_vpc.main.cidr_block, 4, each.value)
}

locals {
  subnets = [for subnet in aws_subnet.private : subnet.id]
}
"""
SERVICE = """\
resource "aws_security_group" "NAME" {
  vpc_id = aws_vpc.main.id
}

resource "aws_iam_role" "NAME" {
  name = "NAME"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}
"""
FUNCTION = """
resource "aws_lambda_function" "NAME_NUMBER" {
  function_name = "NAME-NUMBER"
  role          = aws_iam_role.NAME.arn
  handler       = "index.handler"
  runtime       = "python3.12"
  filename      = "code.zip"

  vpc_config {
    subnet_ids         = local.subnets
    security_group_ids = [aws_security_group.NAME.id]
  }
}
"""


def write_folder(folder: Path, files: int = 60, functions: int = 360) -> Path:
    """Write a root module with a network and so many functions in so many files."""
    folder.mkdir()
    for number in range(files):
        name = f"service_{number}"
        each = range(number, functions, files)
        text = SERVICE + "".join(FUNCTION.replace("NUMBER", str(one)) for one in each)
        (folder / f"{name}.tf").write_text((NETWORK if number == 0 else "") + text.replace("NAME", name), "utf-8")
    return folder
