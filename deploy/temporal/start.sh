#!/bin/sh
# Starts Temporal's server with limits for one machine. docker-compose.yml and devstack run this script.
# A variable that is already set stays.
set -eu

# With Go's own 100 the server spends a fifth of its time on collecting a small heap.
export GOGC="${GOGC:-150}"
# A limit well above the 120 to 200 MB that live. Near them the server would collect without end.
export GOMEMLIMIT="${GOMEMLIMIT:-384MiB}"
# Half of the processors: Postgres, workers and the API need the others.
processors=$(nproc 2>/dev/null || getconf _NPROCESSORS_ONLN)
export GOMAXPROCS="${GOMAXPROCS:-$((processors > 1 ? processors / 2 : 1))}"
# Timers may come 5 ms late, which saves most of Go's wake-ups. Linux only.
{ echo 5000000 >/proc/self/timerslack_ns; } 2>/dev/null || true

export TEMPORAL_ALLOW_NO_AUTH=true
exec "${TEMPORAL_SERVER:-temporal-server}" --config-file "${TEMPORAL_CONFIG:-/etc/temporal/perene/server.yaml}" start
