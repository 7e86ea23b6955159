package api

import (
	"bytes"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write openapi.json and the answers in testdata/cases")

// TestContractIsCheckedIn: openapi.json is what the types say. `go test ./api -run Contract -update` writes it.
func TestContractIsCheckedIn(t *testing.T) {
	got, err := OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("openapi.json", got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("openapi.json is not what the types say: run `go test ./api -run Contract -update` and commit it")
	}
}
