package api

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/perene/perene/models"
)

// Texts are UTF-8 without the character NUL: Postgres stores no others.

func notPlain() *Problem {
	return newProblem(models.CodeInvalid, "The request holds text that is not UTF-8, or the character NUL.")
}

func plainText(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }

// plainQuery looks at the path and at every name and value of the query.
func plainQuery(u *url.URL) bool {
	if !plainText(u.Path) {
		return false
	}
	for name, values := range u.Query() {
		if !plainText(name) || !plainText(strings.Join(values, "")) {
			return false
		}
	}
	return true
}

// plainJSON looks at the texts of a JSON document as they are written: at bytes, and at \u escapes, which may name NUL or
// half a character. Whether the document is JSON is not asked here.
func plainJSON(body []byte) bool {
	if !utf8.Valid(body) || bytes.IndexByte(body, 0) >= 0 {
		return false
	}
	for i := 0; i < len(body); i++ {
		if body[i] != '\\' {
			continue
		}
		i++ // what is escaped is no beginning of an escape
		first, ok := escaped(body[min(i, len(body)):])
		if !ok {
			continue
		}
		i += 4
		switch {
		case first == 0:
			return false
		case utf16.IsSurrogate(first):
			rest := body[i+1:]
			if len(rest) < 2 || rest[0] != '\\' {
				return false
			}
			second, ok := escaped(rest[1:])
			if !ok || utf16.DecodeRune(first, second) == utf8.RuneError {
				return false
			}
			i += 6
		}
	}
	return true
}

// escaped reads uXXXX.
func escaped(text []byte) (rune, bool) {
	if len(text) < 5 || text[0] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(text[1:5]), 16, 16)
	return rune(n), err == nil
}
