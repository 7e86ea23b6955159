package flow

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
}

func (c *compiler) problem(code Code, at string, args ...string) {
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
	c.compileTriggers()
	c.compileCommands()
	sortProblems(c.problems)
	return c.g, c.problems
}

// checkJSON walks the tokens once, so that depth and number are bounded before anything is built.
func checkJSON(raw []byte) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	depth := 0
	for n := 0; ; n++ {
		if n > maxTokens {
			return fmt.Errorf("more than %d values", maxTokens)
		}
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) && depth == 0 {
			return nil
		}
		if err != nil {
			return errors.New("not a JSON document")
		}
		if d, ok := tok.(json.Delim); ok {
			if d == '{' || d == '[' {
				depth++
			} else {
				depth--
			}
			if depth > maxDepth {
				return fmt.Errorf("nested more than %d deep", maxDepth)
			}
		}
		if depth == 0 && dec.More() {
			return errors.New("more than one JSON value")
		}
	}
}

func explainJSON(err error) (at, text string) {
	var typeErr *json.UnmarshalTypeError
	if errors.As(err, &typeErr) {
		return jsonPlace(typeErr.Field), "want " + typeErr.Type.String() + ", found " + typeErr.Value
	}
	return "", strings.TrimPrefix(err.Error(), "json: ")
}

// jsonPlace turns a path of Go's decoder into a JSON pointer. The decoder names embedded structs too; the document does not.
func jsonPlace(path string) string {
	at := ""
	for step := range strings.SplitSeq(path, ".") {
		switch step {
		case "Asking", "QuestionRules", "RuleGroup", "Reach":
		default:
			at = pointer(at, step)
		}
	}
	return at
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
			continue
		case c.g.nodes[spec.ID] != nil:
			c.problem("node_duplicate", at+"/id", spec.ID)
			continue
		}
		k, ok := kindsByName[spec.Kind]
		if !ok {
			c.problem("kind_unknown", at+"/kind", spec.Kind)
			continue
		}
		n := &node{id: spec.ID, name: spec.Name, kind: k, index: i, edges: spec.Outputs}
		c.node = n
		b, ok := c.settings(k.make, spec.Settings, at+"/settings")
		if !ok {
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
	err := dec.Decode(b)
	if err != nil && strings.Contains(err.Error(), "unknown field") {
		c.problem("setting_unknown", at, strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`))
		b = fresh()
		err = json.Unmarshal(raw, b)
	}
	if err != nil {
		sub, text := explainJSON(err)
		c.problem("setting_shape", at+sub, text)
		return nil, false
	}
	return b, true
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

// replaceAt puts a text at a JSON pointer that already holds a text.
func replaceAt(tree any, ptr, text string) bool {
	steps := strings.Split(strings.TrimPrefix(ptr, "/"), "/")
	for i, s := range steps {
		s = strings.ReplaceAll(strings.ReplaceAll(s, "~1", "/"), "~0", "~")
		last := i == len(steps)-1
		switch t := tree.(type) {
		case map[string]any:
			v, ok := t[s]
			if !ok {
				return false
			}
			if last {
				if _, isText := v.(string); !isText {
					return false
				}
				t[s] = text
				return true
			}
			tree = v
		case []any:
			n, err := strconv.Atoi(s)
			if err != nil || n < 0 || n >= len(t) {
				return false
			}
			if last {
				if _, isText := t[n].(string); !isText {
					return false
				}
				t[n] = text
				return true
			}
			tree = t[n]
		default:
			return false
		}
	}
	return false
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
				c.problem("variable_name", fmt.Sprintf("/nodes/%d/settings", n.index), v.Name)
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
		c.problem("node_unknown", "/start", d.Start)
	}
	for _, out := range sortedKeys(d.Settings.Defaults) {
		if to := d.Settings.Defaults[out]; c.g.nodes[to] == nil {
			c.problem("node_unknown", pointer("/settings/defaults", out), to)
		}
	}
	if to := d.Settings.InterruptTo; to != "" && c.g.nodes[to] == nil {
		c.problem("node_unknown", "/settings/interrupt_to", to)
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
				c.problem("output_unknown", at, out)
			}
			if to := n.edges[out]; c.g.nodes[to] == nil {
				c.problem("node_unknown", at, to)
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
			c.problem("node_unknown", at+"/node", cmd.Node)
		}
		for _, w := range cmd.Words {
			if c.g.commands == nil {
				c.g.commands = map[string]string{}
			}
			c.g.commands[fold(w)] = cmd.Node
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
