package workflows

import (
	_ "embed"
	"encoding/json"
)

//go:embed searchattributes.json
var searchAttributesJSON []byte

// SearchAttributeTypes are the search attributes a namespace needs, name by type as Temporal writes it ("Int", "Keyword").
func SearchAttributeTypes() map[string]string {
	types := map[string]string{}
	if err := json.Unmarshal(searchAttributesJSON, &types); err != nil {
		panic("searchattributes.json: " + err.Error()) // part of the program
	}
	return types
}
