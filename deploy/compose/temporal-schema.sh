#!/bin/sh
# Brings both databases of Temporal to the schema that this version embeds. Can
# be run again: setting up a schema that is there changes nothing.
set -eu
for database in temporal temporal_visibility; do
	case $database in
	temporal) schema=postgresql/v12/temporal ;;
	*) schema=postgresql/v12/visibility ;;
	esac
	SQL_DATABASE=$database temporal-sql-tool setup-schema --version 0.0
	SQL_DATABASE=$database temporal-sql-tool update-schema --schema-name "$schema"
done
