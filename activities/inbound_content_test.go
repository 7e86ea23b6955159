package activities

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// The answers of a form and the item that a message asks about reach a flow, in words and as variables.
func TestFormsAndProductsReachAFlow(t *testing.T) {
	t.Parallel()
	got := inboundToFlow(&models.Message{ID: 1, Content: models.Content{Kind: models.ContentKindFormReply, FormReply: &models.ContentFormReply{
		Text: "Sent", Response: json.RawMessage(`{"flow_token":"t","tela_0_Nota_0":"0_Excelente"}`)}}})
	if got.Text != "Nota: Excelente" || cmp.Diff(map[string]any{"tela_0_Nota_0": "0_Excelente"}, got.Form) != "" {
		t.Errorf("%q, %v", got.Text, got.Form)
	}
	got = inboundToFlow(&models.Message{ID: 1, Content: models.Content{Kind: models.ContentKindText, Text: "Ainda tem?", ReferredProduct: &models.ContentProduct{CatalogID: "c", ProductID: "p"}}})
	if diff := cmp.Diff(&flow.Product{CatalogID: "c", ID: "p"}, got.Product); diff != "" || got.Text != "Ainda tem?" {
		t.Error(diff, got.Text)
	}
}
