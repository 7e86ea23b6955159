package provision

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// flowState is a flow of the account, or one that the file makes.
type flowState struct {
	store.ProvisionedFlow
	created bool
	at      string // its place in the file; empty if the file does not name it
	source  string // how errors call the document
	publish bool
	doc     map[string]any // as the file has it
}

// readFlows reads the documents that the file names.
func (a *applier) readFlows() {
	seen := map[string]bool{}
	for i, spec := range a.file.Flows {
		at := fmt.Sprintf("flows[%d]", i)
		st := &flowState{at: at, source: "document", publish: spec.Publish == nil || *spec.Publish}
		text := []byte(spec.Document)
		if spec.File != "" {
			st.source = spec.File
			var err error
			if text, err = os.ReadFile(filepath.Join(a.opts.Dir, filepath.FromSlash(spec.File))); err != nil {
				a.d.at(at+".file", "%s cannot be read: %v", spec.File, reason(err))
				continue
			}
		}
		if err := unmarshalDocument(text, &st.doc); err != nil {
			a.d.at(at, "%s is no JSON object: %v", st.source, err)
			continue
		}
		if spec.Name == "" {
			spec.Name, _ = st.doc["name"].(string)
		}
		replaceURLs(st.doc, spec.URLs)
		st.doc["name"] = spec.Name
		st.Name = spec.Name
		st.Category, _ = st.doc["category"].(string)
		switch {
		case strings.TrimSpace(st.Name) == "":
			a.d.at(at, "name is missing, here and in %s", st.source)
		case seen[st.Name]:
			a.d.at(at, "%q stands in this list already", st.Name)
		}
		seen[st.Name] = true
		a.flowOrder = append(a.flowOrder, st)
	}
}

// reason is an error of the file system without its path.
func reason(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// unmarshalDocument keeps numbers as they are written.
func unmarshalDocument(text []byte, into *map[string]any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		return err
	}
	if *into == nil {
		return errors.New("it is null")
	}
	if dec.More() {
		return errors.New("something follows it")
	}
	return nil
}

// createFlows makes the flows that are new, so that everything may name them; their documents come after the connections.
func (a *applier) createFlows() error {
	have, err := a.p.Flows(a.ctx)
	if err != nil {
		return err
	}
	a.flows = map[string]*flowState{}
	for _, f := range have {
		a.flows[f.Name] = &flowState{ProvisionedFlow: f}
	}
	for i, st := range a.flowOrder {
		if was := a.flows[st.Name]; was != nil {
			st.ProvisionedFlow = was.ProvisionedFlow
			a.flows[st.Name] = st
			continue
		}
		st.created = true
		st.Draft = encode(st.doc)
		if !knownCategory(st.Category) {
			a.d.at(st.at, "%s /category: want initial, closing, manual or scheduled", st.source)
			continue
		}
		if err := a.p.CreateFlow(&st.Flow); err != nil {
			return err
		}
		a.flows[st.Name] = a.flowOrder[i]
	}
	for name, st := range a.flows {
		a.known.add("flow", name, int64(st.ID))
	}
	return nil
}

func knownCategory(c string) bool {
	switch flow.Category(c) {
	case flow.CategoryInitial, flow.CategoryClosing, flow.CategoryManual, flow.CategoryScheduled:
		return true
	}
	return false
}

func encode(doc map[string]any) json.RawMessage {
	raw, _ := json.Marshal(doc) // what was JSON is JSON
	return raw
}

// applyFlows writes drafts and publishes what changed. A document with errors stops everything.
func (a *applier) applyFlows() error {
	if err := a.readLintEnv(); err != nil {
		return err
	}
	for _, st := range a.flowOrder {
		if st.ID == 0 {
			continue
		}
		for _, missing := range a.known.toIDs(st.doc) {
			a.d.at(st.at, "%s %s", st.source, missing)
		}
		graph := encode(st.doc)
		if !a.lint(st, graph) {
			continue
		}
		st.Category, _ = st.doc["category"].(string)
		var details []string
		if st.created || !sameJSON(st.Draft, graph) || st.ArchivedAt != nil {
			if !st.created {
				details = append(details, "draft")
			}
			st.Draft = graph
			if err := a.p.SaveDraft(a.ctx, &st.Flow); err != nil {
				return err
			}
		}
		if !st.publish || (st.PublishedNumber != nil && sameJSON(st.PublishedGraph, graph)) {
			a.saved(st.created, "flow", st.Name, details)
			continue
		}
		number, err := a.p.Publish(a.ctx, st.ID, graph, "perene apply")
		if err != nil {
			return err
		}
		why := "changed"
		if st.PublishedNumber == nil {
			why = "new"
		}
		a.changed("published", "flow", fmt.Sprintf("%s v%d (%s)", st.Name, number, why))
	}
	return nil
}

// lint reports a document's problems; false when there are errors.
func (a *applier) lint(st *flowState, graph []byte) bool {
	ok := true
	for _, p := range flow.Lint(graph, a.lintEnv) {
		if a.opts.Development && (p.Code == "url_private" || p.Code == "url_not_https") {
			continue // so it is meant on a developer's machine
		}
		if p.Severity == flow.SeverityError {
			ok = false
			a.d.at(st.at, "%s %s: %s (%s)", st.source, p.Pointer, p.In("en"), p.Code)
		} else if p.Severity == flow.SeverityWarning {
			a.result.Warnings = append(a.result.Warnings, fmt.Sprintf("%s %s: %s (%s)", st.source, p.Pointer, p.In("en"), p.Code))
		}
	}
	return ok
}

// readLintEnv tells the linter what the account has, with what the file makes of it so far, so that a flow that names
// something else is found before it runs. Templates are left out: they live at the provider and change without the file.
func (a *applier) readLintEnv() error {
	env, err := a.p.LintEnv(a.ctx, a.opts.FlowChannels)
	if err != nil {
		return err
	}
	env.Template = nil
	documents := map[string]*flowState{} // by id and, folded, by name
	for _, st := range a.flowOrder {
		for word, name := range env.Keywords {
			if name == st.Name {
				delete(env.Keywords, word)
			}
		}
		if !st.publish {
			continue
		}
		documents[st.ID.String()], documents[strings.ToLower(st.Name)] = st, st
		triggers, _ := json.Marshal(st.doc["triggers"]) // what was JSON is JSON
		for _, word := range flow.KeywordsOf(triggers) {
			env.Keywords[word] = st.Name
		}
	}
	published := env.Flow
	env.Flow = func(id string) (*flow.Graph, bool) {
		st := documents[id]
		if st == nil {
			st = documents[strings.ToLower(id)]
		}
		if st == nil {
			return published(id)
		}
		g, err := flow.Load(encode(st.doc))
		if err != nil {
			return nil, false
		}
		return g.WithIdentity(st.ID.String(), ""), true
	}
	a.lintEnv = env
	return nil
}

// prune takes away what the file does not name. Users are disabled, flows archived and connections removed, because their
// history stays.
func (a *applier) prune() error {
	for _, step := range []func() error{a.pruneConnections, a.pruneFlows, a.pruneUsers, a.pruneLabels, a.pruneFields, a.pruneReasons, a.pruneSecrets, a.pruneQueues} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (a *applier) pruneConnections() error {
	for _, name := range sortedKeys(a.connections) {
		c := a.connections[name]
		if c.spec != nil || c.State == models.ConnectionRemoved {
			continue
		}
		c.State, c.IsDefault = models.ConnectionRemoved, false
		c.Credentials = nil
		c.InitialFlowID, c.InitialQueueID = nil, nil
		if err := a.p.SaveConnection(a.ctx, &c.Connection); err != nil {
			return err
		}
		a.changed("removed", "connection", name)
	}
	return nil
}

func (a *applier) pruneFlows() error {
	for _, name := range sortedKeys(a.flows) {
		st := a.flows[name]
		if st.at != "" || st.ArchivedAt != nil {
			continue
		}
		if err := a.p.ArchiveFlow(a.ctx, st.ID); err != nil {
			return err
		}
		a.changed("removed", "flow", name, "archived")
	}
	return nil
}

func (a *applier) pruneUsers() error {
	have, err := a.p.Users()
	if err != nil {
		return err
	}
	named := map[string]bool{}
	for _, u := range a.file.Users {
		named[strings.ToLower(u.Email)] = true
	}
	for i := range have {
		u := &have[i]
		if named[strings.ToLower(u.Email)] || u.DisabledAt != nil {
			continue
		}
		now := a.p.Now()
		u.DisabledAt = &now
		if err := errors.Join(a.p.SaveUser(u), a.p.EndSignIns(a.ctx, u.ID)); err != nil {
			return err
		}
		a.changed("removed", "user", u.Email, "disabled")
	}
	return nil
}

func (a *applier) pruneSecrets() error {
	have, err := a.p.Secrets(a.ctx)
	if err != nil {
		return err
	}
	for _, name := range sortedKeys(have) {
		if _, named := a.file.Secrets[name]; named {
			continue
		}
		if err := a.p.DeleteSecret(a.ctx, name); err != nil {
			return err
		}
		a.changed("removed", "secret", name)
	}
	return nil
}
