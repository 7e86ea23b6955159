package stack

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// words are what the table says, by language.
var words = map[string]struct {
	title, console, phone, web, docs, data, logs, once, unsigned, end, again string
}{
	Portuguese: {
		title: "Perene está no ar (%.1f s)", console: "Console", phone: "Celular do cliente", web: "Temporal Web",
		docs: "Documentação da API", data: "Dados", logs: "Registros", once: "link de uso único, já conectado",
		unsigned: "sem link de entrada: veja a conta com `perene login-link`",
		end:      "Ctrl+C encerra tudo", again: "`make dev RESET=1` recomeça do zero",
	},
	English: {
		title: "Perene is up (%.1f s)", console: "Console", phone: "Customer's phone", web: "Temporal Web",
		docs: "API docs", data: "Data", logs: "Logs", once: "one-time link, already signed in",
		unsigned: "no sign-in link: see `perene login-link`",
		end:      "Ctrl-C ends everything", again: "`make dev RESET=1` starts over",
	},
}

// printTable writes the one table that a person sees.
func printTable(w io.Writer, language string, s State) {
	say := words[language]
	console := s.URLs.Console + "   " + say.once
	if s.URLs.Console == s.URLs.Base {
		console = s.URLs.Base + "   " + say.unsigned
	}
	rows := [][2]string{
		{say.console, console},
		{say.phone, s.URLs.Phone},
		{say.web, s.URLs.TemporalWeb},
		{say.docs, s.URLs.APIDocs},
		{say.data, s.Data},
		{say.logs, s.Logs},
	}
	if s.PostgresData != "" && !strings.HasPrefix(s.PostgresData, s.Data) {
		rows = append(rows, [2]string{"Postgres", s.PostgresData})
	}
	width := 0
	for _, row := range rows {
		width = max(width, utf8.RuneCountInString(row[0]))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n  "+say.title+"\n\n", s.Seconds)
	for _, row := range rows {
		if row[1] == "" {
			continue
		}
		fmt.Fprintf(&b, "  %s%s   %s\n", row[0], strings.Repeat(" ", width-utf8.RuneCountInString(row[0])), row[1])
	}
	fmt.Fprintf(&b, "\n  %s · %s\n\n", say.end, say.again)
	_, _ = io.WriteString(w, b.String())
}
