package meta

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// numberMax is how many characters a JSON number may have before it is kept as
// a string: Postgres' jsonb refuses numbers with huge exponents.
const numberMax = 40

// Scrub makes a JSON text one that Postgres stores as jsonb: NUL escapes go,
// halves of surrogate pairs and broken UTF-8 become U+FFFD, and monstrous
// numbers become strings. A text without such things, which is every text Meta
// sends, comes back as it is. The result is not checked to be JSON.
func Scrub(text []byte) []byte {
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	if clean(text) {
		return text
	}
	out := make([]byte, 0, len(text)+16)
	inString := false
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case inString && c == '\\':
			var n int
			out, n = appendEscape(out, text[i:])
			i += n
			continue
		case c == '"':
			inString = !inString
		case !inString && (c == '-' || c >= '0' && c <= '9'):
			n := numberLen(text[i:])
			if monstrous(text[i : i+n]) {
				out = append(out, '"')
				out = append(out, text[i:i+n]...)
				out = append(out, '"')
			} else {
				out = append(out, text[i:i+n]...)
			}
			i += n
			continue
		}
		out = append(out, c)
		i++
	}
	return out
}

// clean reports, quickly, that Scrub has nothing to do.
func clean(text []byte) bool {
	if bytes.Contains(text, []byte(`\u0000`)) {
		return false
	}
	for rest := text; ; {
		i := bytes.Index(rest, []byte(`\u`))
		if i < 0 {
			break
		}
		if rest = rest[i+2:]; len(rest) > 0 && (rest[0] == 'd' || rest[0] == 'D') {
			return false // perhaps a surrogate: look closely
		}
	}
	inString, run := false, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString:
			if c == '\\' {
				i++
			} else if c == '"' {
				inString = false
			}
		case c == '"':
			inString, run = true, 0
		case numberByte(c):
			if run++; run > numberMax || (run > 1 && (c == 'e' || c == 'E')) {
				return false
			}
		default:
			run = 0
		}
	}
	return true
}

// appendEscape copies the escape at the start of text and gives its length.
func appendEscape(out, text []byte) ([]byte, int) {
	if len(text) < 2 {
		return append(out, text...), len(text)
	}
	if text[1] != 'u' {
		return append(out, text[:2]...), 2
	}
	r, ok := hex4(text[2:])
	switch {
	case !ok:
		return append(out, text[:2]...), 2
	case r == 0:
		return out, 6
	case r >= 0xDC00 && r <= 0xDFFF:
		return append(out, `\ufffd`...), 6
	case r >= 0xD800 && r <= 0xDBFF:
		if len(text) >= 12 && text[6] == '\\' && text[7] == 'u' {
			if low, ok := hex4(text[8:]); ok && low >= 0xDC00 && low <= 0xDFFF {
				return append(out, text[:12]...), 12
			}
		}
		return append(out, `\ufffd`...), 6
	}
	return append(out, text[:6]...), 6
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

func numberByte(c byte) bool {
	return c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'
}

func numberLen(text []byte) int {
	n := 0
	for n < len(text) && numberByte(text[n]) {
		n++
	}
	return n
}

// monstrous reports whether a number is too long or has an exponent of more
// than two digits. Only what is a JSON number is touched.
func monstrous(number []byte) bool {
	if !json.Valid(number) {
		return false
	}
	if len(number) > numberMax {
		return true
	}
	i := bytes.IndexAny(number, "eE")
	if i < 0 {
		return false
	}
	exponent := bytes.TrimLeft(number[i+1:], "+-0")
	return len(exponent) > 2
}

// DepthMax is how deep an element of a webhook may be nested.
const DepthMax = 64

// Depth is how deep a JSON text is nested. Postgres reads jsonb by recursion
// and refuses what is far deeper than DepthMax.
func Depth(text []byte) int {
	depth, deepest, inString := 0, 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inString:
			if c == '\\' {
				i++
			} else if c == '"' {
				inString = false
			}
		case c == '"':
			inString = true
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}
