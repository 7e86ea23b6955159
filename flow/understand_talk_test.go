package flow

import (
	"strings"
	"testing"
	"time"
)

const (
	talkMenu  = `{"id":"m","kind":"menu","settings":{"text":"Menu","options":[{"id":"a","title":"Vendas"},{"id":"b","title":"Suporte"}]},"outputs":{"a":"ask","b":"count","invalid":"end","timeout":"end"}}`
	talkCount = `{"id":"count","kind":"set_variable","settings":{"assignments":[{"name":"n","op":"increment"}]},"outputs":{"ok":"m"}}`
)

// TestTapsOnOlderMenus: another option of an older menu is chosen now, a double tap is not done twice, the option that was
// chosen then leads to the open question once more, and a call on its way is not left.
func TestTapsOnOlderMenus(t *testing.T) {
	p := play(t, `{}`, talkMenu, talkCount, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	p.start()
	first := "f~42~1~m~"
	tap := func(option, title string) []Effect {
		return p.inbound(Inbound{Kind: InboundTap, Text: title, Payload: first + option})
	}
	has(t, tap("b", "Suporte"), "Menu")
	has(t, tap("b", "Suporte"))
	if n := p.state.Frames[0].Vars["n"]; n != 1.0 {
		t.Fatalf("a double tap counted: %v", n)
	}
	p.now = p.now.Add(5 * time.Minute)
	has(t, tap("b", "Suporte"), "Menu") // much later the same button is meant
	if n := p.state.Frames[0].Vars["n"]; n != 2.0 {
		t.Fatalf("a later tap did not count: %v", n)
	}
	has(t, p.say("1"), "?")
	p.now = p.now.Add(5 * time.Minute)
	has(t, p.inbound(Inbound{Kind: InboundTap, Text: "Suporte", Payload: "f~42~5~m~b"}), "Menu")
	if n := p.state.Frames[0].Vars["n"]; n != 3.0 || p.state.Frames[0].Attempt != 0 {
		t.Fatalf("the older menu was not chosen from: %v", n)
	}

	p = play(t, `{}`, `{"id":"m","kind":"menu","settings":{"text":"Menu","options":[{"id":"a","title":"Vendas"},{"id":"b","title":"Suporte"}]},"outputs":{"a":"h","b":"end","invalid":"end","timeout":"end"}}`,
		`{"id":"h","kind":"http","settings":{"method":"POST","url":"https://x.example.com","timeout":"5s"},"outputs":{"ok":"end","client_error":"end","server_error":"end","timeout":"end","failed":"end"}}`, nodeEnd)
	p.start()
	p.say("1")
	has(t, tap("b", "Suporte"))
	if w := p.state.Wait; w == nil || w.For != WaitCall {
		t.Fatalf("a call on its way was left for %+v", w)
	}
}

// TestGreetingsAndAlbumsCostNothing, up to a bound, so that two machines that greet each other come to an end.
func TestGreetingsAndAlbumsCostNothing(t *testing.T) {
	menu := `{"id":"m","kind":"menu","settings":{"text":"Menu","attempts":2,"options":[{"id":"a","title":"Vendas"}]},"outputs":{"a":"end","invalid":"late","timeout":"end"}}`
	p := play(t, `{}`, menu, nodeLate, nodeAsk2, nodeThx, nodeEnd)
	p.start()
	for _, hello := range []string{"bom dia", "Tudo bem?", "oi, tudo bem?", "hola"} {
		has(t, p.say(hello))
	}
	p.now = p.now.Add(2 * time.Minute)
	has(t, p.say("oi"), say("pt-BR", "invalid_option"))
	if p.state.Frames[0].Attempt != 0 {
		t.Fatal("a greeting cost an attempt")
	}
	has(t, p.say("oi"), say("pt-BR", "invalid_option"))
	if p.state.Frames[0].Attempt != 1 {
		t.Fatal("greetings never come to an end")
	}

	photo := `{"id":"p","kind":"question","settings":{"text":"Foto?","type":"image","save_to":"foto"},"outputs":{"ok":"ask","invalid":"end","timeout":"end"}}`
	p = play(t, `{}`, photo, `{"id":"ask","kind":"question","settings":{"text":"?","type":"text","attempts":1,"save_to":"x"},"outputs":{"ok":"thanks","invalid":"end","timeout":"end"}}`, nodeThx, nodeEnd)
	p.start()
	send := func(id string) []Effect {
		return p.inbound(Inbound{Kind: InboundImage, Media: &Media{ID: id, MIME: "image/jpeg"}})
	}
	has(t, send("1"), "?")
	has(t, send("2"))
	has(t, send("3"))
	has(t, p.say("Ana"), "Obrigado: Ana")
}

// TestAlbumIsOneAnswer where several files are taken.
func TestAlbumIsOneAnswer(t *testing.T) {
	photo := `{"id":"p","kind":"question","settings":{"text":"Fotos?","type":"image","several":true,"at_most":2,"save_to":"fotos"},"outputs":{"ok":"ask","invalid":"end","timeout":"end"}}`
	p := play(t, `{}`, photo, nodeAsk, nodeThx, nodeLate, nodeAsk2, nodeEnd)
	p.start()
	for _, id := range []string{"1", "2", "3"} {
		has(t, p.inbound(Inbound{Kind: InboundImage, Media: &Media{ID: id, MIME: "image/jpeg"}}))
	}
	has(t, p.play(&goldenStep{After: "5s"}), "?")
	list, _ := p.state.Frames[0].Vars["fotos"].([]any)
	if len(list) != 2 || list[0].(map[string]any)["id"] != "1" || list[1].(map[string]any)["id"] != "2" {
		t.Fatalf("the album is %v", list)
	}
}

// TestWhatWasSaidBeforeAQuestionDoesNotAnswerIt, although it is handled after the question was asked.
func TestWhatWasSaidBeforeAQuestionDoesNotAnswerIt(t *testing.T) {
	second := `{"id":"ask2","kind":"question","settings":{"text":"Sobrenome?","save_to":"y"},"outputs":{"ok":"thanks","invalid":"end","timeout":"end"}}`
	p := play(t, `{}`, `{"id":"ask","kind":"question","settings":{"text":"Nome?","save_to":"x"},"outputs":{"ok":"ask2","invalid":"end","timeout":"end"}}`, second, nodeThx, nodeEnd)
	p.start()
	sent := p.now.Add(time.Second)
	p.now = p.now.Add(3 * time.Second) // the machine is busy
	has(t, p.inbound(Inbound{Kind: InboundText, Text: "Ana", At: sent}), "Sobrenome?")
	has(t, p.inbound(Inbound{Kind: InboundText, Text: "bom dia", At: sent.Add(time.Second)}))
	has(t, p.inbound(Inbound{Kind: InboundText, Text: "Souza", At: p.now.Add(time.Second)}), "Obrigado: Ana")
	if y := p.state.Frames[0].Vars["y"]; y != "Souza" {
		t.Fatalf("the second answer is %v", y)
	}
}

// TestRefusalNamesWhatWasTyped: the designer's text and the engine's reasons.
func TestRefusalNamesWhatWasTyped(t *testing.T) {
	ask := `{"id":"ask","kind":"question","settings":{"text":"CPF?","type":"cpf","invalid_text":"\"{{ typed }}\" ({{ answer }}): {{ reason }} Restam {{ attempts_left }}."},"outputs":{"ok":"thanks","invalid":"end","timeout":"end"}}`
	p := play(t, `{}`, ask, nodeThx, nodeEnd)
	p.start()
	has(t, p.say("123"), `"123" (123): Um CPF tem 11 números. Confira e envie de novo. Restam 2.`)
	for settings, want := range map[string]string{
		`"type":"number","min":2,"max":9`:         "Envie um número de 2 a 9.",
		`"type":"number","max":9`:                 "Envie um número até 9.",
		`"type":"date","latest":"today"`:          "Envie uma data até 20/11/2026.",
		`"type":"date","earliest":"01/01/2027"`:   "Envie uma data a partir de 01/01/2027.",
		`"type":"time","earliest":"8h"`:           "Envie um horário a partir de 08:00.",
		`"type":"rating"`:                         "Envie uma nota de 1 a 5, por favor.",
		`"type":"phone"`:                          "Falta um número: o celular tem 9 números depois do DDD.",
		`"type":"number","whole":true,"min":-100`: "Envie um número inteiro, sem vírgula.",
	} {
		p := play(t, `{}`, `{"id":"ask","kind":"question","settings":{"text":"?",`+settings+`},"outputs":{"ok":"thanks","invalid":"end","timeout":"end"}}`, nodeThx, nodeEnd)
		p.start()
		in := map[string]string{"Envie uma data até 20/11/2026.": "25/12/2026", "Envie uma data a partir de 01/01/2027.": "25/12/2026", "Envie um horário a partir de 08:00.": "7h",
			"Falta um número: o celular tem 9 números depois do DDD.": "1191234567", "Envie um número inteiro, sem vírgula.": "1,5"}[want]
		if in == "" {
			in = "10"
		}
		has(t, p.say(in), want)
	}
}

// TestLongListsHavePages: further items are reached by "more", and by their titles from any page.
func TestLongListsHavePages(t *testing.T) {
	list := `{"id":"set","kind":"set_variable","settings":{"assignments":[{"name":"l","op":"expression","expression":"[\"Item 1\",\"Item 2\",\"Item 3\",\"Item 4\",\"Item 5\"]"}]},"outputs":{"ok":"m"}}`
	menu := `{"id":"m","kind":"menu","settings":{"text":"Qual?","style":"text","source":"list","dynamic":{"from":"l","max":3},"options":[{"id":"gente","title":"Atendente"}],"save_to":"x"},"outputs":{"ok":"thanks","gente":"late","invalid":"end","timeout":"end"}}`
	begin := func() *player {
		p := play(t, `{}`, list, menu, nodeThx, nodeLate, nodeAsk2, nodeEnd)
		has(t, p.start(), "Qual?\n\n1 - Item 1\n2 - Mais opções\n3 - Atendente")
		return p
	}
	p := begin()
	has(t, p.say("2"), "Qual?\n\n1 - Item 2\n2 - Mais opções\n3 - Atendente")
	has(t, p.say("mais opções!"), "Qual?\n\n1 - Item 3\n2 - Mais opções\n3 - Atendente")
	has(t, p.say("1"), "Obrigado: Item 3")
	has(t, begin().say("item 5"), "Obrigado: Item 5")
	has(t, begin().say("3"), "Demorou.", "De novo?")
}

// TestLoopLeftEarlyBeginsAnew, with another list and with the same one, and goes on where it was not left.
func TestLoopLeftEarlyBeginsAnew(t *testing.T) {
	p := play(t, `{"commands":[{"words":["menu"],"node":"set"}]}`,
		`{"id":"set","kind":"set_variable","settings":{"assignments":[{"name":"l","op":"expression","expression":"[\"a1\",\"a2\",\"a3\"]"}]},"outputs":{"ok":"l"}}`,
		`{"id":"l","kind":"loop","settings":{"list":"l","item":"i"},"outputs":{"item":"ask","done":"end"}}`,
		`{"id":"ask","kind":"question","settings":{"text":"{{ i }}?"},"outputs":{"ok":"l","invalid":"end","timeout":"end"}}`, nodeEnd)
	has(t, p.start(), "a1?")
	has(t, p.say("x"), "a2?")
	has(t, p.say("menu"), "a1?")
	has(t, p.say("x"), "a2?")
	has(t, p.say("x"), "a3?")
}

// replaced fills the places of a text: what, with, what, with.
func replaced(text string, pairs ...string) string {
	return strings.NewReplacer(pairs...).Replace(text)
}
