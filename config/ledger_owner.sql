-- The stronger installation of the ledger: a role that nobody can log in with owns its
-- tables, and Odoo's role may only add and look. Without it Odoo's role owns them, and
-- whoever holds its password could disable the triggers that refuse changes.
--
-- Run it once, as a superuser, after Veloc Compliance is installed, with Odoo stopped:
--
--   psql -v ON_ERROR_STOP=1 -v app=odoo -v owner=veloc_ledger -d <database> \
--        -f config/ledger_owner.sql
--
-- Updates of the addon leave tables of another owner alone. Should a release change
-- them, its upgrade notes say so: run this file with -v owner=<Odoo's role> first, and
-- as above afterwards. "Health of the ledger" shows which level is active.
--
-- What it cannot do: a superuser of the database stays able to do everything, and the
-- database's owner can drop the database as a whole. Only seals kept outside (VELOC_LEDGER_ANCHOR, the daily mail) show what that one did.

\if :{?app}
\else
\echo 'Give the role that Odoo logs in with: -v app=<role>'
\quit
\endif
\if :{?owner}
\else
\set owner veloc_ledger
\endif

BEGIN;
SELECT set_config('veloc.app', :'app', true), set_config('veloc.owner', :'owner', true);

DO $$
DECLARE
    app text := current_setting('veloc.app');
    owner text := current_setting('veloc.owner');
BEGIN
    IF to_regclass('veloc_ledger_entry_raw') IS NULL THEN
        RAISE EXCEPTION 'this database has no ledger: install Veloc Compliance first';
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = app) THEN
        RAISE EXCEPTION 'there is no role %', app;
    END IF;
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = app) THEN
        RAISE EXCEPTION 'Odoo''s role % is a superuser: another owner would change '
            'nothing. Take that right away first (ALTER ROLE ... NOSUPERUSER).', app;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = owner) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', owner);
    END IF;
    IF owner <> app AND pg_has_role(app, owner, 'MEMBER') THEN
        RAISE EXCEPTION 'Odoo''s role % is a member of %: it could act as the owner',
            app, owner;
    END IF;
END $$;

-- Whoever owns a schema may drop every table in it, and a database's owner owns
-- "public" (pg_database_owner).
ALTER SCHEMA public OWNER TO :"owner";
GRANT USAGE, CREATE ON SCHEMA public TO :"app";

ALTER TABLE veloc_ledger_entry_raw OWNER TO :"owner";
ALTER TABLE veloc_ledger_leaf OWNER TO :"owner";
ALTER TABLE veloc_ledger_node OWNER TO :"owner";
ALTER TABLE veloc_ledger_signed_head OWNER TO :"owner";
ALTER FUNCTION veloc_ledger_refuse() OWNER TO :"owner";
ALTER FUNCTION veloc_ledger_guard() OWNER TO :"owner";
ALTER FUNCTION veloc_ledger_guard_truncate() OWNER TO :"owner";

REVOKE ALL ON veloc_ledger_entry_raw, veloc_ledger_leaf, veloc_ledger_node,
    veloc_ledger_signed_head FROM PUBLIC, :"app";
GRANT SELECT ON veloc_ledger_entry_raw, veloc_ledger_leaf, veloc_ledger_node,
    veloc_ledger_signed_head TO :"app";
-- Not the column of the time: the database's clock fills it, nobody chooses it.
GRANT INSERT (id, kind, user_id, model, res_id, subject_id, public, secret, subject_ids,
    mac) ON veloc_ledger_entry_raw TO :"app";
GRANT INSERT ON veloc_ledger_leaf, veloc_ledger_node, veloc_ledger_signed_head TO :"app";
GRANT USAGE ON SEQUENCE veloc_ledger_entry_raw_id_seq, veloc_ledger_signed_head_id_seq
    TO :"app";
-- Given back to Odoo's role, for an update that changes the tables.
SELECT :'owner' = :'app' AS given_back \gset
\if :given_back
GRANT ALL ON veloc_ledger_entry_raw, veloc_ledger_leaf, veloc_ledger_node,
    veloc_ledger_signed_head TO :"app";
\endif
COMMIT;
