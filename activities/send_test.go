package activities

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
	"github.com/perene/perene/sender"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// nudging hands what a step wakes to the bus, as the program does.
type nudging struct{ bus *sender.Bus }

func (n nudging) Wake(w contract.Wake) { n.bus.Nudge(w.Connections...) }

// With everything in its place: a person's message, a step, its reply, and the next step's. Only the steps' nudges wake the sender.
func TestAStepsReplyGoesOutOnce(t *testing.T) {
	t.Parallel()
	s := storetest.New(t, store.Options{})
	f := storetest.NewFixture(t, s, "steps")
	f.Exec(t, `UPDATE connections SET credentials = '{"access_token": "AQ=="}'`)
	f.Publish(t, "Loop", `{"spec_version":1,"name":"Loop","category":"initial","start":"ask","triggers":[{"id":"any","kind":"inbound"}],"variables":[{"name":"said","type":"text"}],
 "nodes":[{"id":"ask","kind":"question","settings":{"text":"E agora?","type":"text","save_to":"said","timeout":"1h"},"outputs":{"ok":"ask","timeout":"end","invalid":"end"}},{"id":"end","kind":"end"}]}`)
	log := slog.New(slog.DiscardHandler)
	bus := sender.NewBus(deafBus{}, nil, log)
	t.Cleanup(bus.Close)
	can := map[string]flow.Capabilities{models.ChannelWhatsAppCloud: flow.WhatsAppCloud()}
	flows := NewFlows(s, nudging{bus}, can, log, time.Now, func() string { return "seed" })
	stub := newStub(models.Pace{PerSecond: 1000, MaxPerSecond: 1000})
	heard := make(chan string, 10)
	stub.answer = func(out *channels.Outbound) error { heard <- out.Content.Text; return nil }
	sending := sender.New(sender.Deps{Store: s, Adapters: map[string]channels.Adapter{models.ChannelWhatsAppCloud: stub}, Opener: openKey{}, Media: plainFiles{},
		Judge: channels.NewJudges(nil, nil), Bus: bus, Waker: nobody{}, Log: log, Now: time.Now, NewID: func() uuid.UUID { return uuid.Must(uuid.NewV7()) },
		Tuning: sender.Tuning{Poll: time.Hour, Lease: time.Hour, Linger: time.Hour}}) // nothing but steps wakes it
	stop, ended := make(chan struct{}), make(chan error, 1)
	go func() { _, err := sending.Run(t.Context(), stop, f.Account, f.Connection.ID); ended <- err }()

	for n := range int64(3) {
		e := storetest.Text(fmt.Sprintf("wamid.%d", n), "5581988880001", "oi", time.Now())
		if _, err := s.Receive(t.Context(), f.Connection, contract.InboundDelivery{Elements: []contract.InboundElement{e}}, flows.Choose); err != nil {
			t.Fatal(err)
		}
		run := contract.FlowRunInput{FlowRunStart: contract.FlowRunStart{AccountID: f.Account, ConnectionID: f.Connection.ID,
			RunID: models.FlowRunID(f.Count(t, `SELECT id FROM flow_runs`)), ConversationID: models.ConversationID(f.Count(t, `SELECT id FROM conversations`))}}
		if _, err := flows.StepFlow(t.Context(), contract.StepFlowInput{Run: run, Step: n + 1}); err != nil {
			t.Fatal(err)
		}
		if text := <-heard; text != "E agora?" {
			t.Fatalf("sent %q, want the flow's question", text)
		}
	}
	close(stop)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if n := f.Count(t, `SELECT count(*) FROM messages WHERE direction = 'out' AND state = 'accepted' AND attempts = 1`); n != 3 {
		t.Errorf("%d replies were accepted at the first try, want 3", n)
	}
}
