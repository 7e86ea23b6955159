package flow

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// upgrades turn a document of one spec version into the next: upgrades[1] makes version 2 out of version 1. An upgrade
// never changes what a flow does, only how it is written; a test runs both and compares.
var upgrades = map[int]func(map[string]any) error{
	0: upgradeFrom0,
}

// upgrade brings a document to SpecVersion. A document without a version is of version 0, the sketch that came before.
func upgrade(raw []byte) ([]byte, error) {
	var head struct {
		SpecVersion *int `json:"spec_version"`
	}
	if err := json.Unmarshal(raw, &head); err != nil {
		return nil, fmt.Errorf("want a whole number, at most %d", SpecVersion)
	}
	version := 0
	if head.SpecVersion != nil {
		version = *head.SpecVersion
	}
	if version == SpecVersion {
		return raw, nil
	}
	if version > SpecVersion || version < 0 {
		return nil, fmt.Errorf("%d; this program reads 0 to %d", version, SpecVersion)
	}
	var doc map[string]any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&doc); err != nil || doc == nil {
		return nil, fmt.Errorf("the document is not a JSON object")
	}
	for ; version < SpecVersion; version++ {
		if err := upgrades[version](doc); err != nil {
			return nil, err
		}
		doc["spec_version"] = version + 1
	}
	return json.Marshal(doc)
}

// upgradeFrom0 reads the sketch's form: nodes in an object by id with "type" for the kind and "next" for the only edge.
func upgradeFrom0(doc map[string]any) error {
	if doc["category"] == nil {
		doc["category"] = string(CategoryManual)
	}
	byID, ok := doc["nodes"].(map[string]any)
	if !ok {
		return nil
	}
	nodes := make([]any, 0, len(byID))
	for _, id := range sortedKeys(byID) {
		n, ok := byID[id].(map[string]any)
		if !ok {
			return fmt.Errorf("node %q is not an object", id)
		}
		n["id"] = id
		if kind, ok := n["type"]; ok {
			n["kind"] = kind
			delete(n, "type")
		}
		if to, ok := n["next"].(string); ok {
			outputs, _ := n["outputs"].(map[string]any)
			if outputs == nil {
				outputs = map[string]any{}
			}
			outputs[OutOK] = to
			n["outputs"] = outputs
			delete(n, "next")
		}
		nodes = append(nodes, n)
	}
	doc["nodes"] = nodes
	return nil
}
