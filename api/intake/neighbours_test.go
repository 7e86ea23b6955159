package intake_test

import (
	"fmt"
	"testing"
)

// The tests here hold neighbours of the cases of the channel: the same kinds in other messages and other writings.

// Whatever a group says stays apart from the members' own conversations.
func TestEveryMessageOfAGroupStaysApart(t *testing.T) {
	for name, rest := range map[string]string{
		"a picture":   `"group_id":"G1","type":"image","image":{"id":"7","mime_type":"image/jpeg"}`,
		"a tap":       `"group_id":"G1","type":"interactive","interactive":{"type":"button_reply","button_reply":{"id":"x","title":"X"}}`,
		"an order":    `"group_id":"G1","type":"order","order":{"catalog_id":"1","product_items":[{"product_retailer_id":"x","quantity":"1","item_price":"10","currency":"BRL"}]}`,
		"a reaction":  `"group_id":"G1","type":"reaction","reaction":{"message_id":"wamid.A","emoji":"👍"}`,
		"a place":     `"group_id":"G1","type":"location","location":{"latitude":1,"longitude":2}`,
		"an edit":     `"group_id":"G1","type":"edit","edit":{"original_message_id":"wamid.A","message":{"type":"text","text":{"body":"novo"}}}`,
		"a form":      `"group_id":"G1","type":"interactive","interactive":{"type":"nfm_reply","nfm_reply":{"name":"flow","response_json":"{}"}}`,
		"the unknown": `"group_id":"G1","type":"brand_new"`,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.take(said("wamid.G", rest))
			w.want("private conversations whose window is open or that somebody has to read", nil, `
				SELECT c.id::text FROM conversations c WHERE c.address = '5581988880001' AND (c.window_state <> 'none' OR c.unread_count > 0)`)
		})
	}
}

// A person whom we wrote first, from the phone, is the one who answers, in every writing of the number.
func TestAPersonWrittenToFirstIsTheOneWhoAnswers(t *testing.T) {
	for name, numbers := range map[string][2]string{
		"Brazil": {"558188880001", "5581988880001"}, "Argentina": {"541155551234", "5491155551234"}, "Mexico": {"525512345678", "5215512345678"}, "Portugal": {"351912345678", "351912345678"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.take(change("smb_message_echoes", "551140000001", fmt.Sprintf(`"message_echoes":[{"from":"551140000001","to":%q,"id":"wamid.e","timestamp":"1763650800","type":"text","text":{"body":"oi"}}]`, numbers[0])))
			w.take(change("messages", "551140000001", fmt.Sprintf(`"messages":[{"from":%q,"id":"wamid.a","timestamp":"1763650801","type":"text","text":{"body":"oi"}}]`, numbers[1])))
			w.want("people and conversations", []string{"1 1"}, `SELECT (SELECT count(*) FROM contacts) || ' ' || (SELECT count(*) FROM conversations)`)
		})
	}
}

// Numbers, truths and times of other elements come as other types too.
func TestValuesOfAnotherTypeAreReadInEveryElement(t *testing.T) {
	w := newWorld(t)
	for i, rest := range []string{
		`"type":"sticker","sticker":{"id":"7","mime_type":"image/webp","animated":"true"}`,
		`"type":"location","location":{"latitude":"-23,5505","longitude":"-46,6333"}`,
		`"type":"order","order":{"catalog_id":1,"product_items":[{"product_retailer_id":7,"quantity":2,"item_price":"1.234,56","currency":"BRL"}]}`,
		`"type":"text","text":{"body":"a"},"context":{"frequently_forwarded":"true"}`,
		`"type":"audio","audio":{"id":7,"mime_type":"audio/ogg; codecs=opus","voice":"true"}`,
		`"type":"contacts","contacts":[{"name":{"formatted_name":"Zé"},"phones":[{"phone":11987654321}]}]`,
	} {
		w.take(said(fmt.Sprintf("wamid.%d", i), rest))
	}
	w.want("what is stored", []string{"true", "-23.5505", "1234.56", "true", "true", "11987654321"}, `
		SELECT coalesce(content -> 'media' ->> 'animated', content -> 'location' ->> 'latitude', content -> 'order' -> 'items' -> 0 ->> 'price',
			content ->> 'frequently_forwarded', content -> 'media' ->> 'voice', content -> 'contacts' -> 0 -> 'phones' -> 0 ->> 'phone') FROM messages ORDER BY id`)
	w.want("what is kept apart", nil, `SELECT code FROM quarantine`)
}

// Names of other elements are cleaned as well: of places, cards and the people in them.
func TestNamesAreCleanedInEveryElement(t *testing.T) {
	w := newWorld(t)
	w.take(change("messages", "551140000001", `"contacts":[{"profile":{"name":"  Ana\n\u202eSilva\u0000 "},"wa_id":"5581988880001"}],"messages":[
		{"from":"5581988880001","id":"wamid.1","timestamp":"1763650800","type":"image","image":{"id":"7","mime_type":"image/jpeg","filename":"CON"}},
		{"from":"5581988880001","id":"wamid.2","timestamp":"1763650800","type":"document","document":{"id":"8","mime_type":"application/pdf","filename":"C:\\Users\\ana\\boleto.pdf"}},
		{"from":"5581988880001","id":"wamid.3","timestamp":"1763650800","type":"video","video":{"id":"9","mime_type":"video/mp4","filename":".."}}]`))
	w.want("the person's name", []string{"Ana Silva"}, `SELECT name FROM contacts`)
	w.want("files with a path or without a name", nil, `SELECT filename FROM media WHERE filename LIKE '%\\%' OR filename LIKE '%/%' OR filename IN ('.', '..')`)
}
