package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/models"
)

// consoleKey is where a workflow's context keeps the console's address.
type consoleKey struct{}

// WithConsole tells a workflow where the console is (https://chat.example.com), for links in what operators read in
// Temporal Web. Current details are no command, so a history replays wherever the console is.
func WithConsole(ctx workflow.Context, address string) workflow.Context {
	return workflow.WithValue(ctx, consoleKey{}, strings.TrimSuffix(address, "/"))
}

// links are Markdown links into the console, one after the other, as a paragraph; empty without links and where no console is known.
func links(console string, each ...string) string {
	if console == "" || len(each) == 0 {
		return ""
	}
	return "\n\nIn the console: " + strings.ReplaceAll(strings.Join(each, " · "), "](/", "]("+console+"/")
}

// linksHere are links for a workflow's current details.
func linksHere(ctx workflow.Context, each ...string) string {
	console, _ := ctx.Value(consoleKey{}).(string)
	return links(console, each...)
}

func runLink(id models.FlowRunID) string { return fmt.Sprintf("[run %d](/execucoes/%d)", id, id) }

// conversationLink names a conversation by its id; the console finds the number that people know it by.
func conversationLink(id models.ConversationID) string {
	return fmt.Sprintf("[conversation %d](/conversa/%d)", id, id)
}

func flowLink(id models.FlowID) string { return fmt.Sprintf("[flow %d](/fluxos/%d)", id, id) }

func broadcastLink(id models.BroadcastID) string {
	return fmt.Sprintf("[broadcast %d](/transmissoes/%d)", id, id)
}

const connectionsLink = "[connections](/conexoes)"

// stamp writes an instant for operators; a zero one is a dash.
func stamp(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// plain keeps a designer's name for a node from being read as Markdown.
func plain(name string) string { return markdown.Replace(name) }

var markdown = strings.NewReplacer(`\`, `\\`, "`", "\\`", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "<", "&lt;", "|", `\|`, "\n", " ")
