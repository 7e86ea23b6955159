package password

import (
	"strings"
	"testing"
)

// TestCommonPasswordsAreRefused: those that are tried first, however they are written, and none that somebody made up.
func TestCommonPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	for _, plain := range []string{
		"password", "Password", "PASSWORD1", "password123!", "12345678", "senha123", "Senha@2026", "mudar123", "flamengo1981", "Admin2026!", "admin@123", "perene2026",
		"aaaaaaaa", "abababab", "  password ", "qwertyuiop", "!!!!!!!!", "11111111", "1q2w3e4r", "Brasil2026",
	} {
		if Check(plain) == nil {
			t.Errorf("%q was taken", plain)
		}
	}
	for _, plain := range []string{
		"correct horse", "correct horse battery staple", "Tr0ub4dor&3", "x7Kq!vw2", "gato azul no telhado", "passwordless-is-nice", strings.Repeat("açaí ", 4), "0x9f3c1b77", "81 98800-4422 da Zoé",
	} {
		if err := Check(plain); err != nil {
			t.Errorf("%q was refused: %v", plain, err)
		}
	}
	if Check("short") == nil || Check(strings.Repeat("ab1", 100)) == nil {
		t.Error("lengths are no longer looked at")
	}
}
