package flow

import "strings"

// SecretText is a rendered text in which secrets are still references. It is what states, effects and logs may hold;
// the caller turns it into the real text with Resolve at the last moment. Because it is a list of parts, a contact who
// types "{{secret.KEY}}" only ever produces text.
type SecretText []Part

// Part is a piece of text or a reference to a secret.
type Part struct {
	Text   string `json:"text,omitempty"`
	Secret string `json:"secret,omitempty"`
	// Escape says how the secret is written where it stands: "json" inside a JSON string, "json_value" in the
	// place of a JSON value, "query" inside a URL or form,
	// "header" in a header.
	Escape string `json:"escape,omitempty"`
}

// PlainText is a SecretText without secrets.
func PlainText(s string) SecretText {
	if s == "" {
		return nil
	}
	return SecretText{{Text: s}}
}

// Resolve replaces the references by what look returns. It returns the names of secrets that look does not know; the
// text must not be used when there are any.
func (t SecretText) Resolve(look func(name string) (string, bool)) (text string, missing []string) {
	var b strings.Builder
	for _, p := range t {
		if p.Secret == "" {
			b.WriteString(p.Text)
			continue
		}
		v, ok := look(p.Secret)
		if !ok {
			missing = append(missing, p.Secret)
			continue
		}
		b.WriteString(escaping(p.Escape).apply(v))
	}
	return b.String(), missing
}

// Redacted is the text with every secret shown as its reference, fit for people to read.
func (t SecretText) Redacted() string {
	var b strings.Builder
	for _, p := range t {
		if p.Secret != "" {
			b.WriteString("{{secret." + p.Secret + "}}")
			continue
		}
		b.WriteString(p.Text)
	}
	return b.String()
}
