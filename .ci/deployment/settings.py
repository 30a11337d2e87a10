"""Each parameter of the template, changed, and seen to arrive in what runs: the version behind `live`."""

import os
import sys
import tomllib

import yaml

from machine import ROOT
from stack import client

# Another value for each parameter, and the functions that get a new version from it.
TABLE = tomllib.loads((ROOT / "infrastructure/versions.toml").read_text())
# Functions get these as something else than their value, or one hides another: each is changed alone.
ALONE = ("Environment", "Architecture", "SecretKeyGeneration", "FirstZone", "SecondZone")
# These have no meaning without one another.
TOGETHER = (("DomainName", "CertificateArn"),)
# Another database has a step of its own.
RESTORE = ("DatabaseGeneration", "DatabaseRestoreFrom", "DatabaseRestoreTime")


def groups():
    """The parameters that are changed in one deployment: those that should reach the same functions, told apart by
    their values. With `EACH=1` every parameter that has a meaning alone is changed alone."""
    found = {(name,): [name] for name in ALONE}
    found |= {group: list(group) for group in TOGETHER}
    apart = {name for group in found for name in group} | set(RESTORE)
    for name, row in TABLE.items():
        if name not in apart:
            together = (name,) if os.environ.get("EACH") else frozenset(row["versions"])
            found.setdefault(together, []).append(name)
    return found.values()


def expected(group):
    return {function for name in group for function in TABLE[name]["versions"]}


def leaves(value, path=""):
    """Every setting in a configuration, by its path."""
    if isinstance(value, dict):
        return {leaf: text for key, inner in value.items() for leaf, text in leaves(inner, f"{path}.{key}").items()}
    return {path.removeprefix(".").removeprefix("Environment.Variables."): value}


def arrived(before, after):
    """The settings that differ, and what they are now."""
    old, new = leaves(before), leaves(after)
    return {path: new.get(path) for path in old.keys() | new.keys() if old.get(path) != new.get(path)}


def reached(value, changes):
    """The functions that have got this value, by itself or, like a domain, as a part of another value."""
    told = {name: [str(setting) for setting in changed.values()] for name, changed in changes.items()}
    return {name for name, texts in told.items() if value in texts or len(value) > 3 and value in " ".join(texts)}


def boundary():
    """The policy that bounds the roles must be there before a role names it."""
    arn = TABLE.get("PermissionsBoundary", {}).get("to")
    if arn:
        everything = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
        client("iam").create_policy(PolicyName=arn.rpartition("/")[2], PolicyDocument=everything)


def check(stack):
    template = stack.template()
    parameters = yaml.safe_load(template)["Parameters"]
    if parameters.keys() != TABLE.keys():
        sys.exit(f"versions.toml and the template differ in {sorted(parameters.keys() ^ TABLE.keys())}")
    boundary()

    first, versions, settings = stack.parameters(), stack.versions(), stack.settings()
    wrong = []
    print(f"    {'parameter':<40} | {'functions with a new live version':<52} | expected")
    for group in groups():
        stack.must_update(template, {name: TABLE[name]["to"] for name in group})
        new_versions, new_settings, latest = stack.versions(), stack.settings(), stack.settings("$LATEST")
        new = {name for name in versions if versions[name] != new_versions[name]}
        changes = {name: arrived(settings[name], new_settings[name]) for name in versions}
        # Those of a group are told apart by which value has arrived where.
        apart = len(group) > 1 and expected(group)
        if apart and len({TABLE[name]["to"] for name in group}) < len(group):
            sys.exit(f"some of {', '.join(group)} have the same value, and cannot be told apart")
        if len(group) > 1:
            print(f"    together: {', '.join(group)}")
        for name in group:
            seen, should = reached(TABLE[name]["to"], changes) if apart else new, expected([name])
            print(f"    {name:<40} | {shown(seen):<52} | {shown(should)}", flush=True)
            if seen != should:
                wrong.append(f"{name}: new versions of {shown(seen)}, expected {shown(should)}")
        if new != expected(group):
            wrong.append(f"{', '.join(group)}: new versions of {shown(new)}, expected {shown(expected(group))}")
        for name in versions:
            if late := arrived(new_settings[name], latest[name]):
                wrong.append(f"{', '.join(group)}: what runs as {name} has not heard of {late}")
        versions, settings = new_versions, new_settings

    nothing(stack, template, versions, wrong)
    stack.must_update(template, {name: first[name] for group in groups() for name in group})
    if wrong:
        sys.exit("\n".join(wrong))


def nothing(stack, template, versions, wrong):
    """A deployment that changes no function: CloudFormation goes through all resources, and publishes none."""
    changed = yaml.safe_load(template)
    changed["Outputs"]["Nothing"] = {"Value": "changed"}
    stack.must_update(yaml.safe_dump(changed, sort_keys=False), {})
    if stack.versions() != versions:
        wrong.append("a deployment that changes no function made new versions")
    print("    a deployment that changes no function leaves all versions alone")


def shown(names):
    return ", ".join(sorted(names)) or "-"
