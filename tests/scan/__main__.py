"""Mozilla's header scanner against the product with production settings, over TLS on loopback.

`make scan`: grade A+ and 125 points or more, else it exits non-zero and names what was lost.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.product import BASE, free_port, wait_for_port

HOST = "opic.example.org"
LEAST_SCORE = 125


def _environment(folder: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "DATA_DIR": str(folder),
        "ALLOWED_HOSTS": HOST,
        "CSRF_TRUSTED_ORIGINS": f"https://{HOST}",
        "SECRET_KEY": os.urandom(40).hex(),
        "DATABASE_URL": f"sqlite:///{folder}/scan.sqlite3",
        "EMAIL_URL": "smtp+tls://user:password@127.0.0.1:587",
        "OPIC_TRUSTED_PROXIES": "0",
        "OPIC_ACCEPT": "sqlite",
    }


def _certificate(folder: Path) -> tuple[Path, Path]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    named = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-days", "2"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *named, *files]
    subprocess.run(made, check=True, capture_output=True)
    return key, certificate


@contextmanager
def _server(environment: dict[str, str], *options: str) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "opic.wsgi:application", "--no-control-socket"]
    bound = ["--bind", f"127.0.0.1:{port}", "--threads", "4", "--log-level", "warning"]
    server = subprocess.Popen([*command, *bound, *options], cwd=BASE, env=environment)
    try:
        wait_for_port(port)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def main() -> int:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environment = _environment(folder)
        for command in ("migrate", "createcachetable"):
            subprocess.run(
                [sys.executable, "manage.py", command, "-v", "0"],
                cwd=BASE,
                env=environment,
                check=True,
            )
        collect = ["collectstatic", "--noinput", "-v", "0", "-i", "scss"]
        subprocess.run(
            [sys.executable, "manage.py", *collect], cwd=BASE, env=environment, check=True
        )
        key, certificate = _certificate(folder)
        tls = ["--keyfile", str(key), "--certfile", str(certificate)]
        ports = {
            "SCAN_HTTPS_PORT": str(stack.enter_context(_server(environment, *tls))),
            "SCAN_HTTP_PORT": str(stack.enter_context(_server(environment))),
        }
        done = subprocess.run(
            ["node", "scan.mjs", HOST],
            cwd=BASE / "tests" / "scan",
            env={**environment, **ports, "NODE_EXTRA_CA_CERTS": str(certificate)},
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        )
    scan = json.loads(done.stdout.splitlines()[-1])
    sys.stdout.write(f"Mozilla's scanner: {scan['grade']}, {scan['score']} points\n")
    for lost in scan["lost"]:
        sys.stdout.write(f"  lost: {lost}\n")
    return 0 if scan["grade"] == "A+" and scan["score"] >= LEAST_SCORE else 1


if __name__ == "__main__":
    raise SystemExit(main())
