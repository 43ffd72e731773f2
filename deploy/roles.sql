-- The roles of Duramen in its database. Run it once with psql as a superuser (or whoever may make roles and schemas),
-- connected to the database that holds the memory, with the passwords in the environment:
--
--   DURAMEN_OWNER_PASSWORD=… DURAMEN_APP_PASSWORD=… DURAMEN_BACKUP_PASSWORD=… psql -d duramen -f roles.sql
--
-- duramen_owner   owns the tables; `duramen migrate` connects as this role, nothing else does
-- duramen_app     reads and writes rows; servers and workers connect as this role. Neither is a superuser nor has
--                 BYPASSRLS, so the walls between banks bind both
-- duramen_backup  reads all rows, for pg_dump
\set ON_ERROR_STOP on
\getenv owner_password DURAMEN_OWNER_PASSWORD
\getenv app_password DURAMEN_APP_PASSWORD
\getenv backup_password DURAMEN_BACKUP_PASSWORD

BEGIN;
CREATE ROLE duramen_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'owner_password';
CREATE ROLE duramen_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD :'app_password';
CREATE ROLE duramen_backup LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE BYPASSRLS PASSWORD :'backup_password';

CREATE SCHEMA duramen AUTHORIZATION duramen_owner;
GRANT USAGE ON SCHEMA duramen TO duramen_app, duramen_backup;

-- Also for tables that later versions make.
ALTER DEFAULT PRIVILEGES FOR ROLE duramen_owner IN SCHEMA duramen
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO duramen_app;
ALTER DEFAULT PRIVILEGES FOR ROLE duramen_owner IN SCHEMA duramen GRANT EXECUTE ON FUNCTIONS TO duramen_app;
ALTER DEFAULT PRIVILEGES FOR ROLE duramen_owner IN SCHEMA duramen GRANT SELECT ON TABLES TO duramen_backup;

-- A process that hangs within a transaction keeps its bank locked: for so long at most, before it has said how long.
ALTER ROLE duramen_app SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE duramen_app SET tcp_keepalives_idle = 30;
ALTER ROLE duramen_app SET tcp_keepalives_interval = 10;
ALTER ROLE duramen_app SET tcp_keepalives_count = 3;
COMMIT;
