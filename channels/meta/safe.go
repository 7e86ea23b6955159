package meta

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// safeRunes is how much of a provider's explanation is kept.
const safeRunes = 300

var (
	safeLinks  = regexp.MustCompile(`(?i)\bhttps?://\S+`)
	safeEmails = regexp.MustCompile(`[^\s@"'<>]+@[^\s@"'<>]+\.[^\s@"'<>]+`)
	safeTokens = regexp.MustCompile(`\b(?:EA[A-Za-z0-9]{20,}|[A-Za-z0-9_\-]{40,})`)
	safeUsers  = regexp.MustCompile(`\b[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{6,}`)
	safeDigits = regexp.MustCompile(`\+?\d[\d\s().\-]{6,}\d`)
)

// Safe makes a provider's explanation fit to be logged and shown: links,
// e-mail addresses, tokens, user ids and anything like a phone number are
// masked, and so are the given private words (of four runes or more) wherever
// they are repeated.
func Safe(text string, private ...string) string {
	// The longest first: a word may be part of another.
	slices.SortFunc(private, func(a, b string) int { return len(b) - len(a) })
	for _, word := range private {
		if utf8.RuneCountInString(word) >= 4 {
			text = strings.ReplaceAll(text, word, "[…]")
		}
	}
	text = safeLinks.ReplaceAllString(text, "[link]")
	text = safeEmails.ReplaceAllString(text, "[e-mail]")
	text = safeTokens.ReplaceAllString(text, "[token]")
	text = safeUsers.ReplaceAllString(text, "[user]")
	text = safeDigits.ReplaceAllString(text, "[number]")
	text = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
	if utf8.RuneCountInString(text) > safeRunes {
		text = string([]rune(text)[:safeRunes]) + "…"
	}
	return text
}
