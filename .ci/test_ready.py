"""Asks infrastructure/ready.py about accounts that are ready, and about accounts that are not. The
stubs know AWS's shapes: a question or an answer that AWS does not know is an error."""

import contextlib
import datetime
import io
import pathlib
import sys
import unittest

import boto3
from botocore.stub import Stubber

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "infrastructure"))
import ready

ARN = "arn:aws:acm:eu-west-1:123456789012:certificate/0"
OURS = {
    "DomainName": "sign-up.example.org",
    "CertificateArn": ARN,
    "MailFrom": "no-reply@example.org",
    "MailDomain": "example.org",
    "AlarmEmail": "ops@example.org",
}
LATER = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=90)
EU_WEST_1 = {"AvailabilityZones": [{"ZoneName": f"eu-west-1{letter}"} for letter in "cab"]}


def endpoints(*letters):
    return {"ServiceDetails": [{"AvailabilityZones": [f"eu-west-1{letter}" for letter in letters]}] * 2}


def ses(**other):
    quota = {"Max24HourSend": 50000.0, "MaxSendRate": 14.0}
    return {"SendingEnabled": True, "EnforcementStatus": "HEALTHY", "ProductionAccessEnabled": True, "SendQuota": quota} | other


class Ready(unittest.TestCase):
    def asked(self, question, *answers, environment="prod", **settings):
        """What a question finds when AWS answers with these, in turn: (operation, answer)."""
        def client(service, region_name):
            real = boto3.client(service, region_name=region_name, aws_access_key_id="test", aws_secret_access_key="test")
            stub = Stubber(real)
            for operation, answer in answers:
                stub.add_client_error(operation, answer) if isinstance(answer, str) else stub.add_response(operation, answer)
            stub.activate()
            self.addCleanup(stub.assert_no_pending_responses)
            return real
        here = ready.Here(environment, client)
        here.settings |= settings
        return question(here)

    def is_wrong(self, text, *asked, kind=ready.Wrong, **settings):
        with self.assertRaisesRegex(kind, text):
            self.asked(*asked, **settings)

    def test_instances(self):
        answer = lambda limit: ("get_account_settings", {"AccountLimit": {"ConcurrentExecutions": limit}})
        self.assertEqual(self.asked(ready.instances, answer(2000), RegisterConcurrency="1800", ActivateConcurrency="50", AccountConcurrency="50"), "2000, 1900 of them reserved")
        self.is_wrong("--desired-value 2001", ready.instances, answer(2000), RegisterConcurrency="1800", ActivateConcurrency="51", AccountConcurrency="50")
        self.assertIn("10", self.asked(ready.instances, answer(10), environment="dev"))

    def test_requests(self):
        answer = ("get_account", {"throttleSettings": {"rateLimit": 10000.0, "burstLimit": 5000}})
        self.asked(ready.requests, answer)
        self.is_wrong("10000 a second", ready.requests, answer, RequestsPerSecond="10001")
        self.is_wrong("5000 at once", ready.requests, answer, RequestsBurst="5001")

    def test_logging_role(self):
        answer = lambda name: ("get_account", {"cloudwatchRoleArn": f"arn:aws:iam::1:role/{name}"})
        self.asked(ready.logging_role, ("get_account", {}))
        self.asked(ready.logging_role, answer("registration-prod-ApiLoggingRole-1"))
        self.is_wrong("replaces it", ready.logging_role, answer("other"), kind=ready.CannotTell)

    def test_certificate(self):
        def answer(*names, status="ISSUED", until=LATER):
            return ("describe_certificate", {"Certificate": {"Status": status, "SubjectAlternativeNames": list(names), "NotAfter": until}})
        self.asked(ready.certificate, DomainName="")
        self.asked(ready.certificate, answer("sign-up.example.org"), **OURS)
        self.asked(ready.certificate, answer("example.org", "*.example.org"), **OURS)
        self.is_wrong("for example.org", ready.certificate, answer("example.org"), **OURS)
        self.is_wrong("PENDING", ready.certificate, answer("sign-up.example.org", status="PENDING_VALIDATION"), **OURS)
        self.is_wrong("ended", ready.certificate, answer("sign-up.example.org", until=LATER - datetime.timedelta(days=91)), **OURS)
        self.is_wrong("not of eu-west-1", ready.certificate, **OURS | {"CertificateArn": ARN.replace("eu-west-1", "us-east-1")})
        self.is_wrong("not of eu-west-1", ready.certificate, **OURS | {"CertificateArn": ""})

    def test_mail_account(self):
        self.is_wrong("14 emails a second", ready.mail_account, ("get_account", ses()), kind=ready.CannotTell)
        self.is_wrong("sandbox", ready.mail_account, ("get_account", ses(ProductionAccessEnabled=False)))
        self.is_wrong("sandbox", ready.mail_account, ("get_account", ses(ProductionAccessEnabled=False)), environment="dev", kind=ready.CannotTell)
        self.is_wrong("stopped", ready.mail_account, ("get_account", ses(SendingEnabled=False)))

    def test_sender(self):
        def answer(stack, verified):
            return ("get_email_identity", {"VerifiedForSendingStatus": verified, "Tags": [{"Key": "aws:cloudformation:stack-name", "Value": stack}] if stack else []})
        self.is_wrong("set MailFrom", ready.sender)
        self.is_wrong("set MailFrom", ready.sender, environment="dev", kind=ready.CannotTell)
        self.assertIn("does not exist yet", self.asked(ready.sender, ("get_email_identity", "NotFoundException"), **OURS))
        self.assertIn("is verified", self.asked(ready.sender, answer("registration-prod-Mail-1", True), **OURS))
        self.is_wrong("not verified", ready.sender, answer("registration-prod-Mail-1", False), **OURS)
        self.is_wrong("delete-email-identity", ready.sender, answer("", True), **OURS)
        named = OURS | {"MailFrom": "Example <no-reply@example.org>", "MailDomain": ""}
        self.assertEqual(self.asked(ready.sender, answer("registration-prod-Mail-1", True), **named), "no-reply@example.org is verified")
        self.is_wrong("set MailFrom", ready.sender, MailFrom="Example <no-reply@registration.example>")

    def test_zones(self):
        answers = lambda *letters: (("describe_availability_zones", EU_WEST_1), ("describe_vpc_endpoint_services", endpoints(*letters)))
        self.assertEqual(self.asked(ready.zones, *answers("a", "b")), "eu-west-1a, eu-west-1b")
        self.is_wrong(r"offered: \[0, 2\]", ready.zones, *answers("a", "c"))
        self.assertEqual(self.asked(ready.zones, *answers("a", "c"), environment="dev"), "eu-west-1a")

    def test_prefix_list(self):
        answer = lambda name: ("describe_managed_prefix_lists", {"PrefixLists": [{"PrefixListId": name}]})
        self.asked(ready.prefix_list, answer("pl-6da54004"))
        self.is_wrong("set S3PrefixList=pl-1", ready.prefix_list, answer("pl-1"))

    def test_database(self):
        version = ("describe_db_engine_versions", {"DBEngineVersions": [{"EngineVersion": "18.6"}]})
        option = lambda **other: ("describe_orderable_db_instance_options", {"OrderableDBInstanceOptions": [{"StorageType": "gp3", "MultiAZCapable": True} | other]})
        self.assertIn("postgres", self.asked(ready.database, version, option()))
        self.is_wrong("EngineVersion in", ready.database, ("describe_db_engine_versions", {"DBEngineVersions": []}))
        self.is_wrong("DatabaseClass", ready.database, version, option(MultiAZCapable=False))
        self.is_wrong("DatabaseClass", ready.database, version, option(StorageType="io1"))
        self.asked(ready.database, version, option(MultiAZCapable=False), environment="dev")

    def test_one_wrong_answer_is_enough_and_a_refused_question_is_none(self):
        told = io.StringIO()
        questions, ready.QUESTIONS = ready.QUESTIONS, [ready.alarms, ready.prefix_list]
        self.addCleanup(setattr, ready, "QUESTIONS", questions)

        def client(service, region_name):
            real = boto3.client(service, region_name=region_name, aws_access_key_id="test", aws_secret_access_key="test")
            stub = Stubber(real)
            stub.add_client_error("describe_managed_prefix_lists", "UnauthorizedOperation")
            stub.activate()
            return real
        with contextlib.redirect_stdout(told):
            self.assertFalse(ready.main("dev", client))
            self.assertTrue(ready.main("prod", client))
        self.assertRegex(told.getvalue(), r"cannot tell  S3PrefixList.*Unauthorized(.|\n)*wrong        Alarms")


if __name__ == "__main__":
    unittest.main()
