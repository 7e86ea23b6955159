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

// ConversationCounts counts what Conversations lists with the same filter, for each view.
func (s *Store) ConversationCounts(ctx context.Context, account models.AccountID, w Viewer, f ConversationFilter) (map[models.View]ViewCount, error) {
	f.View = ""
	where, args := conversationConditions(account, w, &f)
	counts := make(map[models.View]ViewCount, len(models.Views))
	columns := make([]string, len(models.Views))
	into := make([]any, 0, 2*len(models.Views))
	numbers := make([]ViewCount, len(models.Views))
	for i, view := range models.Views {
		in := viewConditions[view]
		columns[i] = `count(*) FILTER (WHERE ` + in + `), count(*) FILTER (WHERE ` + in + ` AND ` + isUnread + `)`
		into = append(into, &numbers[i].Total, &numbers[i].Unread)
	}
	err := s.pool.QueryRow(ctx, `SELECT `+strings.Join(columns, ", ")+` FROM conversations v WHERE `+strings.Join(where, " AND "),
		pgx.QueryExecModeCacheDescribe, args).Scan(into...)
	for i, view := range models.Views {
		counts[view] = numbers[i]
	}
	return counts, asError(err, "conversation")
}
