package api

import (
	"context"
	"fmt"
	"time"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

func (a *app) filterOf(ctx context.Context, in *ConversationFilters) (store.ConversationFilter, error) {
	trees, err := a.trees(ctx, in.ViewID, in.Filter)
	return store.ConversationFilter{View: in.View, Query: in.Query, Number: in.Number, InCharge: models.InCharge(in.InCharge), Window: models.WindowState(in.Window),
		ConnectionID: in.ConnectionID, ContactID: in.ContactID, LabelID: in.LabelID, QueueID: in.QueueID, AgentID: in.AgentID, FlowID: in.FlowID, Unread: in.Unread,
		Tree: trees}, err
}

func (a *app) listConversations(ctx context.Context, in *listConversationsIn) (*page[Conversation], error) {
	p := who(ctx)
	at := store.ConversationPage{Order: in.Order, Limit: in.Limit + 1}
	if in.Cursor != "" {
		place, err := parsePlace(in.Order, in.Cursor)
		if err != nil {
			return nil, err
		}
		at.After = place
	}
	filter, err := a.filterOf(ctx, &in.ConversationFilters)
	if err != nil {
		return nil, err
	}
	rows, err := a.Store.Conversations(ctx, p.account(), p.viewer, filter, at)
	return pageOf(ctx, &in.Paging, rows, err, func(v store.ConversationView) Conversation {
		row := a.conversationOf(&v, p.User.Locale)
		if v.Hit != nil {
			row.Hit = searchHit(v.Hit, in.Query)
		}
		return row
	},
		func(v store.ConversationView) string { return placeOf(in.Order, v.PlaceIn(in.Order)) })
}

// placeOf writes a place in a list: the order, the ticket, the instant in microseconds, the conversation and the hit.
func placeOf(order models.ListOrder, p store.ConversationPlace) string {
	return fmt.Sprintf("%s %d %d %d %d", order, p.Ticket, p.At.UnixMicro(), p.ID, p.Message)
}

func parsePlace(order models.ListOrder, cursor string) (*store.ConversationPlace, error) {
	text, err := decodeCursor(cursor)
	if err != nil {
		return nil, err
	}
	var of models.ListOrder
	var p store.ConversationPlace
	var micros int64
	if _, err := fmt.Sscanf(text, "%s %d %d %d %d", &of, &p.Ticket, &micros, &p.ID, &p.Message); err != nil || of != order || p.ID <= 0 || p.Ticket < 0 || p.Message < 0 {
		return nil, errCursor //nolint:nilerr // errCursor says what to do
	}
	p.At = time.UnixMicro(micros).UTC()
	return &p, nil
}

// ViewCount is how many conversations a view lists.
type ViewCount struct {
	Total  int64 `json:"total"`
	Unread int64 `json:"unread"`
}

// ConversationCounts is how many conversations each view lists with a filter.
type ConversationCounts struct {
	All      ViewCount `json:"all"`
	Open     ViewCount `json:"open"`
	Mine     ViewCount `json:"mine"`
	Attended ViewCount `json:"attended"`
	Snoozed  ViewCount `json:"snoozed"`
}

type countConversationsIn struct {
	ConversationFilters
}

func (a *app) countConversations(ctx context.Context, in *countConversationsIn) (*one[ConversationCounts], error) {
	p := who(ctx)
	filter, err := a.filterOf(ctx, &in.ConversationFilters)
	if err != nil {
		return nil, err
	}
	n, err := a.Store.ConversationCounts(ctx, p.account(), p.viewer, filter)
	if err != nil {
		return nil, err
	}
	return &one[ConversationCounts]{Body: ConversationCounts{All: ViewCount(n[models.ViewAll]), Open: ViewCount(n[models.ViewOpen]),
		Mine: ViewCount(n[models.ViewMine]), Attended: ViewCount(n[models.ViewAttended]), Snoozed: ViewCount(n[models.ViewSnoozed])}}, nil
}
