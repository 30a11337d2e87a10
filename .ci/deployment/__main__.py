"""The steps of .ci/deploy: a first deployment with the documented commands, the journey of people and operators
on it, prod, and what must not go wrong with either."""

import json
import pathlib
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import documents
import permissions
import prod
import settings
import traffic
from journey import Site
from machine import DATABASE_PORTS, ROOT, Machine, others
from shell import Shell
from stack import Stack, client, outputs

ME, ADMIN = "you@example.com", "ada@example.com"


class Story:
    def __init__(self, machine):
        self.machine = machine
        self.shell = Shell(ROOT)

    def step(self, title, tell):
        began = time.monotonic()
        print(f"== {title}", flush=True)
        tell()
        print(f"    {time.monotonic() - began:.1f} s", flush=True)

    def documented_deployment(self):
        lines = documents.deploy()
        for line in lines:
            print(f"    $ {line}", flush=True)
            if line == "sam build":
                print("    is done already")
                continue
            typed = ""
            if line.startswith("read -r code"):
                typed = f"{self.site.mailed_code(ME)}\n"
            answer = self.shell.runs(line, typed)
            if line.startswith("sam deploy"):
                self.stack = Stack("registration-dev")
                self.site = Site(outputs(self.stack.describe())["Url"], self.machine.authority)
        if '"activated_at"' not in answer:
            sys.exit(f"the activation was answered {answer}")
        print("    {} resources in {} stacks".format(*self.stack.resources()))
        # It takes long, and does not touch this stack.
        self.deploying_prod = ThreadPoolExecutor().submit(prod.deploy, self.machine.folder)

    def smoke(self):
        print("    " + self.shell.runs('.ci/smoke "$(out Url)"').splitlines()[-1])

    def journey(self):
        me = self.site.sign_in(ME)
        self.site.must(403, "GET", "/users?limit=1", bearer=me)
        self.site.join(ADMIN)
        (grant,) = documents.section("The first admin: `grant`")
        self.answers(grant, '"role":"admin"')
        users = self.site.must(200, "GET", "/users?limit=10", bearer=self.site.sign_in(ADMIN))["users"]
        print(f"    {ADMIN} became admin and sees {len(users)} people")

        people = self.machine.folder / "people.jsonl"
        people.write_text('{"email": "grace@example.com"}\n{"email": "not an address"}\n')
        self.shell.runs(f"cd {self.machine.folder}")
        upload, imports, remove = documents.section("People who are known already: `import`")
        self.shell.runs(upload)
        self.answers(imports, '"imported":1')
        self.site.must(202, "POST", "/password/forgot", {"email": "grace@example.com"})
        self.shell.runs(remove)
        self.shell.runs("aws s3 mb s3://elsewhere && aws s3 cp people.jsonl s3://elsewhere/")
        self.refused = imports.replace("$(out ImportBucket)", "elsewhere")
        self.answers(self.refused, "AccessDenied")

        migrate, purge = documents.section("Migrate and purge")
        self.answers(migrate, '"applied":[]')
        self.answers(purge, '"complete":true')
        self.shell.runs(f"cd {ROOT}")

    def answers(self, command, part):
        """A documented command, and what its answer must have in it."""
        answer = self.shell.runs(command)
        print(f"    $ {command}\n    {' '.join(answer.split())}", flush=True)
        if part not in answer.replace('\\"', '"').replace(" ", ""):
            sys.exit(f"there is no {part} in it")

    def prod(self):
        self.prod_stack, self.prod_versions, told = self.deploying_prod.result()
        print("    " + "\n    ".join(told))

    def settings(self):
        settings.check(self.stack)

    def traffic(self):
        traffic.check(self.stack)

    def permissions(self):
        permissions.check_deployments(self.stack)
        permissions.check_requests(self.stack, self.site, self.refuses_import)

    def slow(self):
        mistake = "Migrate may connect to the proxy, not to the database"
        permissions.check_deployment(self.prod_stack, mistake, self.prod_versions)

    def refuses_import(self):
        bucket = outputs(self.stack.describe())["ImportBucket"]
        self.stack.s3.put_object(Bucket=bucket, Key="people.jsonl", Body=b"{}\n")
        answer, failed = self.stack.invoke("maintain", {"command": "import", "from": f"s3://{bucket}/people.jsonl"})
        return failed and "AccessDenied" in json.dumps(answer), f"import: {answer.get('errorMessage', answer)}"

    def restore(self):
        """Another database: Migrate is told of it, and migrates it; the others reach it through the proxy."""
        instances = client("rds").describe_db_instances
        (old,) = instances(DBInstanceIdentifier="registration-dev-1")["DBInstances"]
        versions = self.stack.versions()
        restored = {
            "DatabaseGeneration": "2",
            "DatabaseRestoreFrom": old["DbiResourceId"],
            "DatabaseRestoreTime": "2026-11-25T08:00:00Z",
        }
        self.stack.must_update(self.stack.template(), restored)
        new = {name for name, version in self.stack.versions().items() if version != versions[name]}
        print(f"    new versions of {settings.shown(new)}")
        if new != settings.expected(restored):
            sys.exit(f"not of {settings.shown(settings.expected(restored))}")
        (instance,) = instances(DBInstanceIdentifier="registration-dev-2")["DBInstances"]
        url = self.stack.settings()["Migrate"]["Environment"]["Variables"]["DATABASE_URL"]
        print(f"    Migrate connects to {url}")
        if instance["Endpoint"]["Address"] not in url:
            sys.exit("that is not the restored database")
        builds = self.machine.query(DATABASE_PORTS[-1], "SELECT count(*) FROM builds")
        if builds != "1":
            sys.exit("Schema has not migrated it")
        print("    it was migrated")
        self.smoke()

    def end(self):
        self.shell.ends()
        self.machine.stop()
        if others():
            sys.exit(f"these processes are left: {others()}")


def main():
    folder, *wanted = sys.argv[1:]
    machine = Machine(pathlib.Path(folder))
    began = time.monotonic()
    try:
        print("== PostgreSQL and the emulator", flush=True)
        machine.start()
        story = Story(machine)
        steps = {
            "deployment": ("the first deployment, with the commands of docs/deployment.md", story.documented_deployment),
            "smoke": (".ci/smoke", story.smoke),
            "journey": ("people and operators", story.journey),
            "prod": ("prod, deployed meanwhile", story.prod),
            "settings": ("each parameter reaches what runs", story.settings),
            "traffic": ("traffic moves, or does not", story.traffic),
            "permissions": ("mistakes in permissions are noticed", story.permissions),
            "restore": ("the restored database", story.restore),
            "slow": ("a mistake in prod's permissions that Migrate meets for a minute", story.slow),
            "end": ("nothing is left", story.end),
        }
        for name, (title, tell) in steps.items():
            if not wanted or name in wanted or name in ("deployment", "end"):
                story.step(title, tell)
    except BaseException:
        if machine.log.exists():
            print("\n".join(["the last lines of the emulator's log:", *machine.log.read_text().splitlines()[-40:]]))
        raise
    print(f"== all is well ({time.monotonic() - began:.0f} s)")


main()
