package phone_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/perene/perene/internal/phone"
)

func TestBrazilianNinthDigit(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, in, canonical string
		variants            []string
	}{
		{"mobile without the ninth digit", "558188004422", "5581988004422", []string{"5581988004422", "558188004422"}},
		{"mobile with it", "+5581988004422", "5581988004422", []string{"5581988004422", "558188004422"}},
		{"São Paulo", "5511987654321", "5511987654321", []string{"5511987654321", "551187654321"}},
		{"newer mobile that never had eight digits", "5511951234567", "5511951234567", []string{"5511951234567"}},
		{"landline", "558133507788", "558133507788", []string{"558133507788"}},
		{"Mexico with the old 1", "5215512345678", "525512345678", []string{"525512345678", "5215512345678"}},
		{"Argentina", "5491155551234", "5491155551234", []string{"5491155551234", "541155551234"}},
		{"Argentina without the 9", "541155551234", "5491155551234", []string{"5491155551234", "541155551234"}},
		{"elsewhere", "4915112345678", "4915112345678", []string{"4915112345678"}},
		{"nothing", "", "", nil},
	} {
		if got := phone.Canonical(tc.in); got != tc.canonical {
			t.Errorf("%s: canonical %q, want %q", tc.name, got, tc.canonical)
		}
		if got := phone.Variants(tc.in); !slices.Equal(got, tc.variants) {
			t.Errorf("%s: variants %q, want %q", tc.name, got, tc.variants)
		}
	}
}

func TestParseReadsWhatPeopleWrite(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"(81) 98800-4422":     "5581988004422",
		"81 8800-4422":        "5581988004422",
		"+55 81 98800 4422":   "5581988004422",
		"55 81 98800-4422":    "5581988004422",
		"5581988004422":       "5581988004422",
		"558188004422":        "5581988004422",
		"+1 (415) 555-2671":   "14155552671",
		"+351 912 345 678":    "351912345678",
		"(81) 3350-7788":      "558133507788",
		" +55-81-98800-4422 ": "5581988004422",
	} {
		got, err := phone.Parse(in, "")
		if err != nil || got != want {
			t.Errorf("Parse(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "abc", "12", "+", "99999999999999999999999"} {
		if got, err := phone.Parse(in, ""); err == nil {
			t.Errorf("Parse(%q) = %q, want an error", in, got)
		}
	}
}

func TestFormatAndCountry(t *testing.T) {
	t.Parallel()
	if got := phone.Format("558188004422"); got != "+55 81 98800-4422" {
		t.Errorf("Format gives %q", got)
	}
	if got := phone.Format("não"); got != "não" {
		t.Errorf("what is no number comes back as %q", got)
	}
	if got := phone.Country("5581988004422"); got != "BR" {
		t.Errorf("Country gives %q", got)
	}
}

// Whatever the writing, all variants have one canonical form and are the same.
func TestVariantsAgree(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.StringMatching(`(55[1-9][1-9]|52|54|1|351)[0-9]{8,10}`).Draw(t, "number")
		canonical := phone.Canonical(n)
		if again := phone.Canonical(canonical); again != canonical {
			t.Fatalf("canonical of %q is %q and then %q", n, canonical, again)
		}
		variants := phone.Variants(n)
		if len(variants) == 0 || variants[0] != canonical {
			t.Fatalf("variants of %q are %q, want %q first", n, variants, canonical)
		}
		for _, v := range variants {
			if !phone.Same(v, n) || !phone.Same(n, v) {
				t.Fatalf("%q and its variant %q are not the same", n, v)
			}
		}
	})
}
