package flow

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Graph is a compiled flow: immutable, safe for concurrent use.
type Graph struct {
	doc      Document
	nodes    map[string]*node
	vars     map[string]VariableSpec
	triggers []*trigger
	commands map[string]string // folded word → node id
	secrets  map[string]bool
	counted  map[string]bool    // nodes whose visits the flow reads
	titled   map[string][]*node // nodes with titles in several languages, see inLanguage
	quiet    []Span             // hours without reminders
}

// node is a compiled node.
type node struct {
	id       string
	name     string
	kind     *Kind
	settings behaviour
	// locales are the settings with translated texts, by language.
	locales map[string]behaviour
	edges   map[string]string
	outputs []Output
	index   int
	// asks is set on a node that asks the contact something. outside are, for a loop, the nodes that a run comes by without
	// passing the loop: from there the loop begins anew.
	asks    bool
	outside map[string]bool
}

// in is the node's settings in a language: that language, else its first part ("pt" for "pt-BR"), else the flow's own.
func (n *node) in(lang string) behaviour {
	if n.locales == nil {
		return n.settings
	}
	if b, ok := n.locales[lang]; ok {
		return b
	}
	short, _, _ := strings.Cut(lang, "-")
	if b, ok := n.locales[short]; ok {
		return b
	}
	return n.settings
}

// Bounds of a document. They are checked before anything is built, so that a hostile document costs little.
const (
	MaxDocumentBytes = 4 << 20
	MaxNodes         = 1000
	maxDepth         = 64
	maxTokens        = 300_000
	maxTriggers      = 50
	maxVariables     = 200
	maxLocales       = 20
	maxID            = 64
)

var idPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// variablePattern is what a variable of a flow may be called.
var variablePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,63}$`)

// Load reads a document, upgrades an older spec and compiles it. The error is a *LoadError that lists every problem.
func Load(doc []byte) (*Graph, error) {
	g, problems := compile(doc)
	for _, p := range problems {
		if p.Severity == SeverityError {
			return nil, &LoadError{Problems: problems}
		}
	}
	return g, nil
}

// Document is a copy of the document the graph was made of, in the present spec.
func (g *Graph) Document() Document {
	d := g.doc
	d.Nodes = slices.Clone(d.Nodes)
	return d
}

// ID and Version name the published flow the graph was made of.
func (g *Graph) ID() string { return g.doc.ID }

// Version is the id of the published version; empty in a draft.
func (g *Graph) Version() string { return g.doc.Version }

// Name is the flow's name.
func (g *Graph) Name() string { return g.doc.Name }

// Has reports whether the graph has a node: a run that waits there can be moved to this version.
func (g *Graph) Has(nodeID string) bool { return g.nodes[nodeID] != nil }

// NodeName is the name of a node, or its id where it has none; it is for people to read.
func (g *Graph) NodeName(nodeID string) string {
	if n := g.nodes[nodeID]; n != nil && n.name != "" {
		return n.name
	}
	return nodeID
}

// Secrets lists the names of the secrets the flow refers to.
func (g *Graph) Secrets() []string { return sortedKeys(g.secrets) }

// Outputs lists the outputs of a node.
func (g *Graph) Outputs(nodeID string) []Output {
	if n := g.nodes[nodeID]; n != nil {
		return slices.Clone(n.outputs)
	}
	return nil
}

// WithIdentity is the same graph under the id and version it was published as.
func (g *Graph) WithIdentity(id, version string) *Graph {
	c := *g
	c.doc.ID, c.doc.Version = id, version
	return &c
}

// compiler collects problems while a document is compiled.
type compiler struct {
	doc      *Document
	g        *Graph
	names    scope
	problems []Problem
	node     *node
	at       string
	// patterns are the regular expressions seen so far, patternsSize is the size of all of them together.
	patterns     map[string]madePattern
	patternsSize int
	patternsTold bool
	broken       map[string]bool
}

func (c *compiler) problem(code Code, at string, args ...string) {
	if code == "setting_missing" && slices.ContainsFunc(c.problems, func(p Problem) bool { return p.Code == "setting_shape" && p.Pointer == at }) {
		return // it is filled in, and told already
	}
	id := ""
	if c.node != nil {
		id = c.node.id
	}
	c.problems = append(c.problems, newProblem(code, at, id, args...))
}

// compile builds a graph as far as it can. With an error among the problems the graph must not run.
func compile(raw []byte) (*Graph, []Problem) {
	c := &compiler{}
	if len(raw) > MaxDocumentBytes {
		c.problem("document_too_large", "", strconv.Itoa(MaxDocumentBytes))
		return nil, c.problems
	}
	if err := checkJSON(raw); err != nil {
		c.problem("document_not_json", "", err.Error())
		return nil, c.problems
	}
	raw, err := upgrade(raw)
	if err != nil {
		c.problem("spec_version_unknown", "/spec_version", err.Error())
		return nil, c.problems
	}
	doc := &Document{}
	if err := json.Unmarshal(raw, doc); err != nil {
		at, text := explainJSON(err)
		c.problem("document_shape", at, text)
		return nil, c.problems
	}
	c.shape(reflect.TypeFor[Document](), raw, "", "$schema")
	c.doc = doc
	c.g = &Graph{doc: *doc, nodes: make(map[string]*node, len(doc.Nodes)), vars: map[string]VariableSpec{}}
	c.document()
	if len(doc.Nodes) > MaxNodes {
		return c.g, c.problems
	}
	c.decode()
	c.declare()
	c.edges()
	c.texts()
	if bytes.Contains(raw, []byte(visitsName)) {
		c.countVisits()
	}
	c.loops()
	c.compileTitles()
	c.compileQuiet()
	c.compileTriggers()
	c.compileCommands()
	sortProblems(c.problems)
	return c.g, c.problems
}

func (c *compiler) document() {
	d := c.doc
	if strings.TrimSpace(d.Name) == "" {
		c.problem("name_missing", "/name")
	}
	switch d.Category {
	case CategoryInitial, CategoryClosing, CategoryManual, CategoryScheduled:
	default:
		c.problem("category_unknown", "/category", string(d.Category))
	}
	if c.doc.Language == "" {
		c.doc.Language, c.g.doc.Language = "pt-BR", "pt-BR"
	}
	switch {
	case len(d.Nodes) == 0:
		c.problem("no_nodes", "/nodes")
	case len(d.Nodes) > MaxNodes:
		c.problem("too_many_nodes", "/nodes", strconv.Itoa(MaxNodes))
	}
	if len(d.Triggers) > maxTriggers {
		c.problem("too_many", "/triggers", strconv.Itoa(maxTriggers))
	}
	if len(d.Variables) > maxVariables {
		c.problem("too_many", "/variables", strconv.Itoa(maxVariables))
	}
	if len(d.Locales) > maxLocales {
		c.problem("too_many", "/locales", strconv.Itoa(maxLocales))
	}
	if s := d.Settings.Inbound; s != "" && s != "keep" && s != "interrupt" {
		c.problem("setting_enum", "/settings/inbound", s, "keep, interrupt")
	}
	if s := d.Settings.FirstMessage; s != "" && s != "trigger" && s != "answer" {
		c.problem("setting_enum", "/settings/first_message", s, "trigger, answer")
	}
	if d.Settings.Inbound == "interrupt" && d.Settings.InterruptTo == "" {
		c.problem("setting_missing", "/settings/interrupt_to", "interrupt_to")
	}
}

// decode makes the nodes and their settings.
func (c *compiler) decode() {
	for i := range c.doc.Nodes {
		spec := &c.doc.Nodes[i]
		at := fmt.Sprintf("/nodes/%d", i)
		c.node, c.at = &node{id: spec.ID}, at
		switch {
		case !idPattern.MatchString(spec.ID):
			c.problem("node_id", at+"/id", spec.ID)
			c.breaks(spec.ID)
			continue
		case c.g.nodes[spec.ID] != nil:
			c.problem("node_duplicate", at+"/id", spec.ID)
			continue
		}
		k, ok := kindsByName[spec.Kind]
		if !ok {
			c.unknown("kind_unknown", at+"/kind", spec.Kind, sortedKeys(kindsByName))
			c.breaks(spec.ID)
			continue
		}
		n := &node{id: spec.ID, name: spec.Name, kind: k, index: i, edges: spec.Outputs}
		c.node = n
		b, ok := c.settings(k.make, spec.Settings, at+"/settings")
		if !ok {
			c.breaks(spec.ID)
			continue
		}
		n.settings = b
		n.locales = c.locales(k, spec)
		c.g.nodes[spec.ID] = n
	}
	c.node = nil
}

// settings decodes settings; a field nobody knows is a warning, a field of the wrong type an error.
func (c *compiler) settings(fresh func() behaviour, raw json.RawMessage, at string) (behaviour, bool) {
	b := fresh()
	if len(raw) == 0 || string(raw) == "null" {
		raw = json.RawMessage("{}")
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(b); err == nil {
		return b, true
	}
	raw = c.shape(reflect.TypeOf(b), raw, at) // what does not fit is told, the rest is looked at too
	b = fresh()
	if raw == nil || json.Unmarshal(raw, b) != nil {
		return nil, false
	}
	return b, true
}

// breaks notes a node that is there and could not be read: edges that lead to it are no mistake of their own.
func (c *compiler) breaks(id string) {
	if c.broken == nil {
		c.broken = map[string]bool{}
	}
	c.broken[id] = true
}

// noNode tells of a node that is not there.
func (c *compiler) noNode(at, id string) {
	for b := range c.broken { // its id is what is wrong
		if id != "" && strings.HasPrefix(b, id) {
			return
		}
	}
	if !c.broken[id] {
		c.unknown("node_unknown", at, id, sortedKeys(c.g.nodes))
	}
}

// locales decodes the settings once more for each language that translates this node.
func (c *compiler) locales(k *Kind, spec *NodeSpec) map[string]behaviour {
	var out map[string]behaviour
	for _, lang := range sortedKeys(c.doc.Locales) {
		texts := c.doc.Locales[lang][spec.ID]
		if len(texts) == 0 {
			continue
		}
		at := pointer(pointer("/locales", lang), spec.ID)
		var tree any
		dec := json.NewDecoder(bytes.NewReader(orEmpty(spec.Settings)))
		dec.UseNumber()
		if dec.Decode(&tree) != nil {
			continue
		}
		for _, p := range sortedKeys(texts) {
			if !replaceAt(tree, p, texts[p]) {
				c.problem("locale_pointer", pointer(at, p), p)
			}
		}
		raw, err := json.Marshal(tree)
		if err != nil {
			continue
		}
		if b, ok := c.settings(k.make, raw, at); ok {
			if out == nil {
				out = map[string]behaviour{}
			}
			out[lang] = b
		}
	}
	return out
}

func orEmpty(raw json.RawMessage) []byte {
	if len(raw) == 0 {
		return []byte("{}")
	}
	return raw
}

// declare gathers the variables: those of the document and those that nodes store.
func (c *compiler) declare() {
	for i, v := range c.doc.Variables {
		at := fmt.Sprintf("/variables/%d", i)
		if !variablePattern.MatchString(v.Name) || reserved[v.Name] {
			c.problem("variable_name", at+"/name", v.Name)
			continue
		}
		if v.Type == "" {
			v.Type = TypeAny
		}
		switch v.Type {
		case TypeText, TypeNumber, TypeBoolean, TypeDate, TypeTime, TypeInstant, TypeList, TypeObject, TypeMedia, TypeAny:
		default:
			c.problem("variable_type", at+"/type", string(v.Type))
			continue
		}
		c.g.vars[v.Name] = v
	}
	for _, spec := range c.doc.Nodes {
		n := c.g.nodes[spec.ID]
		if n == nil {
			continue
		}
		for _, v := range n.settings.stores() {
			if v.Name == "" {
				continue
			}
			c.node = n
			if !variablePattern.MatchString(v.Name) || reserved[v.Name] {
				c.problem("variable_name", placeOf(spec.Settings, fmt.Sprintf("/nodes/%d/settings", n.index), v.Name), v.Name)
				continue
			}
			if have, ok := c.g.vars[v.Name]; ok {
				if have.Type != v.Type && v.Type != TypeAny {
					if !slices.ContainsFunc(c.doc.Variables, func(d VariableSpec) bool { return d.Name == v.Name }) {
						have.Type = TypeAny
						c.g.vars[v.Name] = have
					}
				}
				continue
			}
			c.g.vars[v.Name] = v
		}
	}
	c.node = nil
	c.names = newScope(c.g.vars)
}

// edges checks that every edge leads somewhere and every output exists.
func (c *compiler) edges() {
	d := c.doc
	if d.Start == "" && len(d.Nodes) > 0 {
		c.problem("start_missing", "/start")
	} else if c.g.nodes[d.Start] == nil {
		c.noNode("/start", d.Start)
	}
	for _, out := range sortedKeys(d.Settings.Defaults) {
		if to := d.Settings.Defaults[out]; c.g.nodes[to] == nil {
			c.noNode(pointer("/settings/defaults", out), to)
		}
	}
	if to := d.Settings.InterruptTo; to != "" && c.g.nodes[to] == nil {
		c.noNode("/settings/interrupt_to", to)
	}
	for i := range d.Nodes {
		n := c.g.nodes[d.Nodes[i].ID]
		if n == nil || n.index != i {
			continue
		}
		c.node = n
		n.outputs = n.settings.outputs()
		known := map[string]bool{}
		for _, o := range n.outputs {
			if known[o.Name] {
				c.problem("output_duplicate", fmt.Sprintf("/nodes/%d/settings", i), o.Name)
			}
			known[o.Name] = true
		}
		for _, out := range sortedKeys(n.edges) {
			at := pointer(fmt.Sprintf("/nodes/%d/outputs", i), out)
			if !known[out] {
				c.unknown("output_unknown", at, out, sortedKeys(known))
			}
			if to := n.edges[out]; c.g.nodes[to] == nil {
				c.noNode(at, to)
			}
		}
	}
	c.node = nil
}

// texts compiles every text and expression in the settings, in every language.
func (c *compiler) texts() {
	for i := range c.doc.Nodes {
		n := c.g.nodes[c.doc.Nodes[i].ID]
		if n == nil || n.index != i {
			continue
		}
		c.node = n
		c.at = fmt.Sprintf("/nodes/%d/settings", i)
		c.walk(n.settings, c.at)
		n.settings.check(c)
		for _, lang := range sortedKeys(n.locales) {
			c.at = pointer(pointer("/locales", lang), n.id)
			before := len(c.problems)
			c.walk(n.locales[lang], c.at)
			n.locales[lang].check(c)
			c.problems = inTranslation(c.problems, before, c.at, c.doc.Locales[lang][n.id])
		}
	}
	c.node = nil
}

// inTranslation keeps, of the problems from an index on, those of texts that are translated, and points at them where the
// translation stands in the document: /locales/LANGUAGE/NODE/POINTER. The others are the flow's own language's, told there.
func inTranslation(problems []Problem, from int, at string, texts map[string]string) []Problem {
	kept := problems[:from]
	for _, p := range problems[from:] {
		rest := strings.TrimPrefix(p.Pointer, at)
		if _, ok := texts[rest]; ok {
			p.Pointer = pointer(at, rest)
			kept = append(kept, p)
		}
	}
	return kept
}

func (c *compiler) compileCommands() {
	for i, cmd := range c.doc.Settings.Commands {
		at := fmt.Sprintf("/settings/commands/%d", i)
		if c.g.nodes[cmd.Node] == nil {
			c.noNode(at+"/node", cmd.Node)
		}
		for _, w := range cmd.Words {
			if c.g.commands == nil {
				c.g.commands = map[string]string{}
			}
			c.g.commands[fold(w)] = cmd.Node
			if w = bare(fold(w)); c.g.commands[w] == "" {
				c.g.commands[w] = cmd.Node
			}
		}
	}
}

// target is the node an output leads to: its own edge, else the flow's default for it, else "".
func (g *Graph) target(n *node, out string) string {
	if to := n.edges[out]; to != "" {
		return to
	}
	d := g.doc.Settings.Defaults
	to := d[out]
	if to == "" {
		to = d["*"]
	}
	if to == n.id {
		return ""
	}
	return to
}
