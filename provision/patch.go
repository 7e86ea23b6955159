package provision

import (
	"reflect"
	"slices"

	"go.yaml.in/yaml/v3"
)

// Patch is a group of settings of which a file names some. The others stay as they are in the account.
type Patch[T any] struct {
	value T
	named []string // the keys that the file names
}

// patch is a Patch of any type, for the decoder and the exporter.
type patch interface {
	decode(d *decoder, n *yaml.Node, path string)
	settings() reflect.Value
}

// whole is a patch that names every key.
func whole[T any](value T) Patch[T] {
	p := Patch[T]{value: value}
	for _, f := range fieldsOf(reflect.TypeFor[T]()) {
		p.named = append(p.named, f.name)
	}
	return p
}

// decode reads the keys that stand in the file. Null names all of them, with nothing in them.
func (p *Patch[T]) decode(d *decoder, n *yaml.Node, path string) {
	if isNull(n) {
		var nothing T
		*p = whole(nothing)
		return
	}
	d.lines[path] = n.Line
	d.structure(n, p.settings(), path)
	for i := 0; i+1 < len(n.Content); i += 2 {
		p.named = append(p.named, n.Content[i].Value)
	}
}

func (p *Patch[T]) settings() reflect.Value { return reflect.ValueOf(&p.value).Elem() }

// into makes the settings what the patch says, and notes whether they differ from what they were.
func (p *Patch[T]) into(d *diff, field string, have *T) {
	from, to := p.settings(), reflect.ValueOf(have).Elem()
	differ := false
	for _, f := range fieldsOf(to.Type()) {
		if !slices.Contains(p.named, f.name) || sameJSON(from.Field(f.index).Interface(), to.Field(f.index).Interface()) {
			continue
		}
		to.Field(f.index).Set(from.Field(f.index))
		differ = true
	}
	if differ {
		*d = append(*d, field)
	}
}
