package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/store"
)

// Rules 204 to 209: answers and counts of a period, by agent, queue and survey, of what the viewer sees.
func TestSurveyReport(t *testing.T) {
	t.Parallel()
	w := newDesk(t)
	w.Exec(t, `INSERT INTO surveys (id, account_id, name, question, scale) VALUES (1, $1, 'Faces', 'Avalie', 'faces'), (2, $1, 'Número', 'Avalie', 'nps')`, w.Account)
	id := w.open(ana, contract.TicketOpening{Mode: "queue", QueueID: ptr(vendas), AgentID: ptr(ana)})
	w.Exec(t, `INSERT INTO survey_answers (account_id, survey_id, ticket_id, connection_id, queue_id, agent_id, scale, state, grade, sent_at, due_at, graded_at, ended_at)
		SELECT $1, s, $2, $3, q, a, scale, state, grade, $4::timestamptz - days * interval '1 day', $4, CASE WHEN grade IS NOT NULL THEN $4::timestamptz END, $4
		FROM (VALUES (1, 1, 1, 'faces', 'answered', 5, 1), (1, 1, 1, 'faces', 'answered', 2, 2), (1, 1, 1, 'faces', 'expired', NULL, 2), (1, 1, 1, 'faces', 'external', NULL, 2),
			(1, 2, 2, 'faces', 'answered', 4, 3), (2, 1, 1, 'nps', 'answered', 9, 1), (1, 1, 1, 'faces', 'answered', 1, 8)) v(s, q, a, scale, state, grade, days)`,
		w.Account, id, w.Connection.ID, w.now())
	week := store.SurveyFilter{From: w.now().AddDate(0, 0, -7), To: w.now().Add(time.Second)}
	count := func(v store.Viewer, f store.SurveyFilter) []string {
		t.Helper()
		rows, err := w.SurveyTotals(t.Context(), w.Account, v, f)
		if err != nil {
			t.Fatal(err)
		}
		out := []string{}
		for _, r := range rows {
			out = append(out, string(r.Scale)+" "+string(rune('0'+r.Sent))+" "+string(r.Grades))
		}
		return out
	}
	of := func(change func(*store.SurveyFilter)) store.SurveyFilter {
		f := week
		change(&f)
		return f
	}
	for name, c := range map[string]struct {
		by   store.Viewer
		f    store.SurveyFilter
		want []string
	}{
		"the week":            {store.Viewer{User: ana}, week, []string{`faces 4 {"2": 1, "4": 1, "5": 1}`, `nps 1 {"9": 1}`}},
		"Ana's":               {store.Viewer{Everything: true}, of(func(f *store.SurveyFilter) { f.Agents = append(f.Agents, ana) }), []string{`faces 3 {"2": 1, "5": 1}`, `nps 1 {"9": 1}`}},
		"a queue's":           {store.Viewer{Everything: true}, of(func(f *store.SurveyFilter) { f.QueueID = suporte }), []string{`faces 1 {"4": 1}`}},
		"a survey's":          {store.Viewer{Everything: true}, of(func(f *store.SurveyFilter) { f.SurveyID = 2 }), []string{`nps 1 {"9": 1}`}},
		"who does not see it": {store.Viewer{User: bia}, week, []string{}},
	} {
		if diff := cmp.Diff(c.want, count(c.by, c.f)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	rows, err := w.SurveyAnswers(t.Context(), w.Account, store.Viewer{User: ana}, week, 0, 10)
	if err != nil || len(rows) != 4 || *rows[0].Agent != "Ana" || *rows[0].Queue != "Vendas" || rows[0].Survey != "Número" || rows[0].ConversationID != w.conv {
		t.Errorf("answers %+v, %v", rows, err)
	}
	if rows, err = w.SurveyAnswers(t.Context(), w.Account, store.Viewer{User: bia}, week, 0, 10); err != nil || len(rows) != 0 {
		t.Errorf("unseen answers %+v, %v", rows, err)
	}
}
