#!/bin/sh
# Runs once, when the data volume is new: one role and its databases for Perene
# and one for Temporal, neither of which can read the other's.
set -eu
psql --quiet --set=ON_ERROR_STOP=1 --username="${POSTGRES_USER:-postgres}" --dbname=postgres \
	--set=perene="$PERENE_DB_PASSWORD" --set=temporal="$TEMPORAL_DB_PASSWORD" <<'SQL'
CREATE ROLE perene LOGIN PASSWORD :'perene';
CREATE ROLE temporal LOGIN PASSWORD :'temporal';
CREATE DATABASE perene OWNER perene;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
REVOKE CONNECT ON DATABASE perene, temporal, temporal_visibility FROM PUBLIC;
GRANT CONNECT ON DATABASE perene TO perene;
GRANT CONNECT ON DATABASE temporal, temporal_visibility TO temporal;
SQL
