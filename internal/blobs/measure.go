package blobs

import (
	"crypto/sha256"
	"errors"
	"hash"
	"io"
)

// Measured counts and sums what is read through it.
type Measured struct {
	r      io.Reader
	accept func(*Measured) error
	sum    hash.Hash
	Size   int64 // bytes read so far
}

// Measure reads r. At its end accept may refuse the whole: its error is the reader's, so that Put stores nothing.
func Measure(r io.Reader, accept func(*Measured) error) *Measured {
	return &Measured{r: r, accept: accept, sum: sha256.New()}
}

// SHA256 is the sum of what was read so far.
func (m *Measured) SHA256() []byte { return m.sum.Sum(nil) }

// Read implements io.Reader.
func (m *Measured) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.Size += int64(n)
	_, _ = m.sum.Write(p[:n]) // a hash never fails
	if errors.Is(err, io.EOF) {
		if refused := m.accept(m); refused != nil {
			return n, refused
		}
	}
	return n, err
}
