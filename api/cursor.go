package api

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/perene/perene/models"
)

// A cursor is opaque to clients: URL-safe base64 of the place behind which to read on.

var errCursor = models.Invalid("query.cursor", "give next_cursor of the page before, unchanged")

func encodeCursor(place string) string { return base64.RawURLEncoding.EncodeToString([]byte(place)) }

func decodeCursor(cursor string) (string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return "", errCursor
	}
	return string(raw), nil
}

func idCursor[T ~int64](id T) string { return strconv.FormatInt(int64(id), 10) }

// id reads a cursor that is an id; 0 without one.
func (p *Paging) id() (int64, error) {
	if p.Cursor == "" {
		return 0, nil
	}
	place, err := decodeCursor(p.Cursor)
	if err != nil {
		return 0, err
	}
	id, err := strconv.ParseInt(place, 10, 64)
	if err != nil || id <= 0 {
		return 0, errCursor
	}
	return id, nil
}

// word reads a cursor that is a word; empty without one.
func (p *Paging) word() (string, error) {
	place, err := decodeCursor(p.Cursor)
	if err != nil || !utf8.ValidString(place) || strings.ContainsRune(place, 0) {
		return "", errCursor
	}
	return place, nil
}

// pageBytes is how long a page may be; a single row may be longer.
const pageBytes = 2 << 20

// pageOf makes a page of the rows that were read: one more than asked for tells that there are more. A page that is long
// enough ends before.
func pageOf[R, T any](ctx context.Context, in *Paging, rows []R, err error, as func(R) T, place func(R) string) (*page[T], error) {
	if err != nil {
		return nil, err
	}
	out := &page[T]{Body: Page[T]{Data: make([]T, 0, len(rows))}}
	bytes := 0
	for i, r := range rows {
		row := as(r)
		written, err := json.Marshal(row)
		if err != nil {
			return nil, fmt.Errorf("write a row of a list: %w", err)
		}
		if bytes += len(written); i == in.Limit || i > 0 && bytes > pageBytes {
			next := encodeCursor(place(rows[i-1]))
			out.Body.HasMore, out.Body.NextCursor = true, &next
			out.Link = nextLink(ctx, next)
			break
		}
		out.Body.Data = append(out.Body.Data, row)
	}
	return out, nil
}

// pageAll makes the one page of a list that is short.
func pageAll[T any](rows []T) *page[T] { return &page[T]{Body: Page[T]{Data: rows}} }

// nextLink writes the address of the next page (RFC 8288).
func nextLink(ctx context.Context, cursor string) string {
	info := requestInfoOf(ctx)
	q, err := url.ParseQuery(info.query)
	if err != nil {
		return ""
	}
	q.Set("cursor", cursor)
	return "<" + strings.TrimSuffix(info.path, "/") + "?" + q.Encode() + ">; rel=\"next\""
}
