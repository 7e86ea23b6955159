// Package rig is what the load and fault programs (bench, chaos) stand on: a stack of its own (devstack, on free ports, with
// its own data), an account made for measuring, signed deliveries as Meta sends them, the Graph simulator's control API and
// ledger, and counters of processes and databases. It speaks to the real processes over HTTP and reads Postgres; it shares no
// code with them.
package rig
