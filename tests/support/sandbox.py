"""The sandbox as a process of its own, and a client for its control routes."""

import os
import subprocess
import sys

import requests

from .settings import ROOT
from .waiting import wait_until

ACCOUNT_SID = "AC" + "5a" * 16  # the one of the demo accounts
TOKEN = "sandbox-e2e-token"
# Meta's side: three different secrets, so that none can stand in for another.
META = {
    "SANDBOX_GRAPH_TOKEN": "e2e-graph-token",
    "SANDBOX_APP_SECRET": "e2e-app-secret",
    "SANDBOX_VERIFY_TOKEN": "e2e-verify-token",
}


class SandboxClient:
    """What a test asks the sandbox."""

    def __init__(self, url):
        self.url = url
        self._session = requests.Session()
        self._session.trust_env = False

    def get(self, path, **query):
        """Return a control route's JSON."""
        url = f"{self.url}/sandbox/{path}"
        answer = self._session.get(url, params=query, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def post(self, path, **data):
        """Post JSON to a control route and return its JSON."""
        url = f"{self.url}/sandbox/{path}"
        answer = self._session.post(url, json=data, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def fault(self, kind, **options):
        """Put a fault in force."""
        return self.post("faults", kind=kind, **options)

    def clear_faults(self):
        """Let everything work again."""
        self.post("faults/clear")

    def delay(self, milliseconds):
        """Set how long the API thinks about each message."""
        self.post("delay", delay_ms=milliseconds)

    def stats(self):
        """Return the totals."""
        return self.get("stats")

    def messages(self, **filters):
        """Return the accepted messages, oldest first."""
        return self.get("messages", **filters)["messages"]

    def emails(self, to=None):
        """Return the e-mails taken, oldest first."""
        return self.get("emails", **({"to": to} if to else {}))["emails"]

    def bounces(self, to=None):
        """Return the mails that come back, as the mail gateway would get them."""
        answer = self.get("bounces", **({"to": to} if to else {}))
        return [found["mail"] for found in answer["bounces"]]

    def say(self, person, sender, body, **more):
        """Let a person write to a sender; return the webhook's answer."""
        data = {"from": person, "to": sender, "body": body, **more}
        return self.post("inbound", **data)["webhook"]


class SandboxProcess(SandboxClient):
    """``python -m tools.sandbox`` on ports of its own."""

    def __init__(self, port, smtp_port, folder, delay_ms=0, meta_webhook=""):
        super().__init__(f"http://127.0.0.1:{port}")
        self.port, self.smtp_port = port, smtp_port
        self.delay_ms = delay_ms
        self.meta_webhook = meta_webhook
        self.log = folder / f"sandbox-{port}.log"
        self.state = folder / f"sandbox-{port}.jsonl"
        self.process = None

    def start(self):
        """Start the process and wait until it answers."""
        command = [sys.executable, "-m", "tools.sandbox"]
        command += ["--port", str(self.port), "--smtp-port", str(self.smtp_port)]
        command += ["--delay-ms", str(self.delay_ms), "--state", str(self.state)]
        environment = {
            **os.environ,
            "SANDBOX_ACCOUNT_SID": ACCOUNT_SID,
            "SANDBOX_AUTH_TOKEN": TOKEN,
            "SANDBOX_INBOUND_URL_CLOUD": self.meta_webhook,
            **META,
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=log, stderr=log
            )
        wait_until(self._is_up, 20, what="the sandbox to start")
        return self

    def _is_up(self):
        if self.process.poll() is not None:
            raise AssertionError(f"the sandbox ended: {self.log.read_text()[-2000:]}")
        try:
            return self.get("health")["status"] == "ok"
        except requests.RequestException:
            return False

    def stop(self):
        """End the process."""
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(10)
