#!/bin/sh
# Print a .env for docker compose with fresh secrets:
#   sh config/make_env.sh > .env && docker compose up --build
set -eu
secret() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }
cat <<END
VELOC_DB_PASSWORD=$(secret)
# The key of encrypted fields. Keep a copy apart from the backups of the database:
# whoever has both reads everything, and without the key nobody reads it ever again.
VELOC_KEY=$(secret)$(secret)
# the address that traders and providers reach
VELOC_PUBLIC_URL=http://localhost:8069

# A demo: sandbox provider and demo data. Remove these lines for real use.
COMPOSE_PROFILES=demo
VELOC_DEMO=1
VELOC_SMTP_PORT=8025
SANDBOX_ACCOUNT_SID=AC5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a
SANDBOX_AUTH_TOKEN=$(secret)
# the key of web push (VAPID): 32 bytes, as openssl rand -hex 32 makes them
SANDBOX_PUSH_KEY=$(secret)$(secret)
END
