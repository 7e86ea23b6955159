package rig

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
)

// Picture lets a person send a picture to a number, through the simulator and its own deliveries.
func (s *Stack) Picture(ctx context.Context, c Connection, phone string, picture []byte) error {
	id, err := s.upload(ctx, c.Number, picture)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(picture)
	return s.Simulator(ctx, "POST", "/inbound", map[string]any{"number": c.Number, "person": phone, "type": "image",
		"content": map[string]any{"id": id, "mime_type": "image/jpeg", "sha256": base64.StdEncoding.EncodeToString(sum[:])}}, nil)
}

// upload gives a file to the simulator as the Graph API takes it, and returns its id.
func (s *Stack) upload(ctx context.Context, number string, file []byte) (string, error) {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	err := form.WriteField("messaging_product", "whatsapp")
	if err == nil {
		var part io.Writer
		part, err = form.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="file"; filename="f.jpg"`}, "Content-Type": {"image/jpeg"}})
		if err == nil {
			_, err = part.Write(file)
		}
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		return "", fmt.Errorf("write a form: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URLs.Graph+"/v24.0/"+number+"/media", &body)
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("give the simulator a file: %w", err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return "", fmt.Errorf("give the simulator a file: %w", err)
	}
	var answer struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(text, &answer); err != nil || answer.ID == "" {
		return "", fmt.Errorf("the simulator refused a file: %s", text)
	}
	return answer.ID, nil
}
