package flow

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strconv"
	"strings"
)

// hash mixes texts into 32 bytes. It is the engine's only source of anything random: the same run, visit and seed give
// the same numbers wherever and however often the step is done.
func hash(parts ...string) [32]byte {
	return sha256.Sum256([]byte(strings.Join(parts, "\x00")))
}

// random is a number for one purpose within the present visit.
func (r *run) random(purpose string) uint64 {
	h := hash(r.ev.Seed, r.s.Run, strconv.FormatInt(r.frame().Visit, 10), purpose)
	return binary.BigEndian.Uint64(h[:8])
}

// randomID is an id of ten letters and digits that people can read out; it is as hard to guess as the event's seed.
func (r *run) randomID(purpose string) string {
	h := hash(r.ev.Seed, r.s.Run, strconv.FormatInt(r.frame().Visit, 10), "id", purpose)
	return crockford.EncodeToString(h[:])[:10]
}

// crockford leaves out letters that look like digits.
var crockford = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)
