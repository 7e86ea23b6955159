package api

import (
	"context"
	"net/http"

	"github.com/perene/perene/models"
	"github.com/perene/perene/store"
)

// SendingConnection is a connection as those who send by it know it.
type SendingConnection struct {
	ConnectionRef
	DisplayPhone string `json:"display_phone,omitempty"`
	IsDefault    bool   `json:"is_default" doc:"The account's, where neither the send nor the user chooses one."`
	IsMine       bool   `json:"is_mine" doc:"One's own default, which goes before the account's."`
}

func (a *app) sendingOperations() {
	o := operation{id: "list-sending-connections", method: http.MethodGet, path: "/v1/sending-connections", tag: "connections",
		summary: "List the connections that one may send by"}
	o.doc = "In one page, the account's default first. A send goes by the one it names, else by one's own default, else by the account's."
	handle(a, o, a.listSendingConnections)
	o = operation{id: "read-connection-capabilities", method: http.MethodGet, path: "/v1/connections/{id}/capabilities", tag: "connections",
		summary: "Read what a connection's channel can do"}
	o.doc = "Kinds of messages, sizes and types of files, lengths of texts: a client says what does not fit before it uploads."
	handle(a, o, a.readConnectionCapabilities)
}

// listSendingConnections gives all of them in one page: an account has few.
func (a *app) listSendingConnections(ctx context.Context, in *Paging) (*page[SendingConnection], error) {
	if in.Cursor != "" {
		return nil, errCursor
	}
	p := who(ctx)
	rows, err := a.Store.SendingConnections(ctx, p.account(), p.User.ID)
	in.Limit = max(in.Limit, len(rows))
	return pageOf(ctx, in, rows, err, func(c store.SendingConnection) SendingConnection {
		return SendingConnection{ConnectionRef: ConnectionRef{ID: c.ID, Name: c.Name, Channel: c.Channel, State: c.State}, DisplayPhone: deref(c.DisplayPhone),
			IsDefault: c.IsDefault, IsMine: c.Mine}
	}, func(c store.SendingConnection) string { return idCursor(c.ID) })
}

func (a *app) readConnectionCapabilities(ctx context.Context, in *connectionIDIn) (*one[models.Capabilities], error) {
	channel, err := a.Store.ConnectionChannel(ctx, who(ctx).account(), in.ID)
	if err != nil {
		return nil, err
	}
	adapter := a.Channels[channel]
	if adapter == nil {
		return nil, models.Errorf(models.CodeConnectionState, "this program has no channel %s", channel)
	}
	return &one[models.Capabilities]{Body: *adapter.Capabilities()}, nil
}
