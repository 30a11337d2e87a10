"""Moves the traffic of all functions back to the versions of an earlier moment, within a minute:

    .dev/tools/sam/bin/python infrastructure/back.py registration-prod

goes back to before the last deployment. A moment like 2026-11-27T12:00:00Z as the second argument goes
back to that, and `now` goes forward again to the newest version. A version that a deployment brought
and took back is passed over. Schema, permissions and parameters stay as they are: docs/operations.md
says what that means. Needs the rights lambda:GetAlias, ListVersionsByFunction and UpdateAlias,
cloudformation:DescribeStacks, codedeploy:ListDeployments, BatchGetDeployments and GetApplicationRevision."""

import datetime
import json
import sys

import boto3

FUNCTIONS = ["register", "activate", "account", "site", "maintain"]


def before_last_deployment(stack):
    (described,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    moment = described.get("LastUpdatedTime")
    if moment is None:
        sys.exit(f"{stack} was deployed once: there is nothing to go back to.")
    return moment


def taken_back():
    """(function, version) of every deployment that failed or was stopped."""
    codedeploy = boto3.client("codedeploy")
    pages = codedeploy.get_paginator("list_deployments").paginate(includeOnlyStatuses=["Failed", "Stopped"])
    ids = [it for page in pages for it in page["deployments"]]
    found = set()
    for start in range(0, len(ids), 25):
        batch = codedeploy.batch_get_deployments(deploymentIds=ids[start : start + 25])
        for deployment in batch["deploymentsInfo"]:
            for resource in json.loads(appspec(codedeploy, deployment)).get("Resources", []):
                for it in resource.values():
                    found.add((it["Properties"]["Name"], str(it["Properties"]["TargetVersion"])))
    return found


def appspec(codedeploy, deployment):
    """What a deployment was to do. It has the digest of that alone; the text is kept with the application."""
    if deployment.get("computePlatform") != "Lambda":
        return "{}"
    asked = {"applicationName": deployment["applicationName"], "revision": deployment["revision"]}
    revision = codedeploy.get_application_revision(**asked)["revision"]
    return (revision.get("appSpecContent") or revision["string"])["content"]


def versions(lambda_, function):
    """Its versions and when each was made, the newest first."""
    pages = lambda_.get_paginator("list_versions_by_function").paginate(FunctionName=function)
    published = [it for page in pages for it in page["Versions"] if it["Version"] != "$LATEST"]
    made = [(int(it["Version"]), datetime.datetime.fromisoformat(it["LastModified"])) for it in published]
    return sorted(made, reverse=True)


def main(stack, moment=None):
    if moment is None:
        moment = before_last_deployment(stack)
    elif moment == "now":
        moment = datetime.datetime.now(datetime.UTC)
    else:
        moment = datetime.datetime.fromisoformat(moment)
    lambda_, passed_over = boto3.client("lambda"), taken_back()
    moves = []
    for name in FUNCTIONS:
        function = f"{stack}-{name}"
        live = lambda_.get_alias(FunctionName=function, Name="live")["FunctionVersion"]
        good = (str(number) for number, made in versions(lambda_, function)
                if made < moment and (function, str(number)) not in passed_over)
        target = next(good, None)
        if target is None:
            sys.exit(f"{function} has no version from before {moment:%Y-%m-%dT%H:%M:%SZ}; nothing was moved.")
        moves.append((function, live, target))
    for function, live, target in moves:
        if live != target:
            # All traffic, and no part of it to a version that a canary was trying.
            lambda_.update_alias(FunctionName=function, Name="live", FunctionVersion=target,
                                 RoutingConfig={"AdditionalVersionWeights": {}})
        print(f"{function:32} {live} -> {target}" if live != target else f"{function:32} {live} stays")


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    main(*sys.argv[1:])
