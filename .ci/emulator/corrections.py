"""Corrects ministack where it differs from AWS and the template depends on it."""

import json
import re
import time

from ministack import app
from ministack.core import iam_actions
from ministack.core.responses import get_account_id, get_region
from ministack.services import apigateway_v1, ses, sts
from ministack.services.cloudformation import changesets, engine, handlers, provisioners, stacks

from resources import HANDLERS, call

HOSTS = "/etc/hosts"  # of this namespace alone


def install():
    for correct in (
        secrets_are_named_by_their_arn,
        nested_stacks_keep_attributes,
        transform_knows_parameters,
        identities_have_dns_records,
        openapi_is_imported_whole,
        apis_have_names_and_keep_them,
        domains_have_all_paths,
        aliases_have_actions_of_their_own,
        sessions_end,
        mail_is_authorized,
    ):
        correct()


def secrets_are_named_by_their_arn():
    """`Ref` of a secret is its ARN; ministack's is its name."""
    secret = HANDLERS["AWS::SecretsManager::Secret"]
    known = provisioners._sm._secrets

    def name(arn):
        return next((name for name, found in known.items() if found["ARN"] == arn), arn)

    def create(logical_id, properties, stack):
        _, attributes = secret["create"](logical_id, properties, stack)
        return attributes["Arn"], attributes

    def update(arn, *rest):
        _, attributes = secret["update"](name(arn), *rest)
        return attributes["Arn"], attributes

    def delete(arn, properties):
        secret["delete"](name(arn), properties)

    HANDLERS["AWS::SecretsManager::Secret"] = {**secret, "create": create, "update": update, "delete": delete}


def nested_stacks_keep_attributes():
    """What did not change in a nested stack still has its attributes. ministack forgets them, and `GetAtt` fails."""
    update_resource = provisioners._update_resource

    def update(kind, physical_id, old, new, stack, logical_id=None, attributes=None):
        from ministack.services.cloudformation import _stacks

        if attributes is None:
            resources = (_stacks.get(stack) or {}).get("_resources", {})
            attributes = resources.get(logical_id, {}).get("Attributes") or {}
        new_id, changed = update_resource(kind, physical_id, old, new, stack, logical_id, attributes)
        return new_id, {**attributes, **changed} if new_id == physical_id else changed

    provisioners._update_resource = stacks._update_resource = update


def transform_knows_parameters():
    """AWS hands the parameters' values to the SAM transform; ministack hands it none."""
    from samtranslator.translator import transform

    plain, apply = transform.transform, engine._apply_transforms
    values = {}

    def apply_with_values(template, provided=None, previous=None):
        values.clear()
        values.update(engine._transform_parameters(template, provided, previous))
        return apply(template, provided, previous)

    for module in (engine, changesets, handlers):
        module._apply_transforms = apply_with_values
    transform.transform = lambda fragment, _, loader: plain(fragment, dict(values), loader)


def identities_have_dns_records():
    """The DKIM records of an identity are attributes of it, which ministack leaves out."""
    identity = HANDLERS["AWS::SES::EmailIdentity"]

    def recorded(change):
        def change_and_record(*arguments):
            name, attributes = change(*arguments)
            for number in (1, 2, 3):
                attributes[f"DkimDNSTokenName{number}"] = f"token{number}._domainkey.{name}"
                attributes[f"DkimDNSTokenValue{number}"] = f"token{number}.dkim.amazonses.com"
            return name, attributes

        return change_and_record

    create, update = recorded(identity["create"]), recorded(identity["update"])
    HANDLERS["AWS::SES::EmailIdentity"] = {**identity, "create": create, "update": update}


def openapi_is_imported_whole():
    """ministack's import of OpenAPI overlooks `any` methods and gateway responses."""
    import_path, import_api = apigateway_v1._import_path_item, apigateway_v1._import_rest_api
    apigateway_v1._OPENAPI_HTTP_METHODS = {*apigateway_v1._OPENAPI_HTTP_METHODS, "any"}

    def path_with_any(api, path, item, *rest):
        methods = {"any" if key == "x-amazon-apigateway-any-method" else key: value for key, value in item.items()}
        return import_path(api, path, methods, *rest)

    def api_with_responses(body, *rest):
        api = import_api(body, *rest)
        for kind, response in (body.get("x-amazon-apigateway-gateway-responses") or {}).items():
            texts = {**response, "statusCode": str(response["statusCode"])} if "statusCode" in response else response
            call(lambda texts, kind=kind: apigateway_v1._put_gateway_response(api, kind, texts), texts)
        return api

    apigateway_v1._import_path_item, apigateway_v1._import_rest_api = path_with_any, api_with_responses

    # "Changing the status code of this fallback gateway response changes the status codes of all others."
    response_for = apigateway_v1._gateway_response_for_type

    def with_status_of_family(customized, kind):
        response = response_for(customized, kind)
        family = customized.get(apigateway_v1._gateway_response_family(kind) or "")
        if kind not in customized and family and family.get("statusCode"):
            response["statusCode"] = family["statusCode"]
        return response

    apigateway_v1._gateway_response_for_type = with_status_of_family


def apis_have_names_and_keep_them():
    """A new API has a name in the DNS at once, and what is put into it later keeps that name. ministack answers to
    names under a domain of its own, and makes another API of a changed OpenAPI document."""
    app._EXECUTE_API_RE = re.compile(r"^([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?::\d+)?$")
    api = HANDLERS["AWS::ApiGateway::RestApi"]

    def create(logical_id, properties, stack):
        api_id, attributes = api["create"](logical_id, properties, stack)
        with open(HOSTS, "a") as hosts:
            hosts.write(f"127.0.0.1 {api_id}.execute-api.{get_region()}.amazonaws.com\n")
        return api_id, attributes

    def update(api_id, old, new, stack, logical_id):
        if old.get("Body") != new.get("Body"):
            imported, _ = api["create"](logical_id, new, stack)
            for store in (apigateway_v1._resources, apigateway_v1._gateway_responses):
                store[api_id] = store.pop(imported, {})
            apigateway_v1._delete_rest_api(imported)
        return api["update"](api_id, {**old, "Body": new.get("Body")}, new, stack, logical_id)

    HANDLERS["AWS::ApiGateway::RestApi"] = {**api, "create": create, "update": update}


def domains_have_all_paths():
    """A domain's paths are its API's. ministack serves Cognito's `/login` and `/logout`, and its own `/health`, under
    each name."""

    async def nothing(*request):
        return None

    app._handle_cognito_get_request = app._handle_cognito_body_request = nothing
    app._HEALTH_PATHS = tuple(path for path in app._HEALTH_PATHS if path.startswith("/_"))


def aliases_have_actions_of_their_own():
    """ministack mistakes `GetAlias` and `UpdateAlias` for `ListAliases`."""
    action = iam_actions._lambda_action

    def one_alias(method, path):
        if re.search(r"/functions/[^/]+/aliases/[^/]+/?$", path):
            return {"GET": "GetAlias", "PUT": "UpdateAlias", "DELETE": "DeleteAlias"}[method]
        return action(method, path)

    iam_actions._lambda_action = one_alias


def sessions_end():
    """The session of a function's role expires. ministack's does not, and its check of a database token needs an
    expiry."""
    register = sts.register_session

    def register_with_end(key, session, *rest):
        session.setdefault("Expiration", time.time() + 6 * 3600)
        return register(key, session, *rest)

    sts.register_session = register_with_end


def mail_is_authorized():
    """SES authorizes a mail on its identity and on its configuration set, and tells the policy who it is from.
    ministack asks for neither."""
    enforce = app._enforce_ses_v2

    def enforce_mail(method, path, headers, body, query, request_id):
        if method != "POST" or not path.endswith("/outbound-emails"):
            return enforce(method, path, headers, body, query, request_id)
        mail = json.loads(body)
        sender = mail["FromEmailAddress"].split("<")[-1].rstrip(">")
        domain = sender.rpartition("@")[2]
        identity = next((name for name in (sender, domain) if name in ses._identities), sender)
        names = [f"identity/{identity}"]
        if "ConfigurationSetName" in mail:
            names.append(f"configuration-set/{mail['ConfigurationSetName']}")
        for name in names:
            arn = f"arn:aws:ses:{get_region()}:{get_account_id()}:{name}"
            denied = app._enforce_data_plane(
                "sesv2",
                "ses:SendEmail",
                headers,
                query,
                request_id,
                resource_arn=arn,
                named_resource=arn,
                service_context={"ses:FromAddress": sender},
            )
            if denied:
                return denied
        return None

    app._enforce_ses_v2 = enforce_mail
