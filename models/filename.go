package models

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// filenameMax is how long a file's name may be, in bytes.
const filenameMax = 200

// CleanFilename gives a file's own name without its path, without control characters and without the marks that turn the
// direction of writing, which make "fdp.exe" look like a PDF. It is at most 200 bytes long, and empty where nothing is left.
func CleanFilename(name string) string {
	name = path.Base(strings.ReplaceAll(name, "\\", "/"))
	name = strings.TrimSpace(withoutControls(name))
	if name == "." || name == ".." || name == "/" {
		return ""
	}
	if len(name) <= filenameMax {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 16 {
		ext = ""
	}
	cut := filenameMax - len(ext)
	for cut > 0 && !utf8.RuneStart(name[cut]) {
		cut--
	}
	return name[:cut] + ext
}

// CleanName gives a person's name on one line, without control characters and without the marks that turn the direction of
// writing: they would turn the words around the name as well.
func CleanName(name string) string {
	return strings.TrimSpace(withoutControls(strings.Join(strings.Fields(name), " ")))
}

func withoutControls(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		return r
	}, s)
}
