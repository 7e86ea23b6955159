package store_test

import (
	"testing"
	"time"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// Whom we wrote to first answers under the number that the provider gave: they are one contact in one conversation, even where
// the answer came before the provider's.
func TestWhoAnswersIsWhoWasWrittenTo(t *testing.T) {
	t.Parallel()
	for name, early := range map[string]bool{"the answer of the provider first": false, "the person's reply first": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon)}), "learn")
			written := storetest.Text("written", "5511900000001", "x", noon)
			written.Message.FromMe, written.Message.Arrival = true, models.ArrivalEcho
			if _, err := f.Receive(t.Context(), f.Connection, delivery(written), nil); err != nil {
				t.Fatal(err)
			}
			conv := models.ConversationID(f.Count(t, `SELECT id FROM conversations`))
			reply := func() {
				if _, err := f.Receive(t.Context(), f.Connection, delivery(storetest.Text("reply", "351900000009", "oi", noon.Add(time.Minute))), nil); err != nil {
					t.Fatal(err)
				}
			}
			if early {
				reply()
			}
			for range 2 {
				if err := f.LearnAddress(t.Context(), f.Account, conv, "351900000009", storetest.Person("351900000009", "")); err != nil {
					t.Fatal(err)
				}
			}
			if !early {
				reply()
			}
			if n := f.Count(t, `SELECT count(*) FROM contacts WHERE merged_into_id IS NULL`); n != 1 {
				t.Errorf("%d contacts, want one", n)
			}
			if n := f.Count(t, `SELECT count(*) FROM conversations WHERE superseded_by_id IS NULL AND address = '351900000009'`); n != 1 {
				t.Errorf("%d conversations go on under the provider's address, want one", n)
			}
			if n := f.Count(t, `SELECT count(*) FROM contacts WHERE phone = '+5511900000001'`); n != 1 {
				t.Error("the number that was written to is not shown any more")
			}
		})
	}
}
