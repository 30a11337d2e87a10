"""Types of resources that ministack's CloudFormation refuses, made of ministack's own APIs where it has them."""

import json

from ministack.core.responses import new_uuid
from ministack.services import ec2, waf
from ministack.services.cloudformation import provisioners

HANDLERS = provisioners._RESOURCE_HANDLERS


def call(api, parameters):
    """One call of ministack's API. What it refuses fails the resource."""
    status, _, body = api(parameters)
    if status >= 400:
        raise ValueError(body if isinstance(body, str) else body.decode())
    return body


def kept(name=None):
    """A type of which only the name is kept, because nothing here would act on it."""

    def create(logical_id, properties, stack):
        return properties.get(name) or f"{stack}-{logical_id}-{new_uuid()[:8]}", {}

    return {
        "create": create,
        "update": lambda physical_id, old, new, stack: (physical_id, {}),
        "delete": lambda physical_id, properties: None,
    }


def unchangeable(create, delete=lambda physical_id, properties: None):
    """A type that is replaced when it changes."""
    return {"create": create, "delete": delete}


def ingress(logical_id, properties, stack):
    group = properties.get("SourceSecurityGroupId")
    if group and group not in ec2._security_groups:
        raise ValueError(f"the security group {group} does not exist")
    rule = {"GroupId": properties["GroupId"], "IpPermissions.1.IpProtocol": str(properties["IpProtocol"])}
    for ours, theirs in {
        "FromPort": "FromPort",
        "ToPort": "ToPort",
        "SourceSecurityGroupId": "Groups.1.GroupId",
        "CidrIp": "IpRanges.1.CidrIp",
    }.items():
        if ours in properties:
            rule[f"IpPermissions.1.{theirs}"] = str(properties[ours])
    call(ec2._authorize_sg_ingress, rule)
    rule_id = f"sgr-{new_uuid()[:8]}"
    return rule_id, {"Id": rule_id}


def flow_log(logical_id, properties, stack):
    before = set(ec2._flow_logs)
    destination = properties.get("LogDestination") or properties.get("LogGroupName", "")
    call(
        ec2._create_flow_logs,
        {
            "ResourceId.1": properties["ResourceId"],
            "ResourceType": properties["ResourceType"],
            "TrafficType": properties.get("TrafficType", "ALL"),
            "LogDestination": destination,
        },
    )
    (made,) = set(ec2._flow_logs) - before
    return made, {"Id": made}


def ip_set(logical_id, properties, stack):
    named = {**properties, "Name": properties.get("Name") or f"{stack}-{logical_id}"}
    made = json.loads(call(waf._create_ip_set, named))["Summary"]
    return f"{made['Name']}|{made['Id']}|{properties['Scope']}", {"Arn": made["ARN"], "Id": made["Id"]}


def changed_ip_set(physical_id, old, new, stack):
    name, set_id, scope = physical_id.split("|")
    found = json.loads(call(waf._get_ip_set, {"Name": name, "Id": set_id, "Scope": scope}))
    token = {"LockToken": found["LockToken"]}
    call(waf._update_ip_set, {**new, **token, "Name": name, "Id": set_id})
    return physical_id, {"Arn": found["IPSet"]["ARN"], "Id": set_id}


def association(logical_id, properties, stack):
    call(waf._associate_web_acl, properties)
    return f"{properties['WebACLArn']}|{properties['ResourceArn']}", {}


def silent(properties):
    """Replaces an alarm of several metrics, which ministack does not compute, by one of a metric without data: it
    is on only when a check sets it."""
    if "Metrics" not in properties:
        return properties
    rest = {name: value for name, value in properties.items() if name != "Metrics"}
    return {**rest, "Namespace": "Computed", "MetricName": "Never", "Period": 60, "Statistic": "Sum"}


def install():
    HANDLERS["AWS::EC2::SecurityGroupIngress"] = unchangeable(ingress)
    HANDLERS["AWS::EC2::FlowLog"] = unchangeable(
        flow_log, lambda physical_id, properties: ec2._flow_logs.pop(physical_id, None)
    )
    HANDLERS["AWS::WAFv2::IPSet"] = {**unchangeable(ip_set), "update": changed_ip_set}
    HANDLERS["AWS::WAFv2::WebACLAssociation"] = unchangeable(
        association, lambda physical_id, properties: call(waf._disassociate_web_acl, properties)
    )
    HANDLERS["AWS::WAFv2::LoggingConfiguration"] = kept("ResourceArn")

    alarm = HANDLERS["AWS::CloudWatch::Alarm"]
    HANDLERS["AWS::CloudWatch::Alarm"] = {
        **alarm,
        "create": lambda logical_id, properties, stack: alarm["create"](logical_id, silent(properties), stack),
        "update": lambda physical_id, old, new, *rest: alarm["update"](physical_id, silent(old), silent(new), *rest),
    }
