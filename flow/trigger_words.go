package flow

import (
	"slices"
	"strings"
)

// How much of a message keyword triggers read: words of its beginning, regular expressions of less, because they cost more.
const (
	triggerText    = 4 << 10
	triggerPattern = 1 << 10
)

// Hits are the regular expressions of keyword triggers that match one message.
type Hits struct {
	by map[*trigger]hit
	// Over is set when there was more to look for than one message may cost; what was not looked for does not match.
	Over bool
}

type hit struct {
	word string
	ok   bool
}

// FindPatterns looks for the regular expressions of keyword triggers in a message. It is what costs most of finding a
// trigger, and needs nothing but the message, so it is done before anything is locked; nil tells that there are none.
func FindPatterns(candidates []Candidate, in Inbound, env *Env) *Hits {
	if env == nil {
		env = &Env{}
	}
	var said *heard
	for _, c := range candidates {
		if c.Graph == nil {
			continue
		}
		for _, t := range c.Graph.triggers {
			if len(t.res) == 0 {
				continue
			}
			if said == nil {
				said = hear(&in, env, nil)
			}
			said.pattern(t)
		}
	}
	if said == nil {
		return nil
	}
	return said.hits
}

// HasPatterns reports whether a flow's triggers look for regular expressions.
func (g *Graph) HasPatterns() bool {
	return slices.ContainsFunc(g.triggers, func(t *trigger) bool { return len(t.res) > 0 })
}

// heard is a message as keyword triggers read it, and what they may still cost.
type heard struct {
	wordless bool
	text     string // folded
	raw      string
	left     int
	hits     *Hits
}

func hear(in *Inbound, env *Env, hits *Hits) *heard {
	h := &heard{left: env.Limits.Filled().StepWork, hits: hits, raw: in.Text}
	h.wordless = in.Kind != InboundText && in.Kind != InboundTap && in.Text == ""
	if len(h.raw) > triggerText {
		h.raw = strings.ToValidUTF8(h.raw[:triggerText], "")
	}
	h.text = fold(h.raw)
	if h.hits == nil {
		h.hits = &Hits{by: map[*trigger]hit{}}
	}
	return h
}

// work is the meter of one message: it ends the looking, not the message.
func (h *heard) work(n int) bool {
	if h.left -= n; h.left < 0 {
		h.hits.Over = true
		return false
	}
	return true
}

// finds looks for a trigger's keywords.
func (t *trigger) finds(said *heard) (string, bool) {
	if said.wordless || !said.work(1+kib(len(t.words)*len(said.text))) {
		return "", false
	}
	for i, w := range t.words {
		var found bool
		switch t.keyword.Match {
		case "contains":
			found = strings.Contains(said.text, w)
		case "starts":
			found = strings.HasPrefix(said.text, w)
		default:
			found = said.text == w || bare(said.text) == bare(w)
		}
		if found {
			return t.keyword.Words[i], true
		}
	}
	if len(t.res) == 0 {
		return "", false
	}
	found := said.pattern(t)
	return found.word, found.ok
}

// pattern looks for a trigger's regular expressions, once.
func (h *heard) pattern(t *trigger) hit {
	found, ok := h.hits.by[t]
	if !ok {
		found = h.look(t)
		h.hits.by[t] = found
	}
	return found
}

func (h *heard) look(t *trigger) hit {
	for _, text := range []string{h.text, h.raw} {
		if len(text) > triggerPattern {
			text = strings.ToValidUTF8(text[:triggerPattern], "")
		}
		for _, p := range t.res {
			if !h.work(p.cost(len(text))) {
				return hit{}
			}
			if at := p.re.FindStringIndex(text); at != nil {
				return hit{text[at[0]:at[1]], true}
			}
		}
		if h.text == h.raw {
			break
		}
	}
	return hit{}
}
