package main

import (
	"context"
	"fmt"
	"os"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"

	"github.com/perene/perene/internal/config"
)

type historyCommand struct {
	config.Runtime
	config.Temporal
	WorkflowID string `arg:"" help:"For example flow-run/42."`
	RunID      string `help:"A run of that workflow; the latest otherwise."`
}

// Run writes a workflow's history as JSON: for a replay test, or to look at. Histories hold ids and codes, no words of
// customers.
func (c *historyCommand) Run(ctx context.Context) error {
	temporal, err := dialTemporal(c.Temporal, c.Logger("history"), newRegistry())
	if err != nil {
		return err
	}
	defer temporal.Close()
	events := temporal.GetWorkflowHistory(ctx, c.WorkflowID, c.RunID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	var h history.History
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			return fmt.Errorf("read the history of %s: %w", c.WorkflowID, err)
		}
		h.Events = append(h.Events, e)
	}
	body, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(&h)
	if err != nil {
		return fmt.Errorf("write the history of %s: %w", c.WorkflowID, err)
	}
	_, err = os.Stdout.Write(append(body, '\n'))
	return err
}
