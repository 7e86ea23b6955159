package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// FlowSummary is a flow in a list.
type FlowSummary struct {
	ID            models.FlowID `json:"id"`
	Name          string        `json:"name"`
	Category      string        `json:"category" enum:"initial,closing,manual,scheduled"`
	DraftRevision int64         `json:"draft_revision" doc:"Grows with each saved draft; the ETag."`
	Published     *FlowRelease  `json:"published,omitempty" doc:"The version that new runs start on."`
	Changed       bool          `json:"changed" doc:"The draft is newer than the published version."`
	ActiveRuns    int64         `json:"active_runs" doc:"Runs that have not ended, on any version."`
	ArchivedAt    *time.Time    `json:"archived_at,omitempty"`
	CreatedAt     time.Time     `json:"created_at"`
	UpdatedAt     time.Time     `json:"updated_at"`
}

// Flow is a flow with its draft.
type Flow struct {
	FlowSummary
	Draft    json.RawMessage `json:"draft" doc:"The document, see the flow specification."`
	Problems []FlowProblem   `json:"problems" doc:"What the linter says about the draft."`
}

// FlowRelease names a published version.
type FlowRelease struct {
	ID          models.FlowVersionID `json:"id"`
	Number      int                  `json:"number"`
	Note        string               `json:"note"`
	PublishedBy *PersonRef           `json:"published_by,omitempty"`
	CreatedAt   time.Time            `json:"created_at"`
	ActiveRuns  int64                `json:"active_runs" doc:"Runs on this version that have not ended."`
	Move        *FlowMove            `json:"move,omitempty" doc:"The latest move of runs to this version."`
}

// FlowMove says how far a move of runs to a version is.
type FlowMove struct {
	Running bool `json:"running"`
	Moved   int  `json:"moved" doc:"Runs that go on in this version."`
	Kept    int  `json:"kept" doc:"Runs that stay on theirs: this version lacks their node, or it is of another kind."`
}

// FlowVersion is an immutable published document.
type FlowVersion struct {
	FlowRelease
	FlowID models.FlowID   `json:"flow_id"`
	Graph  json.RawMessage `json:"graph"`
}

// FlowProblem is one thing that is wrong with a document.
type FlowProblem struct {
	Code     flow.Code         `json:"code"`
	Severity flow.Severity     `json:"severity" enum:"error,warning,hint"`
	Pointer  string            `json:"pointer" doc:"JSON pointer into the document."`
	Node     string            `json:"node,omitempty"`
	Args     []string          `json:"args,omitempty"`
	Text     map[string]string `json:"text" doc:"In pt-BR and en."`
}

// Lint is what the linter says.
type Lint struct {
	OK       bool          `json:"ok" doc:"No errors: it can be published."`
	Problems []FlowProblem `json:"problems"`
}

// PersonRef names a user.
type PersonRef struct {
	ID   models.UserID `json:"id"`
	Name string        `json:"name"`
}

type listFlowsIn struct {
	Paging
	Category string `query:"category" enum:"initial,closing,manual,scheduled"`
	Archived bool   `query:"archived" doc:"Archived ones instead."`
}

type flowIDIn struct {
	ID models.FlowID `path:"id" minimum:"1"`
}

type flowOut struct {
	ETag string `header:"ETag" doc:"The draft's revision; give it as If-Match when saving."`
	Body Flow
}

type createFlowIn struct {
	Body struct {
		Name     string          `json:"name" minLength:"1" maxLength:"100"`
		Category string          `json:"category" enum:"initial,closing,manual,scheduled"`
		Draft    json.RawMessage `json:"draft,omitempty" doc:"A document; an empty flow if absent."`
	}
}

type updateFlowIn struct {
	ID   models.FlowID `path:"id" minimum:"1"`
	Body struct {
		Name     *string `json:"name,omitempty" minLength:"1" maxLength:"100"`
		Category *string `json:"category,omitempty" enum:"initial,closing,manual,scheduled"`
	}
}

type saveDraftIn struct {
	ID      models.FlowID `path:"id" minimum:"1"`
	IfMatch string        `header:"If-Match" required:"true" maxLength:"40" doc:"The ETag of the draft that was changed; 412 when somebody saved meanwhile."`
	Body    struct {
		Draft json.RawMessage `json:"draft"`
	}
}

type lintFlowIn struct {
	Body struct {
		Document json.RawMessage `json:"document"`
	}
}

type publishFlowIn struct {
	ID   models.FlowID `path:"id" minimum:"1"`
	Body struct {
		Note     string `json:"note,omitempty" maxLength:"500"`
		Revision int64  `json:"revision" minimum:"1" doc:"The draft's revision that was looked at; 412 when it changed."`
		MoveRuns bool   `json:"move_runs,omitempty" doc:"Runs of other versions that wait at a node which this one has too go on in this one."`
	}
}

type republishFlowIn struct {
	ID     models.FlowID `path:"id" minimum:"1"`
	Number int           `path:"number" minimum:"1"`
	Body   struct {
		Note     string `json:"note,omitempty" maxLength:"500"`
		MoveRuns bool   `json:"move_runs,omitempty" doc:"As when a draft is published."`
	}
}

type flowVersionIn struct {
	ID     models.FlowID `path:"id" minimum:"1"`
	Number int           `path:"number" minimum:"1"`
}

type listFlowVersionsIn struct {
	ID models.FlowID `path:"id" minimum:"1"`
	Paging
}

func (a *app) flowOperations() {
	op := func(id, method, path, summary string) operation {
		return operation{id: id, method: method, path: "/v1/flows" + path, tag: "flows", summary: summary}
	}
	handle(a, op("list-flows", http.MethodGet, "", "List flows"), a.listFlows)
	o := op("create-flow", http.MethodPost, "", "Create a flow")
	o.status, o.maxBody = http.StatusCreated, flow.MaxDocumentBytes
	handle(a, o, a.createFlow)
	o = op("lint-flow", http.MethodPost, "/lint", "Check a document")
	o.maxBody, o.doc = flow.MaxDocumentBytes, "Nothing is stored. Problems are in the order error, warning, hint."
	handle(a, o, a.lintFlow)
	handle(a, op("read-flow", http.MethodGet, "/{id}", "Read a flow with its draft"), a.readFlow)
	handle(a, op("update-flow", http.MethodPatch, "/{id}", "Rename a flow or change its category"), a.updateFlow)
	o = op("save-flow-draft", http.MethodPut, "/{id}/draft", "Save the draft")
	o.maxBody, o.conditional, o.doc = flow.MaxDocumentBytes, true, "A draft may have errors; publishing refuses them."
	handle(a, o, a.saveDraft)
	o = op("publish-flow", http.MethodPost, "/{id}/publish", "Publish the draft as a new version")
	o.conditional, o.status = true, http.StatusCreated
	o.doc = "Refused with 422 and the problems in errors when the linter finds errors. Versions are immutable; runs stay on the version they started on."
	handle(a, o, a.publishFlow)
	handle(a, op("list-flow-versions", http.MethodGet, "/{id}/versions", "List versions, newest first"), a.listFlowVersions)
	handle(a, op("read-flow-version", http.MethodGet, "/{id}/versions/{number}", "Read a version"), a.readFlowVersion)
	o = op("republish-flow-version", http.MethodPost, "/{id}/versions/{number}/publish", "Publish an earlier version again")
	o.status = http.StatusCreated
	o.doc = "Its graph becomes a new version, with the next number. The draft stays as it is. Refused as publishing the draft is."
	handle(a, o, a.republishFlow)
	o = op("archive-flow", http.MethodPost, "/{id}/archive", "Archive a flow")
	o.doc = "No new runs start; runs that are under way go on."
	handle(a, o, a.archiveFlow)
	a.simulationOperations(op)
	a.flowTestOperations(op)
	handle(a, op("restore-flow", http.MethodPost, "/{id}/restore", "Take a flow out of the archive"), a.restoreFlow)
}

func summaryOf(v *store.FlowView) FlowSummary {
	out := FlowSummary{ID: v.ID, Name: v.Name, Category: v.Category, DraftRevision: v.DraftRevision, Changed: v.Changed, ActiveRuns: v.ActiveRuns,
		ArchivedAt: v.ArchivedAt, CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt}
	if r := v.Published; r != nil {
		out.Published = &FlowRelease{ID: r.ID, Number: r.Number, Note: r.Note, PublishedBy: personRef(r.PublishedBy, r.PublisherName),
			CreatedAt: r.CreatedAt.UTC(), ActiveRuns: r.ActiveRuns}
	}
	return out
}

func personRef(id *models.UserID, name *string) *PersonRef {
	if id == nil {
		return nil
	}
	p := &PersonRef{ID: *id}
	if name != nil {
		p.Name = *name
	}
	return p
}

func (a *app) listFlows(ctx context.Context, in *listFlowsIn) (*page[FlowSummary], error) {
	after, err := in.id()
	if err != nil {
		return nil, err
	}
	rows, err := a.Store.Flows(ctx, who(ctx).account(), store.FlowFilter{Category: in.Category, Archived: in.Archived, After: models.FlowID(after), Limit: in.Limit + 1})
	return pageOf(ctx, &in.Paging, rows, err, func(f store.FlowView) FlowSummary { return summaryOf(&f) }, func(f store.FlowView) string { return idCursor(f.ID) })
}

func (a *app) flowNow(ctx context.Context, id models.FlowID) (*flowOut, error) {
	account := who(ctx).account()
	f, err := a.Store.Flow(ctx, account, id)
	if err != nil {
		return nil, err
	}
	problems, err := a.lint(ctx, account, f.Draft)
	if err != nil {
		return nil, err
	}
	return &flowOut{ETag: etag(f.DraftRevision), Body: Flow{FlowSummary: summaryOf(f), Draft: f.Draft, Problems: problems}}, nil
}

// lint checks a document against the engine and what the account has.
func (a *app) lint(ctx context.Context, account models.AccountID, doc []byte) ([]FlowProblem, error) {
	env, err := a.Store.LintEnv(ctx, account, a.FlowChannels)
	if err != nil {
		return nil, err
	}
	if checkDraft("", doc) == nil {
		if env.Files, err = a.Store.FlowFiles(ctx, account, who(ctx).viewer, doc); err != nil {
			return nil, err
		}
	}
	problems := flow.Lint(doc, env)
	out := make([]FlowProblem, 0, len(problems))
	for _, p := range problems {
		out = append(out, FlowProblem{Code: p.Code, Severity: p.Severity, Pointer: p.Pointer, Node: p.Node, Args: p.Args, Text: p.Text})
	}
	return out, nil
}

func hasErrors(problems []FlowProblem) bool {
	for _, p := range problems {
		if p.Severity == flow.SeverityError {
			return true
		}
	}
	return false
}

// etag writes a draft's revision as an entity tag.
func etag(revision int64) string { return `"` + strconv.FormatInt(revision, 10) + `"` }

func parseETag(s string) (int64, error) {
	n, err := strconv.ParseInt(strings.Trim(strings.TrimPrefix(strings.TrimSpace(s), "W/"), `"`), 10, 64)
	if err != nil {
		return 0, models.Invalid("header.If-Match", "give the ETag of the draft that was changed")
	}
	return n, nil
}

// flowFailed turns a draft that changed meanwhile into 412 with the stored revision.
func flowFailed(err error) error {
	var r *store.RevisionError
	if errors.As(err, &r) {
		p := newProblem(codePrecondition, "The draft was changed meanwhile: read it anew.")
		p.Key, p.Revision = "flow.changed", r.Revision
		return p
	}
	return err
}

func (a *app) lintFlow(ctx context.Context, in *lintFlowIn) (*one[Lint], error) {
	problems, err := a.lint(ctx, who(ctx).account(), in.Body.Document)
	if err != nil {
		return nil, err
	}
	return &one[Lint]{Body: Lint{OK: !hasErrors(problems), Problems: problems}}, nil
}

func (a *app) readFlow(ctx context.Context, in *flowIDIn) (*flowOut, error) {
	return a.flowNow(ctx, in.ID)
}

func (a *app) createFlow(ctx context.Context, in *createFlowIn) (*flowOut, error) {
	p, draft := who(ctx), in.Body.Draft
	if len(draft) == 0 {
		var err error
		draft, err = json.Marshal(flow.Document{SpecVersion: flow.SpecVersion, Name: in.Body.Name, Category: flow.Category(in.Body.Category),
			Start: "end", Nodes: []flow.NodeSpec{{ID: "end", Kind: "end"}}})
		if err != nil {
			return nil, err
		}
	}
	if err := checkDraft("body.draft", draft); err != nil {
		return nil, err
	}
	if err := a.checkFiles(ctx, draft); err != nil {
		return nil, err
	}
	id, err := a.Store.CreateFlow(ctx, p.account(), in.Body.Name, in.Body.Category, draft)
	if err != nil {
		return nil, err
	}
	a.audit(ctx, p, "flow.created", "flow/"+id.String(), nil)
	return a.flowNow(ctx, id)
}

// checkDraft demands an object that Postgres can keep; what is wrong inside is the linter's business.
func checkDraft(at string, draft json.RawMessage) error {
	if len(draft) == 0 || draft[0] != '{' {
		return models.Invalid(at, "a flow document is a JSON object")
	}
	if strings.Contains(string(draft), `\u0000`) {
		return models.Invalid(at, "the character U+0000 cannot be kept")
	}
	return nil
}

// checkFiles refuses a draft that names a file out of sight: being used by the flow would show it. A file that the account
// does not have is the linter's to tell, so that documents of other accounts can be brought in.
func (a *app) checkFiles(ctx context.Context, draft json.RawMessage) error {
	files, err := a.Store.FlowFiles(ctx, who(ctx).account(), who(ctx).viewer, draft)
	if err != nil {
		return err
	}
	for id, seen := range files {
		if !seen {
			return models.Invalid("body.draft", "there is no file %s", id)
		}
	}
	return nil
}

func (a *app) updateFlow(ctx context.Context, in *updateFlowIn) (*flowOut, error) {
	if err := a.Store.UpdateFlow(ctx, who(ctx).account(), in.ID, in.Body.Name, in.Body.Category); err != nil {
		return nil, err
	}
	return a.flowNow(ctx, in.ID)
}

func (a *app) saveDraft(ctx context.Context, in *saveDraftIn) (*flowOut, error) {
	revision, err := parseETag(in.IfMatch)
	if err != nil {
		return nil, err
	}
	if err := checkDraft("body.draft", in.Body.Draft); err != nil {
		return nil, err
	}
	if err := a.checkFiles(ctx, in.Body.Draft); err != nil {
		return nil, err
	}
	if _, err := a.Store.SaveDraft(ctx, who(ctx).account(), in.ID, in.Body.Draft, revision); err != nil {
		return nil, flowFailed(err)
	}
	return a.flowNow(ctx, in.ID)
}

// publishFlow lints the draft of the revision that was looked at and makes that very revision a version.
func (a *app) publishFlow(ctx context.Context, in *publishFlowIn) (*one[FlowVersion], error) {
	p := who(ctx)
	f, err := a.Store.Flow(ctx, p.account(), in.ID)
	if err != nil {
		return nil, err
	}
	if f.DraftRevision != in.Body.Revision {
		return nil, flowFailed(&store.RevisionError{Revision: f.DraftRevision})
	}
	return a.release(ctx, in.ID, f.Draft, store.Publication{Revision: in.Body.Revision, Note: in.Body.Note, Move: in.Body.MoveRuns})
}

// republishFlow publishes the graph of an earlier version as a new one.
func (a *app) republishFlow(ctx context.Context, in *republishFlowIn) (*one[FlowVersion], error) {
	v, err := a.Store.FlowVersion(ctx, who(ctx).account(), in.ID, in.Number)
	if err != nil {
		return nil, err
	}
	return a.release(ctx, in.ID, v.Graph, store.Publication{Again: in.Number, Note: in.Body.Note, Move: in.Body.MoveRuns})
}

// release publishes a graph that has no errors.
func (a *app) release(ctx context.Context, id models.FlowID, graph json.RawMessage, publication store.Publication) (*one[FlowVersion], error) {
	p := who(ctx)
	problems, err := a.lint(ctx, p.account(), graph)
	if err != nil {
		return nil, err
	}
	if hasErrors(problems) {
		out := newProblem(models.CodeInvalid, "The flow has errors: mend them before publishing.")
		out.Key = "flow.has_errors"
		for _, problem := range problems {
			if problem.Severity == flow.SeverityError {
				out.Errors = append(out.Errors, ProblemField{Location: problem.Pointer, Message: problem.Text["en"]})
			}
		}
		return nil, out
	}
	if publication.Again == 0 { // an earlier version was tested when it was published first
		if err := a.mustPass(ctx, id, graph); err != nil {
			return nil, err
		}
	}
	publication.By = &p.User.ID
	v, bell, err := a.Store.PublishFlow(ctx, p.account(), id, publication)
	if err != nil {
		return nil, flowFailed(err)
	}
	data := map[string]any{"version": v.Number}
	if publication.Again != 0 {
		data["again"] = publication.Again
	}
	if bell != nil {
		data["move_runs"] = true
		a.Waker.Wake(p.account(), contract.Wake{Doorbells: []contract.Doorbell{*bell}})
	}
	a.audit(ctx, p, "flow.published", "flow/"+id.String(), data)
	return a.readFlowVersion(ctx, &flowVersionIn{ID: id, Number: v.Number})
}

func (a *app) listFlowVersions(ctx context.Context, in *listFlowVersionsIn) (*page[FlowRelease], error) {
	before, err := in.id()
	if err != nil {
		return nil, err
	}
	rows, err := a.Store.FlowVersions(ctx, who(ctx).account(), in.ID, int(before), in.Limit+1)
	return pageOf(ctx, &in.Paging, rows, err, func(v store.FlowVersionView) FlowRelease { return releaseOf(&v) },
		func(v store.FlowVersionView) string { return strconv.Itoa(v.Number) })
}

func releaseOf(v *store.FlowVersionView) FlowRelease {
	out := FlowRelease{ID: v.ID, Number: v.Number, Note: v.Note, PublishedBy: personRef(v.PublishedBy, v.PublisherName), CreatedAt: v.CreatedAt, ActiveRuns: v.ActiveRuns}
	if v.MoveState != nil {
		out.Move = &FlowMove{Running: *v.MoveState == "running", Moved: *v.MovedCount, Kept: *v.KeptCount}
	}
	return out
}

func (a *app) readFlowVersion(ctx context.Context, in *flowVersionIn) (*one[FlowVersion], error) {
	v, err := a.Store.FlowVersion(ctx, who(ctx).account(), in.ID, in.Number)
	if err != nil {
		return nil, err
	}
	return &one[FlowVersion]{Body: FlowVersion{FlowRelease: releaseOf(v), FlowID: v.FlowID, Graph: v.Graph}}, nil
}

func (a *app) archiveFlow(ctx context.Context, in *flowIDIn) (*flowOut, error) {
	return a.shelveFlow(ctx, in.ID, true, "flow.archived")
}

func (a *app) restoreFlow(ctx context.Context, in *flowIDIn) (*flowOut, error) {
	return a.shelveFlow(ctx, in.ID, false, "flow.restored")
}

func (a *app) shelveFlow(ctx context.Context, id models.FlowID, archived bool, action string) (*flowOut, error) {
	p := who(ctx)
	if err := a.Store.ArchiveFlow(ctx, p.account(), id, archived); err != nil {
		return nil, err
	}
	a.audit(ctx, p, action, "flow/"+id.String(), nil)
	return a.flowNow(ctx, id)
}
