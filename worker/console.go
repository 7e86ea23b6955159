package worker

import (
	"go.temporal.io/sdk/interceptor"
	"go.temporal.io/sdk/workflow"

	"github.com/perene/perene/workflows"
)

// consoleLinks tells every workflow where the console is.
type consoleLinks struct {
	interceptor.WorkerInterceptorBase
	address string
}

// InterceptWorkflow implements interceptor.WorkerInterceptor.
func (c *consoleLinks) InterceptWorkflow(_ workflow.Context, next interceptor.WorkflowInboundInterceptor) interceptor.WorkflowInboundInterceptor {
	i := &consoleLinksInbound{address: c.address}
	i.Next = next
	return i
}

type consoleLinksInbound struct {
	interceptor.WorkflowInboundInterceptorBase
	address string
}

// ExecuteWorkflow implements interceptor.WorkflowInboundInterceptor.
func (i *consoleLinksInbound) ExecuteWorkflow(ctx workflow.Context, in *interceptor.ExecuteWorkflowInput) (any, error) {
	return i.Next.ExecuteWorkflow(workflows.WithConsole(ctx, i.address), in)
}
