package graph

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net"
	"net/http"
	"time"
)

const customerWindow = 24 * time.Hour

// Outgoing is a message of a business on its way to a person's handset.
type Outgoing struct {
	Receipt  Receipt         `json:"receipt"`
	Seq      uint64          `json:"seq"` // order of acceptance
	Type     string          `json:"type"`
	Content  json.RawMessage `json:"content"` // the object named like the type
	Context  string          `json:"context,omitempty"`
	Template *Rendered       `json:"template,omitempty"`
	Media    []string        `json:"media,omitempty"` // media ids in order of appearance; "" where nothing was fetched
	Quiet    bool            `json:"quiet,omitempty"` // statuses come from a script: the handset reports none
}

type sendAnswer struct {
	Product  string          `json:"messaging_product"`
	Contacts []answerContact `json:"contacts"`
	Messages []answerMessage `json:"messages"`
}

type answerContact struct {
	Input  string `json:"input"`
	WaID   string `json:"wa_id,omitempty"`
	UserID string `json:"user_id,omitempty"`
}

type answerMessage struct {
	ID     string `json:"id"`
	Status string `json:"message_status,omitempty"`
}

func (s *Server) postMessage(w http.ResponseWriter, r *http.Request, numberID, endpoint string) {
	s.counts.requests.Add(1)
	raw, err := readBody(r, 1<<20)
	if err != nil {
		s.refuse(w, errInvalid("The request body could not be read."))
		return
	}
	sum := sha256.Sum256(raw)
	e := Entry{At: s.Now(), Kind: "request", Method: r.Method, Path: endpoint, Number: numberID, BodySHA: hex.EncodeToString(sum[:])}
	var m map[string]any
	if err := json.Unmarshal(raw, &m); err != nil || m == nil {
		s.answerError(w, e, &apiError{HTTP: 400, Code: 100, Title: "Invalid parameter", Details: "The request body is not a JSON object."})
		return
	}
	if m["status"] != nil {
		s.postRead(w, r, e, m)
		return
	}
	describe(&e, m)
	f := s.faults.take(s, &e)
	if f != nil {
		e.Fault = f.ID
		s.counts.faulted.Add(1)
		if s.breaks(w, r, e, f) {
			return
		}
	}
	a, refusal := s.accept(r, &e, m, f)
	wait := s.latency(f)
	if refusal != nil {
		s.pause(r, wait)
		s.answerError(w, e, refusal)
		return
	}
	s.counts.accepted.Add(1)
	e.Outcome, e.HTTP = "accepted", http.StatusOK
	lost := f != nil && f.Action.Kind == FaultLostAnswer
	if lost {
		e.Outcome, e.HTTP = "answer_lost", 0
		s.counts.lost.Add(1)
	}
	s.ledger.add(e)
	s.follow(r.Context(), a, wait)
	s.pause(r, wait)
	if lost {
		loseAnswer(w, r, f, a.answer)
		return
	}
	writeBytes(w, http.StatusOK, a.answer)
}

// describe puts into the ledger line what a body says of itself, before anything is judged.
func describe(e *Entry, m map[string]any) {
	str := func(m map[string]any, key string) string { v, _ := m[key].(string); return v }
	e.To = str(m, "to")
	if e.To == "" {
		e.To = str(m, "recipient")
	}
	e.Type, e.Opaque = str(m, "type"), str(m, "biz_opaque_callback_data")
	switch body, _ := m[e.Type].(map[string]any); e.Type {
	case "interactive":
		e.SubType = str(body, "type")
	case "template":
		e.Template = str(body, "name")
	}
}

func (s *Server) answerError(w http.ResponseWriter, e Entry, refusal *apiError) {
	e.Outcome, e.HTTP, e.Code = "refused", refusal.HTTP, refusal.Code
	s.ledger.add(e)
	s.refuse(w, refusal)
}

// acceptance is a message the platform has taken over.
type acceptance struct {
	answer []byte
	out    Outgoing
	links  []mediaRef
	plan   []step
	voice  bool
}

// accept judges a message and takes it over.
func (s *Server) accept(r *http.Request, e *Entry, m map[string]any, f *Fault) (*acceptance, *apiError) {
	msg, invalid := readSend(m)
	s.mu.Lock()
	defer s.mu.Unlock()
	g, refusal := s.authorise(r)
	if refusal != nil {
		return nil, refusal
	}
	n := s.numbers[e.Number]
	if n == nil || !g.may(n.waba) {
		return nil, errNoObject("post", e.Number)
	}
	if n.Unregistered {
		return nil, newError(133010, "")
	}
	if invalid != nil {
		return nil, invalid
	}
	p, refusal := s.recipient(n, msg)
	if refusal != nil {
		return nil, refusal
	}
	e.Person = p.ID
	now := e.At
	pr := n.pair(p.ID)
	open := now.Sub(pr.LastInbound) < customerWindow // never wrote: the zero time is long ago
	e.WindowOpen = &open
	tpl, refusal := s.allowed(n, p, pr, msg, e.Path, now)
	if refusal != nil {
		return nil, refusal
	}
	for i := range msg.media {
		if id := msg.media[i].id; id != "" && !s.media.usable(id, n.ID, now) {
			return nil, &apiError{HTTP: 400, Code: 100, Title: "Param " + msg.media[i].kind + "['id'] is not a valid whatsapp business account media attachment ID"}
		}
	}
	a := &acceptance{}
	rc := Receipt{ID: s.ids.next(outbound, p.peer(), now), Number: n.ID, Person: p.ID, Opaque: msg.opaque, At: now, ByUserID: msg.to == ""}
	e.Wamid = rc.ID
	if !rc.ByUserID {
		pr.PhoneKnownAt = now
	}
	s.price(n, pr, tpl, &rc)
	contact := answerContact{Input: msg.to, WaID: p.WaID, UserID: s.userID(n.waba.BusinessID, p)}
	if rc.ByUserID {
		contact = answerContact{Input: msg.recipient, UserID: msg.recipient}
	}
	am := answerMessage{ID: rc.ID}
	if tpl != nil {
		am.Status = "accepted"
	}
	a.answer, _ = json.Marshal(sendAnswer{"whatsapp", []answerContact{contact}, []answerMessage{am}})
	a.plan = s.plan(n, p, msg, tpl, open, f)
	a.out = Outgoing{Receipt: rc, Seq: uint64(now.UnixNano()), Type: msg.kind, Context: msg.context}
	if s.handset != nil && s.handset.Has(p.ID) {
		if tpl != nil {
			a.out.Template = tpl.shape.render(msg)
		}
		a.out.Content, _ = json.Marshal(m[msg.kind])
	}
	for _, ref := range msg.media {
		a.out.Media = append(a.out.Media, ref.id)
		a.voice = a.voice || (ref.kind == "audio" && ref.obj["voice"] == true)
	}
	a.links = msg.media
	s.changed()
	return a, nil
}

// recipient resolves to and recipient, and refuses whom this number may not write to.
func (s *Server) recipient(n *Number, msg *send) (*Person, *apiError) {
	if msg.group {
		return nil, newError(131041, "")
	}
	var p *Person
	if msg.to == "" {
		if p = s.byUserID[n.waba.BusinessID+"|"+msg.recipient]; p == nil {
			return nil, &apiError{HTTP: 400, Code: 100, Title: "Invalid parameter", Details: "Param recipient is not a user id of this business portfolio."}
		}
		if msg.kind == "template" {
			if t := n.waba.template(msg.template, msg.language); t != nil && t.Category == "AUTHENTICATION" {
				return nil, newError(131062, "")
			}
		}
	} else {
		d, ok := digits(msg.to)
		if !ok {
			return nil, errValue("Param to is not a valid phone number.")
		}
		if d == n.digits() {
			return nil, newError(131021, "")
		}
		p = s.personByPhone(d)
		if p.Implicit && !s.settings.Load().ImplicitPeople {
			p = &Person{ID: p.ID, Phone: p.Phone, WaID: p.WaID, UserID: p.UserID, Name: p.Name, Unknown: true, Implicit: true}
		}
	}
	if len(n.TestRecipients) > 0 {
		listed := false
		for _, t := range n.TestRecipients {
			d, _ := digits(t)
			listed = listed || waID(d) == p.WaID
		}
		if !listed {
			return nil, newError(131030, "")
		}
	}
	if n.Blocked[p.ID] {
		return nil, newError(130403, "")
	}
	return p, nil
}

// allowed applies account state, template rules, references and rate limits.
func (s *Server) allowed(n *Number, p *Person, pr *pair, msg *send, endpoint string, now time.Time) (*Template, *apiError) {
	if n.waba.Locked != 0 {
		return nil, newError(n.waba.Locked, "")
	}
	if n.waba.PaymentProblem == "http" {
		return nil, newError(131042, "")
	}
	var tpl *Template
	if msg.kind == "template" {
		if n.Restricted != 0 {
			return nil, newError(n.Restricted, "")
		}
		var refusal *apiError
		if tpl, refusal = n.waba.usable(msg); refusal != nil {
			return nil, refusal
		}
	}
	if endpoint == "marketing_messages" && (tpl == nil || tpl.Category != "MARKETING") {
		return nil, newError(134100, "")
	}
	if msg.kind == "reaction" {
		id, _ := msg.body["message_id"].(string)
		w, ok := parseWamid(id)
		if !ok || w.peer != p.peer() || now.Sub(w.at) > 30*24*time.Hour {
			return nil, errValue("Param reaction['message_id'] is not a message of this conversation of the last 30 days.")
		}
	}
	open := now.Sub(pr.LastInbound) < customerWindow
	if tpl == nil && !open && s.settings.Load().WindowErrors == "http" {
		return nil, newError(131047, "")
	}
	t := s.settings.Load().Throttle
	if t.Number && !n.bucket.take(now, n.rate(), n.rate()) {
		return nil, newError(130429, "")
	}
	if t.Pair && !pr.bucket.take(now, pairBurst, pairRefill) {
		return nil, newError(131056, "")
	}
	return tpl, nil
}

// postRead handles read receipts and the typing indicator.
func (s *Server) postRead(w http.ResponseWriter, r *http.Request, e Entry, m map[string]any) {
	e.Type = "read"
	if f := s.faults.take(s, &e); f != nil {
		e.Fault = f.ID
		if s.breaks(w, r, e, f) {
			return
		}
	}
	c := &check{}
	o := object{c: c, m: m}
	if m["messaging_product"] != "whatsapp" {
		c.fail(errRequired("messaging_product"))
	}
	o.only("messaging_product", "status", "message_id", "typing_indicator").oneOf("status", "read")
	id := o.need("message_id", 0)
	typing := o.has("typing_indicator")
	if typing {
		o.child("typing_indicator").only("type").oneOf("type", "text")
	}
	s.mu.Lock()
	g, refusal := s.authorise(r)
	n := s.numbers[e.Number]
	var p *Person
	if refusal == nil && (n == nil || !g.may(n.waba)) {
		refusal = errNoObject("post", e.Number)
	}
	if refusal == nil {
		refusal = c.err
	}
	if refusal == nil {
		mark, ok := parseWamid(id)
		if p = s.personByPeer(n, mark.peer); !ok || mark.dir != inbound || p == nil || s.Now().Sub(mark.at) > 30*24*time.Hour {
			refusal = errValue("Param message_id is not a message received by this number in the last 30 days.")
		}
	}
	s.mu.Unlock()
	s.pause(r, s.latency(nil))
	if refusal != nil {
		s.answerError(w, e, refusal)
		return
	}
	s.counts.reads.Add(1)
	e.Outcome, e.HTTP, e.Wamid, e.Person = "read", http.StatusOK, id, p.ID
	if typing {
		e.SubType = "typing"
	}
	s.ledger.add(e)
	if s.handset != nil && s.handset.Has(p.ID) {
		s.handset.BusinessRead(n.ID, p.ID, id)
		if typing {
			s.handset.Typing(n.ID, p.ID, s.Now().Add(25*time.Second))
		}
	}
	writeBytes(w, http.StatusOK, []byte(`{"success":true}`))
}

// personByPeer finds the person a wamid was made for.
func (s *Server) personByPeer(n *Number, peer string) *Person {
	if p := s.byWaID[peer]; p != nil {
		return p
	}
	return s.byUserID[n.waba.BusinessID+"|"+peer]
}

func (s *Server) latency(f *Fault) time.Duration {
	l := s.settings.Load().Latency
	d := time.Duration(l.FixedMS)*time.Millisecond + time.Duration(s.intn(l.JitterMS+1))*time.Millisecond
	if f != nil {
		d += time.Duration(f.Action.DelayMS) * time.Millisecond
	}
	return d
}

// pause waits as long as the answer is to take, or until the caller has gone.
func (s *Server) pause(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	done := make(chan struct{})
	stop := s.clock.AfterFunc(d, func() { close(done) })
	select {
	case <-done:
	case <-r.Context().Done():
		stop()
	}
}

// resetConn ends the connection the hard way, so that the caller reads "connection reset by peer".
func resetConn(w http.ResponseWriter, partial []byte) {
	hj, ok := w.(http.Hijacker)
	if !ok {
		panic(http.ErrAbortHandler)
	}
	conn, buf, err := hj.Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if len(partial) > 0 {
		_, _ = buf.Write(partial)
		_ = buf.Flush()
	}
	if tcp, ok := conn.(*net.TCPConn); ok && len(partial) == 0 {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// loseAnswer takes a message over without the caller learning of it.
func loseAnswer(w http.ResponseWriter, r *http.Request, f *Fault, answer []byte) {
	switch f.Action.How {
	case "hang":
		<-r.Context().Done()
	case "truncate":
		var b bytes.Buffer
		b.WriteString("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ")
		b.WriteString(itoa(len(answer)))
		b.WriteString("\r\n\r\n")
		b.Write(answer[:len(answer)/2])
		resetConn(w, b.Bytes())
	default:
		resetConn(w, nil)
	}
}
