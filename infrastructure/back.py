"""Moves the traffic of all functions back to earlier versions, within a minute:

    .dev/tools/sam/bin/python infrastructure/back.py registration-prod

goes back to the state before the last deployment. With a time like 2026-11-27T12:00:00Z as the second
argument it goes back to that time, and with `now` it goes forward again. Each successful deployment has
recorded which versions it left live (`LiveVersions` in template.yaml), so this never chooses a version
that was taken back. Schema, permissions and parameters do not change: docs/deployment.md says what that means.

Needs the rights lambda:GetAlias and UpdateAlias, ssm:GetParameterHistory and cloudformation:DescribeStacks."""

import datetime
import sys

import boto3


def moment_of(stack, text):
    """The moment to go back to."""
    if text == "now":
        return datetime.datetime.now(datetime.UTC)
    if text:
        moment = datetime.datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
    (described,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    if "LastUpdatedTime" not in described:
        sys.exit(f"{stack} was deployed once: there is nothing to go back to.")
    return described["LastUpdatedTime"]


def live_versions(stack, moment):
    """The versions that a deployment had left live at this moment, by function."""
    pages = boto3.client("ssm").get_paginator("get_parameter_history").paginate(Name=f"/{stack}/live-versions")
    states = [state for page in pages for state in page["Parameters"]]
    then = [state for state in states if state["LastModifiedDate"] < moment]
    if not then:
        sys.exit(f"Nothing is known of {moment:%Y-%m-%dT%H:%M:%SZ}. The deployments that are: "
                 + ", ".join(f"{state['LastModifiedDate']:%Y-%m-%dT%H:%M:%SZ}" for state in states))
    return [version.rsplit(":", 1) for version in max(then, key=lambda state: state["Version"])["Value"].split()]


def main(stack, moment=None):
    lambda_ = boto3.client("lambda")
    moves = []
    for function, target in live_versions(stack, moment_of(stack, moment)):
        alias = lambda_.get_alias(FunctionName=function, Name="live")
        if alias.get("RoutingConfig", {}).get("AdditionalVersionWeights"):
            sys.exit("Traffic is moving to a new version. This takes it, and the deployment, back:\n"
                     f"    aws cloudformation cancel-update-stack --stack-name {stack}")
        moves.append((function, alias["FunctionVersion"], target))
    for function, live, target in moves:
        if live != target:
            lambda_.update_alias(FunctionName=function, Name="live", FunctionVersion=target)
        name = function.rsplit(":", 1)[1]
        print(f"{name:32} {live} -> {target}" if live != target else f"{name:32} {live} stays")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
