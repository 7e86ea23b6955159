package phone

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"testing"
)

func element(id []byte, content []byte) []byte {
	size := []byte{0x08, 0, 0, 0, 0}
	binary.BigEndian.PutUint32(size[1:], uint32(len(content)))
	return append(append(append([]byte{}, id...), size...), content...)
}

// TestWebmToOgg moves three packets of 20 ms, one of them long, out of a recording of unknown length.
func TestWebmToOgg(t *testing.T) {
	head := append([]byte("OpusHead"), 1, 1, 0x38, 0x01, 0x80, 0xBB, 0, 0, 0, 0, 0)
	packets := [][]byte{append([]byte{0x78}, bytes.Repeat([]byte{1}, 10)...), append([]byte{0x78}, bytes.Repeat([]byte{2}, 600)...), {0x78, 3}}
	track := element([]byte{0x16, 0x54, 0xAE, 0x6B}, element([]byte{0xAE}, element([]byte{0x63, 0xA2}, head)))
	unknown := []byte{0x01, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}
	var clusters []byte
	for _, p := range packets {
		clusters = append(clusters, 0x1F, 0x43, 0xB6, 0x75)
		clusters = append(clusters, unknown...)
		clusters = append(clusters, element([]byte{0xA3}, append([]byte{0x81, 0, 0, 0x80}, p...))...)
	}
	file := element([]byte{0x1A, 0x45, 0xDF, 0xA3}, nil)
	file = append(file, 0x18, 0x53, 0x80, 0x67)
	file = append(append(append(file, unknown...), track...), clusters...)
	r, err := webmToOgg(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	b, _ := io.ReadAll(r)
	var got [][]byte
	var granule uint64
	var last byte
	for len(b) > 0 {
		if string(b[:4]) != "OggS" {
			t.Fatal("page does not begin with OggS")
		}
		n := int(b[26])
		size := 27 + n
		var packet, lens []byte
		lens = b[27 : 27+n]
		for _, l := range lens {
			size += int(l)
		}
		page := append([]byte{}, b[:size]...)
		sum := binary.LittleEndian.Uint32(page[22:])
		copy(page[22:26], []byte{0, 0, 0, 0})
		if oggSum(page) != sum {
			t.Error("checksum")
		}
		granule, last = binary.LittleEndian.Uint64(b[6:]), b[5]
		rest := b[27+n : size]
		for _, l := range lens {
			packet = append(packet, rest[:l]...)
			rest = rest[l:]
			if l < 255 {
				got, packet = append(got, packet), nil
			}
		}
		b = b[size:]
	}
	if len(got) != 5 || !bytes.Equal(got[0], head) || !bytes.Equal(got[3], packets[1]) {
		t.Errorf("%d packets came out", len(got))
	}
	if granule != 0x138+3*960 || last != 0x04 {
		t.Errorf("ends at sample %d with flags %d", granule, last)
	}
}

func TestWebmToOggRefusesOtherThings(t *testing.T) {
	for _, b := range [][]byte{nil, []byte("RIFF"), {0xA3, 0x81, 0}, bytes.Repeat([]byte{0xA3, 0x01}, 50)} {
		if _, err := webmToOgg(bytes.NewReader(b)); !errors.Is(err, errNotOpus) {
			t.Errorf("%x: %v", b, err)
		}
	}
}
