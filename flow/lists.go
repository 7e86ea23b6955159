package flow

import "strings"

// Filters lists the filters of texts by name.
func Filters() []string { return sortedKeys(liquidFilters) }

// Aliases lists the short names of texts with the paths they stand for (rules 112, 183, 185, 202).
func Aliases() map[string]string {
	out := make(map[string]string, len(aliases))
	for name, path := range aliases {
		var s strings.Builder
		s.WriteString(path[0])
		for _, p := range path[1:] {
			s.WriteString("." + p)
		}
		out[name] = s.String()
	}
	return out
}

// OutputsOf lists the outputs that a kind has with settings that choose nothing: those every node of the kind has.
func (k *Kind) OutputsOf() []Output { return k.make().outputs() }
