// Package terminal runs flows where their designers sit: it chats with a flow in a terminal, plays conversations for the
// console's simulator and saved ones as tests, and prints what the linter says. It drives the engine of package flow and imitates its surroundings (clock,
// contact, templates, opening hours, answers of other systems) out of a small description, the [World].
//
//   - world.go what surrounds a flow, player.go one run in it, with its clock
//   - chat.go the chat with its commands, show.go how things look
//   - test.go saved conversations, expect.go what they expect and how a difference reads
//   - simulate.go a conversation with a draft, as the console's simulator draws it
//   - repro.go a real run as such a test, mask.go without the person's data
//   - lint.go the linter's answer
package terminal
