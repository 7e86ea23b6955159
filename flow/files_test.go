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
		r := run{s: p.state, g: p.g, env: &Env{}}
		if m := r.media(&MediaSource{Variable: "v"}); m != nil {
			t.Errorf("%v became the file %+v", forged, m)
		}
	}
}

// S6: a run that another flow handed over knows the files that the contact sent before, and no others.
func TestAHandedRunKnowsEarlierFiles(t *testing.T) {
	ask := `{"id":"ask","kind":"question","settings":{"text":"?","type":"any","save_to":"v","timeout":"1h"},"outputs":{"ok":"go","invalid":"end","timeout":"end"}}`
	p := play(t, `{}`, ask, `{"id":"go","kind":"jump","settings":{"flow":"B","inputs":{"v":"{{ v }}"}}}`, nodeEnd)
	p.start()
	var handed *Transfer
	for _, f := range p.inbound(Inbound{Kind: InboundDocument, Media: &Media{ID: "7", MIME: "application/pdf", Size: 9}}) {
		if f.Transfer != nil {
			handed = f.Transfer
		}
	}
	if handed == nil || !slices.Equal(handed.Files, []string{"7"}) {
		t.Fatalf("handed over: %+v", handed)
	}
	for id, want := range map[string]bool{"7": true, "8": false} {
		r := run{s: State{}, g: p.g, env: &Env{}}
		r.begin(&Start{Files: handed.Files})
		r.s.Frames[0].Vars = map[string]any{"v": map[string]any{"id": id}}
		if m := r.media(&MediaSource{Variable: "v"}); (m != nil) != want {
			t.Errorf("file %s became %+v", id, m)
		}
	}
}
