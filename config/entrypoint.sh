#!/bin/sh
# Start Odoo for Veloc: what docker-compose.yml runs in the container and make run on
# a machine. Everything comes from the environment:
#   PGHOST PGPORT PGUSER PGPASSWORD   the database server
#   VELOC_KEY or VELOC_KEY_FILE       the key of encrypted fields, required: 32 bytes
#                                     in hex (openssl rand -hex 32); keep it apart from
#                                     the backups, without it the values are lost
#   VELOC_KEY_V2[_FILE] …             the keys that followed it
#   VELOC_DB_NAME                     database (veloc)
#   VELOC_ODOO                        the program that is Odoo (odoo)
#   VELOC_CONF                        its settings (odoo.conf beside this file)
#   VELOC_MODULES                     what to install (the three addons)
#   VELOC_ADDONS                      folder of the three addons (/mnt/extra-addons)
#   VELOC_ADDONS_PATH                 more folders with addons, comma separated
#   VELOC_DATA_DIR                    files of Odoo (/var/lib/odoo)
#   VELOC_DEMO                        1: install with demo data
#   VELOC_SMTP_HOST VELOC_SMTP_PORT   where e-mail goes
#   VELOC_HTTP_INTERFACE VELOC_HTTP_PORT
# usage: entrypoint.sh [up|install|update|serve]   up = what is missing, then serve
set -eu

database=${VELOC_DB_NAME:-veloc}
odoo=${VELOC_ODOO:-odoo}
addons=${VELOC_ADDONS:-/mnt/extra-addons}
modules=${VELOC_MODULES:-veloc_compliance,veloc_messaging,veloc_crm}
config=${VELOC_CONF:-$(dirname "$0")/odoo.conf}

sql() { psql -X -q -At -v ON_ERROR_STOP=1 -d "$1" -c "$2"; }

wait_for_postgres() {
    tries=60
    until sql postgres 'SELECT 1' >/dev/null 2>&1; do
        tries=$((tries - 1))
        if [ "$tries" -le 0 ]; then
            echo "PostgreSQL at ${PGHOST:-}:${PGPORT:-5432} does not answer: check that it" \
                 "runs and that PGUSER and PGPASSWORD are right." >&2
            exit 1
        fi
        sleep 1
    done
}

# What a database was built from; a database without it is an interrupted build.
sources() { find "$addons" -type f ! -name '*.pyc' -exec cat {} + | sha256sum | cut -c1-12; }
mark() {
    sql postgres "SELECT shobj_description(oid, 'pg_database') FROM pg_database
                  WHERE datname = '$database'"
}
set_mark() { sql postgres "COMMENT ON DATABASE \"$database\" IS '$(sources)'"; }

run_odoo() {
    # shellcheck disable=SC2086 # options are words without blanks
    "$@" "$odoo" -c "$config" -d "$database" \
        --addons-path "$addons${VELOC_ADDONS_PATH:+,$VELOC_ADDONS_PATH}" \
        --data-dir "${VELOC_DATA_DIR:-/var/lib/odoo}" \
        --db_host "$PGHOST" --db_port "${PGPORT:-5432}" --db_user "$PGUSER" \
        --smtp "${VELOC_SMTP_HOST:-127.0.0.1}" --smtp-port "${VELOC_SMTP_PORT:-25}" \
        $options
}

install_modules() {
    sql postgres "DROP DATABASE IF EXISTS \"$database\" WITH (FORCE)"
    sql postgres "CREATE DATABASE \"$database\" TEMPLATE template0"
    options="-i $modules --load-language=pt_BR --skip-auto-install --stop-after-init"
    options="$options --no-http ${VELOC_DEMO:+--with-demo}"
    run_odoo env
    set_mark
}

update_modules() {
    options="-u $modules --skip-auto-install --stop-after-init --no-http"
    run_odoo env
    set_mark
}

serve() {
    options="--http-interface ${VELOC_HTTP_INTERFACE:-0.0.0.0}"
    options="$options --http-port ${VELOC_HTTP_PORT:-8069}"
    run_odoo exec env
}

if [ -z "${VELOC_KEY:-}${VELOC_KEY_FILE:-}${VELOC_KEY_V2:-}${VELOC_KEY_V2_FILE:-}" ]; then
    echo "Veloc does not start: there is no key for encrypted fields. Set VELOC_KEY to" \
         "32 random bytes in hex (openssl rand -hex 32) or VELOC_KEY_FILE to a file" \
         "that holds them." >&2
    exit 1
fi
wait_for_postgres
case ${1:-up} in
    install) install_modules ;;
    update) update_modules ;;
    serve) serve ;;
    up)
        found=$(mark)
        if [ -z "$found" ]; then
            install_modules
        elif [ "$found" != "$(sources)" ]; then
            update_modules
        fi
        serve
        ;;
    *)
        echo "usage: entrypoint.sh [up|install|update|serve]" >&2
        exit 2
        ;;
esac
