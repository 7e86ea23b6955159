package temporal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Faults are chances from 0 to 1 that a call of Temporal to its own database
// fails: by store, method and kind of error, as in
// {"ExecutionStore": {"UpdateWorkflowExecution": {"Timeout": 0.05}}}.
type Faults map[string]map[string]map[string]float64

// The kinds of errors that can be injected. An ExecuteAndTimeout was carried
// out before the error is given: the server does not know.
var faultKinds = []string{"ResourceExhausted", "Timeout", "ExecuteAndTimeout", "Unavailable", "ShardOwnershipLost"}

var faultStores = []string{
	"ShardStore", "TaskStore", "MetadataStore", executionStore, "Queue", "QueueV2", "ClusterMDStore", "NexusEndpointStore",
}

// executionStore is the store of workflows and their histories.
const executionStore = "ExecutionStore"

// ReadFaults reads what `--temporal-faults` was given: a chance such as 0.05,
// which every kind of error of the calls for workflows gets, or the name of a
// JSON file. An empty setting is no faults.
func ReadFaults(setting string) (Faults, error) {
	if setting == "" {
		return nil, nil
	}
	if rate, err := strconv.ParseFloat(setting, 64); err == nil {
		f := evenFaults(rate)
		return f, f.check()
	}
	text, err := os.ReadFile(setting)
	if err != nil {
		return nil, fmt.Errorf("--temporal-faults %s is neither a chance from 0 to 0.3 nor a file: %w", setting, err)
	}
	var f Faults
	d := json.NewDecoder(bytes.NewReader(text))
	if err := d.Decode(&f); err != nil {
		return nil, fmt.Errorf(`%s is not JSON such as {"ExecutionStore": {"UpdateWorkflowExecution": {"Timeout": 0.05}}}: %w`, setting, err)
	}
	return f, f.check()
}

// evenFaults gives every call that reads or writes workflows the same chance of
// each kind of error; only writes can be carried out and then time out.
func evenFaults(rate float64) Faults {
	read := map[string]float64{"ResourceExhausted": rate, "Timeout": rate}
	write := map[string]float64{"ResourceExhausted": rate, "Timeout": rate, "ExecuteAndTimeout": rate}
	return Faults{executionStore: {
		"CreateWorkflowExecution": write, "UpdateWorkflowExecution": write, "AppendHistoryNodes": write,
		"GetWorkflowExecution": read, "GetCurrentExecution": read, "ReadHistoryBranch": read,
	}}
}

// check finds what the server would ignore or end at.
func (f Faults) check() error {
	for store, methods := range f {
		if !slices.Contains(faultStores, store) {
			return fmt.Errorf("--temporal-faults names the store %q: write one of %s", store, strings.Join(faultStores, ", "))
		}
		for method, kinds := range methods {
			total := 0.0
			for kind, chance := range kinds {
				if !slices.Contains(faultKinds, kind) {
					return fmt.Errorf("--temporal-faults names the error %q of %s: write one of %s", kind, method, strings.Join(faultKinds, ", "))
				}
				if chance < 0 || chance > 1 {
					return fmt.Errorf("--temporal-faults gives %s of %s the chance %v: write one from 0 to 1", kind, method, chance)
				}
				total += chance
			}
			if total >= 1 {
				return fmt.Errorf("--temporal-faults lets every %s fail: the chances of its errors have to be less than 1 together", method)
			}
		}
	}
	return nil
}

// fault is what the server's setting says of one method.
type fault struct {
	Errors map[string]float64 `json:"errors"`
	Seed   int64              `json:"seed"`
}

// setting is the server's setting faultInjection as JSON, which YAML takes too. The same seed draws the same chances,
// method by method. Without faults it is empty.
func (f Faults) setting(seed int64) string {
	if len(f) == 0 {
		return ""
	}
	stores := map[string]any{}
	for store, methods := range f {
		drawn := map[string]fault{}
		for method, kinds := range methods {
			h := fnv.New32a()
			_, _ = h.Write([]byte(store + "." + method))
			drawn[method] = fault{Errors: kinds, Seed: seed + int64(h.Sum32())}
		}
		stores[store] = map[string]any{"methods": drawn}
	}
	text, _ := json.Marshal(map[string]any{"targets": map[string]any{"dataStores": stores}}) // numbers and strings
	return string(text)
}
