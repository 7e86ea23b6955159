package flow

import (
	"encoding/json"
	"fmt"
	"strings"
)

// contentSettings send messages in order: texts, files, places, cards, buttons, lists, links. An item "save" asks, waits
// and stores the answer in a field (rule 176) and the node goes on with the next item. Buttons and lists wait for the
// choice and leave by its id, so they come last.
type contentSettings struct {
	Asking
	// Items are sent in order.
	Items []ContentItem `json:"items" required:"true" len:"20" doc:"What is sent, in order"`
}

// ContentItem is one thing a content node sends or asks.
type ContentItem struct {
	// Kind is what it is.
	Kind string `json:"kind" required:"true" enum:"text,image,video,audio,voice,document,sticker,location,contact,buttons,list,cta_url,location_request,carousel,product,product_list,catalog,save" doc:"What it is"`
	// Text is the message, the caption, the body of buttons and lists, or the question of "save".
	Text Text `json:"text,omitzero" len:"4096" doc:"Message, caption, body or question"`
	// Header and Footer stand above and below the body of buttons, a list or a link.
	Header Text `json:"header,omitzero" len:"60" doc:"Line above the body"`
	Footer Text `json:"footer,omitzero" len:"60" doc:"Small line below the body"`
	// HeaderMedia stands above the body of buttons or a link, in place of Header.
	HeaderMedia *HeaderSource `json:"header_media,omitempty" doc:"Picture, video or document above the body of buttons or a link"`
	// PreviewURL asks for a preview of the first link of a text.
	PreviewURL bool `json:"preview_url,omitempty" doc:"Preview the first link"`
	// Media is the file of an image, video, audio, voice note, document or sticker.
	Media *MediaSource `json:"media,omitempty" doc:"The file"`
	// Location is the place of a location.
	Location *LocationSource `json:"location,omitempty" doc:"The place"`
	// Contacts are the cards of a contact item.
	Contacts []CardSource `json:"contacts,omitempty" len:"10" doc:"The cards"`
	// Options are the buttons or rows; Dynamic makes rows of a list variable instead.
	Options []ChoiceOption `json:"options,omitempty" len:"30" doc:"Buttons or rows"`
	Dynamic *ListSource    `json:"dynamic,omitempty" doc:"Rows made of a list variable"`
	// Button is the word that opens a list, or the link button's title.
	Button Text `json:"button,omitzero" len:"20" doc:"Word on the button"`
	// URL is where a link button leads.
	URL Text `json:"url,omitzero" len:"2000" doc:"Where the link leads"`
	// Cards are those of a carousel.
	Cards []CarouselCard `json:"cards,omitempty" len:"10" doc:"Cards of a carousel, two at least"`
	// Product is the item of "product", Products those of "product_list", Thumbnail the one that "catalog" shows.
	Product   *ProductSource  `json:"product,omitempty" doc:"The item"`
	Products  *ProductsSource `json:"products,omitempty" doc:"The items"`
	Thumbnail Text            `json:"thumbnail,omitzero" doc:"Id of the item whose picture the catalogue shows"`
	// Save is how "save" checks and stores the answer.
	Save *SaveSource `json:"save,omitempty" doc:"How the answer is checked and stored"`
}

// MediaSource says where a file comes from: exactly one of the three.
type MediaSource struct {
	// ID is a file of the library, URL an address, Variable a variable or an image field of the contact (rule 202).
	ID       string `json:"id,omitempty" doc:"File of the library"`
	URL      Text   `json:"url,omitzero" doc:"Address of the file"`
	Variable string `json:"variable,omitempty" doc:"Variable or field that holds the file"`
	Filename Text   `json:"filename,omitzero" len:"240" doc:"Name the contact sees"`
	MIME     string `json:"mime,omitempty" doc:"Type of the file, for checks"`
	Size     int64  `json:"size,omitempty" doc:"Size in bytes, for checks"`
}

// LocationSource is a place; the coordinates may be variables.
type LocationSource struct {
	Latitude  Text `json:"latitude" required:"true" doc:"Degrees north"`
	Longitude Text `json:"longitude" required:"true" doc:"Degrees east"`
	Name      Text `json:"name,omitzero" doc:"Name of the place"`
	Address   Text `json:"address,omitzero" doc:"Its address"`
}

// CardSource is a contact card.
type CardSource struct {
	Name   Text   `json:"name" required:"true" doc:"Name on the card"`
	Phones []Text `json:"phones,omitempty" len:"10" doc:"Phone numbers"`
	Emails []Text `json:"emails,omitempty" len:"10" doc:"E-mail addresses"`
	Org    Text   `json:"org,omitzero" doc:"Company"`
	// Addresses are postal, URLs on the web. Birthday is YYYY-MM-DD; another one is left out.
	Addresses []CardPlace `json:"addresses,omitempty" len:"5" doc:"Postal addresses"`
	URLs      []Text      `json:"urls,omitempty" len:"5" doc:"Web addresses"`
	Birthday  Text        `json:"birthday,omitzero" doc:"Birthday, YYYY-MM-DD"`
}

// SaveSource says how an item "save" (Salvar) checks and stores its answer.
type SaveSource struct {
	// Type is what answer is expected.
	Type AnswerType `json:"type,omitempty" enum:"text,number,email,phone,cpf,cnpj,cpf_cnpj,cep,date,time,yes_no,file,image,audio,video,location" default:"text" doc:"What is expected"`
	// Field is the system field or the key of the custom field that gets it (rules 176, 185).
	Field string `json:"field,omitempty" doc:"Contact field that gets the answer"`
	// SaveTo is a variable that gets it too.
	SaveTo string `json:"save_to,omitempty" doc:"Variable that gets the answer"`
}

func contentKind() *Kind {
	return &Kind{
		Name: "content", Family: FamilyMessage,
		Label: label("Conteúdo", "Content"),
		Doc: label("Envia mensagens em ordem: textos, arquivos, localização, contato, botões, lista, link, carrossel, produtos e Salvar.",
			"Sends messages in order: texts, files, places, cards, buttons, a list, a link, a carousel, products, and Save."),
		Needs: []Need{
			{"media", label("Sem o tipo de arquivo, vai como documento ou link.", "A file of a kind the channel lacks goes as a document or a link.")},
			{"buttons", label("Botões viram lista ou texto numerado.", "Buttons become a list or numbered text.")},
			{"list", label("A lista vira texto numerado.", "A list becomes numbered text.")},
			{"cta_url", label("O botão de link vira o link no texto.", "A link button becomes the link in the text.")},
			{"location", label("A localização vira endereço com link do mapa.", "A place becomes its address with a link to a map.")},
			{"contacts", label("O contato vira texto.", "A card becomes text.")},
			{"location_request", label("O pedido de localização vira texto.", "The request becomes text.")},
			{"carousel", label("O carrossel vira texto numerado com os links.", "A carousel becomes numbered text with the links.")},
			{"product", label("Do produto vai só o texto.", "Of a product only the text goes.")},
			{"product_list", label("Dos produtos vai só o texto.", "Of products only the text goes.")},
			{"catalog", label("Do catálogo vai só o texto.", "Of the catalogue only the text goes.")},
			{"window", label("Com a janela fechada sai por window_closed.", "With the window closed the output is window_closed.")},
		},
		make: func() behaviour { return &contentSettings{} },
	}
}

func (it *ContentItem) waits() bool {
	switch it.Kind {
	case "buttons", "list", "location_request", "save":
		return true
	}
	return false
}

func (s *contentSettings) check(c *compiler) {
	for i := range s.Items {
		it := &s.Items[i]
		at := fmt.Sprintf("%s/items/%d", c.at, i)
		if (it.Kind == "buttons" || it.Kind == "list" || it.Kind == "location_request") && i != len(s.Items)-1 {
			c.problem("choice_not_last", at, it.Kind)
		}
		checkOptions(c, it.Options, at+"/options")
		need := func(missing bool, name string) {
			if missing {
				c.problem("setting_missing", pointer(at, name), name)
			}
		}
		switch it.Kind {
		case "text", "location_request":
			need(it.Text.Empty(), "text")
		case "image", "video", "audio", "voice", "document", "sticker":
			need(it.Media.empty(), "media")
		case "location":
			need(it.Location == nil, "location")
		case "contact":
			need(len(it.Contacts) == 0, "contacts")
		case "buttons":
			need(it.Text.Empty(), "text")
			need(len(it.Options) == 0 && it.Dynamic == nil, "options")
		case "list":
			need(it.Text.Empty(), "text")
			need(len(it.Options) == 0 && it.Dynamic == nil, "options")
		case "cta_url":
			need(it.Text.Empty(), "text")
			need(it.Button.Empty(), "button")
			need(it.URL.Empty(), "url")
		case "save":
			need(it.Text.Empty(), "text")
			need(it.Save == nil || (it.Save.Field == "" && it.Save.SaveTo == ""), "save")
		}
		checkHeader(c, it.HeaderMedia, at+"/header_media")
		it.checkShop(c, at)
	}
}

// last is the item that decides the outputs.
func (s *contentSettings) last() *ContentItem {
	if len(s.Items) == 0 {
		return &ContentItem{}
	}
	return &s.Items[len(s.Items)-1]
}

func (s *contentSettings) outputs() []Output {
	last := s.last()
	var out []Output
	switch {
	case last.Kind == "buttons" || last.Kind == "list":
		if last.Dynamic != nil {
			out = append(out, Output{Name: OutOK})
		}
		out = append(out, optionOutputs(last.Options)...)
		out = append(out, Output{Name: OutOther, Quiet: true})
	default:
		out = append(out, Output{Name: OutOK})
	}
	for i := range s.Items {
		if s.Items[i].waits() {
			return append(out, s.askingOutputs()...)
		}
	}
	return append(out, Output{Name: OutWindowClosed, Quiet: true})
}

func (s *contentSettings) stores() []VariableSpec {
	out := s.stored(TypeAny)
	for i := range s.Items {
		if save := s.Items[i].Save; save != nil && save.SaveTo != "" {
			out = append(out, VariableSpec{Name: save.SaveTo, Type: save.Type.stores()})
		}
	}
	return out
}

func (s *contentSettings) enter(r *run) next { return s.from(r, 0) }

// ask sends the item once more that the contact was asked.
func (s *contentSettings) ask(r *run) next { return s.from(r, r.frame().Item) }

// from sends the items from i on, until one waits.
func (s *contentSettings) from(r *run, i int) next {
	f := r.frame()
	for ; i < len(s.Items); i++ {
		f.Item = i
		it := &s.Items[i]
		c, skip := s.content(r, it)
		if skip {
			r.note("item_empty")
			if reason := it.missing(); reason != "" {
				r.alert(reason)
			}
			continue
		}
		if _, ok := r.send(c); !ok {
			return leave(OutWindowClosed)
		}
		if r.over != "" {
			return next{}
		}
		if it.waits() {
			f.Attempt = 0
			return s.begin(r)
		}
	}
	return leave(OutOK)
}

// missing is what agents are told when an item has nothing to send: a file, a place, a card, a link or a list was promised.
func (it *ContentItem) missing() Reason {
	switch it.Kind {
	case "text", "save":
		return ""
	case "buttons", "list":
		return ReasonListEmpty
	}
	return ReasonContentMissing
}

// place is a location with its coordinates, as far as they are some.
func (r *run) place(l *LocationSource) (*Location, bool) {
	lat, ok := r.coordinate(l.Latitude, 90)
	lng, ok2 := r.coordinate(l.Longitude, 180)
	return &Location{Latitude: lat, Longitude: lng, Name: r.text(l.Name), Address: r.text(l.Address)}, ok && ok2
}

// coordinate reads degrees. They have no groups of thousands: "-23.550" and "-23,550" are the same.
func (r *run) coordinate(t Text, most float64) (float64, bool) {
	f, ok := 0.0, false
	switch v := r.value(t).(type) {
	case float64:
		f, ok = v, true
	case json.Number:
		f, ok = toNumber(v)
	case string:
		f, ok = machineNumber(strings.Replace(strings.TrimSuffix(strings.TrimSpace(readable(v)), "°"), ",", ".", 1))
	}
	return f, ok && f >= -most && f <= most
}

// content renders an item; skip is set when there is nothing to send (an empty text, a list without rows, a file that a
// variable does not hold).
func (s *contentSettings) content(r *run, it *ContentItem) (c Content, skip bool) {
	c = Content{Kind: ContentKind(it.Kind), Text: r.text(it.Text), Header: r.text(it.Header), Footer: r.text(it.Footer)}
	switch it.Kind {
	case "text", "save":
		c.Kind, c.PreviewURL = ContentText, it.PreviewURL
		return c, strings.TrimSpace(c.Text) == ""
	case "location":
		place, ok := r.place(it.Location)
		c.Location = place
		return c, !ok
	case "contact":
		c.Kind = ContentContacts
		for i := range it.Contacts {
			if card := it.Contacts[i].card(r); strings.TrimSpace(card.Name) != "" { // the channel refuses a card without a name
				c.Contacts = append(c.Contacts, card)
			}
		}
		return c, len(c.Contacts) == 0
	case "buttons", "list":
		return s.offer(r, it, c)
	case "cta_url":
		c.CTA, c.HeaderMedia = &CTA{Title: r.text(it.Button), URL: r.address(it.URL)}, r.headed(it.HeaderMedia)
		return c, !webAddress(c.CTA.URL)
	case "carousel", "product", "product_list", "catalog":
		return it.shop(r, c)
	case "location_request":
		return c, false
	default:
		c.Media = r.media(it.Media)
		return c, c.Media == nil
	}
}

func (s *contentSettings) offer(r *run, it *ContentItem, c Content) (Content, bool) {
	options, sections := s.options(r, it)
	if it.Dynamic != nil {
		r.frame().Options = options
	}
	c.HeaderMedia = r.headed(it.HeaderMedia)
	rows := r.offer(options, nil, it.Dynamic, MenuList).rows()
	c = choices(c, rows, sections, r.text(it.Button), MenuList, r.env.Channel, r.s.Language)
	return c, len(options) == 0
}

func (s *contentSettings) options(r *run, it *ContentItem) (options []Option, sections []string) {
	if it.Dynamic != nil {
		return r.listed(it.Dynamic), nil
	}
	sections = sectionsOf(it.Options)
	return r.fixed(it.Options), sections
}

// media finds the file a source names; nil when there is none. A variable may come from a customer or a provider, so that
// it names only an address, a file that the contact sent to this run, or the image in a field of the contact.
func (r *run) media(src *MediaSource) *Media {
	if src == nil {
		return nil
	}
	m := &Media{ID: src.ID, URL: r.text(src.URL), MIME: src.MIME, Size: src.Size, Filename: r.text(src.Filename)}
	if src.Variable != "" {
		path := strings.Split(src.Variable, ".")
		switch v := r.lookup(path).(type) {
		case map[string]any:
			if id, _ := v["id"].(string); r.sent(id) {
				m.ID = id
			} else if id != "" {
				r.note("file_unknown")
			}
			m.URL, _ = v["url"].(string)
			m.MIME, _ = v["mime"].(string)
			if m.Filename == "" {
				m.Filename, _ = v["filename"].(string)
			}
		case string:
			if strings.HasPrefix(v, "https://") || strings.HasPrefix(v, "http://") {
				m.URL = v
			} else if r.sent(v) || r.imageField(path) {
				m.ID = v
			}
		}
	}
	if m.ID == "" && m.URL == "" {
		return nil
	}
	return m
}

func (s *contentSettings) resume(r *run, in input) next {
	f := r.frame()
	if f.Item >= len(s.Items) {
		return leave(OutOK)
	}
	it := &s.Items[f.Item]
	if in.kind == inAlarm {
		return s.alarm(r)
	}
	if n, ok := s.helped(r, in); ok {
		return n
	}
	switch it.Kind {
	case "save":
		spec := QuestionRules{Type: it.Save.Type, birth: it.Save.Field == "birth_date"}
		ans, key := spec.read(r, &in.msg)
		if key != "" {
			return s.reject(r, in, key)
		}
		one := Asking{SaveTo: it.Save.SaveTo, Field: it.Save.Field}
		one.accept(r, ans)
		return s.from(r, f.Item+1)
	case "location_request":
		spec := QuestionRules{Type: AnswerLocation}
		ans, key := spec.read(r, &in.msg)
		if key != "" {
			return s.reject(r, in, key)
		}
		s.accept(r, ans)
		return leave(OutOK)
	}
	options := f.Options
	if it.Dynamic == nil {
		options, _ = s.options(r, it)
	}
	o := r.offer(options, nil, it.Dynamic, MenuList)
	if it.Dynamic == nil {
		o.synonyms = it.Options
	}
	i, more, ok := r.chosen(&in.msg, o)
	switch {
	case more:
		f.Page++
		return s.from(r, f.Item)
	case !ok:
		return r.otherwise(&s.Asking, in)
	}
	s.accept(r, answer{value: options[i].value(), option: options[i].ID})
	if it.Dynamic != nil {
		return leave(OutOK)
	}
	return leave(options[i].ID)
}

// otherwise handles a reply that is none of the options: the output "other" where it leads somewhere, else a wrong answer.
func (r *run) otherwise(a *Asking, in input) next {
	if !in.kept && r.g.target(r.current(), OutOther) != "" && r.current().edges[OutOther] != "" {
		a.accept(r, answer{value: in.msg.Text})
		return leave(OutOther)
	}
	return a.reject(r, in, "invalid_option")
}
