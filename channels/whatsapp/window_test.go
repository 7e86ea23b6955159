package whatsapp_test

import (
	"testing"

	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/channels/whatsapp"
	"github.com/perene/perene/models"
)

// The store asks the table of channels for the window and the sender asks the adapter: both say the same (rule 088).
func TestTheWindowIsTheTables(t *testing.T) {
	t.Parallel()
	caps := whatsapp.New(meta.NewClient(meta.Options{})).Capabilities()
	if got, want := caps.Window(), models.ChannelOf(caps.Provider).Window; got != want {
		t.Errorf("the adapter's window is %+v, the table's %+v", got, want)
	}
}
