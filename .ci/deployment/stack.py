"""A deployed stack, looked at and updated through CloudFormation's and Lambda's APIs."""

import json
import sys
import time

import boto3
from botocore.config import Config

from machine import GATEWAY

# What Lambda itself writes into each version.
BOOKKEEPING = (
    "Description", "FunctionArn", "LastModified", "LastUpdateStatus", "ResponseMetadata", "RevisionId", "State",
    "Version",
)  # fmt: skip


def client(service):
    # Once each: a call that is repeated could hide that it failed.
    config = Config(retries={"total_max_attempts": 1}, read_timeout=120)
    return boto3.client(service, config=config)


def outputs(description):
    return {output["OutputKey"]: output["OutputValue"] for output in description["Outputs"]}


class Stack:
    def __init__(self, name):
        self.name = name
        self.cloudformation, self.lambda_, self.s3 = map(client, ("cloudformation", "lambda", "s3"))
        # `sam deploy` has made it for its packages.
        self.bucket = outputs(self.describe("aws-sam-cli-managed-default"))["SourceBucket"]

    def describe(self, name=None):
        return self.cloudformation.describe_stacks(StackName=name or self.name)["Stacks"][0]

    def parameters(self):
        return {one["ParameterKey"]: one["ParameterValue"] for one in self.describe()["Parameters"]}

    def template(self):
        """As `sam deploy` has uploaded it."""
        return self.cloudformation.get_template(StackName=self.name, TemplateStage="Original")["TemplateBody"]

    def update(self, template, changed):
        """What `sam deploy` does with a template that is packaged: how the update ended, and why it failed."""
        self.begin(template, changed)
        return self.end()

    def begin(self, template, changed):
        self.s3.put_object(Bucket=self.bucket, Key=self.name, Body=template.encode())
        kept = [{"ParameterKey": name, "UsePreviousValue": True} for name in self.parameters() if name not in changed]
        new = [{"ParameterKey": name, "ParameterValue": value} for name, value in changed.items()]
        self.cloudformation.update_stack(
            StackName=self.name,
            TemplateURL=f"{GATEWAY}/{self.bucket}/{self.name}",
            Parameters=kept + new,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )

    def end(self):
        while (status := self.describe()["StackStatus"]).endswith("_IN_PROGRESS"):
            time.sleep(0.05)
        return status, [] if status == "UPDATE_COMPLETE" else self.failures()

    def must_update(self, template, changed):
        status, why = self.update(template, changed)
        if status != "UPDATE_COMPLETE":
            sys.exit("\n".join([f"{self.name}: {status} with {changed}", *why]))

    def failures(self):
        """Why the last update failed, the newest reason last."""
        reasons = []
        for event in self.cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]:
            if event["LogicalResourceId"] == self.name and event["ResourceStatus"] == "UPDATE_IN_PROGRESS":
                break
            if event["ResourceStatus"].endswith("_FAILED"):
                reasons.insert(0, f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}")
        return reasons

    def functions(self):
        """The functions that have an alias `live`, by the name they have in the template."""
        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name)
        resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
        live = {
            resource["PhysicalResourceId"].split(":")[6]
            for resource in resources
            if resource["ResourceType"] == "AWS::Lambda::Alias"
        }
        return {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in resources
            if resource["ResourceType"] == "AWS::Lambda::Function" and resource["PhysicalResourceId"] in live
        }

    def resources(self):
        """How many there are, with those of the stacks inside, and in how many stacks."""
        names, stacks, count = [self.name], 0, 0
        while names:
            name = names.pop()
            stacks += 1
            pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=name)
            for resource in (one for page in pages for one in page["StackResourceSummaries"]):
                count += 1
                if resource["ResourceType"] == "AWS::CloudFormation::Stack":
                    names.append(resource["PhysicalResourceId"])
        return count, stacks

    def versions(self):
        """The version behind `live` of each function."""
        return {
            name: self.lambda_.get_alias(FunctionName=function, Name="live")["FunctionVersion"]
            for name, function in self.functions().items()
        }

    def settings(self, qualifier="live"):
        """What each function is told: what runs behind `live`, or what the template says (`$LATEST`)."""
        return {
            name: {
                setting: value
                for setting, value in self.lambda_.get_function_configuration(
                    FunctionName=function, Qualifier=qualifier
                ).items()
                if not setting.startswith(BOOKKEEPING)
            }
            for name, function in self.functions().items()
        }

    def invoke(self, function, event):
        """The answer of `live`, and whether the function failed."""
        answer = self.lambda_.invoke(FunctionName=f"{self.name}-{function}:live", Payload=json.dumps(event).encode())
        return json.loads(answer["Payload"].read()), "FunctionError" in answer
