// Package channels is the port through which Perene speaks with the world: the
// vocabulary of what comes in and goes out, what a channel can do, what can go
// wrong, and the interface every provider's adapter satisfies.
//
// The core asks for capabilities and never for the provider's name. An adapter
// neither stores nor decides: it translates, sends once, and says truthfully
// whether a send left the machine.
package channels
