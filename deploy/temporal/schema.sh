#!/bin/sh
# Brings both databases of Temporal to the schema of this version. It can be run again.
# SQL_HOST, SQL_PORT, SQL_USER and SQL_PASSWORD name the server.
set -eu
export SQL_PLUGIN=postgres12_pgx
tool=${TEMPORAL_SQL_TOOL:-temporal-sql-tool}

bring() { # database, schema
	"$tool" --database "$1" setup-schema --version 0.0
	"$tool" --database "$1" update-schema --schema-name "postgresql/v12/$2"
}
bring "${VISIBILITY_DBNAME:-temporal_visibility}" visibility &
bring "${DBNAME:-temporal}" temporal
wait $!
