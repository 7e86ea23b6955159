package house_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// graphWords are names that only Graph's documents have. The adapter translates them into the words of channels: a
// connection's ProviderRef and PortfolioRef, a message's ProviderID.
var graphWords = regexp.MustCompile(`(?i)\bwaba|waba(_|\b)|phone_?number_?id|messaging_product|whatsapp_business_(account|manager)|` +
	`display_phone_number|message_echoes|\bwa_?id\b|wamid|\bhub\.|marketing_messages|ctwa`)

// graphFiles may say Graph's words, each for a reason.
var graphFiles = map[string]string{
	"models/channel_fields.go": "the table of channels names the fields as the provider's own screens do",
	"models/content.go":        "stored messages hold a card's and an advertisement's ids under these names",
	"doctor/outside.go":        "it says to operators what to look for at the provider",
}

// ADR 58: the core knows opaque references. Only adapters and the rigs that play the provider speak Graph's words.
func TestSharedRoomsSayNoWordOfGraphs(t *testing.T) {
	t.Parallel()
	said := map[string]bool{}
	for _, file := range goFiles(t) {
		if strings.HasPrefix(file, "channels/whatsapp/") || strings.HasPrefix(file, "channels/meta/") || strings.HasPrefix(file, "channels/channeltest/") {
			continue
		}
		for _, word := range wordsOf(t, file) {
			if !graphWords.MatchString(word) {
				continue
			}
			if said[file] = true; graphFiles[file] == "" {
				t.Errorf("%s says %q: give it a word of channels, and let the adapter translate", file, word)
			}
		}
	}
	for file := range graphFiles {
		if !said[file] {
			t.Errorf("%s says no word of Graph's any more: take it off the list", file)
		}
	}
}

func TestWordsOfGraphsAreFound(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]bool{
		"PhoneNumberID": true, "phone_number_id": true, "waba_id": true, "WABA": true, "WaID": true, "wa_id": true,
		"hub.challenge": true, "whatsapp_business_account": true,
		"ProviderRef": false, "whatsapp_cloud": false, "await": false, "phone_number": false, "swap": false,
	} {
		if graphWords.MatchString(s) != want {
			t.Errorf("%q: found is %t, want %t", s, !want, want)
		}
	}
}

// wordsOf are the names and the texts of a file's code, its tags among them.
func wordsOf(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	words := stringsOf(t, file)
	ast.Inspect(parsed, func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok {
			words = append(words, name.Name)
		}
		return true
	})
	return words
}
