// Package terminal runs flows where their designers sit: it chats with a flow in a terminal, plays saved conversations as
// tests, and prints what the linter says. It drives the engine of package flow and imitates its surroundings (clock,
// contact, templates, opening hours, answers of other systems) out of a small description, the [World].
//
//   - world.go what surrounds a flow, player.go one run in it, with its clock
//   - chat.go the chat with its commands, show.go how things look
//   - test.go saved conversations, expect.go what they expect and how a difference reads
//   - repro.go a real run as such a test, mask.go without the person's data
//   - lint.go the linter's answer
package terminal
