package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/models"
)

// SearchHit is the newest message of a conversation that has the words of a search.
type SearchHit struct {
	ConversationID models.ConversationID
	ID             models.MessageID
	Text           string
	CreatedAt      time.Time
}

// Bounds of a search.
const (
	searchWords  = 6   // of a query; further ones are left out
	searchBucket = 15  // bits of a message's id within a bucket, as in search_words
	searchRound  = 500 // hits that are read in one round
	searchFew    = 300 // up to how many conversations are read instead of the index
)

// messageSearch is a search for words in messages.
type messageSearch struct {
	account models.AccountID
	words   []string
	where   string // which conversations v are searched
	args    pgx.NamedArgs
}

// wordsOf splits a query as the index of messages splits texts.
func (s *Store) wordsOf(ctx context.Context, query string) ([]string, error) {
	var words []string
	if err := s.pool.QueryRow(ctx, `SELECT regexp_split_to_array(search_text(@query), '[^[:alnum:]]+')`,
		pgx.NamedArgs{"query": query}).Scan(&words); err != nil {
		return nil, asError(err, "message")
	}
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	slices.Sort(words)
	words = slices.Compact(words)
	return words[:min(len(words), searchWords)], nil
}

// found gives the hits in conversations, the newest first, each conversation once. below is the last hit of the page before: what
// was shown there is left out.
func (m *messageSearch) found(ctx context.Context, q querier, below models.MessageID, limit int) ([]SearchHit, error) {
	if len(m.words) == 0 || limit <= 0 {
		return nil, nil
	}
	patterns := make([]string, len(m.words))
	for i, w := range m.words {
		patterns[i] = `(^|[^[:alnum:]])` + w
	}
	m.args["patterns"], m.args["few_limit"], m.args["hits"] = patterns, searchFew+1, limit
	rows, err := q.Query(ctx, `SELECT v.id FROM conversations v WHERE `+m.where+` LIMIT @few_limit`, pgx.QueryExecModeCacheDescribe, m.args)
	if err != nil {
		return nil, asError(err, "message")
	}
	ids, err := pgx.CollectRows(rows, pgx.RowTo[models.ConversationID])
	if err != nil {
		return nil, asError(err, "message")
	}
	if len(ids) <= searchFew {
		return m.read(ctx, q, ids, below)
	}
	return m.walk(ctx, q, below, limit)
}

// notShown is the condition on a hit h that no page before has shown its conversation.
const notShown = `(@below = 0 OR NOT EXISTS (
	SELECT 1 FROM messages n
	WHERE n.account_id = @account AND n.conversation_id = h.conversation_id AND n.id >= @below
		AND search_text(message_text(n.content)) ~ ALL(@patterns)))`

// read looks at the messages of a few conversations.
func (m *messageSearch) read(ctx context.Context, q querier, ids []models.ConversationID, below models.MessageID) ([]SearchHit, error) {
	m.args["ids"], m.args["below"] = orEmpty(ids), below
	return list[SearchHit](ctx, q, "message", `
		SELECT conversation_id, id, text, created_at FROM (
			SELECT DISTINCT ON (h.conversation_id) h.conversation_id, h.id, message_text(h.content) AS text, h.created_at
			FROM messages h
			WHERE h.account_id = @account AND h.conversation_id = ANY(@ids) AND (@below = 0 OR h.id < @below)
				AND search_text(message_text(h.content)) ~ ALL(@patterns) AND `+notShown+`
			ORDER BY h.conversation_id, h.id DESC
		) newest ORDER BY id DESC LIMIT @hits`, m.args)
}

// walk reads the index bucket by bucket, from the newest on, until it has enough.
func (m *messageSearch) walk(ctx context.Context, q querier, below models.MessageID, limit int) ([]SearchHit, error) {
	m.args["below"], m.args["up_to"], m.args["bits"], m.args["round"], m.args["words"] = below, below, searchBucket, searchRound, m.inBucket()
	var hits []SearchHit
	seen := map[models.ConversationID]bool{}
	for {
		// Each bucket is asked on its own, with a fence: the planner thinks that a question for many matches much, and reads the table.
		round, err := list[SearchHit](ctx, q, "message", `
			SELECT id, conversation_id, message_text(content) AS text, created_at
			FROM (
				SELECT h.id, h.conversation_id, h.content, h.created_at, EXISTS (SELECT 1 FROM conversations v WHERE v.id = h.conversation_id AND `+m.where+`) AND `+notShown+` AS shown
				FROM generate_series(
						coalesce(nullif(@up_to::bigint, 0), (SELECT max(id) FROM messages)) >> @bits,
						(SELECT min(id) FROM messages) >> @bits, -1) b,
					LATERAL (
						SELECT f.id, f.conversation_id, f.content, f.created_at FROM (
							SELECT m.id, m.conversation_id, m.content, m.created_at
							FROM messages m
							WHERE m.account_id = @account AND message_text(m.content) <> '' AND (@up_to = 0 OR m.id < @up_to)
								AND search_words(m.account_id, m.id, m.content) @@ replace(@words, '#', b::text)::tsquery
							OFFSET 0
						) f ORDER BY f.id DESC
					) h
				OFFSET 0
			) s WHERE shown
			LIMIT @round`, pgx.QueryExecModeCacheDescribe, m.args)
		if err != nil {
			return nil, err
		}
		for i := range round {
			if h := round[i]; !seen[h.ConversationID] && len(hits) < limit {
				seen[h.ConversationID] = true
				hits = append(hits, h)
			}
		}
		if len(hits) == limit || len(round) < searchRound {
			return hits, nil
		}
		m.args["up_to"] = round[len(round)-1].ID
	}
}

// inBucket writes the words as a question of the index. # stands for a bucket. Words hold letters and digits alone.
func (m *messageSearch) inBucket() string {
	terms := make([]string, len(m.words))
	for i, w := range m.words {
		terms[i] = fmt.Sprintf("'a%db#x%s':*", m.account, w)
	}
	return strings.Join(terms, " & ")
}

// byMessages lists the conversations in whose messages the words of a query are.
func (s *Store) byMessages(ctx context.Context, account models.AccountID, query, where string, args pgx.NamedArgs, p ConversationPage) ([]ConversationView, error) {
	words, err := s.wordsOf(ctx, query)
	if err != nil {
		return nil, err
	}
	var below models.MessageID
	if p.After != nil {
		below = p.After.Message
	}
	search := messageSearch{account: account, words: words, where: where, args: args}
	hits, err := search.found(ctx, s.pool, below, p.Limit)
	if err != nil || len(hits) == 0 {
		return nil, err
	}
	ids := make([]models.ConversationID, len(hits))
	for i := range hits {
		ids[i] = hits[i].ConversationID
	}
	args["ids"] = ids
	rows, err := list[ConversationView](ctx, s.pool, "conversation", conversationViewSQL+`WHERE v.id = ANY(@ids) AND `+where, pgx.QueryExecModeCacheDescribe, args)
	if err != nil {
		return nil, err
	}
	for i := range rows {
		rows[i].Hit = &hits[slices.Index(ids, rows[i].ID)]
	}
	slices.SortFunc(rows, func(a, b ConversationView) int { return int(b.Hit.ID - a.Hit.ID) })
	return rows, nil
}

// SearchMessages lists the messages of a conversation that have a piece of text, the newest first, before the given one (0: from
// the newest; rule 086). The conversation must be visible to the viewer; CodeNotFound otherwise.
func (s *Store) SearchMessages(ctx context.Context, account models.AccountID, w Viewer, conversation models.ConversationID, query string, before models.MessageID, limit int) ([]MessageView, error) {
	seen, err := s.VisibleConversation(ctx, account, w, conversation)
	if err != nil {
		return nil, err
	}
	if !seen {
		return nil, models.NotFound("conversation")
	}
	return list[MessageView](ctx, s.pool, "message", messageViewSQL+`WHERE m.account_id = @account AND m.conversation_id = @conversation
			AND (@before::bigint = 0 OR (m.created_at, m.id) < (SELECT b.created_at, b.id FROM messages b WHERE b.id = @before AND b.conversation_id = @conversation))
			AND search_text(message_text(m.content)) LIKE search_text(@like)
		ORDER BY m.created_at DESC, m.id DESC LIMIT @limit`,
		searchArgs(query, pgx.NamedArgs{"account": account, "conversation": conversation, "before": before, "limit": limit}))
}
