package blobs

import (
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// folder keeps each file under its key in a directory.
type folder string

// openFolder takes the parameters that addresses of folders ever had. None changes anything.
func openFolder(u *url.URL) (Store, error) {
	if err := only(u.Query(), "create_dir", "no_tmp_dir", "metadata"); err != nil {
		return nil, err
	}
	dir := filepath.FromSlash(u.Path)
	if u.Host != "" || !filepath.IsAbs(dir) {
		return nil, fmt.Errorf("want file:///folder with three slashes")
	}
	if err := os.MkdirAll(dir, 0o777); err != nil { //nolint:gosec // the umask decides who may read
		return nil, err
	}
	return folder(dir), nil
}

func (f folder) path(key string) (string, error) {
	name := filepath.FromSlash(key)
	if !filepath.IsLocal(name) {
		return "", fmt.Errorf("%q is no key: %w", key, fs.ErrInvalid)
	}
	return filepath.Join(string(f), name), nil
}

// Put implements Store. The file gets its name when it is whole.
func (f folder) Put(ctx context.Context, key, _ string, r io.Reader) error {
	name, err := f.path(key)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil { //nolint:gosec // the umask decides who may read
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(name), ".part-*") // a rename across devices would not be one step
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(part.Name()) }() // nothing is there under this name after a rename
	_, err = io.Copy(part, r)
	if closed := part.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	return os.Rename(part.Name(), name)
}

// Open implements Store.
func (f folder) Open(_ context.Context, key string) (io.ReadSeekCloser, error) {
	name, err := f.path(key)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	return file, nil
}

// Delete implements Store.
func (f folder) Delete(_ context.Context, key string) error {
	name, err := f.path(key)
	if err != nil {
		return err
	}
	if err := os.Remove(name); err != nil && !os.IsNotExist(err) {
		return err
	}
	return nil
}
