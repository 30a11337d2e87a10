"""The machine of the check: loopback, names, certificates, PostgreSQL and the emulator, all of it inside the
namespaces that .ci/deploy has made."""

import contextlib
import errno
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time

POSTGRES = pathlib.Path(os.environ["POSTGRESQL"])
DATABASE_PORTS = ["55431", "55432", "55433"]  # dev, prod, and the one that is restored
REGION = "eu-west-1"
GATEWAY = "https://127.0.0.1:4566"
DOMAIN = "accounts.example.com"  # prod's

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".dev/tools"


def run(*command, **how):
    """Runs a command. If it fails, so does the check, with what the command said."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **how)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stdout}")
    return done.stdout


class Machine:
    def __init__(self, folder):
        self.folder = folder
        self.log = folder / "emulator.log"

    def start(self):
        run("ip", "link", "set", "lo", "up")
        self.alone()
        self.names()
        self.certificates()
        self.tell_all()
        self.databases()
        self.emulator()

    def alone(self):
        """No route leads anywhere: every call to AWS fails at once."""
        with socket.socket() as outside:
            outside.settimeout(1)
            refused = outside.connect_ex(("198.51.100.1", 443))
        if refused != errno.ENETUNREACH:
            sys.exit(f"this network leads outside: {os.strerror(refused)}")
        print(f"    to anywhere else: {os.strerror(refused)}")

    def names(self):
        """A file of names of our own. The emulator adds the name of each API it makes."""
        hosts = self.folder / "hosts"
        hosts.write_text(f"127.0.0.1 localhost {DOMAIN}\n")
        run("mount", "--bind", hosts, "/etc/hosts")

    def certificates(self):
        """One authority for all that is served here. It is also what Migrate finds as RDS's (`/opt/rds.pem`)."""
        tls = self.folder / "tls"
        tls.mkdir()
        names = [f"DNS:{DOMAIN}", f"DNS:*.execute-api.{REGION}.amazonaws.com", "IP:127.0.0.1"]
        names += [f"IP:127.0.{net}.{host}" for net in (1, 2) for host in range(1, len(DATABASE_PORTS) + 1)]
        new_key = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-x509"]
        run(*new_key, "-subj", "/CN=authority", "-days", "1", "-keyout", tls / "ca.key", "-out", tls / "rds.pem")
        run(
            *new_key, "-subj", "/CN=server", "-days", "1", "-keyout", tls / "server.key", "-out", tls / "server.pem",
            "-CA", tls / "rds.pem", "-CAkey", tls / "ca.key", "-addext", "basicConstraints=critical,CA:FALSE",
            "-addext", f"subjectAltName={','.join(names)}",
        )  # fmt: skip
        self.authority = tls / "rds.pem"
        layer = self.folder / "opt"
        layer.mkdir()
        shutil.copy(self.authority, layer)
        run("mount", "--bind", layer, "/opt")

    def databases(self):
        """A PostgreSQL for each database that is made. RDS makes the master, who is not a superuser, and `rds_iam`."""
        data = self.folder / "data"
        data.mkdir()
        self.folder.chmod(0o755)
        shutil.chown(data, "postgres", "postgres")
        one = data / DATABASE_PORTS[0]
        self.as_postgres("initdb", "-D", one, "-A", "trust", "-U", "postgres", "--no-sync")
        for port in DATABASE_PORTS[1:]:
            run("cp", "-a", one, data / port)
        for port in DATABASE_PORTS:
            options = f"-c listen_addresses=127.0.0.1 -p {port} -c unix_socket_directories={data} -c fsync=off"
            # Its log goes to a file, because we would wait for an open pipe.
            self.as_postgres("pg_ctl", "-D", data / port, "-l", data / f"{port}.log", "-o", options, "-w", "start")
            self.query(
                port,
                "CREATE ROLE rds_iam; CREATE ROLE registration LOGIN CREATEROLE CREATEDB;"
                "GRANT rds_iam TO registration WITH ADMIN OPTION",
                user="postgres",
                database="postgres",
            )
            self.query(port, "CREATE DATABASE registration OWNER registration", user="postgres", database="postgres")

    def as_postgres(self, program, *arguments):
        to_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        return run(*to_user, "env", "-C", self.folder, POSTGRES / program, *arguments)

    def query(self, port, statement, user="registration", database="registration"):
        return run(
            POSTGRES / "psql", "-h", "127.0.0.1", "-p", port, "-U", user, "-d", database, "-qAtX",
            "-v", "ON_ERROR_STOP=1", "-c", statement,
        ).strip()  # fmt: skip

    def tell_all(self):
        """The environment of every program here: credentials, the address of AWS, and whom to trust."""
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            del os.environ[name]
        path = [TOOLS / "sam/bin", TOOLS / "emulator/bin", os.environ["PATH"]]
        os.environ.update(
            PATH=":".join(map(str, path)),
            HOME=str(self.folder),
            AWS_ENDPOINT_URL=GATEWAY,
            AWS_EC2_METADATA_DISABLED="true",
            AWS_ACCESS_KEY_ID="test",
            AWS_SECRET_ACCESS_KEY="test",
            AWS_DEFAULT_REGION=REGION,
            AWS_CA_BUNDLE=str(self.authority),
            CURL_CA_BUNDLE=str(self.authority),
            SSL_CERT_FILE=str(self.authority),
            SAM_CLI_TELEMETRY="0",
            PYTHONDONTWRITEBYTECODE="1",
        )

    def emulator(self):
        tls = self.folder / "tls"
        settings = {
            "AUTH": "true",
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": str(tls / "server.pem"),
            "MINISTACK_SSL_KEY": str(tls / "server.key"),
            "MINISTACK_REGION": REGION,
            "MINISTACK_HOST": "127.0.0.1",
            "BIND_HOST": "127.0.0.1",
            "DATABASE_PORTS": " ".join(DATABASE_PORTS),
            # RDS's authorities are in the functions; here they must trust ours.
            "DATABASE_CA_FILE": str(self.authority),
            # Code in the template imports `cfnresponse`.
            "PYTHONPATH": str(ROOT / ".ci/emulator"),
            "TMPDIR": str(self.folder),
        }
        python = TOOLS / "emulator/bin/python"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [python, ROOT / ".ci/emulator"], env={**os.environ, **settings}, cwd=self.folder, stdout=log, stderr=log
            )
        deadline = time.monotonic() + 60
        while not is_open(4566):
            if self.process.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the emulator does not start\n{self.log.read_text()}")
            time.sleep(0.1)

    def stop(self):
        """Ends all that runs here: the emulator, its functions, PostgreSQL. We are their init, so we reap them."""
        for process in others():
            os.kill(process, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            while True:
                os.waitpid(-1, 0)


def is_open(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def others():
    """The processes in this namespace beside our own."""
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit() and int(entry) != os.getpid()]
