#!/bin/sh
# Makes the namespace and registers the search attributes. Can be run again.
set -eu

# A new namespace is known everywhere only after the server's caches are
# refreshed, so that every step is tried for half a minute.
retry() {
	tries=0
	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -lt 30 ] || return 1
		sleep 1
	done
}

namespace() {
	temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
		temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention 168h
}

attribute() {
	temporal operator search-attribute list --namespace "$TEMPORAL_NAMESPACE" | grep -qw "$1" ||
		temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" --name "$1" --type "$2"
}

retry namespace
# One "Name": "Type" a line.
sed -n 's/^ *"\([A-Za-z]*\)" *: *"\([A-Za-z]*\)".*$/\1 \2/p' /perene/searchattributes.json |
	while read -r name type; do
		retry attribute "$name" "$type"
	done
