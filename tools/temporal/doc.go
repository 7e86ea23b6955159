// Package temporal names the programs of Temporal that `make build` compiles where no release's archive can be had. Its
// tests read the files of deploy/temporal with the server's own code.
package temporal
