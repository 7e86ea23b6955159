package blobs_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// s3Server is a small S3 that takes only requests with a right signature (AWS Signature Version 4), written by its
// documentation and not with the client's code.
type s3Server struct {
	t      *testing.T
	secret string

	mu       sync.Mutex
	objects  map[string][]byte // by path: /bucket/key
	parts    map[string]map[int][]byte
	requests []string // method and query keys
}

const (
	accessKey = "AKTEST"
	secretKey = "secret-of-the-bucket"
)

func newS3Server(t *testing.T) (*s3Server, string) {
	t.Helper()
	s := &s3Server{t: t, secret: secretKey, objects: map[string][]byte{}, parts: map[string]map[int][]byte{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

func (s *s3Server) asked() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *s3Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client gave up
	}
	if !s.signed(r, raw) {
		fail(w, http.StatusForbidden, "SignatureDoesNotMatch")
		return
	}
	body := unchunked(r, raw)
	s.mu.Lock()
	defer s.mu.Unlock()
	q := r.URL.Query()
	s.requests = append(s.requests, strings.TrimSpace(r.Method+" "+strings.Join(slices.Sorted(keysOf(q)), " ")))
	name, upload := r.URL.Path, q.Get("uploadId")
	switch {
	case r.Method == http.MethodPost && q.Has("uploads"):
		s.parts[name] = map[int][]byte{}
		fmt.Fprint(w, `<InitiateMultipartUploadResult><Bucket>files</Bucket><UploadId>up</UploadId></InitiateMultipartUploadResult>`)
	case r.Method == http.MethodPut && upload != "":
		n, _ := strconv.Atoi(q.Get("partNumber"))
		s.parts[name][n] = body
		w.Header().Set("ETag", fmt.Sprintf(`"part-%d"`, n))
	case r.Method == http.MethodPost && upload != "":
		whole := []byte{}
		for n := 1; n <= len(s.parts[name]); n++ {
			whole = append(whole, s.parts[name][n]...)
		}
		s.objects[name] = whole
		fmt.Fprint(w, `<CompleteMultipartUploadResult><Bucket>files</Bucket><ETag>"whole"</ETag></CompleteMultipartUploadResult>`)
	case r.Method == http.MethodDelete && upload != "":
		delete(s.parts, name)
		w.WriteHeader(http.StatusNoContent)
	case r.Method == http.MethodPut:
		s.objects[name] = body
		w.Header().Set("ETag", `"whole"`)
	case r.Method == http.MethodDelete:
		delete(s.objects, name)
		w.WriteHeader(http.StatusNoContent)
	default:
		object, ok := s.objects[name]
		if !ok {
			fail(w, http.StatusNotFound, "NoSuchKey")
			return
		}
		w.Header().Set("ETag", `"whole"`)
		http.ServeContent(w, r, "", time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC), bytes.NewReader(object))
	}
}

func keysOf(q url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range q {
			if !yield(k) {
				return
			}
		}
	}
}

func fail(w http.ResponseWriter, status int, code string) {
	w.WriteHeader(status)
	fmt.Fprintf(w, `<Error><Code>%s</Code><Message>%s</Message></Error>`, code, code)
}

// signed computes the request's signature and compares.
func (s *s3Server) signed(r *http.Request, body []byte) bool {
	auth, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if !ok {
		return false
	}
	fields := map[string]string{}
	for part := range strings.SplitSeq(auth, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		fields[name] = value
	}
	scope := strings.Split(fields["Credential"], "/") // key, day, region, service, aws4_request
	if len(scope) != 5 || scope[0] != accessKey {
		return false
	}
	payload := r.Header.Get("X-Amz-Content-Sha256")
	if sum := sha256.Sum256(body); payload != "UNSIGNED-PAYLOAD" && !strings.HasPrefix(payload, "STREAMING-") && payload != hex.EncodeToString(sum[:]) {
		return false
	}
	var headers strings.Builder
	for name := range strings.SplitSeq(fields["SignedHeaders"], ";") {
		value := r.Header.Get(name)
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20"),
		headers.String(), fields["SignedHeaders"], payload}, "\n")
	sum := sha256.Sum256([]byte(canonical))
	toSign := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), strings.Join(scope[1:], "/"), hex.EncodeToString(sum[:])}, "\n")
	key := []byte("AWS4" + s.secret)
	for _, part := range scope[1:] {
		key = mac(key, part)
	}
	return hmac.Equal([]byte(hex.EncodeToString(mac(key, toSign))), []byte(fields["Signature"]))
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// unchunked takes the chunks of a signed stream apart; other bodies are what they are.
func unchunked(r *http.Request, body []byte) []byte {
	if !strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return body
	}
	var out []byte
	for in := bufio.NewReader(bytes.NewReader(body)); ; {
		line, err := in.ReadString('\n')
		size, _, _ := strings.Cut(line, ";")
		n, bad := strconv.ParseInt(strings.TrimSpace(size), 16, 64)
		if err != nil || bad != nil || n == 0 {
			return out
		}
		chunk := make([]byte, n+2) // and the line's end
		if _, err := io.ReadFull(in, chunk); err != nil {
			return nil
		}
		out = append(out, chunk[:n]...)
	}
}
