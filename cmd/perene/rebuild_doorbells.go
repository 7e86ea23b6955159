package main

import (
	"context"
	"fmt"

	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/store"
	"github.com/perene/perene/workflows"
)

type rebuildDoorbellsCommand struct {
	config.Runtime
	config.Database
}

// Run writes a doorbell for every workflow that rows say must run; workers ring them.
func (c *rebuildDoorbellsCommand) Run(ctx context.Context) error {
	if err := c.Database.Validate(c.Env); err != nil {
		return err
	}
	s, err := store.Open(ctx, c.Database.URL, store.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer s.Close()
	for _, kind := range workflows.Table() {
		n, err := s.RebuildDoorbells(ctx, kind.Name)
		if err != nil {
			return err
		}
		fmt.Printf("%-15s %d\n", kind.Name, n)
	}
	return nil
}
