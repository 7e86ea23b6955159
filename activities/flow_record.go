package activities

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/contract"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// What tools outside of a step need to show stored rows to the engine the way a step does.

// InboundToFlow shows a stored message to the engine.
func InboundToFlow(m *models.Message) flow.Inbound { return inboundToFlow(m) }

// MailToFlow shows an entry of a run's mailbox to the engine; kind and data are those of contract.RunMail.
func MailToFlow(kind string, data json.RawMessage) (flow.Event, error) {
	ev := flow.Event{Kind: flow.EventKind(kind)}
	var into any
	switch ev.Kind {
	case flow.EventCallResult:
		ev.Call = &flow.CallResult{}
		into = ev.Call
	case flow.EventSendResult:
		ev.Send = &flow.SendResult{}
		into = ev.Send
	case flow.EventMoveTo:
		ev.MoveTo = &flow.MoveTo{}
		into = ev.MoveTo
	case flow.EventSetVariable:
		ev.Set = &flow.SetVariable{}
		into = ev.Set
	case flow.EventStop:
		ev.Stop = &flow.Stop{}
		into = ev.Stop
	case flow.EventTicketClosed:
		ev.Held = &flow.Held{}
		into = ev.Held
	}
	if into == nil {
		return ev, nil
	}
	if err := json.Unmarshal(data, into); err != nil {
		return flow.Event{}, fmt.Errorf("read mail of kind %s: %w", kind, err)
	}
	return ev, nil
}

// ContactToFlow shows a contact to the engine.
func ContactToFlow(c models.Contact, labels []string) flow.Contact {
	ct, _ := snapshots(&contract.StepSnapshot{Contact: c, Labels: labels})
	return ct
}

// TemplateToFlow shows a synced template to the engine.
func TemplateToFlow(t *models.Template) flow.Template { return templateToFlow(t) }

// StartOf is how a run started, without its message; fromMessage tells that the first message it took up started it.
func StartOf(run *models.FlowRun) (start flow.Start, fromMessage bool, err error) {
	var t flow.RunTrigger
	if err := json.Unmarshal(run.Trigger, &t); err != nil {
		return start, false, fmt.Errorf("read the trigger of run %d: %w", run.ID, err)
	}
	return flow.Start{Run: run.ID.String(), By: t.By, Inputs: t.Inputs, Files: t.Files, Node: t.Node}, t.FromMessage, nil
}

// ChannelsToFlow shows what each channel can do, by its key. The engine, the linter and account files all ask this one table.
func ChannelsToFlow(adapters map[string]channels.Adapter) map[string]flow.Capabilities {
	out := make(map[string]flow.Capabilities, len(adapters))
	for key, a := range adapters {
		out[key] = CapabilitiesToFlow(a.Capabilities())
	}
	return out
}

// CapabilitiesToFlow shows what an adapter can do to the engine and the linter.
func CapabilitiesToFlow(c *models.Capabilities) flow.Capabilities {
	can := func(k models.ContentKind) bool { return slices.Contains(c.Kinds, k) }
	body := func(k models.ContentKind) int {
		if n, ok := c.BodyMaxOf[k]; ok {
			return n
		}
		return c.BodyMax
	}
	out := flow.Capabilities{
		Text: c.TextMax, Caption: c.CaptionMax, Location: can(models.ContentKindLocation), Contacts: can(models.ContentKindContacts),
		LocationRequest: can(models.ContentKindLocationRequest), Templates: can(models.ContentKindTemplate), Window: c.WindowSeconds > 0,
		Product: can(models.ContentKindProduct), Catalog: can(models.ContentKindCatalog),
		Typing: c.Typing, Read: c.ReadReceipts, Edits: c.Edits, Reactions: c.Reactions, Groups: c.Groups,
	}
	for kind, m := range c.Media {
		if out.Media == nil {
			out.Media = map[flow.ContentKind]flow.MediaLimit{}
		}
		out.Media[flow.ContentKind(kind)] = flow.MediaLimit{MIME: m.MimeTypes, Bytes: max(m.MaxBytes, m.AnimatedMaxBytes), NoCaption: !m.Caption}
	}
	if can(models.ContentKindButtons) {
		out.Buttons = &flow.ButtonLimit{Max: c.Buttons.Max, Title: c.Buttons.TitleMax, Body: body(models.ContentKindButtons), Header: c.HeaderMax, Footer: c.FooterMax, ID: c.Buttons.IDMax,
			Headers: headersToFlow(c, models.ContentKindButtons)}
	}
	if can(models.ContentKindList) {
		l := c.List
		out.List = &flow.ListLimit{Rows: l.RowsMax, Sections: l.SectionsMax, Title: l.RowTitleMax, Description: l.RowTextMax, Button: l.ButtonMax, SectionTitle: l.SectionTitleMax,
			Body: body(models.ContentKindList), Header: c.HeaderMax, Footer: c.FooterMax, ID: l.RowIDMax}
	}
	if can(models.ContentKindCTAURL) {
		out.CTA = &flow.CTALimit{Title: c.CTATitle, Body: body(models.ContentKindCTAURL), Headers: headersToFlow(c, models.ContentKindCTAURL)}
	}
	if can(models.ContentKindCarousel) {
		l := c.Carousel
		out.Carousel = &flow.CarouselLimit{Min: l.Min, Max: l.Max, Body: body(models.ContentKindCarousel), Text: l.BodyMax, Lines: l.LineBreaksMax + 1, Title: c.CTATitle}
	}
	if can(models.ContentKindProductList) {
		out.Products = &flow.ProductLimit{Sections: c.Products.SectionsMax, Items: c.Products.ItemsMax, SectionTitle: c.List.SectionTitleMax,
			Body: body(models.ContentKindProductList), Header: c.HeaderMax, Footer: c.FooterMax}
	}
	return out
}

// headersToFlow lists the kinds of files that may stand above an interactive message.
func headersToFlow(c *models.Capabilities, kind models.ContentKind) (out []flow.ContentKind) {
	for _, k := range c.HeaderKinds[kind] {
		if k.IsMedia() {
			out = append(out, flow.ContentKind(k))
		}
	}
	return out
}
