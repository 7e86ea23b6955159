package terminal

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"

	"github.com/perene/perene/flow"
)

// Chat talks with a flow in a terminal: what is typed is a message of the contact, and lines that begin with ":" are commands.
type Chat struct {
	Player   *Player
	In       io.Reader
	Out      io.Writer
	Language string
	Color    bool

	fresh func() (*Player, error)
}

// NewChat begins a chat; fresh makes the player anew for ":reset".
func NewChat(fresh func() (*Player, error), in io.Reader, out io.Writer, language string, color bool) (*Chat, error) {
	p, err := fresh()
	if err != nil {
		return nil, err
	}
	return &Chat{Player: p, In: in, Out: out, Language: language, Color: color, fresh: fresh}, nil
}

var help = [2]string{`O que você digita é uma mensagem do contato. Comandos:
  :start [NOME=VALOR…]     inicia o fluxo à mão       :tap OPÇÃO        toca em um botão ou linha, por id ou título
  :skip 3d                 deixa o tempo passar       :until 2026-12-24T09:00   … até um instante
  :http 200 {"a":1}        responde a uma chamada     :http timeout     … com um erro
  :image [ARQUIVO]         manda uma imagem (também :audio :video :document :sticker :location :contact)
  :vars :state :trail      variáveis, estado, caminho :contact-data     campos e etiquetas do contato
  :set NOME=VALOR          muda uma variável          :move NÓ          vai para um nó
  :deliver template_paused o que acontece com o próximo template       :close            fecha o atendimento
  :lang en                 idioma do contato          :back             volta um passo no tempo
  :stop :reset :quit`,
	`What you type is a message of the contact. Commands:
  :start [NAME=VALUE…]     starts the flow by hand    :tap OPTION       taps a button or row, by id or title
  :skip 3d                 lets time pass             :until 2026-12-24T09:00   … until an instant
  :http 200 {"a":1}        answers a call             :http timeout     … with an error
  :image [FILE]            sends a picture (also :audio :video :document :sticker :location :contact)
  :vars :state :trail      variables, state, the way  :contact-data     the contact's fields and labels
  :set NAME=VALUE          changes a variable         :move NODE        goes to a node
  :deliver template_paused what becomes of the next template           :close            closes the ticket
  :lang en                 the contact's language     :back             goes back one happening
  :stop :reset :quit`}

// Run chats until the input ends or ":quit".
func (c *Chat) Run() error {
	c.say(dim, c.word("Digite uma mensagem; :help mostra os comandos.", "Type a message; :help shows the commands."))
	in := bufio.NewScanner(c.In)
	in.Buffer(nil, 1<<20)
	c.prompt()
	for in.Scan() {
		line := strings.TrimSpace(in.Text())
		if line == ":quit" || line == ":q" {
			return nil
		}
		if line != "" {
			if err := c.line(line); err != nil {
				c.say(red, err.Error())
			}
		}
		c.prompt()
	}
	fmt.Fprintln(c.Out)
	return in.Err()
}

func (c *Chat) word(pt, en string) string {
	if english(c.Language) {
		return en
	}
	return pt
}

func (c *Chat) say(color, text string) { fmt.Fprintln(c.Out, painter(c.Color)(color, text)) }

// prompt says where the run is and what it waits for.
func (c *Chat) prompt() {
	p := c.Player
	at := c.word("nenhum fluxo em andamento", "no flow is running")
	switch {
	case p.state.Ended():
		at = c.word("fim: ", "ended: ") + string(p.state.End.Outcome)
		if p.ticket {
			at += c.word(", atendimento aberto", ", ticket open")
		}
	case p.Running():
		at = p.Wait()
	}
	fmt.Fprintf(c.Out, "%s > ", painter(c.Color)(dim, p.Now().Format("02/01 15:04")+" · "+at))
}

// line does what one line of input says.
func (c *Chat) line(line string) error {
	if !strings.HasPrefix(line, ":") {
		return c.show(c.Player.Receive(flow.Inbound{Kind: flow.InboundText, Text: line}))
	}
	word, rest, _ := strings.Cut(line[1:], " ")
	rest = strings.TrimSpace(rest)
	do, ok := c.commands()[word]
	if !ok {
		return fmt.Errorf(c.word("não existe o comando :%s; :help mostra todos", "there is no command :%s; :help shows them all"), word)
	}
	return do(rest)
}

func (c *Chat) commands() map[string]func(rest string) error {
	p := c.Player
	media := func(kind flow.InboundKind, mime, name string) func(string) error {
		return func(rest string) error {
			if rest == "" {
				rest = name
			}
			return c.show(p.Receive(flow.Inbound{Kind: kind, Media: &flow.Media{ID: "media-" + strconv.FormatInt(p.seq+1, 10), MIME: mime, Filename: rest, Size: 100_000}}))
		}
	}
	return map[string]func(string) error{
		"help":         func(string) error { c.say("", c.word(help[0], help[1])); return nil },
		"start":        c.start,
		"tap":          func(rest string) error { return c.show(p.Tap(rest)) },
		"skip":         c.skip,
		"until":        c.until,
		"http":         c.http,
		"image":        media(flow.InboundImage, "image/jpeg", "foto.jpg"),
		"audio":        media(flow.InboundAudio, "audio/ogg", "audio.ogg"),
		"video":        media(flow.InboundVideo, "video/mp4", "video.mp4"),
		"document":     media(flow.InboundDocument, "application/pdf", "documento.pdf"),
		"sticker":      media(flow.InboundSticker, "image/webp", "figurinha.webp"),
		"location":     c.location,
		"contact":      c.card,
		"vars":         func(string) error { return c.print(p.Vars()) },
		"state":        func(string) error { return c.print(p.state) },
		"trail":        func(string) error { c.say(blue, strings.Join(p.trail, "\n")); return nil },
		"contact-data": func(string) error { return c.print(p.contact) },
		"set":          c.set,
		"move":         func(rest string) error { return c.show(p.MoveTo(rest)) },
		"deliver":      c.deliver,
		"close":        func(string) error { return c.show(p.CloseTicket()) },
		"lang":         c.lang,
		"back":         c.back,
		"stop":         func(string) error { return c.show(p.Stop()) },
		"reset":        c.reset,
	}
}

// show prints what came of something like a chat.
func (c *Chat) show(h Happening, err error) error {
	if err != nil {
		return err
	}
	c.Player.deliver = flow.SendAccepted
	for _, m := range h.Messages {
		for i, l := range strings.Split(m, "\n") {
			mark := "🤖 "
			if i > 0 {
				mark = "   "
			}
			c.say(green, mark+l)
		}
	}
	for _, call := range h.Calls {
		c.say(yellow, "🌐 "+strings.ReplaceAll(call, "\n", "\n   "))
	}
	names := make([]string, 0, len(h.Fields))
	for name := range h.Fields {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		c.say(cyan, "✏️  "+name+" = "+plainJSON(h.Fields[name]))
	}
	for _, l := range h.Labels {
		c.say(cyan, "🏷️  "+l)
	}
	for _, n := range h.Notes {
		c.say(cyan, "📝 "+n)
	}
	if h.Priority != "" {
		c.say(cyan, "❗ "+h.Priority)
	}
	if h.Ticket != "" {
		c.say(bold, "🎧 "+h.Ticket)
	}
	for _, l := range h.Lines {
		c.say(red, l)
	}
	if h.End != "" {
		c.say(bold, "🏁 "+h.End)
	}
	if c.Player.waitsForCall() {
		c.say(dim, c.word(`responda com :http 200 {"…": "…"}, ou :http timeout`, `answer with :http 200 {"…": "…"}, or :http timeout`))
	}
	return nil
}

func (c *Chat) print(v any) error {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	c.say(blue, string(raw))
	return nil
}

func (c *Chat) start(rest string) error {
	inputs := map[string]any{}
	for f := range strings.FieldsSeq(rest) {
		name, value, ok := strings.Cut(f, "=")
		if !ok {
			return fmt.Errorf(c.word("%q: escreva NOME=VALOR", "%q: write NAME=VALUE"), f)
		}
		inputs[name] = typed(value)
	}
	return c.show(c.Player.Start("", inputs, ""))
}

// typed reads a value as JSON where it is JSON, and else as a text.
func typed(s string) any {
	var v any
	if json.Unmarshal([]byte(s), &v) == nil {
		return v
	}
	return s
}

func (c *Chat) skip(rest string) error {
	d, err := flow.ParseDuration(rest)
	if err != nil {
		return err
	}
	return c.show(c.Player.Skip(d.Std()))
}

func (c *Chat) until(rest string) error {
	t, err := parseTime(rest, c.Player.env.Account.Zone)
	if err != nil {
		return err
	}
	return c.show(c.Player.Until(t))
}

// callErrors are the errors a call can come back with.
var callErrors = map[string]bool{"timeout": true, "refused": true, "blocked": true, "too_large": true, "secret_missing": true, "secret_elsewhere": true, "failed": true}

func (c *Chat) http(rest string) error {
	status, body, _ := strings.Cut(rest, " ")
	if callErrors[status] {
		return c.show(c.Player.Answer(flow.CallResult{Error: status, Attempts: 1}))
	}
	n, err := strconv.Atoi(status)
	if err != nil || n < 100 || n > 599 {
		return errors.New(c.word(`escreva :http 200 {"…": "…"} ou :http timeout`, `write :http 200 {"…": "…"} or :http timeout`))
	}
	return c.show(c.Player.Answer(flow.CallResult{Status: n, Body: strings.TrimSpace(body), Attempts: 1}))
}

func (c *Chat) location(rest string) error {
	l := flow.Location{Latitude: -23.5614, Longitude: -46.6559, Name: "MASP"}
	if lat, lng, ok := strings.Cut(rest, ","); ok {
		a, err1 := strconv.ParseFloat(strings.TrimSpace(lat), 64)
		b, err2 := strconv.ParseFloat(strings.TrimSpace(lng), 64)
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		l = flow.Location{Latitude: a, Longitude: b}
	}
	return c.show(c.Player.Receive(flow.Inbound{Kind: flow.InboundLocation, Location: &l}))
}

func (c *Chat) card(rest string) error {
	if rest == "" {
		rest = "José Silva"
	}
	return c.show(c.Player.Receive(flow.Inbound{Kind: flow.InboundContacts, Contacts: []flow.ContactCard{{Name: rest, Phones: []string{"+5511987654321"}}}}))
}

func (c *Chat) set(rest string) error {
	name, value, ok := strings.Cut(rest, "=")
	if !ok {
		return errors.New(c.word("escreva :set NOME=VALOR", "write :set NAME=VALUE"))
	}
	return c.show(c.Player.SetVariable(strings.TrimSpace(name), typed(strings.TrimSpace(value))))
}

// outcomes are what can become of a message.
var outcomes = []flow.SendOutcome{
	flow.SendAccepted, flow.SendWindowClosed, flow.SendTemplateMissing, flow.SendTemplatePaused, flow.SendTemplateRejected, flow.SendFailed,
}

func (c *Chat) deliver(rest string) error {
	for _, o := range outcomes {
		if string(o) == rest {
			c.Player.deliver = o
			return nil
		}
	}
	return fmt.Errorf(c.word("escolha um de %v", "choose one of %v"), outcomes)
}

func (c *Chat) lang(rest string) error {
	c.Player.contact.Language = rest
	if c.Player.Running() {
		c.Player.state.Language = rest
	}
	return nil
}

func (c *Chat) back(string) error {
	if !c.Player.Back() {
		return errors.New(c.word("não há nada antes", "there is nothing before"))
	}
	return nil
}

func (c *Chat) reset(string) error {
	p, err := c.fresh()
	if err != nil {
		return err
	}
	c.Player = p
	return nil
}
