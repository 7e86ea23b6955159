package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/internal/blobs"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/models"
)

// publicURL is asked as browsers and Meta would.
func (e *examination) publicURL(ctx context.Context) {
	const name = "public URL"
	if e.Listen.Validate(e.Runtime.Env) != nil {
		return // said under configuration
	}
	base := strings.TrimSuffix(e.Listen.PublicURL, "/")
	const mend = "start perene api, and lead the address to it: DNS, the reverse proxy and its certificate"
	status, headers, err := e.get(ctx, base+"/healthz")
	switch {
	case err != nil:
		e.fail(name, mend, "%s: %s", base, webTrouble(err))
		return
	case status != http.StatusOK:
		e.fail(name, mend, "%s/healthz answers %d, not 200", base, status)
		return
	}
	e.ok(name, "%s answers", base)
	e.proxies(headers)
	// A key that no connection has: our API refuses it by itself, a proxy that swallows the path answers otherwise.
	status, _, err = e.get(ctx, base+"/webhooks/meta/doctor")
	const lead = "let the reverse proxy pass /webhooks/ on unchanged, body and headers included"
	switch {
	case err != nil:
		e.fail("webhook path", lead, "%s/webhooks/meta/…: %s", base, webTrouble(err))
	case status >= 400 && status < 500:
		e.ok("webhook path", "answers")
	default:
		e.fail("webhook path", lead, "%s/webhooks/meta/… answers %d to a stranger; 4xx is expected", base, status)
	}
}

// proxies asks what /healthz said of the proxy that forwarded the question.
func (e *examination) proxies(headers http.Header) {
	const name = "proxy"
	const mend = "set PERENE_TRUSTED_PROXIES to the proxy's address, or to the compose network (deploy/compose/new-env writes it)"
	switch {
	case headers.Get("Perene-Proxy") != "":
		e.fail(name, mend, "a proxy forwards and is not trusted: all networks look alike, so that guesses of one lock everybody out")
	case e.Runtime.Env == config.Production && e.Listen.NoProxyTrusted():
		e.fail(name, mend, "https ends in a proxy, and none is trusted: all networks look alike, so that guesses of one lock everybody out")
	default:
		e.ok(name, "every network is told from the others")
	}
}

func (e *examination) get(ctx context.Context, address string) (int, http.Header, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, nil, err
	}
	res, err := e.HTTP.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20))
	return res.StatusCode, res.Header, nil
}

// webTrouble is a request's error without its address.
func webTrouble(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		if u.Timeout() {
			return "does not answer in time"
		}
		err = u.Err
	}
	return err.Error()
}

// media writes a small file where files are kept, reads it and takes it away.
func (e *examination) media(ctx context.Context) {
	const name = "media store"
	address, _, _ := strings.Cut(e.Media.MediaURL, "?")
	mend := "let the user that runs Perene write there, or correct PERENE_MEDIA_URL (file:///folder or s3://bucket?region=…)"
	if strings.HasPrefix(address, "s3:") {
		mend = "check the bucket's name and region in PERENE_MEDIA_URL, and that AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY may put, get and delete there"
	}
	files, err := e.OpenFiles(e.Media.MediaURL)
	if err != nil {
		e.fail(name, mend, "%s cannot be opened", address)
		return
	}
	const key, text = "doctor/probe", "written by perene doctor"
	if err := files.Put(ctx, key, "text/plain", strings.NewReader(text)); err != nil {
		e.fail(name, mend, "%s cannot be written to", address)
		return
	}
	got, err := readFile(ctx, files, key)
	if err = errors.Join(err, files.Delete(ctx, key)); err != nil || string(got) != text {
		e.fail(name, mend, "%s does not give back what was written", address)
		return
	}
	e.ok(name, "%s can be written", address)
}

func readFile(ctx context.Context, files blobs.Store, key string) ([]byte, error) {
	file, err := files.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(file)
}

// Room that is too little for a day's pictures, and for anything at all.
const (
	roomWarn = 5 << 30
	roomFail = 512 << 20
)

// disk looks at the room where files are kept, and where temporary files go.
func (e *examination) disk(context.Context) {
	places := []string{os.TempDir()}
	if u, err := url.Parse(e.Media.MediaURL); err == nil && u.Scheme == "file" {
		places = append([]string{existing(u.Path)}, places...)
	}
	for _, place := range places {
		free, err := e.FreeBytes(place)
		shown := fmt.Sprintf("%.1f GB free at %s", float64(free)/(1<<30), place)
		switch {
		case err != nil:
			e.warn("disk", "check that the folder exists", "%s cannot be looked at", place)
		case free < roomFail:
			e.fail("disk", "make room, or move PERENE_MEDIA_URL to a larger disk or to s3://", "%s", shown)
			return
		case free < roomWarn:
			e.warn("disk", "make room, or move PERENE_MEDIA_URL to a larger disk or to s3://", "%s", shown)
			return
		case place == places[0]:
			e.ok("disk", "%s", shown)
		}
	}
}

// existing is the nearest folder above a path that exists.
func existing(path string) string {
	for path != "/" && path != "." {
		if _, err := os.Stat(path); err == nil {
			return path
		}
		path = filepath.Dir(path)
	}
	return path
}

// sealed tries the master keys on everything that is sealed, and counts what is still under the key before (S12).
func (e *examination) sealed(ctx context.Context) {
	const name = "sealed secrets"
	key, err := e.Secrets.Key()
	if err != nil || e.store == nil {
		return
	}
	count, err := e.store.CountSealed(ctx, key)
	switch {
	case err != nil: // said under schema
	case count.LostValues > 0:
		e.fail(name, "set the PERENE_MASTER_KEY that sealed them, or enter these secrets again", "%d of %d do not open: %s",
			count.LostValues, count.Values, strings.Join(count.Lost, ", "))
	case count.Old > 0:
		e.warn(name, "run perene rekey, then take PERENE_MASTER_KEY_OLD away", "%d open, %d of them are under the key before", count.Values, count.Old)
	case e.Secrets.MasterKeyOld != "":
		e.warn(name, "take PERENE_MASTER_KEY_OLD away, and restart", "%d open, none is under the key before", count.Values)
	default:
		e.ok(name, "%d open", count.Values)
	}
}

func (e *examination) allConnections(ctx context.Context) ([]models.Connection, error) {
	accounts, err := e.store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	var out []models.Connection
	for _, a := range accounts {
		list, err := e.store.Connections(ctx, a.ID, false, 0, 1000)
		if err != nil {
			return nil, err
		}
		for i := range list {
			out = append(out, list[i].Connection)
		}
	}
	return out, nil
}

// connections asks each provider whether the token is taken, the number may send and our webhooks are subscribed to.
func (e *examination) connections(ctx context.Context) {
	key, err := e.Secrets.Key()
	if err != nil || e.store == nil {
		return
	}
	all, err := e.allConnections(ctx)
	if err != nil {
		e.warn("connections", "look at the database's log", "cannot be read")
		return
	}
	for i := range all {
		c := &all[i]
		name := fmt.Sprintf("connection %d", c.ID)
		adapter := e.Adapters[c.Channel]
		_, cred, err := channels.Open(e.Adapters, key, c)
		lacks, deaf := c.Lacks(models.NeedSending), c.Lacks(models.NeedHearing)
		switch {
		case adapter == nil:
			e.warn(name, "run the newest program", "%s: channel %s is not known to this program", c.Name, c.Channel)
			continue
		case err != nil || len(lacks) > 0:
			e.warn(name, "enter "+strings.Join(lacks, " and "), "%s: not set up yet", c.Name)
			continue
		case len(deaf) > 0:
			e.fail(name, "enter "+strings.Join(deaf, " and ")+": without it every webhook is refused", "%s: lacks %s", c.Name, strings.Join(deaf, ", "))
		}
		e.number(ctx, name, c, adapter, cred)
	}
	if len(all) == 0 {
		e.ok("connections", "none yet")
	}
}

func (e *examination) number(ctx context.Context, name string, c *models.Connection, adapter channels.Adapter, cred channels.Credentials) {
	reader, ok := adapter.(channels.HealthReader)
	if !ok {
		e.ok(name, "%s: its channel tells no health", c.Name)
		return
	}
	health, err := reader.NumberHealth(ctx, cred)
	var refused *channels.SendError
	switch {
	case errors.As(err, &refused) && refused.Code == 190:
		e.fail(name, "make a new system user token with whatsapp_business_messaging and whatsapp_business_management, and enter it", "%s: the provider refuses the access token (190)", c.Name)
		return
	case errors.As(err, &refused) && refused.HTTPStatus != 0:
		e.fail(name, "look up the code in Meta's error list; check phone number id, version and base URL", "%s: the provider answers with an error (%d, HTTP %d)", c.Name, refused.Code, refused.HTTPStatus)
		return
	case err != nil:
		e.fail(name, "check the connection's base URL and this machine's way to the internet", "%s: the provider does not answer", c.Name)
		return
	}
	switch health.CanSend {
	case "BLOCKED":
		e.fail(name, "open WhatsApp Manager: the number, its business account or its payment is blocked", "%s: may not send", c.Name)
	case "LIMITED":
		e.warn(name, "open WhatsApp Manager for what limits it", "%s: sending is limited", c.Name)
	default:
		e.ok(name, "%s: token taken, quality %s", c.Name, strings.ToLower(orUnknown(health.Quality)))
	}
	e.subscription(ctx, name, c, cred)
}

// subscription looks whether Meta sends this business account's webhooks to an app of ours.
func (e *examination) subscription(ctx context.Context, name string, c *models.Connection, cred channels.Credentials) {
	if c.Channel != models.ChannelWhatsAppCloud || cred.PortfolioRef == "" {
		return
	}
	const mend = "subscribe the app to the business account: POST /{WABA id}/subscribed_apps with the token, and enter the webhook's address in the app"
	const op = "read webhook subscriptions"
	answer, err := e.Graph.Do(ctx, cred, meta.Call{Op: op, Method: http.MethodGet, Path: url.PathEscape(cred.PortfolioRef) + "/subscribed_apps"})
	var list struct {
		Data []json.RawMessage `json:"data"`
	}
	if err == nil {
		err = meta.DecodeAnswer(op, answer, &list)
	}
	switch {
	case err != nil:
		e.warn(name, mend, "%s: webhook subscriptions cannot be read", c.Name)
	case len(list.Data) == 0:
		e.fail(name, mend, "%s: no app gets the webhooks of its business account", c.Name)
	default:
		e.ok(name, "%s: webhooks are subscribed to", c.Name)
	}
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}
