package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/store"
)

type auditCommand struct {
	config.Runtime
	config.Database
}

// Run checks the audit log of every account.
func (c *auditCommand) Run(ctx context.Context) error {
	if err := c.Database.Validate(c.Env); err != nil {
		return err
	}
	s, err := store.Open(ctx, c.Database.URL, store.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer s.Close()
	return checkAudits(ctx, s, os.Stdout)
}

// checkAudits follows the chain of each account's audit log and prints its last hash. The error says that one does not hold.
func checkAudits(ctx context.Context, s *store.Store, out io.Writer) error {
	accounts, err := s.Accounts(ctx)
	if err != nil {
		return err
	}
	broken := false
	for _, a := range accounts {
		chain, err := s.CheckAudit(ctx, a.ID, 0)
		if err != nil {
			return err
		}
		says := "holds"
		if chain.Broken != "" {
			says, broken = chain.Broken, true
		}
		fmt.Fprintf(out, "account %d: %d lines, last hash %x: %s\n", a.ID, chain.Lines, chain.Head, says)
	}
	if broken {
		return errors.New("an audit log was changed: compare it with a backup")
	}
	return nil
}
