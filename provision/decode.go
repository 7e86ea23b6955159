package provision

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Problem is one thing that is wrong with a file.
type Problem struct {
	Line    int    // 0 when it has no line of its own
	Path    string // connections[0].key
	Message string
}

// FileError lists everything that is wrong with a file, in the order of its lines. It never holds a value of the
// environment.
type FileError struct {
	File     string
	Problems []Problem
}

// Error implements error: one line for each problem.
func (e *FileError) Error() string {
	lines := make([]string, 0, len(e.Problems))
	for _, p := range e.Problems {
		at := e.File
		if p.Line > 0 {
			at += ":" + strconv.Itoa(p.Line)
		}
		if p.Path != "" {
			at += ": " + p.Path
		}
		lines = append(lines, at+": "+p.Message)
	}
	return strings.Join(lines, "\n")
}

// decoder fills structs from YAML by their json tags. Unlike a library's decoder it knows the line of every value, names
// the fields there are when it meets one there is not, and reads variables only where texts are meant.
type decoder struct {
	env      func(string) (string, bool)
	mayShow  func(name string) bool
	lines    map[string]int
	problems []Problem
}

func (d *decoder) problem(line int, path, format string, args ...any) {
	d.problems = append(d.problems, Problem{line, path, fmt.Sprintf(format, args...)})
}

// at is a problem of a value that was read before.
func (d *decoder) at(path, format string, args ...any) {
	d.problem(d.lines[path], path, format, args...)
}

// decode reads a whole file.
func (d *decoder) decode(text []byte, into any) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		line, message := yamlProblem(err)
		d.problem(line, "", "%s", message)
		return
	}
	if len(doc.Content) == 0 {
		d.problem(0, "", "the file is empty")
		return
	}
	d.value(doc.Content[0], reflect.ValueOf(into).Elem(), "")
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

func yamlProblem(err error) (int, string) {
	m := yamlLine.FindStringSubmatch(strings.SplitN(err.Error(), "\n", 2)[0])
	if m == nil {
		return 0, "not YAML"
	}
	line, _ := strconv.Atoi(m[1])
	return line, "not YAML: " + m[2]
}

var (
	secretType   = reflect.TypeFor[Secret]()
	durationType = reflect.TypeFor[time.Duration]()
	rawType      = reflect.TypeFor[json.RawMessage]()
)

func (d *decoder) value(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	d.lines[path] = n.Line
	if p, ok := reflect.TypeAssert[patch](v.Addr()); ok {
		p.decode(d, n, path)
		return
	}
	if isNull(n) {
		clearing(v)
		return
	}
	switch v.Type() {
	case secretType:
		d.secret(n, v.Addr().Interface().(*Secret), path)
		return
	case durationType:
		d.duration(n, v, path)
		return
	case rawType:
		if raw, ok := d.raw(n, path); ok {
			v.SetBytes(raw)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem(), path)
	case reflect.Struct:
		d.structure(n, v, path)
	case reflect.Slice:
		if n.Kind != yaml.SequenceNode {
			d.problem(n.Line, path, "a list is wanted here")
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
		for i, item := range n.Content {
			d.value(item, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
		}
	case reflect.Map:
		d.mapping(n, v, path)
	default:
		d.scalar(n, v, path)
	}
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// clearing makes of an explicit null what the specs mean by it: a pointer to the empty value, an empty list, JSON's null.
func clearing(v reflect.Value) {
	switch {
	case v.Type() == secretType:
		v.Set(reflect.ValueOf(Secret{given: true, cleared: true}))
	case v.Type() == rawType:
		v.SetBytes([]byte("null"))
	case v.Kind() == reflect.Pointer && v.Type().Elem().Kind() != reflect.Struct:
		v.Set(reflect.New(v.Type().Elem()))
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	}
}

func (d *decoder) scalar(n *yaml.Node, v reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode {
		d.problem(n.Line, path, "one value is wanted here, not a list or a group of fields")
		return
	}
	text, err := interpolate(n.Value, d.env, d.mayShow)
	if err != nil {
		d.problem(n.Line, path, "%v", err)
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		if text != "true" && text != "false" {
			d.problem(n.Line, path, "want true or false")
			return
		}
		v.SetBool(text == "true")
	case reflect.Int, reflect.Int64:
		i, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil {
			d.problem(n.Line, path, "want a whole number")
			return
		}
		v.SetInt(i)
	default:
		d.problem(n.Line, path, "cannot be set in a file")
	}
}

func (d *decoder) duration(n *yaml.Node, v reflect.Value, path string) {
	length, err := time.ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || length < 0 {
		d.problem(n.Line, path, "want a length of time such as 90s, 15m or 2h")
		return
	}
	v.SetInt(int64(length))
}

// pairs walks a mapping's keys once each.
func (d *decoder) pairs(n *yaml.Node, path string, f func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		d.problem(n.Line, path, "fields (name: value) are wanted here")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if seen[key.Value] {
			d.problem(key.Line, join(path, key.Value), "stands here twice")
			continue
		}
		seen[key.Value] = true
		f(key, n.Content[i+1])
	}
}

func (d *decoder) mapping(n *yaml.Node, v reflect.Value, path string) {
	v.Set(reflect.MakeMap(v.Type()))
	d.pairs(n, path, func(key, value *yaml.Node) {
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(value, item, join(path, key.Value))
		v.SetMapIndex(reflect.ValueOf(key.Value), item)
	})
}

func (d *decoder) structure(n *yaml.Node, v reflect.Value, path string) {
	fields := fieldsOf(v.Type())
	d.pairs(n, path, func(key, value *yaml.Node) {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == key.Value })
		if i < 0 {
			more, open := reflect.TypeAssert[others](v.Addr())
			if open && more.decodeOther(d, key.Value, value, join(path, key.Value)) {
				return
			}
			names := make([]string, 0, len(fields))
			for _, f := range fields {
				names = append(names, f.name)
			}
			if open {
				names = append(names, more.otherNames()...)
			}
			d.problem(key.Line, join(path, key.Value), "there is no such field; there are %s", strings.Join(names, ", "))
			return
		}
		d.value(value, v.Field(fields[i].index), join(path, key.Value))
	})
}

// raw turns a part of the file into JSON as it stands: texts of flows may hold ${…} of their own.
func (d *decoder) raw(n *yaml.Node, path string) (json.RawMessage, bool) {
	var tree any
	datesAsTexts(n)
	err := n.Decode(&tree)
	if err == nil {
		var raw []byte
		if raw, err = json.Marshal(tree); err == nil {
			return raw, true
		}
	}
	_, message := yamlProblem(err)
	d.problem(n.Line, path, "cannot be written as JSON: %s", message)
	return nil, false
}

// datesAsTexts keeps an unquoted 2026-12-25 from becoming an instant.
func datesAsTexts(n *yaml.Node) {
	if n.ShortTag() == "!!timestamp" {
		n.Tag = "!!str"
	}
	for _, child := range n.Content {
		datesAsTexts(child)
	}
}

// field is a struct field that a file may set.
type field struct {
	name      string
	index     int
	omitEmpty bool
}

func fieldsOf(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		name, rest, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			out = append(out, field{name, i, strings.Contains(rest, "omit")})
		}
	}
	return out
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// interpolate fills ${NAME} and ${NAME:-default}; $$ is a dollar sign. The error names the variable, never a value.
func interpolate(text string, env func(string) (string, bool), mayShow func(string) bool) (string, error) {
	if !strings.Contains(text, "$") {
		return text, nil
	}
	var b strings.Builder
	for rest := text; rest != ""; {
		head, tail, found := strings.Cut(rest, "$")
		b.WriteString(head)
		if !found {
			break
		}
		switch {
		case strings.HasPrefix(tail, "$"):
			b.WriteByte('$')
			rest = tail[1:]
		case strings.HasPrefix(tail, "{"):
			inner, after, closed := strings.Cut(tail[1:], "}")
			name, fallback, hasFallback := strings.Cut(inner, ":-")
			if !closed || !variable.MatchString(name) {
				return "", errors.New("${ wants the name of a variable and }: ${NAME} or ${NAME:-default}; write $$ for a dollar sign")
			}
			if !mayShow(name) {
				return "", fmt.Errorf("%s may not be shown: give the variable a name that begins with %s, or allow its prefix with --values", name, DefaultValuePrefix)
			}
			value, ok := env(name)
			if !ok || value == "" {
				if !hasFallback {
					return "", fmt.Errorf("the environment variable %s is not set", name)
				}
				value = fallback
			}
			b.WriteString(value)
			rest = after
		default:
			b.WriteByte('$')
			rest = tail
		}
	}
	return b.String(), nil
}
