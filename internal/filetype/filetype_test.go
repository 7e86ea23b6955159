package filetype_test

import (
	"archive/zip"
	"bytes"
	"testing"

	"github.com/perene/perene/internal/filetype"
)

// docx is the beginning of a document whose first entry does not say that it is one.
func docx(t *testing.T) []byte {
	t.Helper()
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	picture, err := z.CreateHeader(&zip.FileHeader{Name: "docProps/thumbnail.jpeg", Method: zip.Store})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := picture.Write(bytes.Repeat([]byte{0xff}, 5000)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return archive.Bytes()[:filetype.HeadBytes]
}

// S13: a file is what its bytes are. A document of Office is one whatever stands at its beginning, and a name alone makes none.
func TestAFileIsWhatItsBytesAre(t *testing.T) {
	t.Parallel()
	head := docx(t)
	ole := append([]byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}, make([]byte, 600)...)
	const word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	for _, c := range []struct {
		name string
		head []byte
		want string
	}{
		{"contrato2.docx", head, word},
		{"PLANILHA.XLSX", head, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
		{"aula.pptx", head, "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
		{"fotos.zip", head, "application/zip"},
		{"sem nome", head, "application/zip"},
		{"antigo.doc", ole, "application/msword"},
		{"texto.docx", []byte("só um texto"), "text/plain; charset=utf-8"},
		{"foto.docx", []byte("\x89PNG\r\n\x1a\n0000000000"), "image/png"},
	} {
		if got := filetype.Of(c.head, c.name); got != c.want {
			t.Errorf("%s is %s, want %s", c.name, got, c.want)
		}
	}
}

// S13: what a provider says of a file counts where the bytes agree.
func TestAClaimCountsWhereTheBytesAgree(t *testing.T) {
	t.Parallel()
	const word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	png, ogg := "\x89PNG\r\n\x1a\n0000000000", "OggS\x00\x02"+string(make([]byte, 22))+"OpusHead\x01\x01"
	mp4 := "\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
	for _, c := range []struct{ head, claim, name, want string }{
		{png, "image/png", "", "image/png"},
		{png, "image/jpeg", "", "image/png"},
		{png, "", "", "image/png"},
		{png, "/;", "", "image/png"},
		{ogg, "audio/ogg; codecs=opus", "", "audio/ogg; codecs=opus"},
		{mp4, "video/mp4", "", "video/mp4"},
		{mp4, "audio/mp4", "", "audio/mp4"},
		{"<html><script>alert(1)</script>", "image/png", "foto.png", "text/html; charset=utf-8"},
		{"<html><script>alert(1)</script>", "application/pdf", "a.pdf", "text/html; charset=utf-8"},
		{`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, "image/webp", "", "image/svg+xml"},
		{"nome;valor\n1;2\n", "text/csv", "a.csv", "text/csv"},
		{"BEGIN:VCARD\nVERSION:3.0\n", "text/x-vcard", "a.vcf", "text/vcard"},
		{"\x00\x01\x02\x03\xff", "image/png", "", filetype.Unknown},
		{"\x00\x01\x02\x03\xff", "application/pdf", "", filetype.Unknown},
		{string(docx(t)), word, "sem nome", word},
		{"%PDF-1.7\n", word, "a.docx", "application/pdf"},
		{"MZ\x90\x00", "image/jpeg", "a.jpg", "application/vnd.microsoft.portable-executable"},
	} {
		if got := filetype.Agreed([]byte(c.head), c.claim, c.name); got != c.want {
			t.Errorf("%.12q said to be %s is %s, want %s", c.head, c.claim, got, c.want)
		}
	}
}
