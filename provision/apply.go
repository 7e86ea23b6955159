package provision

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/internal/seal"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// Options say how a file is applied.
type Options struct {
	// DryRun tells what would change and changes nothing.
	DryRun bool
	// Development allows secrets that stand in the file (PERENE_ENV=development).
	Development bool
	// ProviderHosts are where connections' tokens may travel to. Nil: anywhere.
	ProviderHosts config.Hosts
	// Env looks up environment variables; nil means os.LookupEnv.
	Env func(string) (string, bool)
	// ValuePrefixes begin the names of variables that may stand in places that are shown. Development allows every name.
	ValuePrefixes []string
	// Dir is where the flow files are; "" is the folder of the file.
	Dir string
	// FlowChannels are what flows can do by channel (models.Connection.Channel); without it flows are checked against WhatsApp.
	FlowChannels map[string]flow.Capabilities
	// Random makes the keys of new connections; nil means crypto/rand.
	Random io.Reader
}

// DefaultValuePrefix begins the names of variables that a file may always show.
const DefaultValuePrefix = "PERENE_VALUE_"

// simulatorPrefixes begin the names of the simulator's variables, which the demo's file shows.
var simulatorPrefixes = []string{"PERENE_DEMO_", "PERENE_SIM_"}

// mayShow tells whether the value of a variable may stand where people read it. A file may come from another person, who
// must not learn what this machine keeps in its environment.
func (o Options) mayShow(name string) bool {
	if o.Development {
		return true
	}
	return slices.ContainsFunc(slices.Concat([]string{DefaultValuePrefix}, simulatorPrefixes, o.ValuePrefixes), func(prefix string) bool { return prefix != "" && strings.HasPrefix(name, prefix) })
}

// machineVariables begin the names of what this program, Postgres, Temporal and the store of files are set up with. No file
// hands them to a provider.
var machineVariables = []string{"DATABASE_URL", "PERENE_MASTER_KEY", "PERENE_MEDIA_URL", "TEMPORAL_", "OTEL_", "AWS_", "PG"}

// mayTake tells whether a variable may be a secret of the account.
func mayTake(name string) bool {
	return !slices.ContainsFunc(machineVariables, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

func (o Options) filled() Options {
	if o.Env == nil {
		o.Env = os.LookupEnv
	}
	if o.Random == nil {
		o.Random = rand.Reader
	}
	return o
}

// Change is one thing that applying a file did.
type Change struct {
	Action  string   // created, updated, published, restored, removed or kept
	Kind    string   // account, queue, user, label, custom field, closing reason, secret, flow, connection
	Name    string   // as people know it; never a secret
	Details []string // the fields that changed, or why
}

// String is the line people read: "updated connection Suporte: graph_base_url".
func (c Change) String() string {
	line := c.Action + " " + c.Kind + " " + c.Name
	if len(c.Details) > 0 {
		line += ": " + strings.Join(c.Details, ", ")
	}
	return line
}

// Result is what applying a file did.
type Result struct {
	Account   models.AccountID // 0 after a dry run that would have created it
	Changes   []Change
	Unchanged int
	Warnings  []string // what the linter finds doubtful in flows
	DryRun    bool
	// Doorbells may be rung at once; a dispatcher rings those that are not.
	Doorbells []contract.Doorbell
}

// Print writes the result for people.
func (r *Result) Print(w io.Writer) {
	for _, line := range r.Warnings {
		_, _ = fmt.Fprintln(w, "warning:", line)
	}
	for _, c := range r.Changes {
		_, _ = fmt.Fprintln(w, c)
	}
	_, _ = fmt.Fprintf(w, "unchanged: %d\n", r.Unchanged)
	if r.DryRun {
		_, _ = fmt.Fprintln(w, "dry run: nothing was changed")
	}
}

// errDryRun rolls a dry run back.
var errDryRun = errors.New("dry run")

// ApplyFile makes an account match a file. See Apply.
func ApplyFile(ctx context.Context, s *store.Store, key seal.Key, path string, opts Options) (*Result, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read the account file: %w", err)
	}
	if opts.Dir == "" {
		opts.Dir = filepath.Dir(path)
	}
	return Apply(ctx, s, key, path, text, opts)
}

// Apply makes an account match the text of a file in one transaction and tells what changed; doing it again changes nothing.
// name is what errors call the file. What is wrong with the file comes back as a *FileError that lists everything.
func Apply(ctx context.Context, s *store.Store, key seal.Key, name string, text []byte, opts Options) (*Result, error) {
	opts = opts.filled()
	d := &decoder{env: opts.Env, mayShow: opts.mayShow, lines: map[string]int{}}
	f := &File{}
	d.decode(text, f)
	if len(d.problems) == 0 {
		d.check(f, opts.Development)
	}
	a := &applier{opts: opts, key: key, file: f, d: d, result: &Result{DryRun: opts.DryRun}}
	if len(d.problems) == 0 {
		a.readFlows()
	}
	if len(d.problems) > 0 {
		return nil, &FileError{File: name, Problems: d.problems}
	}
	bells, err := s.Provision(ctx, f.Account.Slug, func(p *store.Provisioning) error {
		a.ctx, a.p = ctx, p
		if err := a.apply(); err != nil {
			return err
		}
		switch {
		case len(d.problems) > 0:
			return &FileError{File: name, Problems: d.problems}
		case opts.DryRun:
			return errDryRun
		}
		return nil
	})
	switch {
	case errors.Is(err, errDryRun):
		return a.result, nil
	case err != nil:
		return nil, err
	}
	a.result.Doorbells = bells
	return a.result, nil
}

// applier holds one application of a file.
type applier struct {
	ctx    context.Context
	opts   Options
	key    seal.Key
	file   *File
	d      *decoder
	p      *store.Provisioning
	result *Result
	known  names
	// lintEnv is what flows are checked against.
	lintEnv *flow.LintEnv

	account     models.Account
	created     bool                     // the account is new
	queues      map[string]*models.Queue // in use
	archived    map[models.QueueID]bool
	flows       map[string]*flowState
	flowOrder   []*flowState
	connections map[string]*connectionState
}

func (a *applier) apply() error {
	a.known = newNames()
	steps := []func() error{a.applyAccount, a.applyQueues, a.applyLabels, a.applyFields, a.applyReasons, a.applySecrets, a.applyUsers,
		a.createFlows, a.createConnections, a.applyFlows, a.applyConnections}
	if a.file.Prune {
		steps = append(steps, a.prune)
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	if len(a.result.Changes) == 0 {
		return nil
	}
	return a.p.Audit(a.ctx, "account.applied", map[string]int{"changes": len(a.result.Changes), "unchanged": a.result.Unchanged})
}

func (a *applier) changed(action, kind, name string, details ...string) {
	a.result.Changes = append(a.result.Changes, Change{action, kind, name, details})
}

// savedOrRestored is saved for a thing that may have been archived: a file that names it restores it.
func (a *applier) savedOrRestored(created, restored bool, kind, name string, fields []string) {
	if restored {
		a.changed("restored", kind, name, fields...)
		return
	}
	a.saved(created, kind, name, fields)
}

// saved notes a thing that was created, changed in some fields, or not at all.
func (a *applier) saved(created bool, kind, name string, fields []string) {
	switch {
	case created:
		a.changed("created", kind, name)
	case len(fields) > 0:
		a.changed("updated", kind, name, fields...)
	default:
		a.result.Unchanged++
	}
}

// conflict turns a conflict into a problem of the file; other errors go on.
func (a *applier) conflict(err error, path string) error {
	var e *models.Error
	if errors.As(err, &e) && e.Code == models.CodeConflict {
		a.d.at(path, "%s", e.Message)
		return nil
	}
	return err
}

// diff collects the names of fields that are made to differ.
type diff []string

// set makes a field what the file says, if it says something and the field differs.
func set[T comparable](d *diff, name string, field *T, want *T) {
	if want != nil && *field != *want {
		*field = *want
		*d = append(*d, name)
	}
}

// orDefault is what a field becomes that the file names: an empty text makes it what it is for a new thing.
func orDefault(want *string, fresh string) *string {
	if want != nil && *want == "" {
		return &fresh
	}
	return want
}

// setPointer is set for a field that may be empty; an empty text clears it.
func setPointer(d *diff, name string, field **string, want *string) {
	switch {
	case want == nil:
	case *want == "" && *field != nil:
		*field = nil
		*d = append(*d, name)
	case *want != "" && (*field == nil || **field != *want):
		v := *want
		*field = &v
		*d = append(*d, name)
	}
}

// setWhole is set for what is compared as JSON.
func setWhole[T any](d *diff, name string, field *T, want *T) {
	if want != nil && !sameJSON(*field, *want) {
		*field = *want
		*d = append(*d, name)
	}
}

// sameJSON compares two values by the JSON they are kept as.
func sameJSON(a, b any) bool { return bytes.Equal(canonical(a), canonical(b)) }

func canonical(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	var tree any
	if json.Unmarshal(raw, &tree) != nil {
		return nil
	}
	raw, _ = json.Marshal(tree) // what was JSON is JSON
	return raw
}

// checkPolicies tells what is wrong with an account's changes to the table of error policies.
func checkPolicies(raw json.RawMessage) error {
	if len(raw) == 0 {
		return nil
	}
	var overrides map[string]channels.PolicyOverride
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&overrides); err != nil {
		return errors.New("want the keys of policies, each with class, steps, factor, max_wait or max_retries")
	}
	_, err := meta.Policies().With(overrides)
	return err
}

// mergedPolicies changes the policies that the file names. Null takes one away, and in place of the list all of them.
func mergedPolicies(have, file json.RawMessage) (json.RawMessage, error) {
	if len(file) == 0 {
		return have, nil
	}
	var old, changes map[string]json.RawMessage
	if err := errors.Join(json.Unmarshal(have, &old), json.Unmarshal(file, &changes)); err != nil {
		return nil, fmt.Errorf("read the error policies: %w", err)
	}
	merged := map[string]json.RawMessage{}
	if changes != nil {
		maps.Copy(merged, old)
	}
	for name, policy := range changes {
		if merged[name] = policy; string(policy) == "null" {
			delete(merged, name)
		}
	}
	return json.Marshal(merged)
}

func (a *applier) applyAccount() error {
	spec := a.file.Account
	have, err := a.p.Account(a.ctx, spec.Slug)
	if err != nil {
		return err
	}
	a.created = have == nil
	if a.created {
		if spec.Name == nil {
			a.d.at("account", "there is no account %q yet, and a new one needs a name", spec.Slug)
			return nil
		}
		have = &models.Account{Slug: spec.Slug, Timezone: accountZone, Locale: accountLocale, ErrorPolicies: json.RawMessage("{}")}
	}
	var d diff
	set(&d, "name", &have.Name, spec.Name)
	set(&d, "timezone", &have.Timezone, orDefault(spec.Timezone, accountZone))
	set(&d, "locale", &have.Locale, orDefault(spec.Locale, accountLocale))
	spec.Settings.into(&d, "settings", &have.Settings)
	policies, err := mergedPolicies(have.ErrorPolicies, spec.ErrorPolicies)
	if err != nil {
		return err
	}
	setWhole(&d, "error_policies", &have.ErrorPolicies, &policies)
	if a.created || len(d) > 0 {
		if err := a.p.SaveAccount(have); err != nil {
			return err
		}
	}
	a.account = *have
	if !a.opts.DryRun || !a.created {
		a.result.Account = have.ID
	}
	a.saved(a.created, "account", have.Slug, d)
	return nil
}
