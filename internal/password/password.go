// Package password hashes passwords with argon2id. At most two hashes run at once, so that a flood of sign-ins takes
// neither the machine's memory nor its processors (S8).
package password

import (
	"context"
	_ "embed" // the list of common ones
	"errors"
	"fmt"
	"strings"
	"sync"
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
	case common(plain):
		return errors.New("this password is among the first that are tried: choose one that nobody else has")
	}
	return nil
}

//go:embed common.txt
var commonList string

var commonOnes = sync.OnceValue(func() map[string]bool {
	ones := map[string]bool{}
	for word := range strings.FieldsSeq(commonList) {
		ones[word] = true
	}
	return ones
})

// common tells whether a password is on the list, however it is written, with digits and signs around it, or is made of one
// or two characters.
func common(plain string) bool {
	lower := strings.ToLower(strings.TrimSpace(plain))
	different := map[rune]bool{}
	for _, c := range lower {
		different[c] = true
	}
	bare := strings.Trim(lower, "0123456789!@#$%&*()-_+=.,;:?/ ")
	return len(different) <= 2 || commonOnes()[lower] || commonOnes()[bare]
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
