"""Traffic moves to a new version if Probe and the alarms about that version let it, and goes back by one command."""

import re
import sys
import threading
import time

from machine import ROOT, run
from permissions import deployed_anew, mutated
from stack import client


def without_database(template):
    variables = template["Resources"]["Register"]["Properties"]["Environment"]["Variables"]
    variables["DATABASE_URL"] = "postgres://register@127.0.0.1:1/registration?sslmode=require"


def next_version(stack):
    """The number that Register's next version will have."""
    pages = stack.lambda_.get_paginator("list_versions_by_function").paginate(FunctionName=f"{stack.name}-register")
    return 1 + max(int(it["Version"]) for page in pages for it in page["Versions"] if it["Version"] != "$LATEST")


def set_alarm(name):
    client("cloudwatch").set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="it is tried")


def rings(name, deployed):
    """Sets an alarm as soon as the deployment has made it: its version has failed the first requests."""
    find = client("cloudwatch").describe_alarms
    while not deployed.is_set():
        if find(AlarmNames=[name])["MetricAlarms"]:
            return set_alarm(name)
        time.sleep(0.02)


def must_go_back(stack, template, reason):
    versions = stack.versions()
    status, why = stack.update(template, {})
    print(f"    {status}: {'; '.join(why)}")
    if status != "UPDATE_ROLLBACK_COMPLETE" or reason not in "".join(why):
        sys.exit(f"it was not taken back by {reason}")
    if stack.versions() != versions:
        sys.exit("other versions are live than before")


def check(stack):
    template = stack.template()
    print("    Register does not reach its database; new versions of others came with it")
    broken = [without_database, deployed_anew("Activate"), deployed_anew("Maintain")]
    must_go_back(stack, mutated(template, broken), f"{stack.name}-probe said Failed")

    print("    an alarm about the new Register goes on")
    alarm = f"{stack.name}-NewRegister-{next_version(stack)}"
    deployed = threading.Event()
    ringing = threading.Thread(target=rings, args=(alarm, deployed))
    ringing.start()
    must_go_back(stack, mutated(template, [deployed_anew("Register")]), f"the alarm {alarm} is on")
    deployed.set()
    ringing.join()

    failed = client("codedeploy").list_deployments(includeOnlyStatuses=["Failed"])["deployments"]
    print(f"    aws deploy list-deployments: {len(failed)} failed")
    if len(failed) != 2:
        sys.exit("there should be two")

    print("    an alarm about the Register that runs is on, and a deployment mends it")
    set_alarm(f"{stack.name}-RegisterErrors")
    before = stack.versions()
    stack.must_update(mutated(template, [deployed_anew("Register")]), {})
    after = stack.versions()
    if {name for name in before if before[name] != after[name]} != {"Register"}:
        sys.exit(f"not Register alone is new: {before}, {after}")

    goes(stack, [], before)
    goes(stack, ["now"], after)
    stack.must_update(template, {})


def goes(stack, moment, expected):
    """Runs the command of docs/deployment.md. It never chooses a version that a deployment has taken back."""
    said = run(sys.executable, "-B", ROOT / "infrastructure/back.py", stack.name, *moment)
    moves = re.findall(r"^\S+-register +.*$", said, re.M)
    print(f"    infrastructure/back.py {' '.join([stack.name, *moment])}: {' '.join(moves[0].split())}")
    if stack.versions() != expected:
        sys.exit(f"{stack.versions()} are live, not {expected}:\n{said}")
