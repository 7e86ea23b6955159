package api

import "testing"

// An excerpt is one line around the first word that was found, whatever its accents.
func TestExcerptShowsTheWord(t *testing.T) {
	t.Parallel()
	long := "Bom dia! Estou escrevendo porque ainda não recebi a segunda via\n do boleto de novembro, e o vencimento é amanhã. Podem mandar por aqui mesmo, por favor?"
	for query, want := range map[string]string{
		"bom":        "Bom dia! Estou escrevendo porque ainda não recebi a segunda via do boleto de novembro, e o…",
		"vencimento": "…ia do boleto de novembro, e o vencimento é amanhã. Podem mandar por aqui mesmo, por favor?",
		"AMANHA":     "…de novembro, e o vencimento é amanhã. Podem mandar por aqui mesmo, por favor?",
		"xyz":        "Bom dia! Estou escrevendo porque ainda não recebi a segunda via do boleto de novembro, e o…",
	} {
		if got := excerpt(long, query); got != want {
			t.Errorf("%q gives %q, want %q", query, got, want)
		}
	}
}
