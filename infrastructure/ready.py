"""Checks before a first deployment what can be known before it:

    .dev/tools/sam/bin/python infrastructure/ready.py prod

It reads samconfig.toml and the account that the AWS CLI would use, and changes neither. Each line is
`ok`, `wrong` or `cannot tell`, with what to do about it. The exit code is 1 when anything is wrong."""

import datetime
import pathlib
import sys
import tomllib

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from samcli.yamlhelper import yaml_parse

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Wrong(Exception):
    """What was found, and what to do about it."""


class CannotTell(Exception):
    """The same, when a person must judge."""


def need(fits, found, mend, otherwise=Wrong):
    if not fits:
        raise otherwise(f"{found}\n{'':13}{mend}")


class Here:
    """One environment: its settings, and the account."""

    def __init__(self, environment, client):
        config = tomllib.loads((ROOT / "samconfig.toml").read_text())[environment]
        self.region = config["global"]["parameters"]["region"]
        self.stack = config["global"]["parameters"]["stack_name"]
        # Dev may get on the command line what prod must have in the file.
        self.wrong_in_prod = Wrong if environment == "prod" else CannotTell
        self.client = lambda service: client(service, region_name=self.region)
        template = yaml_parse((ROOT / "template.yaml").read_text())
        self.settings = {name: str(about.get("Default", "")) for name, about in template["Parameters"].items()}
        self.settings |= dict(pair.split("=", 1) for pair in config["deploy"]["parameters"]["parameter_overrides"])

    def __getitem__(self, setting):
        return self.settings[setting]


def instances(here):
    """Lambda runs enough instances"""
    reserved = sum(int(value) for name, value in here.settings.items() if name.endswith("Concurrency"))
    allowed = here.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"]
    # Lambda keeps 100 for functions that reserve none.
    need(not reserved or allowed >= reserved + 100, f"{allowed}, and {reserved} will be reserved",
         "aws service-quotas request-service-quota-increase --service-code lambda --quota-code L-B99A9384 "
         f"--region {here.region} --desired-value {reserved + 100}")
    return f"{allowed}, {reserved} of them reserved"


def requests(here):
    """API Gateway accepts enough requests"""
    limit = here.client("apigateway").get_account()["throttleSettings"]
    found = f"{limit['rateLimit']:.0f} a second, {limit['burstLimit']} at once"
    fits = limit["rateLimit"] >= int(here["RequestsPerSecond"]) and limit["burstLimit"] >= int(here["RequestsBurst"])
    need(fits, found, "lower RequestsPerSecond and RequestsBurst, or ask: Service Quotas, Amazon API Gateway, Throttle rate")
    return found


def logging_role(here):
    """API Gateway logs with no role of another project"""
    role = here.client("apigateway").get_account().get("cloudwatchRoleArn", "")
    need(not role or here.stack in role, role, "the stack replaces it, for all APIs of the account", CannotTell)
    return role or "none yet"


def certificate(here):
    """The certificate fits the domain"""
    domain, arn = here["DomainName"], here["CertificateArn"]
    if not domain:
        return "no domain of our own"
    need(arn.split(":")[3:4] == [here.region], f"CertificateArn={arn} is not of {here.region}",
         f"aws acm request-certificate --domain-name {domain} --validation-method DNS --region {here.region}")
    found = here.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    need(found["Status"] == "ISSUED", found["Status"], f"aws acm describe-certificate --certificate-arn {arn}: enter its DNS record")
    names = set(found["SubjectAlternativeNames"])
    need(names & {domain, "*." + domain.partition(".")[2]}, f"for {', '.join(names)}", f"request one for {domain}")
    need(found["NotAfter"] > datetime.datetime.now(datetime.UTC), f"ended on {found['NotAfter']:%Y-%m-%d}", "renew it")
    return f"issued, until {found['NotAfter']:%Y-%m-%d}"


def mail_account(here):
    """SES sends to every address, fast enough"""
    account = here.client("sesv2").get_account()
    quota = "{MaxSendRate:.0f} emails a second, {Max24HourSend:.0f} in 24 hours".format(**account["SendQuota"])
    running = account["SendingEnabled"] and account["EnforcementStatus"] != "SHUTDOWN"
    need(running, "sending is stopped", "aws sesv2 get-account, and answer AWS's case")
    need(account["ProductionAccessEnabled"], f"sandbox, {quota}", "SES, Account dashboard: Request production access", here.wrong_in_prod)
    need(False, quota, "less than your peak? Service Quotas, Amazon SES: Sending quota, Sending rate", CannotTell)


def sender(here):
    """The sender is ours, and the stack can make or has made it"""
    address = here["MailFrom"].rpartition("<")[2].rstrip(">")
    identity = here["MailDomain"] or address
    need(not address.endswith(".example"), address, "set MailFrom, and MailDomain where you can change its DNS", here.wrong_in_prod)
    try:
        found = here.client("sesv2").get_email_identity(EmailIdentity=identity)
    except ClientError as error:
        if error.response["Error"]["Code"] == "NotFoundException":
            return f"{identity} does not exist yet"
        raise
    stack = {tag["Key"]: tag["Value"] for tag in found.get("Tags", [])}.get("aws:cloudformation:stack-name", "")
    need(stack.startswith(here.stack), f"{identity} exists", f"aws sesv2 delete-email-identity --email-identity {identity}")
    need(found["VerifiedForSendingStatus"], f"{identity} is not verified", "follow SES's link, or enter the records of the output MailDnsRecords")
    return f"{identity} is verified"


def alarms(here):
    """Alarms have a recipient"""
    need(here["AlarmEmail"], "none", "set AlarmEmail", here.wrong_in_prod)
    return here["AlarmEmail"]


def zones(here):
    """The zones have the endpoints of SES and Secrets Manager"""
    ec2 = here.client("ec2")
    ours = [{"Name": "zone-type", "Values": ["availability-zone"]}]
    names = sorted(zone["ZoneName"] for zone in ec2.describe_availability_zones(Filters=ours)["AvailabilityZones"])
    services = [f"com.amazonaws.{here.region}.{service}" for service in ("email", "secretsmanager")]
    details = ec2.describe_vpc_endpoint_services(ServiceNames=services)["ServiceDetails"]
    offered = [i for i, name in enumerate(names) if all(name in service["AvailabilityZones"] for service in details)]
    used = [int(here["FirstZone"]), int(here["SecondZone"])][: 2 if here["EndpointsInBothZones"] == "true" else 1]
    need(set(used) <= set(offered), f"used: {used}, offered: {offered}", "set FirstZone and SecondZone to two that are offered")
    return ", ".join(names[i] for i in used)


def prefix_list(here):
    """S3PrefixList is the region's"""
    region = [{"Name": "prefix-list-name", "Values": [f"com.amazonaws.{here.region}.s3"]}]
    found = [each["PrefixListId"] for each in here.client("ec2").describe_managed_prefix_lists(Filters=region)["PrefixLists"]]
    need(here["S3PrefixList"] in found, here["S3PrefixList"], f"set S3PrefixList={', '.join(found)}")
    return here["S3PrefixList"]


def database(here):
    """RDS offers the database"""
    wanted = yaml_parse((ROOT / "infrastructure/database.yaml").read_text())["Resources"]["Instance"]["Properties"]
    version = {"Engine": wanted["Engine"], "EngineVersion": wanted["EngineVersion"]}
    name, rds = " ".join(version.values()), here.client("rds")
    need(rds.describe_db_engine_versions(**version)["DBEngineVersions"], f"no {name} in {here.region}",
         "aws rds describe-db-engine-versions --engine postgres, then EngineVersion in infrastructure/database.yaml")
    options = rds.describe_orderable_db_instance_options(DBInstanceClass=here["DatabaseClass"], **version)["OrderableDBInstanceOptions"]
    standby = [o for o in options if o["MultiAZCapable"] or here["DatabaseMultiAz"] != "true"]
    need(any(o["StorageType"] == wanted["StorageType"] for o in standby), f"{name} not on {here['DatabaseClass']}", "set another DatabaseClass")
    return f"{name} on {here['DatabaseClass']}"


QUESTIONS = [instances, requests, logging_role, certificate, mail_account, sender, alarms, zones, prefix_list, database]


def main(environment, client=boto3.client):
    here, wrong = Here(environment, client), False
    for question in QUESTIONS:
        try:
            state, answer = "ok", question(here)
        except Wrong as found:
            state, answer, wrong = "wrong", found, True
        except (CannotTell, BotoCoreError, ClientError) as found:
            state, answer = "cannot tell", found
        print(f"{state:12} {question.__doc__}: {answer}")
    return wrong


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
