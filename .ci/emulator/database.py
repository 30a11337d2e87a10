"""RDS as functions reach it: behind TLS, with a token of IAM for a password, which is checked as RDS does before
a real PostgreSQL gets the connection. ministack has RDS's API, but no DBProxy in CloudFormation, and no database
that is reached like this."""

import asyncio
import os
import ssl
import struct
import threading

from ministack.core import rds_iam
from ministack.core.responses import request_scope
from ministack.services import rds
from ministack.services.cloudformation import provisioners

from resources import HANDLERS, call

ACCOUNT, REGION = "000000000000", os.environ["AWS_DEFAULT_REGION"]
# Each instance gets the next of these addresses, and the PostgreSQL behind it.
PORTS = os.environ["DATABASE_PORTS"].split()
INSTANCES = {f"127.0.1.{number}": int(port) for number, port in enumerate(PORTS, start=1)}
PROXIES = [f"127.0.2.{number}" for number in range(1, len(PORTS) + 1)]
SSL_REQUEST, CLEARTEXT_PASSWORD = 80877103, 3


def install():
    make = HANDLERS["AWS::RDS::DBInstance"]["create"]

    def instance(logical_id, properties, stack):
        name, attributes = make(logical_id, properties, stack)
        address = first_free(INSTANCES, [found["Endpoint"]["Address"] for found in rds._instances.values()])
        rds._instances[name]["Endpoint"]["Address"] = address
        return name, {**attributes, "Endpoint.Address": address}

    HANDLERS["AWS::RDS::DBInstance"]["create"] = instance
    HANDLERS["AWS::RDS::DBProxy"] = {
        "create": proxy,
        "update": lambda name, old, new, stack: (name, attributes_of(name)),
        "delete": lambda name, properties: call(rds._delete_db_proxy, {"DBProxyName": name}),
    }
    HANDLERS["AWS::RDS::DBProxyTargetGroup"] = {"create": target, "update": other_target, "delete": no_target}
    threading.Thread(target=lambda: asyncio.run(open_doors()), daemon=True).start()


def first_free(addresses, taken):
    return next(address for address in addresses if address not in taken)


def proxy(logical_id, properties, stack):
    name = properties["DBProxyName"]
    address = first_free(PROXIES, [found["Endpoint"] for found in rds._db_proxies.values()])
    call(rds._create_db_proxy, provisioners._ec_query(properties))
    rds._db_proxies[name]["Endpoint"] = address
    return name, attributes_of(name)


def attributes_of(name):
    return {attribute: rds._db_proxies[name][attribute] for attribute in ("DBProxyArn", "Endpoint", "VpcId")}


def of_target(properties, **more):
    return {"DBProxyName": properties["DBProxyName"], "TargetGroupName": properties["TargetGroupName"], **more}


def instances_of(properties):
    return provisioners._ec_query({"DBInstanceIdentifiers": properties.get("DBInstanceIdentifiers", [])})


def target(logical_id, properties, stack):
    pool = properties.get("ConnectionPoolConfigurationInfo", {})
    settings = {f"ConnectionPoolConfig.{name}": str(value) for name, value in pool.items()}
    call(rds._modify_db_proxy_target_group, of_target(properties, **settings))
    call(rds._register_db_proxy_targets, of_target(properties, **instances_of(properties)))
    arn = rds._db_proxies[properties["DBProxyName"]]["TargetGroup"]["TargetGroupArn"]
    return arn, {"TargetGroupArn": arn}


def no_target(arn, properties):
    call(rds._deregister_db_proxy_targets, of_target(properties, **instances_of(properties)))


def other_target(arn, old, new, stack):
    if old.get("DBInstanceIdentifiers") != new.get("DBInstanceIdentifiers"):
        no_target(arn, old)
        target("", new, stack)
    return arn, {"TargetGroupArn": arn}


def refusal(address, user, token):
    """Why this token may not connect as this user, or None."""
    with request_scope(ACCOUNT, REGION):
        verified = rds_iam.verify_rds_iam_token(
            token, hostname=address, port=5432, db_user=user, region=REGION, account_id=ACCOUNT
        )
        if isinstance(verified, rds_iam.RdsIamTokenError):
            return verified.code
        behind = proxy_at(address)
        resource = behind["DBProxyArn"].rsplit(":", 1)[1] if behind else instance_at(address)["DbiResourceId"]
        caller = rds_iam.resolve_principal(verified.access_key_id, ACCOUNT)
        judged = rds_iam.evaluate(
            rds_iam.EvalContext(
                principal_arn=caller.arn,
                principal_type=caller.type,
                principal_account=ACCOUNT,
                action="rds-db:connect",
                resource_arn=f"arn:aws:rds-db:{REGION}:{ACCOUNT}:dbuser:{resource}/{user}",
                region=REGION,
                principal_keys=caller.keys,
            ),
            caller.policies,
            *caller.limits,
        )
        return None if judged.decision == "Allow" else f"rds-db:connect: {judged.decision}"


def proxy_at(address):
    return next((found for found in rds._db_proxies.values() if found["Endpoint"] == address), None)


def instance_at(address):
    return next(found for found in rds._instances.values() if found["Endpoint"]["Address"] == address)


def port_behind(address):
    with request_scope(ACCOUNT, REGION):
        if through := proxy_at(address):
            address = rds._instances[through["Targets"][0]["RdsResourceId"]]["Endpoint"]["Address"]
    return INSTANCES[address]


async def pump(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def connection(address, tls, reader, writer):
    """The start of PostgreSQL's protocol, as far as a client that sends a cleartext password inside TLS goes."""
    _, code = struct.unpack("!II", await reader.readexactly(8))
    if code != SSL_REQUEST:
        return
    writer.write(b"S")
    await writer.start_tls(tls)
    (length,) = struct.unpack("!I", await reader.readexactly(4))
    startup = await reader.readexactly(length - 4)
    fields = startup[4:].split(b"\0")
    user = dict(zip(fields[::2], fields[1::2]))[b"user"].decode()
    writer.write(b"R" + struct.pack("!II", 8, CLEARTEXT_PASSWORD))
    _, length = struct.unpack("!cI", await reader.readexactly(5))
    token = (await reader.readexactly(length - 4)).rstrip(b"\0").decode()

    why = await asyncio.to_thread(refusal, address, user, token)
    if why:
        text = f'PAM authentication failed for user "{user}" ({why})'
        fields = b"SFATAL\0VFATAL\0C28000\0M" + text.encode() + b"\0\0"
        writer.write(b"E" + struct.pack("!I", len(fields) + 4) + fields)
        return await writer.drain()
    # PostgreSQL trusts this machine and asks for no password.
    behind, to_behind = await asyncio.open_connection("127.0.0.1", port_behind(address))
    to_behind.write(struct.pack("!I", len(startup) + 4) + startup)
    await asyncio.gather(pump(reader, to_behind), pump(behind, writer))


async def open_doors():
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(os.environ["MINISTACK_SSL_CERT"], os.environ["MINISTACK_SSL_KEY"])

    async def serve(address):
        async def one(reader, writer):
            try:
                await connection(address, tls, reader, writer)
            except (asyncio.IncompleteReadError, OSError):
                pass  # the client has gone, or refused our certificate: it tells
            finally:
                writer.close()

        server = await asyncio.start_server(one, address, 5432)
        await server.serve_forever()

    await asyncio.gather(*map(serve, [*PROXIES, *INSTANCES]))
