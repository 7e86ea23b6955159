package models_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/models"
)

// S6: a file has a use wherever content names it.
func TestContentNamesItsFiles(t *testing.T) {
	t.Parallel()
	var c models.Content
	err := json.Unmarshal([]byte(`{"kind": "text", "media": {"media_id": 1}, "header": {"kind": "image", "media": {"media_id": 2}},
		"carousel": [{"header": {"kind": "image", "media": {"media_id": 3}}}, {"header": {"kind": "image", "media": {"media_id": 2}}}],
		"template": {"header": {"kind": "image", "media": {"media_id": 4}}, "body": [{"kind": "text", "text": "5"}],
			"cards": [{"header": {"kind": "image", "media": {"media_id": 6}}}, {"header": {"kind": "image", "media": {"url": "https://a.example/7"}}}]}}`), &c)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]models.MediaID{1, 2, 3, 4, 6}, c.Files()); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if files := new(models.Content).Files(); files != nil {
		t.Errorf("empty content names %v", files)
	}
}
