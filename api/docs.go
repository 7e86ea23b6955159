package api

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"
)

// The documentation is one page drawn from the contract: it needs no script, no other server and no
// exception from the content security policy.

//go:embed docs/page.html docs/style.css
var docsFiles embed.FS

// docsTag is a group of operations.
type docsTag struct {
	Name, Description string
	Operations        []docsOperation
}

type docsOperation struct {
	ID, Method, Path, Summary, Description, Permission, Curl string
	Parameters                                               []docsField
	Body                                                     *docsType
	Responses                                                []docsResponse
}

type docsResponse struct {
	Status, Description string
	Type                *docsType
}

type docsSchema struct {
	Name, Description string
	Fields            []docsField
}

type docsField struct {
	Name, In, Description string
	Required              bool
	Type                  docsType
}

// docsType is a type in words: "list of" Ref, or a plain word with its bounds.
type docsType struct {
	Prefix, Ref, Word string
	Bounds            []string
}

func (a *app) docsRoutes() {
	page := a.drawn("text/html; charset=utf-8", func() ([]byte, error) {
		return drawDocs(a.huma.OpenAPI(), strings.TrimSuffix(a.publicURL.String(), "/"))
	})
	style := a.drawn("text/css; charset=utf-8", func() ([]byte, error) { return docsFiles.ReadFile("docs/style.css") })
	headers := func(c *gin.Context) {
		c.Header("Content-Security-Policy", docsPolicy)
		c.Header("Cache-Control", "no-cache")
	}
	a.engine.GET("/docs", headers, page)
	a.engine.GET("/docs/style.css", headers, style)
}

// drawn serves what never changes while the program runs. It is drawn when somebody asks for it first: a third of what a start
// costs was drawing what few ever read.
func (a *app) drawn(contentType string, draw func() ([]byte, error)) gin.HandlerFunc {
	once := sync.OnceValues(draw)
	return func(c *gin.Context) {
		body, err := once()
		if err != nil {
			panic(err) // the contract's own tests draw it: entry answers and logs
		}
		c.Data(http.StatusOK, contentType, body)
	}
}

// drawDocs draws the documentation of a contract.
func drawDocs(spec *huma.OpenAPI, base string) ([]byte, error) {
	t, err := template.New("page.html").Funcs(template.FuncMap{"marked": marked}).ParseFS(docsFiles, "docs/page.html")
	if err != nil {
		return nil, fmt.Errorf("draw the documentation: %w", err)
	}
	var out bytes.Buffer
	err = t.Execute(&out, map[string]any{"Info": spec.Info, "Tags": docsTags(spec, base), "Schemas": docsSchemas(spec)})
	if err != nil {
		return nil, fmt.Errorf("draw the documentation: %w", err)
	}
	return out.Bytes(), nil
}

func docsTags(spec *huma.OpenAPI, base string) []docsTag {
	byTag := map[string][]docsOperation{}
	for path, item := range spec.Paths {
		for method, op := range operationsOf(item) {
			byTag[op.Tags[0]] = append(byTag[op.Tags[0]], docsOperationOf(base, path, method, op))
		}
	}
	order := []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	var tags []docsTag
	for _, tag := range spec.Tags {
		ops := byTag[tag.Name]
		sort.Slice(ops, func(i, j int) bool {
			if ops[i].Path != ops[j].Path {
				return ops[i].Path < ops[j].Path
			}
			return slices.Index(order, ops[i].Method) < slices.Index(order, ops[j].Method)
		})
		tags = append(tags, docsTag{Name: tag.Name, Description: tag.Description, Operations: ops})
	}
	return tags
}

func docsOperationOf(base, path, method string, op *huma.Operation) docsOperation {
	permission := string(operationPermissions[op.OperationID])
	out := docsOperation{ID: op.OperationID, Method: method, Path: path, Summary: op.Summary, Description: op.Description, Permission: permission}
	for _, p := range op.Parameters {
		out.Parameters = append(out.Parameters, docsField{Name: p.Name, In: p.In, Required: p.Required, Description: firstOf(p.Description, p.Schema.Description), Type: docsTypeOf(p.Schema)})
	}
	out.Curl = "curl"
	if method != http.MethodGet {
		out.Curl += " -X " + method
	}
	if operationPermissions[op.OperationID] != Public {
		out.Curl += ` -H "Authorization: Bearer $TOKEN"`
	}
	if op.RequestBody != nil {
		for contentType, media := range op.RequestBody.Content {
			t := docsTypeOf(media.Schema)
			out.Body = &t
			if contentType == "application/json" {
				out.Curl += ` -H "Content-Type: application/json" -d @body.json`
			} else {
				out.Curl += ` -F file=@photo.jpg`
			}
		}
	}
	out.Curl += " " + base + path
	for status, r := range op.Responses {
		if status >= "400" && status != "default" {
			continue // every error has one shape, told of once
		}
		resp := docsResponse{Status: status, Description: r.Description}
		for _, media := range r.Content {
			t := docsTypeOf(media.Schema)
			resp.Type = &t
		}
		out.Responses = append(out.Responses, resp)
	}
	sort.Slice(out.Responses, func(i, j int) bool { return out.Responses[i].Status < out.Responses[j].Status })
	return out
}

func docsSchemas(spec *huma.OpenAPI) []docsSchema {
	var out []docsSchema
	for name, s := range spec.Components.Schemas.Map() {
		d := docsSchema{Name: name, Description: s.Description}
		for field, t := range s.Properties {
			d.Fields = append(d.Fields, docsField{Name: field, Required: slices.Contains(s.Required, field), Description: t.Description, Type: docsTypeOf(t)})
		}
		sort.Slice(d.Fields, func(i, j int) bool { return d.Fields[i].Name < d.Fields[j].Name })
		out = append(out, d)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// marked shows what stands between backticks as code, as the contract's texts mean it.
func marked(text string) template.HTML {
	var b strings.Builder
	for i, part := range strings.Split(text, "`") {
		part = template.HTMLEscapeString(part)
		if i%2 == 1 {
			part = "<code>" + part + "</code>"
		}
		b.WriteString(part)
	}
	return template.HTML(b.String()) //nolint:gosec // every part was escaped
}

func docsTypeOf(s *huma.Schema) docsType {
	switch {
	case s == nil:
		return docsType{Word: "anything"}
	case s.Ref != "":
		return docsType{Ref: s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]}
	case s.Type == huma.TypeArray:
		t := docsTypeOf(s.Items)
		t.Prefix = "list of " + t.Prefix
		return t
	case s.Type == huma.TypeObject && len(s.Properties) == 0:
		if more, ok := s.AdditionalProperties.(*huma.Schema); ok {
			t := docsTypeOf(more)
			t.Prefix = "map of " + t.Prefix
			return t
		}
	}
	t := docsType{Word: s.Type}
	if t.Word == "" {
		t.Word = "anything"
	}
	if s.Format != "" && s.Format != "int64" {
		t.Word += " (" + s.Format + ")"
	}
	add := func(format string, args ...any) { t.Bounds = append(t.Bounds, fmt.Sprintf(format, args...)) }
	for _, v := range s.Enum {
		add("%v", v)
	}
	if s.Minimum != nil && *s.Minimum != 1 {
		add("≥ %v", *s.Minimum)
	}
	if s.Maximum != nil {
		add("≤ %v", *s.Maximum)
	}
	if s.MaxLength != nil {
		add("at most %d characters", *s.MaxLength)
	}
	if s.Pattern != "" {
		add("matches %s", s.Pattern)
	}
	if s.Default != nil {
		add("default %v", s.Default)
	}
	return t
}
