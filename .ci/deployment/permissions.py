"""A permission that is missing, or names another resource, is noticed: a deployment or a request fails. A check
that no mistake can fail would prove nothing."""

import contextlib
import os
import pathlib
import signal
import sys
import uuid

import yaml

from journey import PASSWORD


def statements(template, role, action):
    """The statements of the policy of a role that names this action, and where among them it does."""
    for policy in template["Resources"][role]["Properties"]["Policies"]:
        found = policy["PolicyDocument"]["Statement"]
        places = [place for place, statement in enumerate(found) if action in statement["Action"]]
        if places:
            return found, places
    sys.exit(f"{role} has no statement with {action}")


def without(role, action):
    def mutate(template):
        found, places = statements(template, role, action)
        for place in reversed(places):
            del found[place]

    return mutate


def with_other(role, action, change):
    """`change` gets the one statement of the role with this action."""

    def mutate(template):
        found, (place,) = statements(template, role, action)
        change(found[place])

    return mutate


def named(old, new):
    """A resource whose name has another part."""

    def change(statement):
        before = statement["Resource"]["Fn::Sub"]
        if old not in before:
            sys.exit(f"there is no {old} in {before}")
        statement["Resource"]["Fn::Sub"] = before.replace(old, new)

    return change


def of_another_sender(statement):
    statement["Condition"]["StringLike"]["ses:FromAddress"] = "another-sender@example.com"


def identity_alone(statement):
    identity, _configuration_set = statement["Resource"]
    statement["Resource"] = [identity]


def elsewhere(path):
    def mutate(template):
        paths = template["Resources"]["Api"]["Properties"]["DefinitionBody"]["paths"]
        paths[f"{path}-elsewhere"] = paths.pop(path)

    return mutate


def only_purges(template):
    variables = template["Resources"]["Migrate"]["Properties"]["Environment"]["Variables"]
    variables["OPERATE_COMMANDS"] = "purge"


def deployed_anew(function):
    """With another text in it a function gets a version, and what waits for that runs."""

    def mutate(template):
        template["Resources"][function]["Properties"]["Description"] = "Another text."

    return mutate


def end_instances(stack):
    """Lambda ends instances when it likes. A new one reads the secret key and connects anew."""
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has ended by itself
            if f"\0AWS_LAMBDA_FUNCTION_NAME={stack.name}-".encode() in (process / "environ").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)


def refused_mail(site):
    body = {"email": f"{uuid.uuid4()}@example.com", "password": PASSWORD}
    status, answer = site.call("POST", "/register", body)
    return answer.get("code") == "mail-unavailable", f"POST /register: {status} {answer.get('code')}"


def fails(method, path, body=None):
    """The gateway's answer for a function that does not start."""

    def probe(site):
        status, _ = site.call(method, path, body)
        return status in (500, 502, 503), f"{method} {path}: {status}"

    return probe


def is_unknown(path):
    def probe(site):
        status, answer = site.call("POST", path, {})
        return answer.get("code") == "not-found", f"POST {path}: {status} {answer.get('code')}"

    return probe


# What each mistake breaks. The mistakes of one round are deployed together; each shows in a request of its own.
ROUNDS = [
    {
        "Register may not send mail": (without("RegisterRole", "ses:SendEmail"), refused_mail),
        "Activate may not read the secret key": (
            without("ActivateRole", "secretsmanager:GetSecretValue"),
            fails("GET", "/health"),
        ),
        "Account may connect as another user": (
            with_other("AccountRole", "rds-db:connect", named("/account", "/other")),
            fails("POST", "/login", {"email": "you@example.com", "password": PASSWORD}),
        ),
        "Maintain may read the bucket and none of its files": (
            with_other("MaintainRole", "s3:GetObject", named("/*", "")),
            "import",
        ),
        "/resend leads elsewhere": (elsewhere("/resend"), is_unknown("/resend")),
    },
    {
        "Register may not use the configuration set": (
            with_other("RegisterRole", "ses:SendEmail", identity_alone),
            refused_mail,
        ),
    },
    {
        "Register may send for another sender": (
            with_other("RegisterRole", "ses:SendEmail", of_another_sender),
            refused_mail,
        ),
    },
]

# These fail the deployment itself.
DEPLOYMENTS = {
    "Migrate accepts no migration": (only_purges,),
    "RunMigrate may invoke no version of Migrate": (
        with_other("RunMigrateRole", "lambda:InvokeFunction", named(":*", "")),
        deployed_anew("Migrate"),
    ),
}
# Migrate tries for a minute: another stack waits for this one meanwhile.
SLOW = (
    with_other("MigrateRole", "rds-db:connect", named("InstanceResourceId", "ProxyResourceId")),
    deployed_anew("Migrate"),
)


def mutated(text, mutations):
    template = yaml.safe_load(text)
    for mutate in mutations:
        mutate(template)
    return yaml.safe_dump(template, sort_keys=False)


def check_requests(stack, site, refuses_import):
    """Each mistake in a permission is noticed by a request."""
    template = stack.template()
    for mistakes in ROUNDS:
        stack.must_update(mutated(template, [mutate for mutate, _ in mistakes.values()]), {})
        end_instances(stack)
        for mistake, (_, probe) in mistakes.items():
            noticed, told = refuses_import() if probe == "import" else probe(site)
            print(f"    {mistake}: {told}")
            if not noticed:
                sys.exit("this mistake was not noticed")
    stack.must_update(template, {})
    end_instances(stack)


def check_deployments(stack):
    """Each of these fails the deployment."""
    template, versions = stack.template(), stack.versions()
    for mistake, mutations in DEPLOYMENTS.items():
        stack.begin(mutated(template, mutations), {})
        check_deployment(stack, mistake, versions)


def check_deployment(stack, mistake, versions):
    """The deployment that has begun fails, goes back, and leaves what runs alone."""
    status, why = stack.end()
    print(f"    {mistake}: {status}: {'; '.join(why)}")
    if status != "UPDATE_ROLLBACK_COMPLETE":
        sys.exit("this mistake was not noticed")
    if stack.versions() != versions:
        sys.exit("other versions are live than before")
