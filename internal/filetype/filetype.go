// Package filetype says what a file is by its bytes. What a form, a provider or a name claims counts only where the bytes leave it
// open.
package filetype

import (
	"mime"
	"path"
	"strings"

	"github.com/gabriel-vasile/mimetype"
)

// HeadBytes is how much of a file's beginning Of and Agreed look at.
const HeadBytes = 3072

// Unknown is the type of bytes that say nothing.
const Unknown = "application/octet-stream"

// office are the types of documents that look like a mere archive where their beginning holds no more: the archive's type,
// and by the name's ending what it is.
var office = map[string]map[string]string{
	"application/zip": {
		".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
		".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
		".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
	},
	"application/x-ole-storage": {
		".doc": "application/msword",
		".xls": "application/vnd.ms-excel",
		".ppt": "application/vnd.ms-powerpoint",
	},
}

// aliases are types that bytes and providers name differently. The value is the name that browsers and channels use.
var aliases = map[string]string{
	"application/ogg": "audio/ogg", "audio/x-m4a": "audio/mp4", "audio/x-wav": "audio/wav", "image/jpg": "image/jpeg", "audio/mp3": "audio/mpeg",
}

// Of returns the MIME type of a file that begins with head. The name counts only where the bytes leave open which of Office's
// types it is.
func Of(head []byte, name string) string {
	found := mimetype.Detect(head).String()
	if t := office[Base(found)][strings.ToLower(path.Ext(name))]; t != "" {
		return t
	}
	return found
}

// Agreed returns the MIME type of a file that somebody else says the type of. The claim stays, with its parameters, where the
// bytes are of that type, or of one that it is a kind of: bytes of a text may be a table, and a container may hold sound or
// pictures. Other bytes decide alone.
func Agreed(head []byte, claim, name string) string {
	found := Of(head, name)
	are, said := Canonical(found), Canonical(claim)
	if are == said || are != Unknown && isKindOf(said, are) || sameContainer(are, said) {
		return claim
	}
	return found
}

// Base returns a MIME type without its parameters, in small letters. It is empty for what is no type.
func Base(t string) string {
	base, _, err := mime.ParseMediaType(t)
	if err != nil {
		return ""
	}
	return base
}

// Canonical is Base by the name that browsers and channels use.
func Canonical(t string) string {
	base := Base(t)
	if a, ok := aliases[base]; ok {
		return a
	}
	return base
}

// isKindOf says whether a type is a kind of another one: a document of Office is an archive, and a table is a text.
func isKindOf(t, of string) bool {
	for m := mimetype.Lookup(t); m != nil; m = m.Parent() {
		if m.Is(of) {
			return true
		}
	}
	return false
}

// sameContainer says whether both are sound or pictures in a container whose beginning does not say which.
func sameContainer(a, b string) bool {
	form := map[string]string{
		"audio/mp4": "mp4", "video/mp4": "mp4", "video/3gpp": "mp4", "audio/3gpp": "mp4", "video/quicktime": "mp4",
		"audio/webm": "webm", "video/webm": "webm", "audio/ogg": "ogg", "video/ogg": "ogg",
	}
	return form[a] != "" && form[a] == form[b]
}
