package demo_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// A fresh development stack shows tickets that wait, are open, snoozed and closed. People name queues and agents that the demo
// account has.
func TestTheDemosPeople(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("people.json")
	if err != nil {
		t.Fatal(err)
	}
	account, err := os.ReadFile("demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var day struct {
		Number string `json:"number"`
		Agent  string `json:"agent"`
		People []struct {
			ID      string   `json:"id"`
			Phone   string   `json:"phone"`
			Name    string   `json:"name"`
			Says    string   `json:"says"`
			Queue   string   `json:"queue"`
			Accept  bool     `json:"accept"`
			Assign  string   `json:"assign"`
			Answers []string `json:"answers"`
			Snooze  *struct {
				Hours  int    `json:"hours"`
				Reason string `json:"reason"`
			} `json:"snooze"`
			Close bool `json:"close"`
		} `json:"people"`
	}
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&day); err != nil {
		t.Fatal(err)
	}
	has := func(what, where string) {
		t.Helper()
		if !strings.Contains(string(account), where) {
			t.Errorf("%s: the demo account has no %s", what, where)
		}
	}
	has("the number", `phone_number_id: "`+day.Number+`"`)
	has("the agent", "email: "+day.Agent)
	states := map[string]int{}
	for _, p := range day.People {
		has(p.ID, "name: "+p.Queue)
		if p.Assign != "" {
			has(p.ID, "email: "+p.Assign)
		}
		switch {
		case p.Close:
			states["closed"]++
		case p.Snooze != nil:
			states["snoozed"]++
		case p.Accept || p.Assign != "":
			states["open"]++
		default:
			states["waiting"]++
		}
	}
	for _, state := range []string{"waiting", "open", "snoozed", "closed"} {
		if states[state] == 0 {
			t.Errorf("no ticket is %s", state)
		}
	}
}
