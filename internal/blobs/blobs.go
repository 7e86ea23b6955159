// Package blobs keeps files under keys: in a folder, in an S3 bucket, or in memory for tests.
package blobs

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
)

// Store keeps files. Keys are paths with slashes. Safe for concurrent use.
type Store interface {
	// Put stores everything that r gives, whole or not at all. An error of r comes back as it is.
	Put(ctx context.Context, key, contentType string, r io.Reader) error
	// Open reads a file. The error wraps fs.ErrNotExist where there is none.
	Open(ctx context.Context, key string) (io.ReadSeekCloser, error)
	// Delete takes a file away. It is no error where there is none.
	Delete(ctx context.Context, key string) error
}

// Open opens the store that an address names: file:///folder or s3://bucket?region=…. A folder is made if it is missing.
func Open(address string) (Store, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("want file:///folder or s3://bucket?region=…, not an address that cannot be read")
	}
	switch u.Scheme {
	case "file":
		return openFolder(u)
	case "s3":
		return openBucket(u)
	}
	return nil, fmt.Errorf("want file:///folder or s3://bucket?region=…, not %q", strings.SplitN(address, "?", 2)[0])
}

// only refuses parameters that an address does not have.
func only(q url.Values, names ...string) error {
	for name := range q {
		known := false
		for _, n := range names {
			known = known || n == name
		}
		if !known {
			return fmt.Errorf("the address has no parameter %q: there are %s", name, strings.Join(names, ", "))
		}
	}
	return nil
}
