package sender

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/models"
)

// uploadingFiles gives each file of ours an id of the provider's until it is forgotten; every upload gives another id.
type uploadingFiles struct {
	known   map[models.MediaID]string
	uploads int
}

func (u *uploadingFiles) each(c *models.Content, f func(*models.ContentMedia)) {
	if c.Media != nil {
		f(c.Media)
	}
	for i := range c.Carousel {
		f(c.Carousel[i].Header.Media)
	}
}

func (u *uploadingFiles) Resolve(_ context.Context, _ *models.Connection, _ channels.Adapter, _ channels.Credentials, c *models.Content) (*models.Content, error) {
	if len(c.Files()) == 0 {
		return c, nil
	}
	out := *c
	if c.Media != nil {
		file := *c.Media
		out.Media = &file
	}
	u.each(&out, func(m *models.ContentMedia) {
		if u.known[m.MediaID] == "" {
			u.uploads++
			u.known[m.MediaID] = fmt.Sprintf("meta-%d", u.uploads)
		}
		m.ProviderMediaID = u.known[m.MediaID]
	})
	return &out, nil
}

func (u *uploadingFiles) Forget(_ context.Context, _ *models.Connection, c *models.Content) error {
	u.each(c, func(m *models.ContentMedia) { delete(u.known, m.MediaID) })
	return nil
}

// A file that the provider refuses is uploaded again for the next try. What it took is not uploaded twice, and a lost answer
// says nothing against the file.
func TestARefusedFileIsUploadedAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want []string
	}{
		"refused": {rejected(131053), []string{"meta-1", "meta-2", "meta-2"}},
		"unsent":  {notSent(), []string{"meta-1", "meta-1", "meta-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newSendingWorld(t, Tuning{})
				defer w.bus.Close()
				w.sender.Media = &uploadingFiles{known: map[models.MediaID]string{}}
				w.stub.answer = func(n int, _ *channels.Outbound) error {
					if n == 0 {
						return test.err
					}
					return nil
				}
				send := func() {
					id := w.store.add(1, bot, "")
					w.store.messages[id].Content = models.Content{Kind: models.ContentKindImage, Media: &models.ContentMedia{MediaID: 7}}
				}
				send()
				for len(w.stub.sent()) < 2 {
					w.run()
					time.Sleep(time.Minute) // virtual
				}
				send()
				w.run()
				var ids []string
				for _, s := range w.stub.sent() {
					ids = append(ids, s.media)
				}
				if !slices.Equal(ids, test.want) {
					t.Errorf("sent as %v, want %v", ids, test.want)
				}
			})
		})
	}
}
