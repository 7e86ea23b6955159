package api

import (
	"context"
	"net/http"
	"time"

	"github.com/perene/perene/models"
)

// Account is the tenant.
type Account struct {
	ID       models.AccountID `json:"id"`
	Slug     string           `json:"slug"`
	Name     string           `json:"name"`
	Timezone string           `json:"timezone" doc:"IANA zone." example:"America/Sao_Paulo"`
	Locale   string           `json:"locale" example:"pt-BR"`
}

// AccountDetail is the tenant with the fields it keeps about contacts and conversations.
type AccountDetail struct {
	Account
	CustomFields []CustomField `json:"custom_fields" doc:"The account's own fields that are in use (rule 201), in their order."`
}

// User is somebody who signs in.
type User struct {
	ID         models.UserID    `json:"id"`
	Name       string           `json:"name"`
	Email      string           `json:"email"`
	Role       models.Role      `json:"role" enum:"user,supervisor,admin"`
	QueueIDs   []models.QueueID `json:"queue_ids" doc:"The queues the user belongs to."`
	DisabledAt *time.Time       `json:"disabled_at,omitempty"`
}

func (a *app) accountOperations() {
	handle(a, operation{
		id: "read-account", method: http.MethodGet, path: "/v1/account", tag: "account", summary: "Read the account",
	}, a.readAccount)
	handle(a, operation{
		id: "list-users", method: http.MethodGet, path: "/v1/users", tag: "account", summary: "List users",
	}, a.listUsers)
}

func accountOf(m *models.Account) Account {
	return Account{ID: m.ID, Slug: m.Slug, Name: m.Name, Timezone: m.Timezone, Locale: m.Locale}
}

func (a *app) readAccount(ctx context.Context, _ *struct{}) (*one[AccountDetail], error) {
	p := who(ctx)
	fields, err := a.Store.CustomFields(ctx, p.account())
	if err != nil {
		return nil, err
	}
	out := AccountDetail{Account: accountOf(&p.Account), CustomFields: make([]CustomField, 0, len(fields))}
	for i := range fields {
		out.CustomFields = append(out.CustomFields, fieldOf(&fields[i]))
	}
	return &one[AccountDetail]{Body: out}, nil
}

func (a *app) listUsers(ctx context.Context, in *Paging) (*page[User], error) {
	account := who(ctx).account()
	after, err := in.id()
	if err != nil {
		return nil, err
	}
	rows, err := a.Store.Users(ctx, account, models.UserID(after), in.Limit+1)
	if err != nil {
		return nil, err
	}
	ids := make([]models.UserID, 0, len(rows))
	for _, u := range rows {
		ids = append(ids, u.ID)
	}
	queues, err := a.Store.UserQueues(ctx, account, ids)
	return pageOf(ctx, in, rows, err, func(u models.User) User {
		member := queues[u.ID]
		if member == nil {
			member = []models.QueueID{}
		}
		return User{ID: u.ID, Name: u.Name, Email: u.Email, Role: u.Role, QueueIDs: member, DisabledAt: u.DisabledAt}
	}, func(u models.User) string { return idCursor(u.ID) })
}
