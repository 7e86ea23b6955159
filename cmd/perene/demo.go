package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/provision"
	"github.com/perene/perene/store"
)

// demoCommand lets simulated people write once, and an agent serve them, so that a new development stack has something to look at.
type demoCommand struct {
	config.Runtime
	config.Database
	PublicURL string `env:"PERENE_PUBLIC_URL" required:"" help:"How browsers reach us."`
	SimURL    string `env:"PERENE_SIM_URL" required:"" help:"The simulator."`
	File      string `default:"examples/demo/people.json" help:"Who writes what, and what the agent does."`
}

// demoDay is the file of a demoCommand.
type demoDay struct {
	Number string       `json:"number"` // that people write to
	Agent  string       `json:"agent"`  // e-mail of the agent who acts
	People []demoPerson `json:"people"`
}

type demoPerson struct {
	ID      string   `json:"id"`
	Phone   string   `json:"phone"`
	Name    string   `json:"name"`
	Says    string   `json:"says"`
	Queue   string   `json:"queue"`
	Accept  bool     `json:"accept"`
	Assign  string   `json:"assign"` // to the user of this e-mail
	Answers []string `json:"answers"`
	Snooze  *struct {
		Hours  int    `json:"hours"`
		Reason string `json:"reason"`
	} `json:"snooze"`
	Close bool `json:"close"`
}

// demoPatience is how long something may take until it is there.
const demoPatience = 30 * time.Second

// Run lets everybody of the file write, and the agent serve them.
func (c *demoCommand) Run(ctx context.Context) error {
	if c.Env != "development" {
		return errors.New("people are simulated in development only: PERENE_ENV is " + c.Env)
	}
	text, err := os.ReadFile(c.File)
	if err != nil {
		return fmt.Errorf("read who writes: %w", err)
	}
	var day demoDay
	if err := json.Unmarshal(text, &day); err != nil {
		return fmt.Errorf("read %s: %w", c.File, err)
	}
	d, err := c.signIn(ctx, day.Agent)
	if err != nil {
		return err
	}
	for i := range day.People {
		if err := d.serve(ctx, day.Number, &day.People[i]); err != nil {
			return fmt.Errorf("serve %s: %w", day.People[i].ID, err)
		}
	}
	return nil
}

// demoDesk is an agent who is signed in, and the simulator.
type demoDesk struct {
	api, sim      string
	client        *http.Client
	queues, users map[string]int64 // by name, by e-mail
}

func (c *demoCommand) signIn(ctx context.Context, email string) (*demoDesk, error) {
	s, err := openStore(ctx, c.Database, c.Env, store.Options{MaxConns: 2})
	if err != nil {
		return nil, err
	}
	defer s.Close()
	link, err := provision.LoginLink(ctx, s, provision.LinkOptions{Email: email, PublicURL: c.PublicURL, Life: time.Minute})
	if err != nil {
		return nil, err
	}
	u, err := url.Parse(link.URL)
	if err != nil {
		return nil, fmt.Errorf("read a sign-in link: %w", err)
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	d := &demoDesk{api: c.PublicURL, sim: c.SimURL, client: &http.Client{Jar: jar, Timeout: 15 * time.Second}, queues: map[string]int64{}, users: map[string]int64{}}
	if err := d.call(ctx, http.MethodPost, d.api+"/v1/sign-in/link", map[string]any{"token": strings.TrimPrefix(u.Fragment, "t=")}, nil); err != nil {
		return nil, err
	}
	var named struct {
		Data []struct {
			ID    int64  `json:"id"`
			Name  string `json:"name"`
			Email string `json:"email"`
		} `json:"data"`
	}
	if err := d.call(ctx, http.MethodGet, d.api+"/v1/queues", nil, &named); err != nil {
		return nil, err
	}
	for _, q := range named.Data {
		d.queues[q.Name] = q.ID
	}
	if err := d.call(ctx, http.MethodGet, d.api+"/v1/users", nil, &named); err != nil {
		return nil, err
	}
	for _, u := range named.Data {
		d.users[u.Email] = u.ID
	}
	return d, nil
}

// serve lets one person write, opens the ticket and does what the file says.
func (d *demoDesk) serve(ctx context.Context, number string, p *demoPerson) error {
	if err := d.call(ctx, http.MethodPost, d.sim+"/control/people", map[string]any{"id": p.ID, "phone": p.Phone, "name": p.Name}, nil); err != nil {
		return err
	}
	if err := d.call(ctx, http.MethodPost, d.sim+"/control/inbound", map[string]any{"number": number, "person": p.ID, "text": p.Says}, nil); err != nil {
		return err
	}
	conversation, err := d.conversation(ctx, p.Phone)
	if err != nil {
		return err
	}
	at := fmt.Sprintf("%s/v1/conversations/%d", d.api, conversation)
	var opened struct {
		Ticket struct {
			ID int64 `json:"id"`
		} `json:"ticket"`
	}
	if err := d.call(ctx, http.MethodPost, at+"/ticket", map[string]any{"queue_id": d.queues[p.Queue]}, &opened); err != nil {
		return err
	}
	ticket := fmt.Sprintf("%s/v1/tickets/%d", d.api, opened.Ticket.ID)
	var acts []func() error
	ask := func(method, address string, body map[string]any) {
		acts = append(acts, func() error { return d.call(ctx, method, address, body, nil) })
	}
	post := func(address string, body map[string]any) { ask(http.MethodPost, address, body) }
	if p.Close { // the run that waits behind the ticket would go on
		ask(http.MethodPatch, at, map[string]any{"chatbot_disabled": true})
	}
	if p.Accept {
		post(ticket+"/accept", map[string]any{})
	}
	if p.Assign != "" {
		post(ticket+"/assign", map[string]any{"user_id": d.users[p.Assign]})
	}
	for _, answer := range p.Answers {
		post(at+"/messages", map[string]any{"content": map[string]any{"kind": "text", "text": answer}})
	}
	if p.Snooze != nil {
		post(ticket+"/snooze", map[string]any{"until": time.Now().Add(time.Duration(p.Snooze.Hours) * time.Hour).UTC().Format(time.RFC3339), "reason": p.Snooze.Reason})
	}
	if p.Close {
		post(ticket+"/close", map[string]any{})
		ask(http.MethodPatch, at, map[string]any{"chatbot_disabled": false})
	}
	for _, act := range acts {
		if err := act(); err != nil {
			return err
		}
	}
	return nil
}

// conversation waits until the conversation with a phone is there.
func (d *demoDesk) conversation(ctx context.Context, phone string) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, demoPatience)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		var found struct {
			Data []struct {
				ID int64 `json:"id"`
			} `json:"data"`
		}
		if err := d.call(ctx, http.MethodGet, d.api+"/v1/conversations?q="+url.QueryEscape(phone), nil, &found); err != nil {
			return 0, err
		}
		if len(found.Data) > 0 {
			return found.Data[0].ID, nil
		}
		select {
		case <-ctx.Done():
			return 0, errors.New("what was written did not arrive: look into the logs of the api and the simulator")
		case <-tick.C:
		}
	}
}

// call asks and reads the answer. Any answer that is no success is an error.
func (d *demoDesk) call(ctx context.Context, method, address string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := d.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("%s %s: %s: %s", method, req.URL.Path, res.Status, text)
	}
	if out == nil || len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, out)
}
