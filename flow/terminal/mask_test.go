package terminal

import "testing"

// Words that do not answer what was asked may be anybody's name or number: they do not stay in a masked conversation.
func TestWordsThatAreNoAnswerAreMasked(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ kind, said, want string }{
		{"choice", "Maria Clara", "Xxxxx Xxxxx"}, {"number", "é o 11988880001", "x x 11111111111"}, {"multiple_choice", "1, 3", "1, 3"},
		{"number", "89,90", "89,90"}, {"yes_no", "sim", "sim"}, {"rating", "11988880001", "11111111111"}, {"time", "14:30", "14:30"},
	} {
		if got := maskAnswer(c.kind, c.said); got != c.want {
			t.Errorf("%s %q became %q, want %q", c.kind, c.said, got, c.want)
		}
	}
}
