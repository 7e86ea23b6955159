package flow

import (
	"encoding/json"
	"fmt"
)

// Ref is the id of something outside the flow: a queue, a user, a connection, another flow. In JSON it may be a text or a
// whole number.
type Ref string

// UnmarshalJSON reads a text or a number.
func (r *Ref) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err == nil {
		*r = Ref(s)
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return fmt.Errorf("want an id, not %.20s", b)
	}
	*r = Ref(n.String())
	return nil
}
