"""The other environment, as docs/operations.md says: the operator's own values stand in samconfig.toml, once."""

import sys
import tomllib

import permissions
from machine import DOMAIN, ROOT
from settings import TABLE
from shell import Shell
from stack import Stack, outputs

OWN = {
    "MailFrom": "no-reply@example.com",
    "MailDomain": "example.com",
    "DomainName": DOMAIN,
    "CertificateArn": TABLE["CertificateArn"]["to"],
    "TrustedCallers": "203.0.113.0/24",
    "AlarmEmail": "operator@example.com",
}


def deploy(folder):
    """The stack, what is to be told of it, and the mistake that Migrate is left with: it tries for a minute."""
    config = folder / "samconfig.toml"
    before, mark, after = (ROOT / "samconfig.toml").read_text().partition('    "Environment=prod",\n')
    config.write_text(before + mark + "".join(f'    "{name}={value}",\n' for name, value in OWN.items()) + after)
    shell = Shell(ROOT)
    shell.runs(f"sam deploy --config-env prod --disable-rollback --config-file {config}")
    stack = Stack("registration-prod")

    overrides = tomllib.loads(config.read_text())["prod"]["deploy"]["parameters"]["parameter_overrides"]
    values = stack.parameters()
    for name, value in (override.split("=", 1) for override in overrides):
        if values[name] != value:
            sys.exit(f"{name} is {values[name]} in prod, not {value}")
    shell.runs(
        "printf '1:%s' \"$(openssl rand -base64 32)\" | aws secretsmanager put-secret-value"
        f" --secret-id {outputs(stack.describe())['SecretKeyArn']} --secret-string file:///dev/stdin"
    )
    told = ["{} resources in {} stacks".format(*stack.resources())]
    told.append(".ci/smoke: " + shell.runs(f".ci/smoke https://{DOMAIN}").splitlines()[-1])
    shell.ends()

    versions = stack.versions()
    stack.begin(permissions.mutated(stack.template(), permissions.SLOW), {})
    return stack, versions, told
