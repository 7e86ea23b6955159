// Package web holds the built console, so that one binary serves everything.
package web

import (
	"embed"
	"io/fs"
)

// dist is what `npm run build` wrote to dist/; before the first build it holds nothing but dist.txt.
//
//go:embed all:dist*
var dist embed.FS

// Console gives the built console's files; ok is false when it was not built.
func Console() (files fs.FS, ok bool) {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		return nil, false
	}
	_, err = fs.Stat(files, "index.html")
	return files, err == nil
}
