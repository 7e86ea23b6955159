package workflows_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
	"github.com/perene/perene/workflows"
)

// Every start of the contract has a type in the table, under the name and the id that its doorbells carry.
func TestTheTableHasEveryStart(t *testing.T) {
	t.Parallel()
	starts := []contract.Start{
		contract.FlowRunStart{RunID: 42}, contract.SessionWindowStart{ConversationID: 42}, contract.ConnectionStart{ConnectionID: 42},
		contract.DeliveryRetryStart{MessageID: 42}, contract.MediaFetchStart{MediaID: 42}, contract.HousekeepingStart{},
		contract.TicketStart{TicketID: 42}, contract.ScheduledClosureStart{ClosureID: 42}, contract.SurveyStart{AnswerID: 42}, contract.BulkJobStart{JobID: 42}, contract.BroadcastStart{BroadcastID: 42},
		contract.ScheduledSendStart{SendID: 42}, contract.FlowReleaseStart{FlowID: 42},
		contract.WebhookDeliveryStart{EndpointID: 42},
	}
	if len(starts) != len(workflows.Table()) {
		t.Errorf("%d starts and %d types: this test lists every start", len(starts), len(workflows.Table()))
	}
	for _, start := range starts {
		b := start.Doorbell()
		i := slices.IndexFunc(workflows.Table(), func(k workflows.Type) bool { return k.Name == b.WorkflowType })
		if i < 0 {
			t.Errorf("no type is named %s", b.WorkflowType)
			continue
		}
		kind := workflows.Table()[i]
		if id := strings.ReplaceAll(kind.ID, "{id}", "42"); id != b.WorkflowID {
			t.Errorf("%s has ids like %s, and its doorbell says %s", kind.Name, kind.ID, b.WorkflowID)
		}
		if kind.Run == nil || kind.Queue != contract.TaskQueue || len(kind.Versions) == 0 || kind.Versions[0] != "initial" {
			t.Errorf("%s is not whole: %+v", kind.Name, kind)
		}
	}
}

// What operators see of a start holds its ids and links, and nothing else of it.
func TestWhatOperatorsSeeOfAStart(t *testing.T) {
	t.Parallel()
	b := contract.FlowRunStart{AccountID: 1, RunID: 42, ConversationID: 7, ConnectionID: 3, FlowID: 5, VersionID: 9, Version: 2}.Doorbell()
	kind := workflows.Named(b.WorkflowType)
	if got, want := kind.Summary(b), "flow 5 v2 · conversation 7 · connection 3 · account 1"; got != want {
		t.Errorf("summary %q, want %q", got, want)
	}
	details := kind.Details(b, "https://chat.example.com/")
	for _, link := range []string{"(https://chat.example.com/execucoes/42)", "(https://chat.example.com/conversa/7)", "(https://chat.example.com/fluxos/5)"} {
		if !strings.Contains(details, link) {
			t.Errorf("details %q have no link %s", details, link)
		}
	}
	if strings.Contains(kind.Details(b, ""), "console") {
		t.Error("links lead to a console that is nowhere")
	}
	for _, k := range workflows.Table() {
		if s := k.Summary(contract.Doorbell{Input: []byte(`{}`)}); s == "" || regexp.MustCompile(`%!`).MatchString(s) {
			t.Errorf("%s is summed up as %q", k.Name, s)
		}
	}
}

// A doorbell of a type that this program does not know is rung under its own name.
func TestATypeOfAnotherVersion(t *testing.T) {
	t.Parallel()
	b := contract.Doorbell{AccountID: models.AccountID(1), WorkflowType: "Unheard", WorkflowID: "unheard/1", Input: []byte(`{}`)}
	kind := workflows.Named(b.WorkflowType)
	if kind.Summary(b) != "Unheard" || kind.Details(b, "https://chat.example.com") != "" || kind.SearchAttributes(b).Size() != 0 || kind.Queue != contract.TaskQueue {
		t.Errorf("%+v", kind)
	}
}
