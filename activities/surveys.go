package activities

import (
	"context"

	"github.com/perene/perene/contract"
)

// SurveyTurn reminds or expires a survey whose instant has come. Idempotent: each happens once.
func (t *Tickets) SurveyTurn(ctx context.Context, in contract.SurveyStart) (contract.SurveyView, error) {
	view, wake, err := t.store.SurveyTurn(ctx, in)
	if err != nil {
		return contract.SurveyView{}, asActivityError(err)
	}
	t.waker.Wake(wake)
	return view, nil
}
