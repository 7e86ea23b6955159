package doctor

import (
	"context"
	"errors"
	"sort"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/workflows"
)

// Frontend is what the doctor asks Temporal.
type Frontend interface {
	// Version is the server's; an error means that nobody answers.
	Version(ctx context.Context) (string, error)
	// Retention is how long closed workflows are kept; a *serviceerror.NamespaceNotFound means that there is no namespace.
	Retention(ctx context.Context) (time.Duration, error)
	// SearchAttributes are the namespace's own, name by type.
	SearchAttributes(ctx context.Context) (map[string]string, error)
	// Pollers is how many workers ask for work on a task queue.
	Pollers(ctx context.Context, queue string) (int, error)
}

// NewFrontend asks through a client, which may be a lazy one.
func NewFrontend(c client.Client, namespace string) Frontend { return &frontend{c, namespace} }

type frontend struct {
	client    client.Client
	namespace string
}

func (f *frontend) Version(ctx context.Context) (string, error) {
	info, err := f.client.WorkflowService().GetSystemInfo(ctx, &workflowservice.GetSystemInfoRequest{})
	return info.GetServerVersion(), err
}

func (f *frontend) Retention(ctx context.Context) (time.Duration, error) {
	n, err := f.client.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: f.namespace})
	return n.GetConfig().GetWorkflowExecutionRetentionTtl().AsDuration(), err
}

func (f *frontend) SearchAttributes(ctx context.Context) (map[string]string, error) {
	list, err := f.client.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: f.namespace})
	out := map[string]string{}
	for name, kind := range list.GetCustomAttributes() {
		out[name] = kind.String()
	}
	return out, err
}

func (f *frontend) Pollers(ctx context.Context, queue string) (int, error) {
	d, err := f.client.WorkflowService().DescribeTaskQueue(ctx, &workflowservice.DescribeTaskQueueRequest{
		Namespace: f.namespace, TaskQueue: &taskqueuepb.TaskQueue{Name: queue}, TaskQueueType: enumspb.TASK_QUEUE_TYPE_WORKFLOW,
	})
	return len(d.GetPollers()), err
}

// shortRetention is less than operators need to look back over a weekend.
const shortRetention = 72 * time.Hour

func (e *examination) temporal(ctx context.Context) {
	const name = "temporal"
	where, namespace := e.Temporal.Address, e.Temporal.Namespace
	version, err := e.Frontend.Version(ctx)
	if err != nil {
		e.fail(name, "start Temporal, or correct TEMPORAL_ADDRESS (host:port, or unix:///PATH of a socket) and the TEMPORAL_TLS_… and TEMPORAL_API_KEY settings; messages are taken in meanwhile and handled when it is back",
			"%s: %s", where, temporalTrouble(err))
		return
	}
	e.ok(name, "%s at %s", version, where)

	retention, err := e.Frontend.Retention(ctx)
	var missing *serviceerror.NamespaceNotFound
	switch {
	case errors.As(err, &missing):
		e.fail("namespace", "temporal operator namespace create -n "+namespace+" --retention 168h, or correct TEMPORAL_NAMESPACE", "there is no namespace %q", namespace)
		return
	case err != nil:
		e.fail("namespace", "check that the key or certificate may use the namespace", "%q: %s", namespace, temporalTrouble(err))
		return
	case retention < shortRetention:
		e.warn("namespace", "temporal operator namespace update -n "+namespace+" --retention 168h", "%s keeps closed workflows for %s only", namespace, hours(retention))
	default:
		e.ok("namespace", "%s, closed workflows are kept for %s", namespace, hours(retention))
	}
	e.attributes(ctx)
	if e.Quick {
		return
	}
	switch n, err := e.Frontend.Pollers(ctx, contract.TaskQueue); {
	case err != nil:
		e.warn("workers", "look at Temporal's log", "cannot be counted: %s", temporalTrouble(err))
	case n == 0:
		e.warn("workers", "start one: perene worker", "none asks for work on task queue %q", contract.TaskQueue)
	default:
		e.ok("workers", "%d ask for work", n)
	}
}

func hours(d time.Duration) string {
	return strings.TrimSuffix(strings.TrimSuffix(d.String(), "0s"), "0m")
}

// attributes are what workflows are found by; starting one with an attribute that is missing fails.
func (e *examination) attributes(ctx context.Context) {
	have, err := e.Frontend.SearchAttributes(ctx)
	if err != nil {
		e.warn("search attributes", "check by hand: temporal operator search-attribute list -n "+e.Temporal.Namespace, "cannot be read: %s", temporalTrouble(err))
		return
	}
	var create, wrong []string
	for name, kind := range workflows.SearchAttributeTypes() {
		switch got, ok := have[name]; {
		case !ok:
			create = append(create, "--name "+name+" --type "+kind)
		case got != kind:
			wrong = append(wrong, name+" is "+got+", not "+kind)
		}
	}
	sort.Strings(create)
	sort.Strings(wrong)
	switch {
	case len(create) > 0:
		e.fail("search attributes", "temporal operator search-attribute create -n "+e.Temporal.Namespace+" "+strings.Join(create, " "), "%d of %d are missing", len(create), len(workflows.SearchAttributeTypes()))
	case len(wrong) > 0:
		e.fail("search attributes", "remove those and create them with the right type", "%s", strings.Join(wrong, ", "))
	default:
		e.ok("search attributes", "%d", len(workflows.SearchAttributeTypes()))
	}
}

// temporalTrouble says what a call to Temporal ended with, without what the server wrote.
func temporalTrouble(err error) string {
	var denied *serviceerror.PermissionDenied
	var unavailable *serviceerror.Unavailable
	var late *serviceerror.DeadlineExceeded
	switch {
	case errors.As(err, &denied):
		return "refuses us"
	case errors.As(err, &unavailable):
		return "nothing answers there"
	case errors.As(err, &late), errors.Is(err, context.DeadlineExceeded):
		return "does not answer in time"
	}
	return "does not answer as Temporal does"
}
