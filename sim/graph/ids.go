package graph

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// direction says who wrote a message: the business (out) or the customer (in).
type direction byte

const (
	outbound direction = 0x11
	inbound  direction = 0x12
)

// messageIDs makes wamids that carry person, direction and second inside, as Meta's do. A wamid can
// therefore be judged (known? whose? how old?) without keeping every message in memory.
type messageIDs struct{ counter atomic.Uint32 }

func newMessageIDs() *messageIDs {
	m := &messageIDs{}
	var b [4]byte
	_, _ = rand.Read(b[:])
	m.counter.Store(binary.BigEndian.Uint32(b[:]))
	return m
}

// next returns a fresh wamid for a message between us and the person known as peer.
func (m *messageIDs) next(d direction, peer string, at time.Time) string {
	var core [9]byte
	binary.BigEndian.PutUint32(core[0:4], uint32(at.Unix()))
	binary.BigEndian.PutUint32(core[4:8], m.counter.Add(1))
	core[8] = wamidSum(d, peer, core[:8])
	b := make([]byte, 0, 32+len(peer))
	b = append(b, 0x1c, 0x18, byte(len(peer)))
	b = append(b, peer...)
	b = append(b, 0x15, 0x02, 0x00, byte(d), 0x18, 0x12)
	b = append(b, strings.ToUpper(hex.EncodeToString(core[:]))...)
	b = append(b, 0x00)
	return "wamid." + base64.StdEncoding.EncodeToString(b)
}

func wamidSum(d direction, peer string, core []byte) byte {
	h := sha256.New()
	h.Write([]byte{byte(d)})
	h.Write([]byte(peer))
	h.Write(core)
	return h.Sum(nil)[0]
}

// wamid is what a message id tells about its message.
type wamid struct {
	dir  direction
	peer string
	at   time.Time
}

// parseWamid reads an id made by next; ok is false for any other string.
func parseWamid(id string) (w wamid, ok bool) {
	raw, found := strings.CutPrefix(id, "wamid.")
	if !found {
		return w, false
	}
	b, err := base64.StdEncoding.DecodeString(raw)
	if err != nil || len(b) < 3 || b[0] != 0x1c || b[1] != 0x18 {
		return w, false
	}
	n := int(b[2])
	if len(b) != 3+n+6+18+1 {
		return w, false
	}
	w.peer = string(b[3 : 3+n])
	rest := b[3+n:]
	w.dir = direction(rest[3])
	core, err := hex.DecodeString(string(rest[6:24]))
	if err != nil || core[8] != wamidSum(w.dir, w.peer, core[:8]) {
		return w, false
	}
	w.at = time.Unix(int64(binary.BigEndian.Uint32(core[0:4])), 0)
	return w, true
}

// numericID returns a random id of the given number of digits, the form Meta gives to its objects.
func numericID(digits int) string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	lo := uint64(1)
	for range digits - 1 {
		lo *= 10
	}
	return strconv.FormatUint(lo+binary.BigEndian.Uint64(b[:])%(9*lo), 10)
}

// traceID returns a value for fbtrace_id.
func traceID() string {
	var b [17]byte
	_, _ = rand.Read(b[:])
	return "A" + base64.RawURLEncoding.EncodeToString(b[:])[:22]
}

// deriveUserID returns the business-scoped user id that a portfolio sees for a person nobody gave one to.
func deriveUserID(portfolio, country, person string) string {
	sum := sha256.Sum256([]byte(portfolio + "|" + person))
	return fmt.Sprintf("%s.%015d", country, binary.BigEndian.Uint64(sum[:8])%1_000_000_000_000_000)
}
