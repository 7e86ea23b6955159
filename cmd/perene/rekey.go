package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/store"
)

type rekeyCommand struct {
	config.Runtime
	config.Database
	config.Secrets
}

// Run seals everything again with PERENE_MASTER_KEY that PERENE_MASTER_KEY_OLD has sealed.
func (c *rekeyCommand) Run(ctx context.Context) error {
	if c.MasterKeyOld == "" {
		return errors.New("PERENE_MASTER_KEY_OLD is not set: set it to the key before, and PERENE_MASTER_KEY to the new one")
	}
	keys, err := c.Secrets.Key()
	if err != nil {
		return err
	}
	s, err := openStore(ctx, c.Database, c.Env, store.Options{MaxConns: 2})
	if err != nil {
		return err
	}
	defer s.Close()
	return rekey(ctx, s, keys, os.Stdout)
}

// rekey seals everything again and says how far it is. The error says that a value is not under the new key.
func rekey(ctx context.Context, s *store.Store, keys store.Keys, out io.Writer) error {
	done, err := s.Reseal(ctx, keys, func(table string, so store.SealedCount) {
		fmt.Fprintf(out, "%s: %s\n", table, so)
	})
	if err != nil {
		return fmt.Errorf("stopped after %s; run it again, it goes on where it was: %w", done, err)
	}
	now, err := s.CountSealed(ctx, keys) // what was sealed with the key before behind our back
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "done: %s, %d under the key before, %d open with neither key\n", done, now.Old, now.LostValues)
	switch {
	case now.LostValues > 0:
		return fmt.Errorf("enter again what no key opens: %s", strings.Join(now.Lost, ", "))
	case now.Old > 0:
		return errors.New("a process still seals with the key before: give every process the new one, and run this again")
	}
	fmt.Fprintln(out, "take PERENE_MASTER_KEY_OLD away, and restart")
	return nil
}
