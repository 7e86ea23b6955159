package flow

import "slices"

// maxFiles bounds the files a run remembers; the oldest are forgotten.
const maxFiles = 200

// received remembers a file of the contact, so that variables may name it from now on.
func (r *run) received(m *Media) {
	if m == nil || m.ID == "" || r.sent(m.ID) {
		return
	}
	r.s.Files = append(slices.Clip(r.s.Files), m.ID)
	if n := len(r.s.Files); n > maxFiles {
		r.s.Files = r.s.Files[n-maxFiles:]
	}
}

// sent tells whether the contact sent this file to the run. A text that looks like an id is no proof.
func (r *run) sent(id string) bool { return id != "" && slices.Contains(r.s.Files, id) }

// imageField tells whether a path leads to a field of the contact that holds an image. People choose that file in the
// API, and flows store only files that the contact sent.
func (r *run) imageField(path []string) bool {
	if _, shadowed := r.frame().Vars[path[0]]; shadowed {
		return false
	}
	if path[0] == "contact" {
		path = path[1:]
	}
	if len(path) == 2 && path[0] == "fields" {
		path = path[1:]
	}
	return len(path) == 1 && slices.ContainsFunc(r.env.Fields, func(f Field) bool { return f.Key == path[0] && f.Type == fieldImage })
}
