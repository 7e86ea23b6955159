package models

import (
	"strings"
	"unicode/utf8"
)

// previewRunes is how long a preview is at most, in runes.
const previewRunes = 120

// previewWords are the words of a preview in each language of the console.
// Portuguese is the fallback.
var previewWords = map[string]map[ContentKind]string{
	"pt": {
		ContentKindImage: "📷 Foto", ContentKindVideo: "🎬 Vídeo", ContentKindAudio: "🎵 Áudio",
		ContentKindVoice: "🎤 Mensagem de voz", ContentKindDocument: "📄 Documento", ContentKindSticker: "Figurinha",
		ContentKindLocation: "📍 Localização", ContentKindContacts: "👤 Contato",
		ContentKindLocationRequest: "📍 Pedido de localização", ContentKindContactRequest: "👤 Pedido de telefone",
		ContentKindTemplate: "Modelo", ContentKindForm: "📝 Formulário", ContentKindFormReply: "📝 Formulário respondido",
		ContentKindOrder: "🛒 Pedido", ContentKindCarousel: "Carrossel", ContentKindProduct: "🛍️ Produto",
		ContentKindProductList: "🛍️ Produtos", ContentKindCatalog: "🛍️ Catálogo", ContentKindCallPermissionRequest: "📞 Pedido para ligar",
		ContentKindCallPermissionReply: "📞 Resposta ao pedido para ligar", ContentKindCall: "📞 Ligação",
		ContentKindEdit: "✏️ Mensagem editada", ContentKindDeleted: "🚫 Mensagem apagada",
		ContentKindMediaPlaceholder: "📎 Arquivo do histórico", ContentKindUnsupported: "Mensagem não suportada",
		ContentKindReaction: "Reagiu com", "": "Reação removida",
	},
	"en": {
		ContentKindImage: "📷 Photo", ContentKindVideo: "🎬 Video", ContentKindAudio: "🎵 Audio",
		ContentKindVoice: "🎤 Voice message", ContentKindDocument: "📄 Document", ContentKindSticker: "Sticker",
		ContentKindLocation: "📍 Location", ContentKindContacts: "👤 Contact",
		ContentKindLocationRequest: "📍 Location request", ContentKindContactRequest: "👤 Phone number request",
		ContentKindTemplate: "Template", ContentKindForm: "📝 Form", ContentKindFormReply: "📝 Form answered",
		ContentKindOrder: "🛒 Order", ContentKindCarousel: "Carousel", ContentKindProduct: "🛍️ Product",
		ContentKindProductList: "🛍️ Products", ContentKindCatalog: "🛍️ Catalogue", ContentKindCallPermissionRequest: "📞 Request to call",
		ContentKindCallPermissionReply: "📞 Answer to the request to call", ContentKindCall: "📞 Call",
		ContentKindEdit: "✏️ Edited message", ContentKindDeleted: "🚫 Deleted message",
		ContentKindMediaPlaceholder: "📎 File from history", ContentKindUnsupported: "Unsupported message",
		ContentKindReaction: "Reacted with", "": "Reaction removed",
	},
}

// notePrefix begins the preview of an internal note, so that no reader takes it for a message to the contact.
var notePrefix = map[string]string{"pt": "Nota interna: ", "en": "Internal note: "}

// NotePreview is Preview of an internal note: it says that it is one (rule 124).
func (c *Content) NotePreview(lang string) string {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	prefix, ok := notePrefix[base]
	if !ok {
		prefix = notePrefix["pt"]
	}
	return prefix + c.Preview(lang)
}

// Preview is one line that says what the message is, for lists and
// notifications. lang is a language tag such as "pt-BR" or "en"; an unknown
// one means Portuguese. Of a system line it is the text of rows of before: the console says the line by its code.
func (c *Content) Preview(lang string) string {
	base, _, _ := strings.Cut(strings.ToLower(lang), "-")
	words, ok := previewWords[base]
	if !ok {
		words = previewWords["pt"]
	}
	switch c.Kind {
	case ContentKindText, ContentKindButtons, ContentKindList, ContentKindCTAURL, ContentKindSystemNote:
		return oneLine(c.Text)
	case ContentKindTap:
		if c.Tap != nil {
			if c.Tap.Title != "" {
				return oneLine(c.Tap.Title)
			}
			return oneLine(c.Tap.ID)
		}
	case ContentKindReaction:
		if c.Reaction == nil || c.Reaction.Emoji == "" {
			return words[""]
		}
		return oneLine(words[ContentKindReaction] + " " + c.Reaction.Emoji)
	case ContentKindEdit:
		if c.Edit != nil && c.Edit.Content != nil && c.Edit.Content.Kind != ContentKindEdit {
			return oneLine("✏️ " + c.Edit.Content.Preview(lang))
		}
	}
	label := words[c.Kind]
	if label == "" {
		label = words[ContentKindUnsupported]
	}
	if detail := c.previewDetail(); detail != "" {
		return oneLine(label + ": " + detail)
	}
	return label
}

// previewDetail is the most telling words of a kind that has a label.
func (c *Content) previewDetail() string {
	switch {
	case c.Media != nil && c.Media.Caption != "":
		return c.Media.Caption
	case c.Kind == ContentKindDocument && c.Media != nil:
		return c.Media.Filename
	case c.Location != nil && c.Location.Name != "":
		return c.Location.Name
	case c.Location != nil:
		return c.Location.Address
	case c.Kind == ContentKindContacts && len(c.Contacts) > 0:
		return c.Contacts[0].Name.Formatted
	case c.Kind == ContentKindTemplate && c.Text == "" && c.Template != nil:
		return c.Template.Name
	case c.Order != nil:
		return c.Order.Text
	case c.Unsupported != nil:
		return c.Unsupported.Type
	}
	return c.Text
}

// oneLine folds white space and cuts at previewRunes.
func oneLine(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= previewRunes {
		return s
	}
	runes := []rune(s)
	return string(runes[:previewRunes-1]) + "…"
}
