"""CloudFormation's role may do what CloudFormation needs, as far as AWS writes that down: the schema of
each type of resource names the permissions of its handlers. Roles that it makes stay in the boundary."""

import fnmatch
import glob
import json
import logging
import pathlib
import re
import unittest

import cfnlint
from samcli.lib.translate.sam_template_validator import SamTemplateValidator
from samcli.yamlhelper import yaml_parse

# SAM logs what it does.
logging.disable()
DATA = pathlib.Path(cfnlint.__file__).parent / "data"
# Named by a handler and not allowed, with the reason.
LEFT_OUT = {
    "autoscaling:* elasticfilesystem:* firehose:* s3files:* s3tables:* vpc-lattice:* vpce:*": "other features of the same types",
    "amplify:* apprunner:* appsync:* bedrock-agentcore:* cognito-idp:* elasticloadbalancing:* ec2:*VerifiedAccess* payments:*": "the firewall protects an API",
    "cloudformation:SetStackPolicy cloudformation:UpdateTerminationProtection": "nested stacks have neither",
    "ec2:*VpcEncryptionControl* ec2:ModifyVpcTenancy ec2:*SubnetCidrBlock": "the network uses none of them",
    "iam:AttachGroupPolicy iam:AttachUserPolicy iam:DetachGroupPolicy iam:DetachUserPolicy": "policies are for roles",
    "iam:DeleteRolePermissionsBoundary": "denied on purpose",
    "iam:DescribeOrganization iam:ListRoles": "answers about the account, for features that are not used",
    "kms:DisableKeyRotation": "a key keeps its rotation",
    "lambda:*CapacityProvider lambda:GetCodeSigningConfig": "functions use none of them",
    "logs:*DataProtectionPolicy logs:*IndexPolic* logs:PutBearerTokenAuthentication": "log groups have none",
    "rds:*Role*DBInstance rds:*ReadReplica rds:*BackupsReplication rds:RestoreDBInstanceFromDBSnapshot": "the database has none; a restore names a moment",
    "s3:DeleteObject s3:PutObjectAcl s3:REST.PUT.OBJECT": "CloudFormation does not touch the contents of the bucket",
    "secretsmanager:GetRandomPassword secretsmanager:GetSecretValue secretsmanager:*Replica*": "CloudFormation makes the secret empty and never reads it",
}

# Types for which AWS names no permissions. To add one, allow by hand what it needs.
NO_HANDLERS = {"Custom::Schema", "Custom::Settings"}


def read(path):
    return yaml_parse(pathlib.Path(path).read_text())


PIPELINE = read("infrastructure/pipeline.yaml")["Resources"]
ACTIONS = json.loads((DATA / "AdditionalSpecs/Policies.json").read_text())


def texts(value):
    """One or several values, as text: `!Sub` without the tag."""
    values = value if isinstance(value, list) else [value]
    return [next(iter(v.values())) if isinstance(v, dict) else v for v in values]


def matches(action, patterns):
    return any(fnmatch.fnmatch(action.lower(), pattern.lower()) for pattern in patterns)


def reaches(action, resource):
    """Whether AWS looks at a resource of this kind for the action. What makes or lists things wants `*`."""
    if resource == "*":
        return True
    service, name = action.lower().split(":", 1)
    known = ACTIONS[service]
    # Handlers also name calls that IAM knows under another name.
    if name not in known["Actions"]:
        return True
    kinds = known["Actions"][name].get("Resources", [])
    formats = [arn for kind in kinds for arn in known["Resources"][kind.lower()]["ARNFormats"]]
    # `arn:aws:iam::…:role/name-*`: the partition may be written as ${AWS::Partition}.
    begin = lambda arn: (arn.split(":")[2], re.split(r"[.]?\*|\$\{", arn.split(":", 5)[5])[0])
    ours = begin(re.sub(r"\$\{AWS::(\w+)\}", r"\1", resource))
    return any(s == ours[0] and (b.startswith(ours[1]) or ours[1].startswith(b)) for s, b in map(begin, formats))


def statements(role):
    return [s for policy in PIPELINE[role]["Properties"]["Policies"] for s in policy["PolicyDocument"]["Statement"]]


def allows(action):
    if any(s["Effect"] == "Deny" and s["Resource"] == "*" and matches(action, texts(s["Action"])) for s in statements("ExecutionRole")):
        return False
    return any(
        s["Effect"] == "Allow" and matches(action, texts(s["Action"])) and any(reaches(action, r) for r in texts(s["Resource"]))
        for s in statements("ExecutionRole")
    )


def resources():
    """Those of all templates of the stack, and those that SAM makes of them."""
    template = SamTemplateValidator(read("template.yaml"), None, region="eu-west-1").get_translated_template_if_valid()
    found = list((yaml_parse(template) if isinstance(template, str) else template)["Resources"].values())
    for path in glob.glob("infrastructure/*.yaml"):
        if path != "infrastructure/pipeline.yaml":
            found += read(path)["Resources"].values()
    return found


def needed():
    types = json.loads((DATA / "schemas/providers/eu-west-1.json").read_text())
    permissions = {}
    for kind in {resource["Type"] for resource in resources()} - NO_HANDLERS:
        schema = json.loads((DATA / f"schemas/resources/{types[kind]}.json").read_text())
        for handler, needs in schema["handlers"].items():
            # It lists for its console, not for a deployment.
            for permission in needs["permissions"] if handler != "list" else []:
                permissions.setdefault(permission, set()).add(f"{kind} {handler}")
    return permissions


class Pipeline(unittest.TestCase):
    def test_cloudformation_may_do_what_the_types_of_resources_need(self):
        left_out = [pattern for patterns in LEFT_OUT for pattern in patterns.split()]
        missing = {
            permission: sorted(by)
            for permission, by in sorted(needed().items())
            if not matches(permission, left_out) and not allows(permission)
        }
        self.assertEqual(missing, {})

    def test_every_exception_is_in_use(self):
        refused = [permission for permission in needed() if not allows(permission)]
        unused = [p for patterns in LEFT_OUT for p in patterns.split() if not any(matches(r, [p]) for r in refused)]
        self.assertEqual(unused, [])

    def test_only_roles_inside_the_boundary_get_rights(self):
        inside = {"StringEquals": {"iam:PermissionsBoundary": {"Ref": "Boundary"}}}
        for action in ["CreateRole", "PutRolePolicy", "AttachRolePolicy", "PutRolePermissionsBoundary"]:
            giving = [s for s in statements("ExecutionRole") if s["Effect"] == "Allow" and matches(f"iam:{action}", texts(s["Action"]))]
            self.assertEqual([s["Condition"] for s in giving], [inside], action)
        self.assertFalse(allows("iam:DeleteRolePermissionsBoundary"))

    def test_the_boundary_holds_what_roles_use_and_names_every_action(self):
        allowed = [a for s in PIPELINE["Boundary"]["Properties"]["PolicyDocument"]["Statement"] for a in texts(s["Action"])]
        self.assertEqual([a for a in allowed if "*" in a or a.startswith(("iam:", "sts:"))], [])
        for resource in resources():
            documents = [p["PolicyDocument"] for p in resource["Properties"].get("Policies", [])] if resource["Type"] == "AWS::IAM::Role" else []
            if resource["Type"] == "AWS::IAM::ManagedPolicy":
                documents = [resource["Properties"]["PolicyDocument"]]
            used = {a for d in documents for s in d["Statement"] if s["Effect"] == "Allow" for a in texts(s["Action"])}
            self.assertLessEqual(used, set(allowed))

    def test_every_role_takes_the_boundary(self):
        for resource in resources():
            if resource["Type"] == "AWS::IAM::Role":
                self.assertIn("PermissionsBoundary", resource["Properties"])

    def test_the_policies_fit_into_a_role(self):
        size = sum(len(json.dumps(p["PolicyDocument"], separators=(",", ":"))) for p in PIPELINE["ExecutionRole"]["Properties"]["Policies"])
        self.assertLess(size, 10240, "IAM's limit for all policies inside a role")


if __name__ == "__main__":
    unittest.main()
