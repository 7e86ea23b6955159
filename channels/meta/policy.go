package meta

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/perene/perene/channels"
)

//go:embed errorpolicy.json
var errorPolicyJSON []byte

// Policies is Meta's error table with our policies (errorpolicy.json), built
// once. The file is part of the program, so a fault in it stops the program.
var Policies = sync.OnceValue(func() *channels.PolicyTable {
	table, err := parsePolicies(errorPolicyJSON)
	if err != nil {
		panic("errorpolicy.json: " + err.Error())
	}
	return table
})

// policyRow is a row of errorpolicy.json. Codes are numbers or ranges "200-299".
type policyRow struct {
	channels.Policy
	Codes []string `json:"codes"`
}

func parsePolicies(data []byte) (*channels.PolicyTable, error) {
	var rows []policyRow
	if err := json.Unmarshal(data, &rows); err != nil {
		return nil, err
	}
	policies := make([]channels.Policy, len(rows))
	codes := make([][]int, len(rows))
	for i, row := range rows {
		policies[i] = row.Policy
		for _, s := range row.Codes {
			lo, hi, err := codeRange(s)
			if err != nil {
				return nil, fmt.Errorf("policy %q: %w", row.Key, err)
			}
			for c := lo; c <= hi; c++ {
				codes[i] = append(codes[i], c)
			}
		}
	}
	return channels.NewPolicyTable(policies, codes)
}

func codeRange(s string) (lo, hi int, err error) {
	first, last, ranged := strings.Cut(s, "-")
	if lo, err = strconv.Atoi(first); err != nil {
		return 0, 0, fmt.Errorf("read code %q: %w", s, err)
	}
	if !ranged {
		return lo, lo, nil
	}
	if hi, err = strconv.Atoi(last); err != nil {
		return 0, 0, fmt.Errorf("read code %q: %w", s, err)
	}
	if hi < lo || hi-lo > 1000 {
		return 0, 0, fmt.Errorf("code range %q is empty or too wide", s)
	}
	return lo, hi, nil
}
