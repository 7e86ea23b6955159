package main

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/perene/perene/internal/seal"
	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

var (
	keyBefore = base64.StdEncoding.EncodeToString([]byte("0123456789abcdefghijklmnopqrstuv"))
	keyNow    = base64.StdEncoding.EncodeToString([]byte("zyxwvutsrqponmlkjihgfedcba543210"))
)

// TestMain lets the test binary be perene itself, so that a test can kill it.
func TestMain(m *testing.M) {
	if os.Getenv("PERENE_TEST_IS_PROGRAM") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// S12: a rekey that is killed half-way leaves every value under one of the two keys, and the next one does the rest.
func TestARekeyIsKilledHalfWay(t *testing.T) {
	t.Parallel()
	old, err := seal.ParseKey(keyBefore)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := seal.ParseKey(keyNow)
	if err != nil {
		t.Fatal(err)
	}
	keys = keys.With(old)
	address := storetest.NewURL(t)
	s, err := store.Open(t.Context(), address, store.Options{MaxConns: 4})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	f := storetest.NewFixture(t, s, "loja")
	const secrets = 1000
	for i := range secrets {
		name := fmt.Sprintf("S%05d", i)
		sealed, err := old.Seal(models.AccountSecretPlace(f.Account, name), []byte(name))
		if err != nil {
			t.Fatal(err)
		}
		f.Exec(t, `INSERT INTO account_secrets (account_id, name, sealed) VALUES ($1, $2, $3)`, f.Account, name, sealed)
	}
	tx, err := s.Pool().Begin(t.Context()) // holds a row of the fourth batch, so that the program stands still behind the third
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `SELECT 1 FROM account_secrets WHERE name = 'S00700' FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	killAfter(t, address, "account_secrets: 600 values, 600 sealed again")
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	count, err := s.CountSealed(t.Context(), keys)
	if err != nil || count.Old != secrets-600 || count.LostValues != 0 {
		t.Fatalf("after the kill: %+v, %v: want 400 under the key before, and all open", count, err)
	}
	var out strings.Builder
	if err := rekey(t.Context(), s, keys, &out); err != nil || !strings.Contains(out.String(), "done: 1000 values, 400 sealed again, 0 under the key before, 0 open with neither key") {
		t.Fatalf("%v, printed\n%s", err, out.String())
	}
	rows, err := s.AccountSecrets(t.Context(), f.Account, []string{"S00000", "S00700", "S00999"})
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d secrets, %v", len(rows), err)
	}
	for name, row := range rows {
		if plain, err := keys.With(seal.Key{}).Open(models.AccountSecretPlace(f.Account, name), row.Sealed); err != nil || string(plain) != name {
			t.Errorf("%s opens with the new key to %q, %v", name, plain, err)
		}
	}
}

// killAfter starts `perene rekey`, and kills it when it has printed a line.
func killAfter(t *testing.T, address, line string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), program, "rekey")
	cmd.Env = append(os.Environ(), "PERENE_TEST_IS_PROGRAM=yes", "PERENE_ENV=development", "DATABASE_URL="+address,
		"PERENE_MASTER_KEY="+keyNow, "PERENE_MASTER_KEY_OLD="+keyBefore)
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var seen []string
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		if seen = append(seen, lines.Text()); lines.Text() == line {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err == nil || len(seen) == 0 || seen[len(seen)-1] != line {
		t.Fatalf("the program ended by itself, %v, and printed %q", err, seen)
	}
}

// The command says what is missing before it changes anything, and what is left after it.
func TestARekeyNeedsTheKeyBefore(t *testing.T) {
	t.Parallel()
	c := rekeyCommand{}
	c.MasterKey = keyNow
	if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "PERENE_MASTER_KEY_OLD is not set") {
		t.Errorf("without the key before: %v", err)
	}
	c.MasterKeyOld = "c2hvcnQ="
	if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "PERENE_MASTER_KEY_OLD holds 5 bytes") {
		t.Errorf("with a short one: %v", err)
	}
}
