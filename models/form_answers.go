package models

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// formMark is what the provider puts around the names and values of a form's screens: "tela_0_Nota_0", "0_Excelente".
var (
	formScreen = regexp.MustCompile(`(?i)^(?:screen|tela|page)_\d+_`)
	formIndex  = regexp.MustCompile(`_\d+$`)
	formChoice = regexp.MustCompile(`^\d+_(\D.*)$`)
)

// Words gives the answers of a form, one on a line, as people read them: "Nota: Excelente". Where the form has no answers it is
// the text that came with it.
func (f *ContentFormReply) Words() string {
	lines := formLines(f.Response)
	if len(lines) == 0 {
		return f.Text
	}
	return strings.Join(lines, "\n")
}

// Values gives the answers of a form by the names that the form has for them, without what it sends along for the business.
func (f *ContentFormReply) Values() map[string]any {
	var values map[string]any
	if json.Unmarshal(f.Response, &values) != nil {
		return nil
	}
	delete(values, "flow_token")
	return values
}

func formLines(response json.RawMessage) []string {
	var text string
	if json.Unmarshal(response, &text) == nil {
		if text == "" {
			return nil
		}
		return []string{text}
	}
	dec := json.NewDecoder(bytes.NewReader(response))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil
	}
	var lines []string
	for dec.More() {
		key, err := dec.Token()
		var value json.RawMessage
		if err != nil || dec.Decode(&value) != nil {
			return lines
		}
		name, _ := key.(string)
		switch {
		case name == "flow_token" || name == "wa_flow_response_params":
		case bytes.HasPrefix(value, []byte("{")):
			lines = append(lines, formLines(value)...)
		default:
			lines = append(lines, formName(name)+": "+formValue(value))
		}
	}
	return lines
}

func formName(key string) string {
	name := strings.TrimSpace(strings.ReplaceAll(formIndex.ReplaceAllString(formScreen.ReplaceAllString(key, ""), ""), "_", " "))
	if name == "" {
		return key
	}
	return name
}

func formValue(raw json.RawMessage) string {
	var many []json.RawMessage
	if json.Unmarshal(raw, &many) == nil && many != nil {
		words := make([]string, 0, len(many))
		for _, one := range many {
			words = append(words, formValue(one))
		}
		return strings.Join(words, ", ")
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return strings.TrimSpace(strings.ReplaceAll(string(raw), "null", ""))
	}
	if m := formChoice.FindStringSubmatch(text); m != nil {
		return strings.ReplaceAll(m[1], "_", " ")
	}
	return text
}
