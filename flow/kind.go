package flow

import "sort"

// Family groups kinds the way the designer's palette does.
type Family string

// The families of kinds.
const (
	FamilyMessage Family = "message"
	FamilyAsk     Family = "ask"
	FamilyLogic   Family = "logic"
	FamilyService Family = "service"
	FamilyData    Family = "data"
)

// Kind is one kind of node.
type Kind struct {
	Name   string
	Family Family
	// Label and Doc are what people read, in Portuguese and English.
	Label map[string]string
	Doc   map[string]string
	// Needs are what the kind uses of a channel, and what it becomes where the channel lacks it.
	Needs []Need

	make func() behaviour
}

// Need is one capability that a kind uses.
type Need struct {
	Capability string `json:"capability"`
	// Fallback says what happens without it, in Portuguese and English.
	Fallback map[string]string `json:"fallback"`
}

// Output is a named way out of a node.
type Output struct {
	Name string `json:"name"`
	// Label is what people read; empty for the outputs every kind shares.
	Label string `json:"label,omitempty"`
	// Quiet is set on outputs that may stay without an edge: another output or a stated behaviour takes their place.
	Quiet bool `json:"quiet,omitempty"`
}

// The outputs that kinds share.
const (
	OutOK           = "ok"
	OutInvalid      = "invalid"
	OutTimeout      = "timeout"
	OutFailed       = "failed"
	OutOther        = "other"
	OutWindowClosed = "window_closed"
	OutCancelled    = "cancelled"
)

// behaviour is what the settings of a kind can do. Settings structs embed plain for what they have no use for.
type behaviour interface {
	// check looks at the settings once they are compiled, and reports what cannot run.
	check(c *compiler)
	// outputs are the ways out of a node with these settings.
	outputs() []Output
	// stores are the variables a node with these settings sets.
	stores() []VariableSpec
	// enter runs the node from the beginning of a visit.
	enter(r *run) next
	// resume goes on after a wait.
	resume(r *run, in input) next
	// lint reports what is doubtful.
	lint(l *linter)
}

// plain is a behaviour with nothing special about it.
type plain struct{}

func (plain) outputs() []Output       { return []Output{{Name: OutOK}} }
func (plain) stores() []VariableSpec  { return nil }
func (plain) resume(*run, input) next { return leave(OutOK) }

// kindTable is the explicit list of kinds.
func kindTable() []*Kind {
	return []*Kind{
		contentKind(), questionKind(), menuKind(), templateKind(),
		conditionKind(), switchKind(), hoursKind(), waitKind(), setVariableKind(), splitKind(), loopKind(), jumpKind(), subflowKind(),
		endKind(), actionKind(), noteKind(), closeKind(), httpKind(), webhookKind(),
	}
}

var kindsByName = func() map[string]*Kind {
	m := map[string]*Kind{}
	for _, k := range kindTable() {
		m[k.Name] = k
	}
	return m
}()

// Kinds lists the kinds of nodes by name.
func Kinds() []*Kind {
	out := kindTable()
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// Settings is an empty settings struct of the kind; a pointer, for the schema generator to look at.
func (k *Kind) Settings() any { return k.make() }

func label(pt, en string) map[string]string { return map[string]string{"pt-BR": pt, "en": en} }
