"""Start the sandbox: ``python -m tools.sandbox --port 8070 --smtp-port 8025``."""

import argparse
import asyncio
import logging
import os
import re
import signal
import sys
from pathlib import Path

from .app import Sandbox, Settings
from .meta import Meta

log = logging.getLogger("sandbox")


def settings_from(arguments, environment):
    """Return the settings of the command line and the environment.

    The credentials come from the environment only, as a command line can be
    read by every user of the machine.
    """
    parser = argparse.ArgumentParser(
        prog="python -m tools.sandbox", description=__doc__
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8070)
    parser.add_argument("--smtp-port", type=int, default=8025)
    parser.add_argument("--delay-ms", type=float, default=0, help="per message")
    parser.add_argument(
        "--speed", type=float, default=1.0, help="of callbacks, 0 = at once"
    )
    parser.add_argument("--state", type=Path, help="file that survives a restart")
    options = parser.parse_args(arguments)
    account_sid = environment.get("SANDBOX_ACCOUNT_SID", "")
    auth_token = environment.get("SANDBOX_AUTH_TOKEN", "")
    if not re.fullmatch(r"AC[0-9a-fA-F]{32}", account_sid) or not auth_token:
        parser.error(
            "set SANDBOX_ACCOUNT_SID (AC and 32 hexadecimal digits) and "
            "SANDBOX_AUTH_TOKEN in the environment"
        )
    return Settings(
        account_sid=account_sid,
        auth_token=auth_token,
        host=options.host,
        port=options.port,
        smtp_port=options.smtp_port,
        delay_ms=options.delay_ms,
        speed=options.speed,
        state_file=options.state,
        inbound_urls={
            "sms": environment.get("SANDBOX_INBOUND_URL_SMS"),
            "whatsapp": environment.get("SANDBOX_INBOUND_URL_WHATSAPP"),
        },
        meta=meta_from(environment, auth_token),
    )


def meta_from(environment, token):
    """Return Meta's side; secrets that are not given are the auth token."""
    return Meta(
        token=environment.get("SANDBOX_GRAPH_TOKEN") or token,
        app_secret=environment.get("SANDBOX_APP_SECRET") or token,
        verify_token=environment.get("SANDBOX_VERIFY_TOKEN") or token,
        webhook=environment.get("SANDBOX_INBOUND_URL_CLOUD", ""),
    )


async def serve(settings):
    """Run until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    sandbox = Sandbox(settings)
    try:
        await sandbox.start()
    except OSError as error:
        log.error("A port of the sandbox cannot be opened: %s", error)  # noqa: TRY400 one sentence is enough
        return 1
    port, smtp_port = sandbox.ports
    log.info("Sandbox on http://%s:%s, SMTP on port %s", settings.host, port, smtp_port)
    await stop.wait()
    await sandbox.stop()
    return 0


def main():
    """Run the sandbox as a program."""
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    return asyncio.run(serve(settings_from(sys.argv[1:], os.environ)))


if __name__ == "__main__":
    sys.exit(main())
