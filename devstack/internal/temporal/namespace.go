package temporal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"
)

// Retention is how long a closed workflow can be read.
const Retention = 7 * 24 * time.Hour

// SearchAttributes maps the name of a search attribute to its type: Bool,
// Datetime, Double, Int, Keyword, KeywordList or Text.
type SearchAttributes map[string]string

// ReadSearchAttributes reads a JSON object from a file; no file is no attributes.
func ReadSearchAttributes(path string) (SearchAttributes, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the search attributes: %w", err)
	}
	attributes := SearchAttributes{}
	if err := json.Unmarshal(text, &attributes); err != nil {
		return nil, fmt.Errorf("read the search attributes in %s: %w", path, err)
	}
	if _, err := attributes.types(); err != nil {
		return nil, fmt.Errorf("read the search attributes in %s: %w", path, err)
	}
	return attributes, nil
}

func (a SearchAttributes) types() (map[string]enumspb.IndexedValueType, error) {
	types := make(map[string]enumspb.IndexedValueType, len(a))
	for name, kind := range a {
		t, err := enumspb.IndexedValueTypeFromString(kind)
		if err != nil || t == enumspb.INDEXED_VALUE_TYPE_UNSPECIFIED {
			return nil, fmt.Errorf("%s has the type %q: use Bool, Datetime, Double, Int, Keyword, KeywordList or Text", name, kind)
		}
		types[name] = t
	}
	return types, nil
}

// EnsureNamespace makes the namespace and registers the search attributes where
// they are missing, and returns when both can be used.
func EnsureNamespace(ctx context.Context, c client.Client, namespace string, attributes SearchAttributes) error {
	_, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
	var missing *serviceerror.NamespaceNotFound
	if errors.As(err, &missing) {
		_, err = c.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
			Namespace:                        namespace,
			Description:                      "Perene: every conversation that waits for something",
			WorkflowExecutionRetentionPeriod: durationpb.New(Retention),
		})
		var exists *serviceerror.NamespaceAlreadyExists
		if errors.As(err, &exists) {
			err = nil
		}
	}
	if err != nil {
		return fmt.Errorf("make the namespace %s: %w", namespace, err)
	}
	wanted, err := attributes.types()
	if err != nil {
		return err
	}
	for {
		left, err := addMissing(ctx, c, namespace, wanted)
		if err == nil && len(left) == 0 {
			return nil
		}
		// A namespace and an attribute are seen by every part of the server
		// only after its caches have been refreshed.
		select {
		case <-ctx.Done():
			return fmt.Errorf("register the search attributes %v: %w", slices.Sorted(maps.Keys(left)), errors.Join(err, ctx.Err()))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// addMissing asks for what is not there yet and returns it.
func addMissing(ctx context.Context, c client.Client, namespace string, wanted map[string]enumspb.IndexedValueType) (map[string]enumspb.IndexedValueType, error) {
	have, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return wanted, err
	}
	left := map[string]enumspb.IndexedValueType{}
	for name, t := range wanted {
		got, there := have.GetCustomAttributes()[name]
		if there && got != t {
			return nil, fmt.Errorf("%s is registered as %s, not as %s: start over with RESET=1", name, got, t)
		}
		if !there {
			left[name] = t
		}
	}
	if len(left) == 0 {
		return nil, nil
	}
	_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: left,
	})
	return left, err
}
