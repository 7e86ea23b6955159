package graph

import (
	"context"
	"time"
)

// Receipt is all that is needed to report on a message later.
type Receipt struct {
	ID         string    `json:"id"`
	Number     string    `json:"number"`
	Person     string    `json:"person"`
	Opaque     string    `json:"opaque,omitempty"`
	At         time.Time `json:"at"`
	ByUserID   bool      `json:"by_user_id,omitempty"`
	Category   string    `json:"category"`
	Pricing    string    `json:"pricing"` // regular, free_customer_service, free_entry_point
	FreeUntil  time.Time `json:"free_until,omitzero"`
	NoDelivery bool      `json:"no_delivery,omitempty"` // no delivered came before read: read carries the price
}

// step is one status to be sent; a code above zero belongs to failed.
type step struct {
	status string
	delay  time.Duration // after the step before it
	before bool          // before the HTTP answer
	code   int
}

func (s StatusSettings) sent() time.Duration { return time.Duration(s.SentMS) * time.Millisecond }

// habitual is what the settings say about a person without a handset.
func (s *Server) habitual(msg *send) []step {
	st := s.settings.Load().Statuses
	if st.Mode == "off" {
		return []step{}
	}
	plan := []step{{status: "sent", delay: st.sent()}}
	if st.DeliveredMS >= 0 {
		plan = append(plan, step{status: "delivered", delay: time.Duration(st.DeliveredMS) * time.Millisecond})
	}
	if st.ReadMS >= 0 {
		plan = append(plan, step{status: "read", delay: time.Duration(st.ReadMS) * time.Millisecond})
		if audio := msg.body; msg.kind == "audio" && audio["voice"] == true {
			plan = append(plan, step{status: "played", delay: time.Duration(st.ReadMS) * time.Millisecond})
		}
	}
	if st.Duplicates > 0 {
		doubled := make([]step, 0, 2*len(plan))
		for _, p := range plan {
			doubled = append(doubled, p)
			for i := 0; i < 3 && s.chance(st.Duplicates); i++ {
				doubled = append(doubled, p)
			}
		}
		plan = doubled
	}
	if s.chance(st.Shuffle) {
		s.rngMu.Lock()
		s.rng.Shuffle(len(plan), func(i, j int) { plan[i], plan[j] = plan[j], plan[i] })
		s.rngMu.Unlock()
	}
	if s.chance(st.BeforeAnswer) {
		plan[0].before = true
	}
	return plan
}

// follow sets going what comes after acceptance. Statuses that go before the answer are delivered
// before it returns.
func (s *Server) follow(ctx context.Context, a *acceptance, wait time.Duration) {
	if len(a.links) > 0 && s.settings.Load().FetchLinks && hasLink(a.links) {
		go s.fetchThenRun(a, wait) //nolint:gosec // goes on after the request's answer, as Meta does
		return
	}
	if a.plan == nil {
		s.after(wait+s.settings.Load().Statuses.sent(), func() { s.handOver(a.out) })
		return
	}
	i := 0
	for ; i < len(a.plan) && a.plan[i].before; i++ {
		s.reportAndWait(ctx, a.out.Receipt, a.plan[i])
	}
	s.run(a, a.plan[i:], wait)
}

// handOver passes a message to the person's handset, which reports delivered and read by itself.
func (s *Server) handOver(out Outgoing) {
	s.Report(out.Receipt, "sent", 0)
	s.handset.Message(out)
}

// run sends a fixed sequence of statuses. A handset shows such a message but does not report on it.
func (s *Server) run(a *acceptance, plan []step, wait time.Duration) {
	if s.handset != nil && s.handset.Has(a.out.Receipt.Person) && (len(plan) == 0 || plan[len(plan)-1].status != "failed") {
		out := a.out
		out.Quiet = true
		s.after(wait+s.settings.Load().Statuses.sent(), func() { s.handset.Message(out) })
	}
	s.runSteps(a.out.Receipt, plan, wait)
}

func (s *Server) runSteps(rc Receipt, plan []step, wait time.Duration) {
	if len(plan) == 0 {
		return
	}
	s.after(wait+plan[0].delay, func() {
		s.Report(rc, plan[0].status, plan[0].code)
		s.runSteps(rc, plan[1:], 0)
	})
}

// after runs f when d has passed, at once for nothing to wait for.
func (s *Server) after(d time.Duration, f func()) {
	if d <= 0 {
		f()
		return
	}
	s.clock.AfterFunc(d, f)
}

type statusObject struct {
	ID           string        `json:"id"`
	Status       string        `json:"status"`
	Timestamp    string        `json:"timestamp"`
	Recipient    string        `json:"recipient_id,omitempty"`
	UserID       string        `json:"recipient_user_id,omitempty"`
	Opaque       string        `json:"biz_opaque_callback_data,omitempty"`
	Conversation *conversation `json:"conversation,omitempty"`
	Pricing      *pricing      `json:"pricing,omitempty"`
	Errors       []statusError `json:"errors,omitempty"`
}

type conversation struct {
	ID     string            `json:"id"`
	Expiry string            `json:"expiration_timestamp,omitempty"`
	Origin map[string]string `json:"origin"`
}

type pricing struct {
	Billable bool   `json:"billable"`
	Model    string `json:"pricing_model"`
	Type     string `json:"type"`
	Category string `json:"category"`
}

type statusError struct {
	Code    int       `json:"code"`
	Title   string    `json:"title"`
	Message string    `json:"message"`
	Data    errorData `json:"error_data"`
	Href    string    `json:"href"`
}

// Report sends a status of a message to the business; code is Meta's error code for failed.
func (s *Server) Report(rc Receipt, status string, code int) { s.report(rc, status, code, nil) }

// reportAndWait is Report that returns when the business's server has answered (or five seconds have passed).
func (s *Server) reportAndWait(ctx context.Context, rc Receipt, st step) {
	done := make(chan struct{})
	s.report(rc, st.status, st.code, done)
	expired := make(chan struct{})
	stop := s.clock.AfterFunc(5*time.Second, func() { close(expired) })
	defer stop()
	select {
	case <-done:
	case <-expired:
	case <-ctx.Done():
	}
}

func (s *Server) report(rc Receipt, status string, code int, done chan struct{}) {
	s.mu.Lock()
	n, p := s.numbers[rc.Number], s.people[rc.Person]
	if n == nil || p == nil {
		s.mu.Unlock()
		if done != nil {
			close(done)
		}
		return
	}
	st := statusObject{ID: rc.ID, Status: status, Timestamp: unix(s.Now()), Opaque: rc.Opaque, UserID: s.userID(n.waba.BusinessID, p)}
	if s.phoneShown(n, p) {
		st.Recipient = p.WaID
	}
	v := &value{Product: "whatsapp", Metadata: n.metadata(), Statuses: []statusObject{}}
	switch {
	case status == "failed":
		_, title, about := lookupCode(code)
		st.Errors = []statusError{{Code: code, Title: title, Message: title, Data: errorData{Details: about},
			Href: "https://developers.facebook.com/documentation/business-messaging/whatsapp/support/error-codes"}}
		if !rc.ByUserID {
			st.UserID = ""
		}
	default:
		c := s.contact(n, p)
		if status == "sent" {
			c.Profile.Username = ""
		}
		v.Contacts = []contact{c}
	}
	if status == "sent" || status == "delivered" || (status == "read" && rc.NoDelivery) {
		st.Pricing = &pricing{Billable: rc.Pricing == "regular", Model: "PMP", Type: rc.Pricing, Category: rc.Category}
		if rc.Pricing == "free_entry_point" {
			st.Conversation = &conversation{ID: "c" + rc.ID[max(0, len(rc.ID)-12):], Expiry: unix(rc.FreeUntil), Origin: map[string]string{"type": "referral_conversion"}}
		}
	}
	if status == "delivered" && rc.Pricing == "free_customer_service" {
		n.countService(s.Now())
	}
	v.Statuses = append(v.Statuses, st)
	u := update{waba: n.waba.ID, number: n.ID, field: "messages", value: v, label: "status:" + status + ":" + rc.ID, done: done}
	dests := s.destinations(n.waba, n, "messages")
	s.mu.Unlock()
	s.counts.statuses.Add(1)
	s.hooks.send(dests, u)
}

// price fixes what a message will cost when it is delivered; the caller holds s.mu.
func (s *Server) price(n *Number, pr *pair, tpl *Template, rc *Receipt) {
	rc.Category, rc.Pricing = "service", "free_customer_service"
	if tpl != nil {
		rc.Category, rc.Pricing = map[string]string{"MARKETING": "marketing", "UTILITY": "utility", "AUTHENTICATION": "authentication"}[tpl.Category], "regular"
	} else if n.countedService(rc.At) >= s.settings.Load().FreeService {
		rc.Pricing = "regular"
	}
	if !pr.ReferralAt.IsZero() && rc.At.Sub(pr.ReferralAt) < 24*time.Hour && pr.FreeUntil.Before(rc.At) {
		pr.FreeUntil, pr.ReferralAt = rc.At.Add(72*time.Hour), time.Time{}
	}
	if pr.FreeUntil.After(rc.At) {
		rc.Category, rc.Pricing, rc.FreeUntil = "referral_conversion", "free_entry_point", pr.FreeUntil
	}
}

func (n *Number) countedService(at time.Time) int {
	if n.ServiceMonth != at.UTC().Format("2006-01") {
		return 0
	}
	return n.ServiceCount
}

func (n *Number) countService(at time.Time) {
	if month := at.UTC().Format("2006-01"); n.ServiceMonth != month {
		n.ServiceMonth, n.ServiceCount = month, 0
	}
	n.ServiceCount++
}
