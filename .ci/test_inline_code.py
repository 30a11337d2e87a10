"""Runs the code that lives in template.yaml. RunMigrate must migrate forward, never on the way back, never
on deletion. Digest must tell settings apart. Probe must let no version pass that answers wrong. Each
must always answer its caller."""

import io
import json
import os
import pathlib
import sys
import types
import unittest

import boto3
from botocore.stub import ANY, Stubber
from samtranslator.yaml_helper import yaml_parse

RESOURCES = yaml_parse(pathlib.Path("template.yaml").read_text())["Resources"]


class Inline(unittest.TestCase):
    def setUp(self):
        self.answers = []
        cfnresponse = types.ModuleType("cfnresponse")
        cfnresponse.SUCCESS, cfnresponse.FAILED = "SUCCESS", "FAILED"
        cfnresponse.send = lambda event, context, status, data, name, reason=None: self.answers.append(
            (status, name, reason or data)
        )
        sys.modules["cfnresponse"] = cfnresponse
        boto3.setup_default_session(
            region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
        )

    def load(self, function):
        """Runs the text of `ZipFile`; its clients of AWS answer only what a test expects."""
        module = {}
        exec(compile(RESOURCES[function]["Properties"]["Code"]["ZipFile"], function, "exec"), module)
        self.stubs = {}
        for name in ("lambda_", "codedeploy"):
            if name in module:
                self.stubs[name] = Stubber(module[name])
                self.stubs[name].activate()
        return module["handler"]

    def no_call_is_missing(self):
        for stub in self.stubs.values():
            stub.assert_no_pending_responses()


class RunMigrate(Inline):
    def setUp(self):
        super().setUp()
        self.handler = self.load("RunMigrate")

    def expect_migration(self, version, **answer):
        request = {"FunctionName": version, "Payload": '{"command": "migrate"}'}
        answer = {"StatusCode": 200, "Payload": io.BytesIO(b"{}"), **answer}
        self.stubs["lambda_"].add_response("invoke", answer, request)

    def happens(self, kind, new, old=None):
        event = {"RequestType": kind, "ResourceProperties": {"Migrate": new}}
        if old:
            event["OldResourceProperties"] = {"Migrate": old}
        self.handler(event, None)
        # Every expected call was made. An unexpected call is an error in itself.
        self.no_call_is_missing()
        self.assertEqual(len(self.answers), 1, "CloudFormation would wait for an hour")
        return self.answers[0]

    def test_the_first_deployment_migrates(self):
        self.expect_migration("arn:f:migrate:1")
        self.assertEqual(self.happens("Create", "arn:f:migrate:1"), ("SUCCESS", "schema", {}))

    def test_a_new_version_migrates_before_traffic_moves(self):
        self.expect_migration("arn:f:migrate:10")
        answer = self.happens("Update", "arn:f:migrate:10", "arn:f:migrate:9")
        self.assertEqual(answer, ("SUCCESS", "schema", {}))

    def test_another_database_is_migrated_by_the_version_that_is_there(self):
        self.expect_migration("arn:f:migrate:9")
        answer = self.happens("Update", "arn:f:migrate:9", "arn:f:migrate:9")
        self.assertEqual(answer, ("SUCCESS", "schema", {}))

    def test_a_failed_migration_fails_the_deployment(self):
        self.expect_migration("arn:f:migrate:2", FunctionError="Unhandled")
        status, _, reason = self.happens("Update", "arn:f:migrate:2", "arn:f:migrate:1")
        self.assertEqual(status, "FAILED")
        self.assertIn("log of Migrate", reason)

    def test_a_rollback_leaves_the_schema_and_cannot_fail(self):
        answer = self.happens("Update", "arn:f:migrate:9", "arn:f:migrate:10")
        self.assertEqual(answer, ("SUCCESS", "schema", {}))

    def test_a_deletion_leaves_the_schema_and_cannot_fail(self):
        self.assertEqual(self.happens("Delete", "arn:f:migrate:3"), ("SUCCESS", "schema", {}))

    def test_a_function_that_cannot_be_invoked_is_told_as_that(self):
        self.stubs["lambda_"].add_client_error(
            "invoke", "TooManyRequestsException", expected_params={"FunctionName": ANY, "Payload": ANY}
        )
        status, _, reason = self.happens("Update", "arn:f:migrate:2", "arn:f:migrate:1")
        self.assertEqual((status, reason), ("FAILED", "Migrate could not be invoked: TooManyRequestsException"))


class Digest(Inline):
    def digest(self, kind="Update", **properties):
        self.load("Digest")({"RequestType": kind, "ResourceProperties": properties}, None)
        status, name, data = self.answers.pop()
        self.assertEqual((status, name), ("SUCCESS", "settings"))
        return data["Digest"]

    def test_other_settings_have_another_digest_and_the_same_the_same(self):
        first = self.digest(Settings=[{"Variables": {"A": "1", "B": "2"}}])
        self.assertEqual(first, self.digest(Settings=[{"Variables": {"B": "2", "A": "1"}}]))
        self.assertNotEqual(first, self.digest(Settings=[{"Variables": {"A": "1", "B": "3"}}]))
        self.assertLessEqual(len(first), 256, "it becomes the description of a version")

    def test_a_deletion_is_answered(self):
        self.assertTrue(self.digest("Delete"))


class Probe(Inline):
    VERSIONS = {name: f"arn:aws:lambda:eu-west-1:1:function:stack-{name}:7" for name in
                ("register", "activate", "account", "site")}
    # The functions' answers, as the stories of the service state them.
    RIGHT = {"register": [401, 204], "activate": [200, 401], "account": [401, 410], "site": [200]}

    def probes(self, live="6", **answers):
        """What CodeDeploy is told when the new versions answer this, while these are live."""
        os.environ |= {"VERSIONS": " ".join(self.VERSIONS.values()), "CODE_LENGTH": "6"}
        handler = self.load("Probe")
        for name, statuses in (self.RIGHT | answers).items():
            function = {"FunctionName": self.VERSIONS[name].removesuffix(":7"), "Name": "live"}
            runs = live if isinstance(live, str) else live.get(name, "6")
            self.stubs["lambda_"].add_response("get_alias", {"FunctionVersion": runs}, function)
            for status in statuses if runs != "7" else []:
                if status == "busy":
                    self.stubs["lambda_"].add_client_error("invoke", "TooManyRequestsException")
                    continue
                answer = {"StatusCode": 200, "Payload": io.BytesIO(json.dumps({"statusCode": status}).encode())}
                if status == "panicked":
                    answer["FunctionError"] = "Unhandled"
                request = {"FunctionName": self.VERSIONS[name], "Payload": ANY}
                self.stubs["lambda_"].add_response("invoke", answer, request)
        told = []
        handler.__globals__["codedeploy"].put_lifecycle_event_hook_execution_status = lambda **it: told.append(it)
        handler({"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "hook-1"}, None)
        self.assertEqual([(it["deploymentId"], it["lifecycleEventHookExecutionId"]) for it in told], [("d-1", "hook-1")])
        return told[0]["status"]

    def test_versions_that_answer_get_their_traffic(self):
        self.assertEqual(self.probes(), "Succeeded")
        self.no_call_is_missing()

    def test_a_place_that_is_taken_is_an_answer_of_the_database(self):
        self.assertEqual(self.probes(account=[429, 410]), "Succeeded")

    def test_a_forgotten_grant_gets_none(self):
        self.assertEqual(self.probes(activate=[200, 503]), "Failed")

    def test_a_function_that_does_not_start_gets_none(self):
        self.assertEqual(self.probes(register=["panicked", 204]), "Failed")

    def test_a_function_that_is_switched_off_stops_no_deployment(self):
        self.assertEqual(self.probes(register=["busy", "busy"]), "Succeeded")

    def test_what_runs_already_is_not_asked(self):
        # It may be what the deployment fixes.
        self.assertEqual(self.probes(live={"account": "7"}, account=[503, 503]), "Succeeded")
        self.no_call_is_missing()

    def test_a_function_that_cannot_be_asked_gets_none(self):
        self.assertEqual(self.probes(site=[]), "Failed")


if __name__ == "__main__":
    unittest.main()
