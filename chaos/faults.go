package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
)

var (
	persistenceErrors = regexp.MustCompile(`^persistence_error_with_type\{.*\} ([0-9.e+]+)$`)
	errorType         = regexp.MustCompile(`error_type="([^"]*)"`)
)

// countFaults says how many of Temporal's calls to its database failed: without any, P12 proved nothing.
func countFaults(ctx context.Context, c *campaign) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.URLs.TemporalMetrics, nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("read Temporal's metrics: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	counts := map[string]int{}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if m := persistenceErrors.FindStringSubmatch(lines.Text()); m != nil {
			n, _ := strconv.ParseFloat(m[1], 64)
			kind := "unknown"
			if t := errorType.FindStringSubmatch(lines.Text()); t != nil {
				kind = t[1]
			}
			counts[kind] += int(n)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read Temporal's metrics: %w", err)
	}
	kinds := make([]string, 0, len(counts))
	for kind, n := range counts {
		kinds = append(kinds, fmt.Sprintf("%s %d", kind, n))
	}
	slices.Sort(kinds)
	fmt.Fprintf(c.out, "  P12: errors of Temporal's database calls: %v\n", kinds)
	for _, kind := range []string{"persistence_TimeoutError", "serviceerror_ResourceExhausted"} {
		if counts[kind] == 0 {
			c.violate("P12", "no call of Temporal to its database failed with "+kind+": nothing was proved")
		}
	}
	return nil
}
