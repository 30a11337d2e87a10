"""The other environment, with the commands of docs/deployment.md. The operator's own values are in samconfig.toml."""

import sys
import tomllib

import documents
import permissions
from machine import DOMAIN, ROOT, run
from shell import Shell
from stack import Stack, outputs

OWN = {
    "DomainName": DOMAIN,
    "MailFrom": "no-reply@example.com",
    "MailDomain": "example.com",
    "TrustedCallers": "203.0.113.0/24",
    "AlarmEmail": "operator@example.com",
}


def deploy(folder):
    """The stack, what is to be told of it, and the mistake that Migrate is left with: it tries for a minute."""
    shell, told = Shell(ROOT), []
    for line in documents.prod():
        told.append(f"$ {line}")
        if line == "sam build":
            told.append("is done already")
        elif "ready.py" in line:
            overrides = write_settings(folder, shell.runs('echo "$certificate"'))
            # The emulator's account is not ready in every respect: what counts is that it is asked, and answers.
            answers, _ = shell.tries(line)
            if "ok           The certificate fits the domain" not in answers:
                sys.exit(f"{line}\n{answers}")
            told += [answer for answer in answers.splitlines() if answer[:1].strip()]
        else:
            answer = shell.runs(line)
    if "DomainTarget" not in answer:
        sys.exit(f"no output says where the domain must point: {answer}")
    stack = Stack("registration-prod")
    values = stack.parameters()
    for name, value in (override.split("=", 1) for override in overrides):
        if values[name] != value:
            sys.exit(f"{name} is {values[name]} in prod, not {value}")
    shell.runs(
        "printf '1:%s' \"$(openssl rand -base64 32)\" | aws secretsmanager put-secret-value"
        f" --secret-id {outputs(stack.describe())['SecretKeyArn']} --secret-string file:///dev/stdin"
    )
    told.append("{} resources in {} stacks".format(*stack.resources()))
    told.append(".ci/smoke: " + shell.runs(".ci/smoke https://$domain").splitlines()[-1])
    shell.ends()

    versions = stack.versions()
    stack.begin(permissions.mutated(stack.template(), permissions.SLOW), {})
    return stack, versions, told


def write_settings(folder, certificate):
    """Adds the operator's values, in a file that only this check sees at its place. Gives all overrides."""
    own = OWN | {"CertificateArn": certificate}
    there, config = ROOT / "samconfig.toml", folder / "samconfig.toml"
    before, mark, after = there.read_text().partition('    "Environment=prod",\n')
    config.write_text(before + mark + "".join(f'    "{name}={value}",\n' for name, value in own.items()) + after)
    run("mount", "--bind", config, there)
    return tomllib.loads(config.read_text())["prod"]["deploy"]["parameters"]["parameter_overrides"]
