// Package flow is the engine that runs a drawn conversation.
//
// A flow is a graph in JSON. [Load] parses it, upgrades an older spec and compiles every text and expression once; the
// resulting [Graph] is immutable and safe for concurrent use. [Step] takes a graph, the state of one contact's way
// through it and one event, and returns the next state and the effects the caller has to carry out:
//
//	g, err := flow.Load(doc)
//	state, effects, err := flow.Step(g, state, event, env)
//
// The package is pure. It reads no clock (the event brings Now), no random source (ids are hashes of run, visit and
// the event's seed), no database, no network, no locale or time zone of the machine. The same inputs give the same
// outputs anywhere, which is why production, the designer's simulator, saved tests and the terminal all run this code.
//
// # Words
//
//   - visit: one entry into a node. Visits are numbered from 1 within a run; a node entered twice has two visits.
//   - effect: something for the caller to do. Its key, run/visit/item, is unique for ever, so carrying it out twice can
//     be detected.
//   - wait: what the run stands still for, by name, since when and until when. A run either waits for something named or
//     has ended with a reason.
//   - output: a named way out of a node ("ok", an answer's id, "invalid", "timeout", "failed", "window_closed"). An output
//     with no edge uses the flow's default for that output; without one the run stops and keeps the contact: it waits
//     for an operator, and agents see a red system line.
//
// # Where things are
//
//   - graph.go the document, load.go reading and compiling it, upgrade.go older specs
//   - state.go, event.go, effect.go, content.go, env.go the data that goes in and out
//   - step.go one event, inbox.go the contact's messages, advance.go the way from node to node, run.go what a kind may do
//   - kind.go the table of kinds, kind_<name>.go one kind each, trigger.go what starts a flow
//   - text.go, liquid.go and liquid_parse.go the tree of a text, render.go, liquid_eval.go and filters.go what it writes
//   - meter.go what a step may do, expression.go expr, compare.go operators, names.go what a name means
//   - ask.go, choice.go, validate.go and validate_date.go what people answer, words.go what the engine says by itself
//   - capability.go what a channel can do, adapt.go what happens where it cannot, hours.go opening hours
//   - lint.go problems with a code, a JSON pointer and words in two languages
package flow
