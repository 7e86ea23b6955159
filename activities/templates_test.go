package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/models"
)

// endless is a provider with pages without end, each of so many templates of size bytes.
type endless struct {
	perPage, size, pages int
	asked                int
}

func (e *endless) ListTemplates(context.Context, channels.Credentials, string) (channels.TemplatePage, error) {
	e.asked++
	page := channels.TemplatePage{}
	for i := range e.perPage {
		text := json.RawMessage(`["` + strings.Repeat("a", e.size) + `"]`)
		page.Templates = append(page.Templates, channels.ProviderTemplate{Name: fmt.Sprintf("t%d_%d", e.asked, i), Language: "pt_BR", Components: text})
	}
	if e.asked < e.pages {
		page.Next = "more"
	}
	return page, nil
}

// keptTemplates counts what is stored.
type keptTemplates struct {
	ConnectionStore
	saves, most, bytes int // most is the bytes of the largest save
	named              []string
	dropped            bool
}

func (k *keptTemplates) SaveTemplates(_ context.Context, _ models.AccountID, _ models.ConnectionID, listed []models.Template, _ time.Time) (int, error) {
	k.saves++
	sum := 0
	for i := range listed {
		sum += len(listed[i].Components)
	}
	k.most, k.bytes = max(k.most, sum), k.bytes+sum
	return len(listed), nil
}

func (k *keptTemplates) DropTemplates(_ context.Context, _ models.AccountID, _ models.ConnectionID, named []string, _ time.Time) (int, error) {
	k.named, k.dropped = named, true
	return 0, nil
}

// TestAListingIsBounded: F12. A provider that lists without end, or huge templates, costs no more than the bounds: a template
// that is too large is left out, a listing ends, and no more than a page is held at a time.
func TestAListingIsBounded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		provider          *endless
		kept, left, asked int
	}{
		"as it should be":   {&endless{perPage: 100, size: 1000, pages: 3}, 300, 0, 3},
		"nothing":           {&endless{pages: 1}, 0, 0, 1},
		"a large template":  {&endless{perPage: 1, size: maxTemplateBytes, pages: 2}, 0, 2, 2},
		"many large pages":  {&endless{perPage: 30, size: 200 << 10, pages: 1000}, 81, 39, 4},
		"pages without end": {&endless{perPage: 1, size: 10, pages: 1 << 30}, maxTemplatePages, 0, maxTemplatePages},
		"empty without end": {&endless{pages: 1 << 30}, 0, 0, maxTemplatePages},
	} {
		kept := &keptTemplates{}
		c := &Connections{store: kept, now: time.Now}
		var out contract.SyncConnectionResult
		if err := c.syncTemplates(t.Context(), test.provider, channels.Credentials{}, &contract.ConnectionCheckInput{}, &out); err != nil {
			t.Fatal(err)
		}
		if out.Templates != test.kept || out.LeftOut != test.left || test.provider.asked != test.asked {
			t.Errorf("%s: %d kept, %d left out after %d pages, want %d, %d, %d", name, out.Templates, out.LeftOut, test.provider.asked, test.kept, test.left, test.asked)
		}
		if kept.bytes > maxListingBytes || kept.saves != test.asked || kept.most > test.provider.perPage*maxTemplateBytes || !kept.dropped || kept.named == nil || len(kept.named) != test.kept {
			t.Errorf("%s: %+v", name, kept)
		}
	}
}
