// Package password hashes passwords with argon2id. At most two hashes run at once, so that a flood of sign-ins takes
// neither the machine's memory nor its processors (S8).
package password

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"
)

// params are OWASP's minimum: 19 MiB, two passes, one lane.
var params = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// running holds a place for each hash under way in this process.
var running = make(chan struct{}, 2)

// Bounds of a password, in characters.
const (
	MinLength = 8
	MaxLength = 256
)

// Check tells what is wrong with a new password.
func Check(plain string) error {
	switch n := utf8.RuneCountInString(plain); {
	case n < MinLength:
		return fmt.Errorf("a password has at least %d characters", MinLength)
	case n > MaxLength:
		return fmt.Errorf("a password has at most %d characters", MaxLength)
	}
	return nil
}

// Hash hashes a password for keeping. It waits for its turn, at most as long as ctx allows.
func Hash(ctx context.Context, plain string) (string, error) {
	if err := turn(ctx); err != nil {
		return "", err
	}
	defer func() { <-running }()
	return argon2id.CreateHash(plain, params)
}

// Verify tells whether a password is the one that was hashed. With an empty hash it does the same work and says no, so that
// nobody learns by the clock whether a user exists.
func Verify(ctx context.Context, plain, hash string) (bool, error) {
	if err := turn(ctx); err != nil {
		return false, err
	}
	defer func() { <-running }()
	if hash == "" {
		_, err := argon2id.CreateHash(plain, params)
		return false, err
	}
	return argon2id.ComparePasswordAndHash(plain, hash)
}

// ErrBusy means that too many sign-ins are under way.
var ErrBusy = errors.New("too many sign-ins at once")

func turn(ctx context.Context) error {
	select {
	case running <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ErrBusy
	}
}
