"""A changed parameter makes new versions of exactly the functions that read it. SAM's own translator
transforms template.yaml; what CloudFormation would resolve is resolved here, through nested templates.

Why it is tested: SAM names a version after a hash of properties that are not resolved, so a new value
alone would change no name (aws/serverless-application-model, issue 3820). And a version of a function
in which nothing has changed is refused (issue 3281)."""

import functools
import json
import logging
import os
import pathlib
import re
import tomllib
import unittest
from unittest.mock import MagicMock

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

# The properties that make another resource when they change, of types whose identity matters here.
IDENTITY = {
    "AWS::EC2::Subnet": ["AvailabilityZone", "CidrBlock"],
    "AWS::RDS::DBInstance": ["DBInstanceIdentifier"],
    "AWS::RDS::DBProxy": ["DBProxyName"],
    "AWS::SES::ConfigurationSet": ["Name"],
}
# Everything else of a function is kept by its versions.
NOT_IN_VERSIONS = {"FunctionName", "ReservedConcurrentExecutions", "Tags", "Code"}



@functools.cache
def parsed(path):
    return yaml_parse(pathlib.Path(path).read_text())


TEMPLATE = parsed("template.yaml")
EXPECTED = tomllib.loads(pathlib.Path("infrastructure/versions.toml").read_text())


def transformed(parameters):
    template = json.loads(json.dumps(TEMPLATE))  # `sam deploy` resolves anchors as well
    for name, resource in template["Resources"].items():
        for property in ("CodeUri", "ContentUri"):
            if property in resource["Properties"]:
                resource["Properties"][property] = f"s3://bucket/{name}"
    policies = MagicMock()
    policies.load.return_value = {}
    return transform(template, dict(parameters), policies)


class Stack:
    """A template with values for its parameters."""

    def __init__(self, template, parameters):
        self.template, self.parameters = template, parameters

    def value(self, expression):
        """What CloudFormation makes of an expression, as far as it can be known beforehand."""
        if isinstance(expression, list):
            return [self.value(item) for item in expression]
        if not isinstance(expression, dict):
            return expression
        if len(expression) == 1:
            (function, argument), = expression.items()
            if function == "Ref":
                return self.named(argument)
            if function == "Fn::GetAtt":
                name, attribute = argument if isinstance(argument, list) else argument.split(".", 1)
                return self.attribute(name, attribute)
            if function == "Fn::Sub":
                return re.sub(r"\$\{([^!}]+)\}", lambda it: str(self.substituted(it[1])), argument)
            if function == "Fn::Select":
                place, items = map(self.value, argument)
                if isinstance(items, list):
                    return items[int(place)]
            if function == "Fn::Split":
                separator, text = map(self.value, argument)
                if isinstance(text, str):
                    return text.split(separator)
            if function == "Fn::If":
                condition, yes, no = argument
                return self.value(yes if self.holds({"Condition": condition}) else no)
        return {name: self.value(item) for name, item in expression.items()}

    def substituted(self, name):
        return self.attribute(*name.split(".", 1)) if "." in name else self.named(name)

    def named(self, name):
        if name in self.parameters:
            return self.parameters[name]
        resource = self.template["Resources"].get(name)
        if resource is None:
            return name
        identity = IDENTITY.get(resource["Type"], [])
        properties = [self.value(resource["Properties"].get(it)) for it in identity]
        return f"{name} {properties}" if properties else name

    def attribute(self, name, attribute):
        resource = self.template["Resources"][name]
        if resource["Type"] == "AWS::CloudFormation::Stack":
            nested = parsed(resource["Properties"]["TemplateURL"])
            given = self.value(resource["Properties"]["Parameters"])
            return Stack(nested, given).value(nested["Outputs"][attribute.split(".")[1]]["Value"])
        if resource["Type"] == "Custom::Settings":
            return f"digest of {self.value(resource['Properties']['Settings'])}"
        return f"{self.named(name)}.{attribute}"

    def holds(self, condition):
        (function, argument), = condition.items()
        if function == "Condition":
            return self.holds(self.template["Conditions"][argument])
        if function == "Fn::Equals":
            one, other = map(self.value, argument)
            return str(one) == str(other)
        results = [self.holds(it) for it in argument]
        return {"Fn::Not": not results[0], "Fn::And": all(results), "Fn::Or": any(results)}[function]


def deployed(**changed):
    """For each function its version's name, all that the version keeps, and the whole stack."""
    parameters = {name: it.get("Default") for name, it in TEMPLATE["Parameters"].items()} | changed
    stack = Stack(transformed(parameters), parameters)
    versions, kept = {}, {}
    for name, resource in stack.template["Resources"].items():
        if resource["Type"] == "AWS::Lambda::Version":
            function = resource["Properties"]["FunctionName"]["Ref"]
            versions[function] = (name, stack.value(resource["Properties"].get("Description")))
            properties = stack.template["Resources"][function]["Properties"].items()
            kept[function] = {it: stack.value(of) for it, of in properties if it not in NOT_IN_VERSIONS}
    return versions, kept, stack


def different(before, after):
    return sorted(function for function in before if before[function] != after[function])


class Versions(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        os.environ["AWS_DEFAULT_REGION"] = "eu-west-1"
        logging.disable(logging.WARNING)
        cls.versions, cls.kept, cls.stack = deployed()

    def test_every_parameter_is_expected_to_do_something(self):
        self.assertEqual(list(EXPECTED), list(TEMPLATE["Parameters"]))

    def test_a_changed_parameter_makes_new_versions_of_exactly_the_functions_that_read_it(self):
        for parameter, expected in EXPECTED.items():
            with self.subTest(parameter):
                versions, kept, _ = deployed(**{parameter: expected["to"]})
                new = different(self.versions, versions)
                print(f"{parameter:38} {', '.join(new) or '-'}")
                self.assertEqual(new, sorted(expected["versions"]))
                # Else a setting would not arrive, or a version would be refused.
                self.assertEqual(new, different(self.kept, kept))

    def test_a_deployment_that_changes_nothing_makes_no_version(self):
        self.assertEqual(deployed()[0], self.versions)

    def test_another_database_is_migrated(self):
        def schema(stack):
            return stack.value(stack.template["Resources"]["Schema"]["Properties"]["Database"])

        restored = deployed(DatabaseGeneration="2", DatabaseRestoreFrom="db-ABC")[2]
        self.assertNotEqual(schema(self.stack), schema(restored))

    def test_older_versions_stay_so_that_one_can_go_back(self):
        for name, resource in self.stack.template["Resources"].items():
            if resource["Type"] == "AWS::Lambda::Version":
                policies = resource["DeletionPolicy"], resource["UpdateReplacePolicy"]
                self.assertEqual(policies, ("Retain", "Retain"), name)

    def test_the_alarms_of_a_deployment_are_about_the_versions_it_brings(self):
        given = self.stack.template["Resources"]["Alarms"]["Properties"]["Parameters"]
        for function in ("Register", "Activate", "Account", "Site"):
            version = given[f"{function}Version"]["Fn::Select"][1]["Fn::Split"][1]
            self.assertEqual(version, {"Ref": self.versions[function][0]})

    def test_a_display_name_is_no_part_of_the_identity_and_of_the_permission(self):
        allowed = re.compile(TEMPLATE["Parameters"]["MailFrom"]["AllowedPattern"])
        for sender in ("a@b.example", "Example <a@b.example>", "<a@b.example>", '"Example, Inc." <a@b.example>', "Équipe <a@b.example>"):
            with self.subTest(sender):
                self.assertTrue(allowed.fullmatch(sender))
                self.assertEqual(senders(deployed(MailFrom=sender)[2]), {"a@b.example"})
                with_domain = deployed(MailFrom=sender, MailDomain="b.example")[2]
                self.assertEqual(senders(with_domain), {"b.example", "*@b.example"})
        for sender in ("", "Example", "a@b.example, c@d.example", '"<c@d.example>" <a@b.example>', "A <a@b.example> B", "A <a@b.example"):
            self.assertIsNone(allowed.fullmatch(sender), sender)


def senders(stack):
    """SES's identity, and the addresses from which the roles may send."""
    nested = parsed(stack.template["Resources"]["Mail"]["Properties"]["TemplateURL"])
    given = stack.value(stack.template["Resources"]["Mail"]["Properties"]["Parameters"])
    found = {Stack(nested, given).value(nested["Resources"]["Identity"]["Properties"]["EmailIdentity"])}
    for role in ("RegisterRole", "AccountRole"):
        for policy in stack.template["Resources"][role]["Properties"]["Policies"]:
            for statement in policy["PolicyDocument"]["Statement"]:
                if statement["Action"] == "ses:SendEmail":
                    found.add(stack.value(statement["Condition"]["StringLike"]["ses:FromAddress"]))
    return found


if __name__ == "__main__":
    unittest.main()
