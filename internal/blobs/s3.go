package blobs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// partSize is the memory of an upload, and S3's smallest part. Smaller files go in one request.
const partSize = 5 << 20

// bucket keeps files in a bucket of S3, or of a server that speaks its protocol.
type bucket struct {
	client *minio.Client
	name   string
	prefix string
}

// openBucket reads s3://bucket. Credentials come from the environment, from AWS's credentials file, or from the machine's role.
func openBucket(u *url.URL) (Store, error) {
	q := u.Query()
	if err := only(q, "region", "endpoint", "use_path_style", "s3ForcePathStyle", "disable_https", "prefix"); err != nil {
		return nil, err
	}
	if u.Host == "" {
		return nil, errors.New("want s3://bucket?region=…")
	}
	opts := &minio.Options{Region: q.Get("region"), Secure: q.Get("disable_https") != "true",
		Creds: credentials.NewChainCredentials([]credentials.Provider{
			&credentials.EnvAWS{}, &credentials.FileAWSCredentials{}, &credentials.IAM{Client: &http.Client{Timeout: 10 * time.Second}},
		})}
	if q.Get("use_path_style") == "true" || q.Get("s3ForcePathStyle") == "true" {
		opts.BucketLookup = minio.BucketLookupPath
	}
	host := "s3.amazonaws.com"
	if endpoint := q.Get("endpoint"); endpoint != "" {
		e, err := url.Parse(endpoint)
		if err != nil || e.Host == "" {
			e = &url.URL{Scheme: "https", Host: endpoint}
		}
		host, opts.Secure = e.Host, e.Scheme != "http" && opts.Secure
	}
	client, err := minio.New(host, opts)
	if err != nil {
		return nil, err
	}
	return &bucket{client: client, name: u.Host, prefix: q.Get("prefix")}, nil
}

func (b *bucket) key(key string) string { return b.prefix + path.Clean(key) }

// Put implements Store.
func (b *bucket) Put(ctx context.Context, key, contentType string, r io.Reader) error {
	head := make([]byte, partSize)
	n, err := io.ReadFull(r, head)
	size := int64(-1)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		size, r = int64(n), bytes.NewReader(head[:n])
	case err != nil:
		return err
	default:
		r = io.MultiReader(bytes.NewReader(head), r)
	}
	watched := &watchedReader{r: r}
	_, err = b.client.PutObject(ctx, b.name, b.key(key), watched, size, minio.PutObjectOptions{ContentType: contentType, PartSize: partSize})
	if watched.err != nil {
		return watched.err
	}
	return asNotExist(err, key)
}

// watchedReader keeps the reader's own error, which the client hides in one of its own.
type watchedReader struct {
	r   io.Reader
	err error
}

func (w *watchedReader) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}

// Open implements Store. It asks for the file at once, so that a missing one is known before anything is answered.
func (b *bucket) Open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	object, err := b.client.GetObject(ctx, b.name, b.key(key), minio.GetObjectOptions{})
	if err != nil {
		return nil, asNotExist(err, key)
	}
	if _, err := object.Stat(); err != nil {
		_ = object.Close()
		return nil, asNotExist(err, key)
	}
	return object, nil
}

// Delete implements Store.
func (b *bucket) Delete(ctx context.Context, key string) error {
	err := asNotExist(b.client.RemoveObject(ctx, b.name, b.key(key), minio.RemoveObjectOptions{}), key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func asNotExist(err error, key string) error {
	if err != nil && minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return fmt.Errorf("%s: %w", key, fs.ErrNotExist)
	}
	return err
}
