"""CodeDeploy, which ministack lacks, as far as CloudFormation uses it for Lambda. An alias whose `UpdatePolicy`
names a deployment group moves when its hook agrees, and stays when one of the group's alarms is on.
All traffic moves at once, whatever the policy says."""

import copy
import hashlib
import json
import threading

from ministack import app
from ministack.core import iam_actions, iam_evaluator, router
from ministack.core.responses import error_response_json, get_account_id, get_region, json_response, new_uuid
from ministack.services import cloudwatch, iam, lambda_svc
from ministack.services.cloudformation import engine, stacks

from resources import HANDLERS, kept

HOOK_SECONDS = 60  # CodeDeploy waits an hour
groups, deployments, revisions = {}, {}, {}
running = {}  # what the stacks that are being deployed are made of, by name


def install():
    remember_templates()
    order_by_policies()
    HANDLERS["AWS::CodeDeploy::Application"] = kept("ApplicationName")
    HANDLERS["AWS::CodeDeploy::DeploymentGroup"] = {"create": group, "update": changed_group, "delete": no_group}
    alias = HANDLERS["AWS::Lambda::Alias"]
    HANDLERS["AWS::Lambda::Alias"] = {**alias, "update": moved(alias["update"])}
    # The hook calls back while CloudFormation waits for it.
    waits = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda kind: kind == "AWS::Lambda::Alias" or waits(kind)
    serve()


def remember_templates():
    deploy = stacks._deploy_stack_async

    async def deploy_and_remember(name, stack_id, template, values, *rest, **more):
        running[name] = (stack_id, template, values)
        return await deploy(name, stack_id, template, values, *rest, **more)

    from ministack.services.cloudformation import changesets, handlers

    for module in (stacks, changesets, handlers):
        module._deploy_stack_async = deploy_and_remember


def order_by_policies():
    """An alias comes after what its `UpdatePolicy` refers to: SAM's own example tells its hook the new version."""
    by_properties = engine._extract_deps

    def by_policy_too(definition, names):
        referred = engine._intrinsic_references(definition.get("UpdatePolicy", {}))
        return by_properties(definition, names) | {name for name, _ in referred if name in names}

    engine._extract_deps = stacks._extract_deps = by_policy_too


def group(logical_id, properties, stack):
    name = properties.get("DeploymentGroupName") or f"{stack}-{logical_id}-{new_uuid()[:8]}"
    groups[name] = properties
    return name, {}


def changed_group(name, old, new, stack):
    groups[name] = new
    return name, {}


def no_group(name, properties):
    groups.pop(name, None)


def moved(update):
    def move(physical_id, old, new, stack, logical_id=None):
        policy = update_policy(stack, logical_id)
        if policy and old["FunctionVersion"] != new["FunctionVersion"]:
            deploy(policy, old, new)
        return update(physical_id, old, new, stack, logical_id)

    return move


def update_policy(stack, logical_id):
    """The alias's `UpdatePolicy`, unless the stack rolls back: then CloudFormation simply moves the alias."""
    from ministack.services.cloudformation import _stacks

    record = _stacks[stack]
    stack_id, template, values = running[stack]
    definition = template["Resources"].get(logical_id, {})
    policy = definition.get("UpdatePolicy", {}).get("CodeDeployLambdaAliasUpdate")
    if not policy or "ROLLBACK" in record["StackStatus"]:
        return None
    resources, mappings = record["_resources"], template.get("Mappings", {})
    conditions = engine._evaluate_conditions(template, values)
    return engine._resolve_refs(copy.deepcopy(policy), resources, values, conditions, mappings, stack, stack_id)


def deploy(policy, old, new):
    application, group_name = policy["ApplicationName"], policy["DeploymentGroupName"]
    hook = policy.get("BeforeAllowTrafficHook")
    function = new["FunctionName"].split(":")[6] if ":" in new["FunctionName"] else new["FunctionName"]
    versions = {"CurrentVersion": old["FunctionVersion"], "TargetVersion": new["FunctionVersion"]}
    properties = {"Name": function, "Alias": new["Name"], **versions}
    revision = {"version": 0.0, "Resources": [{function: {"Type": "AWS::Lambda::Function", "Properties": properties}}]}
    if hook:
        revision["Hooks"] = [{"BeforeAllowTraffic": hook}]
    content = json.dumps(revision)
    digest = hashlib.sha256(content.encode()).hexdigest()
    revisions[application, digest] = content

    deployment_id = f"d-{new_uuid()[:8].upper()}"
    deployment = deployments[deployment_id] = {
        "applicationName": application,
        "deploymentGroupName": group_name,
        "deploymentId": deployment_id,
        "revision": {"revisionType": "String", "string": {"sha256": digest}},
        "status": "InProgress",
        "computePlatform": "Lambda",
    }
    why = (
        moved_by_another(function, new["Name"], old["FunctionVersion"])
        or alarm_on(group_name)
        or (hook and hook_fails(hook, deployment_id))
        # This action is checked on the function, whichever alias it moves.
        or may_not(group_name, "lambda:UpdateAlias", arn_of(function))
        or alarm_on(group_name)
    )
    deployment["status"] = "Failed" if why else "Succeeded"
    if why:
        deployment["errorInformation"] = {"code": why[0], "message": why[1]}
        raise ValueError(f"CodeDeploy deployment {deployment_id} of {function} failed: {why[1]}")


def moved_by_another(function, alias, version):
    """CodeDeploy starts only from the version that CloudFormation believes the alias to have."""
    live = lambda_svc._functions[function]["aliases"][alias]["FunctionVersion"]
    if live != version:
        return "INVALID_LAMBDA_CONFIGURATION", f"the alias is at version {live}, not {version}"
    return None


def alarm_on(group_name):
    settings = groups[group_name].get("AlarmConfiguration", {})
    names = [alarm["Name"] for alarm in settings.get("Alarms", [])] if settings.get("Enabled", True) else []
    ringing = [name for name in names if cloudwatch._alarms.get(name, {}).get("StateValue") == "ALARM"]
    return ("ALARM_ACTIVE", f"the alarm {ringing[0]} is on") if ringing else None


def arn_of(function):
    return f"arn:aws:lambda:{get_region()}:{get_account_id()}:function:{function}"


def may_not(group_name, action, resource):
    """Why the group's role, as which CodeDeploy acts, may not do this, or None."""
    role, account = groups[group_name]["ServiceRoleArn"].rpartition("/")[2], get_account_id()
    asked = iam_evaluator.EvalContext(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{role}/codedeploy",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=get_region(),
    )
    policies = iam_evaluator._gather_role_policies(role, account)
    boundary = iam_evaluator._permissions_boundary(iam._roles, role, account)
    if iam_evaluator.evaluate(asked, policies, *boundary).decision == "Allow":
        return None
    return "IAM_ROLE_PERMISSIONS", f"{role} is not authorized to perform: {action} on resource: {resource}"


def hook_fails(hook, deployment_id):
    """Invokes the hook and waits for the status it puts. Its return value does not count."""
    record, config, name = lambda_svc._get_func_record_for_ref(hook)
    deployment = deployments[deployment_id]
    if denied := may_not(deployment["deploymentGroupName"], "lambda:InvokeFunction", arn_of(name)):
        return denied
    event = {"DeploymentId": deployment_id, "LifecycleEventHookExecutionId": new_uuid()}
    waiting = deployment["waiting"] = {event["LifecycleEventHookExecutionId"]: None}
    put = deployment["put"] = threading.Event()
    execution = lambda_svc._execution_record_for_config(record, config)
    ended = lambda_svc._execute_function_with_config_scope(execution, event)
    put.wait(0 if ended.get("error") else HOOK_SECONDS)
    (status,) = waiting.values()
    if status == "Succeeded":
        return None
    return "HOOK_EXECUTION_FAILURE", f"{name} said {status or 'nothing'}: {ended.get('log') or ended.get('body')}"


def serve():
    """The part of its API that a hook and an operator call."""
    app.SERVICE_HANDLERS["codedeploy"] = answer
    router.SERVICE_PATTERNS["codedeploy"] = {"target_prefixes": ["CodeDeploy_20141006"]}
    iam_actions.SERVICE_TO_IAM_NAMESPACE["codedeploy"] = "codedeploy"
    resource_arn = iam_actions.extract_resource_arn

    def with_ours(service, method, path, headers, body, *rest):
        if service != "codedeploy":
            return resource_arn(service, method, path, headers, body, *rest)
        request = json.loads(body)
        known = deployments.get(request.get("deploymentId"), request)
        base = f"arn:aws:codedeploy:{get_region()}:{get_account_id()}"
        if "deploymentGroupName" in known:
            return f"{base}:deploymentgroup:{known['applicationName']}/{known['deploymentGroupName']}"
        return f"{base}:application:{known.get('applicationName', '*')}"

    iam_actions.extract_resource_arn = with_ours


def shown(deployment):
    """As AWS documents it: the content of the revision is never here, only in GetApplicationRevision."""
    return {name: value for name, value in deployment.items() if name not in ("waiting", "put")}


async def answer(method, path, headers, body, query):
    request = json.loads(body)
    action = headers["x-amz-target"].rpartition(".")[2]
    if action == "ListDeployments":
        wanted = request.get("includeOnlyStatuses")
        found = [
            deployment["deploymentId"]
            for deployment in deployments.values()
            if request.get("applicationName") in (None, deployment["applicationName"])
            and request.get("deploymentGroupName") in (None, deployment["deploymentGroupName"])
            and (not wanted or deployment["status"] in wanted)
        ]
        return json_response({"deployments": found[::-1]})
    if action == "BatchGetDeployments":
        found = [shown(deployments[it]) for it in request["deploymentIds"] if it in deployments]
        return json_response({"deploymentsInfo": found})
    if action == "GetApplicationRevision":
        asked = request["revision"]["string"]["sha256"]
        content = revisions.get((request["applicationName"], asked))
        if content is None:
            return error_response_json("RevisionDoesNotExistException", "no such revision", 400)
        revision = {"revisionType": "String", "string": {"content": content, "sha256": asked}}
        return json_response({"applicationName": request["applicationName"], "revision": revision})

    deployment = deployments.get(request.get("deploymentId"))
    if deployment is None:
        return error_response_json("DeploymentDoesNotExistException", "no such deployment", 400)
    if action == "GetDeployment":
        return json_response({"deploymentInfo": shown(deployment)})
    if action == "PutLifecycleEventHookExecutionStatus":
        hook_id = request["lifecycleEventHookExecutionId"]
        if hook_id not in deployment["waiting"]:
            return error_response_json("InvalidLifecycleEventHookExecutionIdException", "no such hook", 400)
        deployment["waiting"][hook_id] = request["status"]
        deployment["put"].set()
        return json_response({"lifecycleEventHookExecutionId": hook_id})
    return error_response_json("InvalidOperationException", f"{action} is not served here", 400)
