package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// ViewCount is how many conversations are in a view, and how many of them are unread.
type ViewCount struct {
	Total  int64
	Unread int64
}

// ConversationCounts counts what Conversations lists with the same filter, for each view. Of a query it counts what the query
// names, and no hits in messages.
func (s *Store) ConversationCounts(ctx context.Context, account models.AccountID, w Viewer, f ConversationFilter) (map[models.View]ViewCount, error) {
	at, err := s.sightOf(ctx, account, w)
	if err != nil {
		return nil, err
	}
	f.View = ""
	where, args := conversationConditions(account, w, &f, s.Now())
	at.arguments(args)
	if strings.TrimSpace(f.Query) != "" {
		where = append(where, queryMatches)
	}
	numbers := make([]ViewCount, len(models.Views))
	var columns []string
	var into []any
	for i, view := range models.Views {
		into = append(into, &numbers[i].Total, &numbers[i].Unread)
		if view != models.ViewAll {
			in := viewConditions[view]
			columns = append(columns, `count(*) FILTER (WHERE `+in+`), count(*) FILTER (WHERE `+in+` AND `+isUnread+`)`)
		}
	}
	conditions := strings.Join(where, " AND ")
	seen := conditions + " AND " + at.condition(models.ViewAll)
	if f.LabelID != 0 || f.FlowID != 0 || f.ContactID != 0 {
		// These are found once, from the filter's side, and looked at for all views.
		err = s.pool.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE `+isUnread+`), `+strings.Join(columns, ", ")+` FROM conversations v WHERE `+seen,
			pgx.QueryExecModeCacheDescribe, args).Scan(into...)
		return byView(numbers), asError(err, "conversation")
	}
	// The few on the desk are read once for all their views, the others are counted over an index.
	err = s.pool.QueryRow(ctx, `
		SELECT `+at.count(conditions)+`, (SELECT count(*) FROM conversations v WHERE `+seen+` AND `+isUnread+`), d.*
		FROM (SELECT `+strings.Join(columns, ", ")+` FROM conversations v WHERE v.desk IS NOT NULL AND `+seen+`) d`,
		pgx.QueryExecModeCacheDescribe, args).Scan(into...)
	return byView(numbers), asError(err, "conversation")
}

func byView(numbers []ViewCount) map[models.View]ViewCount {
	counts := make(map[models.View]ViewCount, len(numbers))
	for i, view := range models.Views {
		counts[view] = numbers[i]
	}
	return counts
}

// count is SQL that counts the conversations v of conditions that the viewer sees: for a user the parts of the sight one by one,
// each over its own index, and none twice.
func (at *sight) count(conditions string) string {
	of := func(part string) string {
		return `(SELECT count(*) FROM conversations v WHERE ` + conditions + ` AND ` + part + `)`
	}
	if at.everything {
		return of(`true`)
	}
	const nobody, others = `v.queue_id IS NULL AND v.agent_id IS NULL`, `(v.queue_id IS NULL OR v.queue_id <> ALL(@queues))`
	return of(nobody) + ` + ` + of(`v.queue_id = ANY(@queues)`) + ` + ` + of(`v.agent_id = @viewer AND `+others) + ` + ` +
		of(at.ofContacts()+` AND v.agent_id IS DISTINCT FROM @viewer AND `+others+` AND NOT (`+nobody+`)`)
}
