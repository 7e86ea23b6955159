package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/models"
)

// Resolve gives every file of ours in a content the provider's id, uploading those it does not have yet. Content without
// such files comes back as it is, any other as a copy.
func (m *Media) Resolve(ctx context.Context, conn *models.Connection, a channels.Adapter, cred channels.Credentials, c *models.Content) (*models.Content, error) {
	if !hasFiles(c) {
		return c, nil
	}
	copied, err := copyContent(c)
	if err != nil {
		return nil, err
	}
	err = eachFile(copied, func(kind models.ContentKind, f *models.ContentMedia) error {
		if f.MediaID == 0 || f.ProviderMediaID != "" {
			return nil
		}
		id, err := m.providerID(ctx, conn, a, cred, kind, f.MediaID)
		f.ProviderMediaID = id
		return err
	})
	return copied, err
}

// Forget drops the provider's ids of a content's files: the provider could not use one of them, so they are uploaded afresh.
func (m *Media) Forget(ctx context.Context, conn *models.Connection, c *models.Content) error {
	return eachFile(c, func(_ models.ContentKind, f *models.ContentMedia) error {
		if f.MediaID == 0 {
			return nil
		}
		return m.store.ForgetUpload(ctx, conn.AccountID, conn.ID, f.MediaID)
	})
}

// providerID finds or makes the provider's id of a file of ours. Sends that need the same file wait for one upload.
func (m *Media) providerID(ctx context.Context, conn *models.Connection, a channels.Adapter, cred channels.Credentials, kind models.ContentKind, id models.MediaID) (string, error) {
	found, ok, err := m.store.UploadedMedia(ctx, conn.AccountID, conn.ID, id)
	if ok || err != nil {
		return found, err
	}
	v, err, _ := m.uploads.Do(fmt.Sprintf("%d/%d/%d", conn.AccountID, conn.ID, id), func() (any, error) {
		if found, ok, err := m.store.UploadedMedia(ctx, conn.AccountID, conn.ID, id); ok || err != nil {
			return found, err
		}
		return m.upload(ctx, conn, a, cred, kind, id)
	})
	if err != nil {
		return "", err
	}
	return v.(string), nil //nolint:forcetypeassert // our own function above
}

func (m *Media) upload(ctx context.Context, conn *models.Connection, a channels.Adapter, cred channels.Credentials, kind models.ContentKind, id models.MediaID) (string, error) {
	row, err := m.store.MediaFile(ctx, conn.AccountID, id)
	if err != nil {
		return "", refusedFile(err)
	}
	if row.State != models.MediaStored || row.BlobKey == nil {
		return "", &channels.SendError{Outcome: channels.OutcomeRejected, Op: "upload media", Code: codeBadFile, Details: "the file to send is not in our store"}
	}
	in, err := m.files.Open(ctx, *row.BlobKey)
	if err != nil {
		return "", fmt.Errorf("read a file: %w", err)
	}
	defer func() { _ = in.Close() }()
	size, err := in.Seek(0, io.SeekEnd)
	if _, back := in.Seek(0, io.SeekStart); err != nil || back != nil {
		return "", fmt.Errorf("measure a file: %w", errors.Join(err, back))
	}
	providerID, err := a.UploadMedia(ctx, cred, channels.Upload{Kind: kind, MimeType: row.MimeType, Filename: row.Filename, Size: size, Body: in})
	if err != nil {
		return "", err
	}
	return providerID, m.store.KeepUpload(ctx, conn.AccountID, conn.ID, id, providerID, m.now().Add(uploadLives))
}

// codeBadFile is what a file that cannot be sent fails with: Meta's code for a parameter it cannot accept, so that the one
// policy serves both.
const codeBadFile = 100

// refusedFile turns a missing row into a failure of the message; anything else may be mended by another try.
func refusedFile(err error) error {
	if models.CodeOf(err) != models.CodeNotFound {
		return err
	}
	return &channels.SendError{Outcome: channels.OutcomeRejected, Op: "upload media", Code: codeBadFile, Details: "the file to send does not exist", Cause: err}
}

func hasFiles(c *models.Content) bool {
	found := errors.New("a file")
	return eachFile(c, func(_ models.ContentKind, f *models.ContentMedia) error {
		if f.MediaID != 0 && f.ProviderMediaID == "" {
			return found
		}
		return nil
	}) != nil
}

// eachFile calls f for every file in a content, with the kind it is sent as.
func eachFile(c *models.Content, f func(models.ContentKind, *models.ContentMedia) error) error {
	param := func(p *models.TemplateParam) error {
		if p == nil || p.Media == nil {
			return nil
		}
		return f(models.ContentKind(p.Kind), p.Media)
	}
	if c.Media != nil {
		if err := f(c.Kind, c.Media); err != nil {
			return err
		}
	}
	if c.Header != nil && c.Header.Media != nil {
		if err := f(c.Header.Kind, c.Header.Media); err != nil {
			return err
		}
	}
	for i := range c.Carousel {
		if h := c.Carousel[i].Header; h != nil && h.Media != nil {
			if err := f(h.Kind, h.Media); err != nil {
				return err
			}
		}
	}
	if c.Template == nil {
		return nil
	}
	if err := param(c.Template.Header); err != nil {
		return err
	}
	for i := range c.Template.Cards {
		if err := param(c.Template.Cards[i].Header); err != nil {
			return err
		}
	}
	return nil
}

func copyContent(c *models.Content) (*models.Content, error) {
	b, err := json.Marshal(c)
	if err != nil {
		return nil, fmt.Errorf("copy a content: %w", err)
	}
	var out models.Content
	if err := json.Unmarshal(b, &out); err != nil {
		return nil, fmt.Errorf("copy a content: %w", err)
	}
	return &out, nil
}
