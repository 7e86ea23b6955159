package phone

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

var errNotOpus = errors.New("the recording is not Opus in WebM")

// webmToOgg moves the Opus packets of a WebM recording (what MediaRecorder gives in most browsers) into
// an Ogg container (what a phone sends), without touching the sound.
func webmToOgg(r io.Reader) (io.Reader, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("read recording: %w", err)
	}
	m := webm{}
	if err := m.elements(b); err != nil {
		return nil, err
	}
	if len(m.packets) == 0 || len(m.head) < 19 || string(m.head[:8]) != "OpusHead" {
		return nil, errNotOpus
	}
	return newOgg(m.head, m.packets), nil
}

// webm collects the codec's header and the sound packets of a file.
type webm struct {
	head    []byte
	packets [][]byte
}

// The EBML elements that lead to the sound, and those that carry it.
const (
	ebmlSegment      = 0x18538067
	ebmlCluster      = 0x1F43B675
	ebmlTracks       = 0x1654AE6B
	ebmlTrackEntry   = 0xAE
	ebmlCodecPrivate = 0x63A2
	ebmlBlockGroup   = 0xA0
	ebmlBlock        = 0xA1
	ebmlSimpleBlock  = 0xA3
)

func (m *webm) elements(b []byte) error {
	for len(b) > 0 {
		id, n, ok := vint(b, false)
		if !ok {
			return nil // a recording may end in the middle of an element
		}
		size, k, ok := vint(b[n:], true)
		if !ok {
			return nil
		}
		b = b[n+k:]
		unknown := size == 1<<(7*k)-1 // a live recording does not know the length of its parts
		if unknown || size > uint64(len(b)) {
			size = uint64(len(b))
		}
		switch id {
		case ebmlSegment, ebmlCluster, ebmlTracks, ebmlTrackEntry, ebmlBlockGroup:
			if err := m.elements(b[:size]); err != nil {
				return err
			}
		case ebmlCodecPrivate:
			m.head = b[:size]
		case ebmlSimpleBlock, ebmlBlock:
			if err := m.block(b[:size]); err != nil {
				return err
			}
		}
		b = b[size:]
	}
	return nil
}

func (m *webm) block(b []byte) error {
	_, n, ok := vint(b, true)
	if !ok || len(b) < n+4 {
		return errNotOpus
	}
	if b[n+2]&0x06 != 0 {
		return fmt.Errorf("%w: its blocks are laced", errNotOpus)
	}
	m.packets = append(m.packets, b[n+3:])
	return nil
}

// vint reads EBML's number of variable length; with strip the length marker is taken off.
func vint(b []byte, strip bool) (v uint64, n int, ok bool) {
	if len(b) == 0 || b[0] == 0 {
		return 0, 0, false
	}
	n = 1
	for mask := byte(0x80); b[0]&mask == 0; mask >>= 1 {
		n++
	}
	if len(b) < n {
		return 0, 0, false
	}
	v = uint64(b[0])
	if strip {
		v &= 0xFF >> n
	}
	for _, c := range b[1:n] {
		v = v<<8 | uint64(c)
	}
	return v, n, true
}

// opusSamples returns the length of a packet in samples at 48 kHz (RFC 6716, section 3.1).
func opusSamples(p []byte) uint64 {
	if len(p) == 0 {
		return 0
	}
	config := p[0] >> 3
	var frame uint64
	switch {
	case config < 12:
		frame = [...]uint64{480, 960, 1920, 2880}[config&3]
	case config < 16:
		frame = [...]uint64{480, 960}[config&1]
	default:
		frame = [...]uint64{120, 240, 480, 960}[config&3]
	}
	switch p[0] & 3 {
	case 0:
		return frame
	case 3:
		if len(p) < 2 {
			return 0
		}
		return frame * uint64(p[1]&0x3F)
	}
	return frame * 2
}

type oggWriter struct {
	out    []byte
	serial uint32
	page   uint32
}

func newOgg(head []byte, packets [][]byte) io.Reader {
	w := &oggWriter{serial: 0x50455245}
	w.write([][]byte{head}, 0, 0x02)
	tags := append([]byte("OpusTags"), 3, 0, 0, 0, 's', 'i', 'm', 0, 0, 0, 0)
	w.write([][]byte{tags}, 0, 0)
	granule := uint64(binary.LittleEndian.Uint16(head[10:12])) // the pre-skip counts as played
	var page [][]byte
	segments := 0
	for i, p := range packets {
		need := len(p)/255 + 1
		if segments+need > 255 {
			w.write(page, granule, 0)
			page, segments = nil, 0
		}
		page, segments = append(page, p), segments+need
		granule += opusSamples(p)
		if i == len(packets)-1 {
			w.write(page, granule, 0x04)
		}
	}
	return bytes.NewReader(w.out)
}

// write appends a page of whole packets.
func (w *oggWriter) write(packets [][]byte, granule uint64, flags byte) {
	start := len(w.out)
	w.out = append(w.out, 'O', 'g', 'g', 'S', 0, flags)
	w.out = binary.LittleEndian.AppendUint64(w.out, granule)
	w.out = binary.LittleEndian.AppendUint32(w.out, w.serial)
	w.out = binary.LittleEndian.AppendUint32(w.out, w.page)
	w.out = append(w.out, 0, 0, 0, 0)
	var lacing []byte
	for _, p := range packets {
		for range len(p) / 255 {
			lacing = append(lacing, 255)
		}
		lacing = append(lacing, byte(len(p)%255))
	}
	w.out = append(w.out, byte(len(lacing)))
	w.out = append(w.out, lacing...)
	for _, p := range packets {
		w.out = append(w.out, p...)
	}
	binary.LittleEndian.PutUint32(w.out[start+22:], oggSum(w.out[start:]))
	w.page++
}

// oggSum is Ogg's checksum: CRC-32 of polynomial 0x04c11db7, high bit first, nothing inverted.
func oggSum(b []byte) uint32 {
	var crc uint32
	for _, c := range b {
		crc ^= uint32(c) << 24
		for range 8 {
			if crc&0x80000000 != 0 {
				crc = crc<<1 ^ 0x04c11db7
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}
