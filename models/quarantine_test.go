package models_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"github.com/perene/perene/models"
)

// Whatever code the program can write is in the list that the contract and, by it, the console's words are checked against.
func TestEveryQuarantineCodeIsListed(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "quarantine.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []models.QuarantineCode
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); ok && kind.Name == "QuarantineCode" {
			word, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			declared = append(declared, models.QuarantineCode(word))
		}
		return true
	})
	if !slices.Equal(declared, models.QuarantineCodes) {
		t.Errorf("declared %v, listed %v", declared, models.QuarantineCodes)
	}
}

func TestTheCodeOfWhatIsStillInQuarantine(t *testing.T) {
	for _, code := range models.QuarantineCodes {
		if got := models.QuarantineCodeOf(fmt.Errorf("replay: %w", models.StillQuarantined(code, "why"))); got != code {
			t.Errorf("%s became %s", code, got)
		}
	}
	for _, err := range []error{errors.New("x"), models.NotFound("quarantine"), models.Errorf(models.CodeConnectionState, "nothing speaks it")} {
		if got := models.QuarantineCodeOf(err); got != models.QuarantineNotStored {
			t.Errorf("%v became %s", err, got)
		}
	}
}
