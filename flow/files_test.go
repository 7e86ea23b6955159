package flow

import (
	"slices"
	"testing"
)

// S6: a word, a number or an object that somebody else wrote is never a file. Only what the contact sent to this run is.
func TestWordsAreNoFiles(t *testing.T) {
	nodes := []string{
		`{"id":"ask","kind":"question","settings":{"text":"?","type":"any","save_to":"v","timeout":"1h"},"outputs":{"ok":"back","invalid":"end","timeout":"end"}}`,
		`{"id":"back","kind":"content","settings":{"items":[{"kind":"document","media":{"variable":"v"}}]},"outputs":{"ok":"end"}}`, nodeEnd,
	}
	sent := func(p *player, m Inbound) (ids []string) {
		for _, f := range p.inbound(m) {
			if f.Send != nil && f.Send.Content.Media != nil {
				ids = append(ids, f.Send.Content.Media.ID)
			}
		}
		return ids
	}
	p := play(t, `{}`, nodes...)
	p.start()
	if ids := sent(p, Inbound{Kind: InboundText, Text: "1"}); len(ids) != 0 {
		t.Errorf("the word 1 became the files %v", ids)
	}
	p = play(t, `{}`, nodes...)
	p.start()
	if ids := sent(p, Inbound{Kind: InboundDocument, Media: &Media{ID: "7", MIME: "application/pdf", Size: 9}}); !slices.Equal(ids, []string{"7"}) {
		t.Errorf("the contact's own file became %v", ids)
	}
	for _, forged := range []any{"1", float64(1), map[string]any{"id": "1", "mime": "application/pdf"}} {
		p = play(t, `{}`, nodes...)
		p.start()
		p.state.Frames[0].Vars = map[string]any{"v": forged}
		r := run{s: p.state, env: &Env{}}
		if m := r.media(&MediaSource{Variable: "v"}); m != nil {
			t.Errorf("%v became the file %+v", forged, m)
		}
	}
}
