"""Runs the one piece of code that lives in template.yaml: it must migrate forward, never on the way
back, never on deletion, and it must always answer CloudFormation."""

import io
import pathlib
import re
import sys
import textwrap
import types
import unittest

import boto3
from botocore.stub import ANY, Stubber


def code():
    """The text of `ZipFile`, without its indentation."""
    template = pathlib.Path("template.yaml").read_text()
    return textwrap.dedent(re.search(r"^        ZipFile: \|\n((?: {10}.*\n|\n)+)", template, re.M).group(1))


class RunMigrate(unittest.TestCase):
    def setUp(self):
        self.answers = []
        cfnresponse = types.ModuleType("cfnresponse")
        cfnresponse.SUCCESS, cfnresponse.FAILED = "SUCCESS", "FAILED"
        cfnresponse.send = lambda event, context, status, data, name, reason=None: self.answers.append(
            (status, name, reason)
        )
        sys.modules["cfnresponse"] = cfnresponse
        boto3.setup_default_session(
            region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        self.module = {}
        exec(compile(code(), "template.yaml", "exec"), self.module)
        self.lambda_ = Stubber(self.module["lambda_"])
        self.lambda_.activate()

    def expect_migration(self, version, **answer):
        request = {"FunctionName": version, "Payload": '{"command": "migrate"}'}
        answer = {"StatusCode": 200, "Payload": io.BytesIO(b"{}"), **answer}
        self.lambda_.add_response("invoke", answer, request)

    def happens(self, kind, new, old=None):
        event = {"RequestType": kind, "ResourceProperties": {"Migrate": new}}
        if old:
            event["OldResourceProperties"] = {"Migrate": old}
        self.module["handler"](event, None)
        # Each expected call was made, and one that was not expected is an error of its own.
        self.lambda_.assert_no_pending_responses()
        self.assertEqual(len(self.answers), 1, "CloudFormation would wait for an hour")
        return self.answers[0]

    def test_the_first_deployment_migrates(self):
        self.expect_migration("arn:f:migrate:1")
        self.assertEqual(self.happens("Create", "arn:f:migrate:1"), ("SUCCESS", "schema", None))

    def test_a_new_version_migrates_before_traffic_moves(self):
        self.expect_migration("arn:f:migrate:10")
        answer = self.happens("Update", "arn:f:migrate:10", "arn:f:migrate:9")
        self.assertEqual(answer, ("SUCCESS", "schema", None))

    def test_a_failed_migration_fails_the_deployment(self):
        self.expect_migration("arn:f:migrate:2", FunctionError="Unhandled")
        status, _, reason = self.happens("Update", "arn:f:migrate:2", "arn:f:migrate:1")
        self.assertEqual(status, "FAILED")
        self.assertIn("log of Migrate", reason)

    def test_a_rollback_leaves_the_schema_and_cannot_fail(self):
        answer = self.happens("Update", "arn:f:migrate:9", "arn:f:migrate:10")
        self.assertEqual(answer, ("SUCCESS", "schema", None))

    def test_a_deletion_leaves_the_schema_and_cannot_fail(self):
        self.assertEqual(self.happens("Delete", "arn:f:migrate:3"), ("SUCCESS", "schema", None))

    def test_a_function_that_cannot_be_invoked_is_told_as_that(self):
        self.lambda_.add_client_error("invoke", "TooManyRequestsException", expected_params=ANY_CALL)
        status, _, reason = self.happens("Update", "arn:f:migrate:2", "arn:f:migrate:1")
        self.assertEqual((status, reason), ("FAILED", "Migrate could not be invoked: TooManyRequestsException"))


ANY_CALL = {"FunctionName": ANY, "Payload": ANY}

if __name__ == "__main__":
    unittest.main()
