package intake

import "encoding/json"

// marshal writes one of our own plain structs; they always marshal.
func marshal(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
