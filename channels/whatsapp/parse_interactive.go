package whatsapp

import (
	"encoding/json"

	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/models"
)

// inInteractive is a tap, a filled-in form or an answer to a call request.
type inInteractive struct {
	Type  meta.String `json:"type"`
	Reply *struct {
		ID    meta.String `json:"id"`
		Title meta.String `json:"title"`
	} `json:"button_reply"`
	Row *struct {
		ID          meta.String `json:"id"`
		Title       meta.String `json:"title"`
		Description meta.String `json:"description"`
	} `json:"list_reply"`
	Form *struct {
		Name     meta.String `json:"name"`
		Body     meta.String `json:"body"`
		Response meta.Text   `json:"response_json"`
	} `json:"nfm_reply"`
	CallPermission *struct {
		Response  meta.String `json:"response"`
		Permanent meta.Bool   `json:"is_permanent"`
		Expires   meta.Time   `json:"expiration_timestamp"`
		Source    meta.String `json:"response_source"`
	} `json:"call_permission_reply"`
}

func (i *inInteractive) content() (models.Content, bool) {
	if i == nil {
		return models.Content{}, false
	}
	switch {
	case i.Type == "button_reply" && i.Reply != nil:
		return tap(models.TapButtonReply, i.Reply.ID, i.Reply.Title, ""), true
	case i.Type == "list_reply" && i.Row != nil:
		return tap(models.TapListReply, i.Row.ID, i.Row.Title, i.Row.Description), true
	case i.Type == "nfm_reply" && i.Form != nil:
		reply := &models.ContentFormReply{Name: string(i.Form.Name), Text: string(i.Form.Body), Response: rawObject(string(i.Form.Response))}
		var token struct {
			Token meta.String `json:"flow_token"`
		}
		if json.Unmarshal(reply.Response, &token) == nil {
			reply.Token = string(token.Token)
		}
		return models.Content{Kind: models.ContentKindFormReply, FormReply: reply}, true
	case i.Type == "call_permission_reply" && i.CallPermission != nil:
		return models.Content{Kind: models.ContentKindCallPermissionReply, CallPermissionReply: &models.ContentCallPermissionReply{
			Response: string(i.CallPermission.Response), Permanent: bool(i.CallPermission.Permanent),
			ExpiresAt: pointer(i.CallPermission.Expires.Time), Source: string(i.CallPermission.Source)}}, true
	}
	return models.Content{}, false
}

type inOrder struct {
	CatalogID meta.String `json:"catalog_id"`
	Text      meta.String `json:"text"`
	Items     []struct {
		ProductID meta.String `json:"product_retailer_id"`
		Quantity  meta.Number `json:"quantity"`
		Price     meta.Number `json:"item_price"`
		Currency  meta.String `json:"currency"`
	} `json:"product_items"`
}

func (o *inOrder) content() (models.Content, bool) {
	if o == nil {
		return models.Content{}, false
	}
	order := &models.ContentOrder{CatalogID: string(o.CatalogID), Text: string(o.Text), Items: []models.ContentOrderItem{}}
	for _, item := range o.Items {
		order.Items = append(order.Items, models.ContentOrderItem{ProductID: string(item.ProductID),
			Quantity: item.Quantity.JSON(), Price: item.Price.JSON(), Currency: string(item.Currency)})
	}
	return models.Content{Kind: models.ContentKindOrder, Order: order}, true
}

// inCard is a contact card.
type inCard struct {
	Name struct {
		Formatted meta.String `json:"formatted_name"`
		First     meta.String `json:"first_name"`
		Middle    meta.String `json:"middle_name"`
		Last      meta.String `json:"last_name"`
		Prefix    meta.String `json:"prefix"`
		Suffix    meta.String `json:"suffix"`
	} `json:"name"`
	Phones []struct {
		Phone meta.String `json:"phone"`
		Type  meta.String `json:"type"`
		WaID  meta.String `json:"wa_id"`
	} `json:"phones"`
	Emails []struct {
		Email meta.String `json:"email"`
		Type  meta.String `json:"type"`
	} `json:"emails"`
	Addresses []struct {
		Street      meta.String `json:"street"`
		City        meta.String `json:"city"`
		State       meta.String `json:"state"`
		Zip         meta.String `json:"zip"`
		Country     meta.String `json:"country"`
		CountryCode meta.String `json:"country_code"`
		Type        meta.String `json:"type"`
	} `json:"addresses"`
	URLs []struct {
		URL  meta.String `json:"url"`
		Type meta.String `json:"type"`
	} `json:"urls"`
	Org *struct {
		Company    meta.String `json:"company"`
		Department meta.String `json:"department"`
		Title      meta.String `json:"title"`
	} `json:"org"`
	Birthday meta.String `json:"birthday"`
	Origin   meta.String `json:"origin"`
	VCard    meta.String `json:"vcard"`
}

func readCards(cards []inCard) []models.ContactCard {
	out := make([]models.ContactCard, len(cards))
	for i, c := range cards {
		card := models.ContactCard{Birthday: string(c.Birthday), Origin: string(c.Origin), VCard: string(c.VCard),
			Name: models.ContactName{Formatted: string(c.Name.Formatted), First: string(c.Name.First), Middle: string(c.Name.Middle),
				Last: string(c.Name.Last), Prefix: string(c.Name.Prefix), Suffix: string(c.Name.Suffix)}}
		for _, p := range c.Phones {
			card.Phones = append(card.Phones, models.ContactPhone{Phone: string(p.Phone), Type: string(p.Type), WaID: string(p.WaID)})
		}
		for _, e := range c.Emails {
			card.Emails = append(card.Emails, models.ContactEmail{Email: string(e.Email), Type: string(e.Type)})
		}
		for _, a := range c.Addresses {
			card.Addresses = append(card.Addresses, models.ContactAddress{Street: string(a.Street), City: string(a.City),
				State: string(a.State), Zip: string(a.Zip), Country: string(a.Country), CountryCode: string(a.CountryCode), Type: string(a.Type)})
		}
		for _, u := range c.URLs {
			card.URLs = append(card.URLs, models.ContactURL{URL: string(u.URL), Type: string(u.Type)})
		}
		if c.Org != nil {
			card.Org = &models.ContactOrg{Company: string(c.Org.Company), Department: string(c.Org.Department), Title: string(c.Org.Title)}
		}
		out[i] = card
	}
	return out
}
