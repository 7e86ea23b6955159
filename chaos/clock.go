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
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/perene/perene/bench/rig"
)

// clockFile holds by how much the system's clock is wrong, as api and worker see it.
const clockFile = "clock"

// jumps is P14: the system's clock of api and worker jumps again and again while people write. Postgres's and Temporal's
// stay: one machine's clock is wrong, or all of them but one.
var jumps = plan{what: "the system's clock of api and worker jumps by 2 h and 25 h in both directions and into the next change of daylight saving time, 25 s each",
	messages: 3000, perSecond: 20, people: 300, statuses: true, unknown: "20s", lostOK: true, outageFor: 25 * time.Second,
	env: []string{"PERENE_CLOCK_FILE={data}/" + clockFile}, during: jump, after: windowsTold}

// jumpBack is the jump that a build which believes its own clock fails at once.
var jumpBack = plan{what: "the system's clock is two hours behind", messages: 400, perSecond: 20, people: 100, statuses: true, settle: 30 * time.Second,
	outageFor: 15 * time.Second, env: jumps.env, during: func(ctx context.Context, c *campaign) error { return c.jumpBy(ctx, []time.Duration{-2 * time.Hour}) }}

func jump(ctx context.Context, c *campaign) error {
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		return err
	}
	return c.jumpBy(ctx, []time.Duration{2 * time.Hour, -2 * time.Hour, 25 * time.Hour, -25 * time.Hour, time.Until(nextChange(zone, time.Now()))})
}

// nextChange is the instant at which a zone's clocks are changed next, to the minute.
func nextChange(zone *time.Location, after time.Time) time.Time {
	_, before := after.In(zone).Zone()
	for at := after.Truncate(time.Minute); ; at = at.Add(time.Minute) {
		if _, offset := at.In(zone).Zone(); offset != before {
			return at
		}
	}
}

// agent is somebody who is signed in to the console.
type agent struct {
	base   string
	client *http.Client
}

// signIn makes the account's agent and signs in by a link; the link that is returned was not used and has ended.
func (c *campaign) signIn(ctx context.Context) (*agent, string, error) {
	file := filepath.Join(c.data, "agent.yaml")
	text := `{"account":{"slug":"bench","name":"Bench"},"users":[{"name":"Ana","email":"ana@bench.example","role":"admin"}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		return nil, "", err
	}
	if _, err := c.Perene(ctx, "apply", "-f", file); err != nil {
		return nil, "", err
	}
	link := func(life string) (string, error) {
		out, err := c.Perene(ctx, "login-link", "--json", "--life", life)
		if err != nil {
			return "", err
		}
		var made struct {
			URL string `json:"url"`
		}
		if err := json.Unmarshal(out, &made); err != nil {
			return "", fmt.Errorf("read a sign-in link: %w", err)
		}
		u, err := url.Parse(made.URL)
		if err != nil {
			return "", err
		}
		return strings.TrimPrefix(u.Fragment, "t="), nil
	}
	ended, err := link("1s")
	if err != nil {
		return nil, "", err
	}
	good, err := link("15m")
	if err != nil {
		return nil, "", err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, "", err
	}
	a := &agent{base: c.URLs.Base, client: &http.Client{Jar: jar, Timeout: 15 * time.Second}}
	status, _, err := a.call(ctx, http.MethodPost, "/v1/sign-in/link", map[string]any{"token": good})
	if err == nil && status != http.StatusCreated {
		err = fmt.Errorf("signing in was answered with %d", status)
	}
	return a, ended, err
}

func (a *agent) call(ctx context.Context, method, path string, in any) (int, []byte, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return 0, nil, err
	}
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := a.client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, text, err
}

// jumpBy lets the clock jump by each of these, and looks each time what the program takes for open.
func (c *campaign) jumpBy(ctx context.Context, list []time.Duration) error {
	who, ended, err := c.signIn(ctx)
	if err != nil {
		return err
	}
	file := filepath.Join(c.data, clockFile)
	for i, by := range list {
		c.tell(fmt.Sprintf("the system's clock is wrong by %s", by), os.WriteFile(file, []byte(by.String()), 0o600))
		from := time.Now()
		if by == -25*time.Hour { // what starts now knows no other time
			c.do(ctx, "deploy", rig.Worker, 0)
			c.do(ctx, "deploy", rig.API, 0)
		}
		pause(ctx, c.outageFor/5)
		if err := c.askWhileWrong(ctx, who, ended, i, by); err != nil {
			return err
		}
		pause(ctx, max(time.Until(from.Add(c.outageFor)), 0))
		if over(ctx) {
			break
		}
	}
	c.tell("the system's clock is right", os.Remove(file))
	return nil
}

// conversationWith is where a person who wrote at that time to the number without flows can be answered.
func (c *campaign) conversationWith(ctx context.Context, person string, wrote time.Time) (int64, error) {
	if err := c.Simulator(ctx, "POST", "/inbound", map[string]any{"number": c.account.Quiet.Number, "person": person, "text": "oi " + person[len(person)-6:], "at": wrote}, nil); err != nil {
		return 0, err
	}
	for limit := time.Now().Add(20 * time.Second); time.Now().Before(limit) && ctx.Err() == nil; pause(ctx, 50*time.Millisecond) {
		var id int64
		if err := c.db.QueryRow(ctx, `
			SELECT v.id
			FROM conversations v
			JOIN connections k ON k.id = v.connection_id
			WHERE k.key = @key AND v.address = @person AND v.last_message_id IS NOT NULL`,
			pgx.NamedArgs{"key": c.account.Quiet.Key, "person": person}).Scan(&id); err == nil {
			return id, nil
		}
	}
	return 0, errors.New("a message of the simulator did not arrive")
}

// askWhileWrong writes to somebody whose window has ended and to somebody whose window is open, and uses what identifies us.
func (c *campaign) askWhileWrong(ctx context.Context, who *agent, ended string, i int, by time.Duration) error {
	for _, p := range []struct {
		what, person string
		wrote        time.Duration
		status       int
		want         string
	}{
		{"ended an hour ago", rig.Phone(8, i), -25 * time.Hour, http.StatusConflict, ""},
		{"is open for another hour", rig.Phone(9, i), -23 * time.Hour, http.StatusCreated, "queued"},
	} {
		id, err := c.conversationWith(ctx, p.person, time.Now().Add(p.wrote))
		if err != nil {
			return err
		}
		status, text, err := who.call(ctx, http.MethodPost, fmt.Sprintf("/v1/conversations/%d/messages", id),
			map[string]any{"content": map[string]any{"kind": "text", "text": "resposta"}})
		if err != nil {
			return err
		}
		var made struct {
			Status string `json:"status"`
		}
		_ = json.Unmarshal(text, &made)
		if status != p.status || made.Status != p.want {
			c.violate("I6", fmt.Sprintf("while the clock was wrong by %s, a text into a window that %s was answered with %d and is %q, not with %d and %q",
				by, p.what, status, made.Status, p.status, p.want))
		}
	}
	if over(ctx) {
		return nil
	}
	if status, _, err := who.call(ctx, http.MethodGet, "/v1/sign-in", nil); err != nil || status != http.StatusOK {
		c.violate("P14", fmt.Sprintf("while the clock was wrong by %s, a sign-in was answered with %d (%v)", by, status, err))
	}
	stranger := &agent{base: who.base, client: &http.Client{Timeout: 15 * time.Second}}
	if status, _, err := stranger.call(ctx, http.MethodPost, "/v1/sign-in/link", map[string]any{"token": ended}); err != nil || status < 400 || status >= 500 {
		c.violate("P14", fmt.Sprintf("while the clock was wrong by %s, a sign-in link that had ended was answered with %d (%v)", by, status, err))
	}
	return nil
}

// windowsTold looks that nothing was even tried outside a window, refused or not, that every window ends 24 hours after the
// person's last message, whatever the clock showed, and that both processes saw every jump.
func windowsTold(ctx context.Context, c *campaign) error {
	t, err := c.readTruth(ctx)
	if err != nil {
		return err
	}
	tried, outside := 0, 0
	for _, e := range t.sim {
		if e.Kind == "request" && e.Path == "messages" && e.Type != "template" && e.WindowOpen != nil {
			tried++
			if !*e.WindowOpen {
				outside++
			}
		}
	}
	if outside > 0 {
		c.violate("I6", fmt.Sprintf("%d of %d sends were tried outside a window", outside, tried))
	}
	var windows, wrong, early int
	if err := c.db.QueryRow(ctx, `SELECT count(*), count(*) FILTER (WHERE v.window_expires_at <> m.last + interval '24 hours'),
			count(*) FILTER (WHERE v.window_state IN ('open', 'expiring') AND m.last + interval '24 hours' < now() - interval '5 seconds')
		FROM conversations v JOIN (SELECT conversation_id, max(provider_at) AS last FROM messages WHERE direction = 'in' GROUP BY 1) m ON m.conversation_id = v.id`).
		Scan(&windows, &wrong, &early); err != nil {
		return err
	}
	if wrong > 0 || early > 0 {
		c.violate("I6", fmt.Sprintf("of %d windows %d do not end 24 hours after the last message, and %d are shown open though they ended", windows, wrong, early))
	}
	seen := map[string]int{}
	for _, process := range []string{rig.API, rig.Worker} {
		text, err := os.ReadFile(filepath.Join(c.Logs, process+".log"))
		if err != nil {
			return err
		}
		seen[process] = strings.Count(string(text), "system's clock differs")
		if seen[process] == 0 {
			c.violate("P14", "the "+process+" saw no jump: nothing was proved")
		}
	}
	fmt.Fprintf(c.out, "  P14: %d sends tried, %d of them outside a window; %d windows, %d of another length, %d shown open after their end; jumps told of: %v\n",
		tried, outside, windows, wrong, early, seen)
	return nil
}
