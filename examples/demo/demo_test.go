package demo_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/perene/perene/flow"
)

// A Friday morning in São Paulo, within the opening hours of Suporte.
var morning = time.Date(2026, 11, 20, 13, 0, 0, 0, time.UTC)

// customer walks the demo bot by the engine alone.
type customer struct {
	t       *testing.T
	g       *flow.Graph
	env     *flow.Env
	state   flow.State
	now     time.Time
	until   time.Time // end of the window
	seq     int64
	contact flow.Contact
	heard   []flow.Content // what the bot said since the last word of the customer
	did     []string
}

func newCustomer(t *testing.T, now time.Time) *customer {
	t.Helper()
	doc, err := os.ReadFile("flows/boas-vindas.json")
	if err != nil {
		t.Fatal(err)
	}
	g, err := flow.Load(doc)
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	week := &flow.Calendar{Zone: zone}
	for day := 1; day < 7; day++ {
		week.Week[day] = []flow.Span{{From: 8 * 60, To: 20 * 60}}
	}
	c := &customer{t: t, g: g.WithIdentity("1", "1"), now: now, contact: flow.Contact{ID: "1", Name: "Maria Souza", FirstName: "Maria"}}
	c.env = &flow.Env{
		Account: flow.Account{Name: "Loja Exemplo", Zone: zone, Locale: "pt-BR"}, Channel: flow.WhatsAppCloud(),
		Hours: func(owner flow.HoursOwner, id string) (*flow.Calendar, bool) {
			return week, owner == flow.HoursQueue && id == "queue:Suporte"
		},
		Template: func(name, language string) (flow.Template, bool) {
			return flow.Template{Name: name, Language: language, Status: flow.TemplateApproved, Named: true, Body: []string{"nome"},
				Buttons: []flow.TemplateButton{{Kind: "quick_reply", Title: "Continuar"}, {Kind: "quick_reply", Title: "Agora não"}}}, name == "retomar_atendimento" && language == "pt_BR"
		},
		Fields: []flow.Field{{Key: "ultimo_pedido", Type: flow.TypeText}},
	}
	in := c.message(flow.InboundText, "Oi")
	c.step(flow.Event{Kind: flow.EventStart, Start: &flow.Start{Run: "7", By: flow.Started{Kind: "inbound", Trigger: "qualquer"}, Inbound: &in}})
	return c
}

func (c *customer) message(kind flow.InboundKind, text string) flow.Inbound {
	c.seq++
	c.until = c.now.Add(24 * time.Hour)
	in := flow.Inbound{Seq: c.seq, ID: fmt.Sprint(c.seq), Kind: kind, At: c.now, Text: text}
	switch kind {
	case flow.InboundImage:
		in.Media = &flow.Media{ID: "31", MIME: "image/jpeg", Size: 1000}
	case flow.InboundAudio:
		in.Media = &flow.Media{ID: "32", MIME: "audio/ogg", Size: 1000}
	}
	return in
}

func (c *customer) step(ev flow.Event) {
	c.t.Helper()
	ev.Now, ev.Seed, ev.Contact = c.now, "seed", c.contact
	ev.Conversation = flow.Conversation{ID: "1", ConnectionID: "1", WindowUntil: &c.until}
	state, effects, err := flow.Step(c.g, c.state, ev, c.env)
	if err != nil {
		c.t.Fatal(err)
	}
	c.state = state
	for _, e := range effects {
		switch e.Kind {
		case flow.EffectSend:
			c.heard = append(c.heard, e.Send.Content)
		case flow.EffectSetField:
			c.did = append(c.did, "field "+e.Field.Field)
			if e.Field.Field == "name" {
				c.contact.Name = fmt.Sprint(e.Field.Value)
				c.contact.FirstName, _, _ = strings.Cut(c.contact.Name, " ")
			}
		case flow.EffectAddLabel:
			c.did = append(c.did, "label "+e.Label)
			c.contact.Labels = append(c.contact.Labels, e.Label)
		case flow.EffectNote:
			c.did = append(c.did, "note "+e.Note.Text)
		case flow.EffectOpenTicket:
			c.did = append(c.did, "ticket "+e.OpenTicket.Queue)
		case flow.EffectSystemLine:
			if e.Line.Alert {
				c.t.Errorf("red line: %s", e.Line)
			}
		}
	}
}

// says writes a text; taps uses the button or row with this title in what was heard last.
func (c *customer) says(text string) *customer { return c.sends(flow.InboundText, text) }

func (c *customer) sends(kind flow.InboundKind, text string) *customer {
	c.t.Helper()
	c.heard = nil
	in := c.message(kind, text)
	c.step(flow.Event{Kind: flow.EventInbound, Inbound: &in})
	return c.settles()
}

func (c *customer) taps(title string) *customer {
	c.t.Helper()
	last := c.heard[len(c.heard)-1]
	options := append([]flow.Choice{}, last.Buttons...)
	if last.List != nil {
		for _, s := range last.List.Sections {
			options = append(options, s.Rows...)
		}
	}
	if last.Template != nil {
		for _, b := range last.Template.Buttons {
			options = append(options, flow.Choice{ID: b.Text, Title: title})
		}
	}
	for _, o := range options {
		if o.Title == title {
			c.heard = nil
			in := c.message(flow.InboundTap, title)
			in.Payload = o.ID
			c.step(flow.Event{Kind: flow.EventInbound, Inbound: &in})
			return c.settles()
		}
	}
	c.t.Fatalf("there is no button %q in %+v", title, last)
	return c
}

// settles lets pauses pass in which the customer does nothing: collecting a burst, the wait of three seconds.
func (c *customer) settles() *customer {
	c.t.Helper()
	for w := c.state.Wait; w != nil && w.Until != nil && w.Until.Sub(c.now) <= 5*time.Second; w = c.state.Wait {
		c.now = *w.Until
		c.step(flow.Event{Kind: flow.EventTimer})
	}
	return c
}

// waits lets time pass up to the instant the run waits for.
func (c *customer) waits() *customer {
	c.t.Helper()
	c.heard = nil
	c.now = *c.state.Wait.Until
	c.step(flow.Event{Kind: flow.EventTimer})
	return c
}

func (c *customer) hears(words ...string) *customer {
	c.t.Helper()
	var all strings.Builder
	for i := range c.heard {
		fmt.Fprintf(&all, "%s %s %+v %+v %+v\n", c.heard[i].Header, c.heard[i].Text, c.heard[i].Buttons, c.heard[i].List, c.heard[i].Template)
	}
	for _, w := range words {
		if !strings.Contains(all.String(), w) {
			c.t.Errorf("want %q, heard:\n%s", w, all.String())
		}
	}
	return c
}

func (c *customer) isDone(did, outcome string) {
	c.t.Helper()
	if got := strings.Join(c.did, "; "); got != did {
		c.t.Errorf("did %q, want %q", got, did)
	}
	if c.state.End == nil || string(c.state.End.Outcome) != outcome {
		c.t.Errorf("end %+v, want %s", c.state.End, outcome)
	}
}

func (c *customer) stockAnswers(r flow.CallResult) *customer {
	c.t.Helper()
	if c.state.Wait == nil || c.state.Wait.For != flow.WaitCall {
		c.t.Fatalf("waits for %+v, not for a call", c.state.Wait)
	}
	c.heard = nil
	r.ID = c.state.Wait.Call
	c.step(flow.Event{Kind: flow.EventCallResult, Call: &r})
	return c.settles()
}

func TestAnOrderWithPhotoAndVoiceNote(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, morning)
	c.hears("Bom dia, Maria! 👋", "Como posso ajudar?", "Fazer um pedido", "Segunda via", "Falar com atendente")
	if last := c.heard[len(c.heard)-1]; last.Kind != flow.ContentButtons || len(last.Buttons) != 3 {
		t.Errorf("the menu has no three buttons: %+v", last)
	}
	c.taps("Fazer um pedido").hears("qual é o seu nome?")
	c.says("Maria Clara Souza").hears("Prazer, Maria!", "O que você gostaria de pedir?", "Jardim", "Vaso de cerâmica")
	c.says("abacaxi").hears("Ver produtos")
	c.says("1").hears("Quantas unidades de *Vaso de cerâmica*?")
	c.says("duas dúzias").hears("Escreva um número de 1 a 10.")
	c.says("2").hears("Mande uma *foto*")
	c.sends(flow.InboundImage, "").hears("Recebi a foto", "mensagem de voz")
	c.sends(flow.InboundAudio, "").hears("Anotado!", "2 × *Vaso de cerâmica*", "R$ 179,80", "📷 com foto", "🎤 com recado")
	c.taps("Confirmar").stockAnswers(flow.CallResult{Status: 200, Body: "{}"})
	c.hears("Temos em estoque", "Pedido *nº ", "22/11", "Posso ajudar em mais alguma coisa?")
	c.taps("Não, obrigado").hears("Obrigado pelo contato!")
	number := regexp.MustCompile(`Pedido [0-9]{4}:`)
	for i := range c.did {
		c.did[i] = number.ReplaceAllString(c.did[i], "Pedido 0000:")
	}
	c.isDone("field name; label cliente; label pedido; field ultimo_pedido; note Pedido 0000: 2 × Vaso de cerâmica, R$ 179,80", "completed")
}

func TestWithoutPhotoVoiceOrStock(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, morning)
	c.contact.Labels = []string{"cliente"}
	c.says("pedido").hears("Que bom ver você de novo, Maria", "O que você gostaria de pedir?")
	c.taps("Kit de mudas").says("3").says("não tenho").hears("Isso não é uma foto")
	c.says("seguir").hears("mensagem de voz")
	c.says("não").hears("3 × *Kit de mudas*", "R$ 149,70", "sem foto", "sem recado")
	c.taps("Mudar pedido").hears("O que você gostaria de pedir?").taps("Terra vegetal").says("1").says("x").says("x").says("não")
	c.hears("1 × *Terra vegetal*").taps("Confirmar").stockAnswers(flow.CallResult{Error: "refused"}).hears("O sistema de estoque não respondeu agora", "confirmado")
	c.says("menu").hears("Como posso ajudar?")
	c.says("sair").hears("Obrigado pelo contato!")
	if c.state.End == nil {
		t.Errorf("not ended: %+v", c.state.Wait)
	}
}

func TestSecondCopyAsksForARealCPF(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, morning)
	c.says("2").hears("Qual é o CPF")
	c.says("111.111.111-11").hears("Esse CPF não confere")
	c.says("529.982.247-25").hears("vence em 25/11/2026", "A segunda via está aqui:", "Posso ajudar em mais alguma coisa?")
}

func TestAPersonIsCalled(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, morning)
	c.taps("Falar com atendente").hears("qual é o assunto?")
	c.says("Meu vaso chegou trincado").hears("Chamei o *Suporte*")
	c.isDone("label robô; note Assunto: Meu vaso chegou trincado; ticket queue:Suporte", "ticket_opened")

	night := newCustomer(t, morning.Add(14*time.Hour))
	night.hears("Boa noite")
	night.says("quero falar com um atendente").says("atendente").says("Troca").hears("de segunda a sábado, das 8h às 20h")
	night.isDone("label robô; note Assunto: Troca; ticket queue:Suporte", "ticket_opened")

	lost := newCustomer(t, morning)
	lost.says("??").says("abc").says("xyz").hears("Não consegui entender", "Chamei o *Suporte*")
	lost.isDone("label robô; note Assunto: Chamado pelo robô; ticket queue:Suporte", "ticket_opened")
}

func TestSilenceIsRemindedAndThenEnds(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, morning)
	c.waits().hears("Ainda está por aí?")
	c.waits().hears("Vou encerrar por aqui")
	c.isDone("", "no_reply")
}

func TestAClosedWindowTakesTheTemplate(t *testing.T) {
	t.Parallel()
	c := newCustomer(t, morning)
	c.taps("Fazer um pedido").says("Maria").taps("Manta de algodão")
	// The answer came in time, and was handled after the window had closed.
	in := c.message(flow.InboundText, "1")
	c.now = c.now.Add(25 * time.Hour)
	c.heard = nil
	c.step(flow.Event{Kind: flow.EventInbound, Inbound: &in})
	c.hears("retomar_atendimento")
	if len(c.heard) != 1 || c.heard[0].Kind != flow.ContentTemplate {
		t.Fatalf("with the window closed the bot said %+v", c.heard)
	}
}
