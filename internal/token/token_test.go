package token

import (
	"crypto/rand"
	"strings"
	"testing"
)

// TestShaped: every token that New makes has the shape, and nothing of another length, alphabet or prefix.
func TestShaped(t *testing.T) {
	t.Parallel()
	for _, prefix := range []string{"", "pk_live_"} {
		made, err := New(rand.Reader, prefix)
		if err != nil || !Shaped(made, prefix) {
			t.Errorf("%q with the prefix %q has not the shape: %v", made, prefix, err)
		}
		for _, other := range []string{"", prefix, made[:len(made)-1], made + "A", "x" + made, strings.Repeat("A", 60<<10), prefix + strings.Repeat("é", 20) + "abc",
			prefix + strings.Repeat("A", 42) + "=", prefix + strings.Repeat("A", 42) + "\n"} {
			if Shaped(other, prefix) {
				t.Errorf("%.60q has the shape of %q", other, prefix)
			}
		}
	}
}
