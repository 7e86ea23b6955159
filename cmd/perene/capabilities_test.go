package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/activities"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/models"
)

// TestLinterAndSenderShareCapabilities: what the linter and the engine believe of a channel is what its adapter says.
func TestLinterAndSenderShareCapabilities(t *testing.T) {
	adapters, _ := newAdapters(config.Runtime{})
	a, ok := adapters[models.ChannelWhatsAppCloud]
	if !ok {
		t.Fatal("there is no WhatsApp adapter")
	}
	if d := cmp.Diff(activities.CapabilitiesToFlow(a.Capabilities()), flow.WhatsAppCloud()); d != "" {
		t.Errorf("the adapter and flow.WhatsAppCloud differ (-adapter +flow):\n%s", d)
	}
}

// Every channel of the table of channels has an adapter, and so capabilities for flows.
func TestEveryChannelHasCapabilities(t *testing.T) {
	adapters, _ := newAdapters(config.Runtime{})
	can := activities.ChannelsToFlow(adapters)
	for _, key := range models.ChannelKeys() {
		if c := can[key]; c.Text == 0 {
			t.Errorf("flows on channel %s can do nothing: %+v", key, c)
		}
	}
}
