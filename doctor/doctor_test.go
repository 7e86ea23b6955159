package doctor_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/channels/whatsapp"
	"github.com/perene/perene/doctor"
	"github.com/perene/perene/internal/blobs"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/internal/seal"
	"github.com/perene/perene/models"
	"github.com/perene/perene/provision"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
	"github.com/perene/perene/workflows"
)

const masterKey = "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXY="

// temporal is a Temporal that answers as a test wants.
type temporal struct {
	down, noNamespace, denied error
	retention                 time.Duration
	attributes                map[string]string
	pollers                   int
}

func (f *temporal) Version(context.Context) (string, error) { return "1.32.1", f.down }

func (f *temporal) Retention(context.Context) (time.Duration, error) {
	return f.retention, errors.Join(f.noNamespace, f.denied)
}

func (f *temporal) SearchAttributes(context.Context) (map[string]string, error) {
	return f.attributes, nil
}

func (f *temporal) Pollers(context.Context, string) (int, error) { return f.pollers, nil }

// healthy is a configuration with which every check is well.
func healthy(t *testing.T) (doctor.Config, *temporal) {
	t.Helper()
	front := &temporal{retention: 7 * 24 * time.Hour, attributes: workflows.SearchAttributeTypes(), pollers: 2}
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/webhooks/") {
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(site.Close)
	cfg := doctor.Config{
		Runtime:  config.Runtime{Env: config.Development},
		Database: config.Database{URL: storetest.NewURL(t)},
		Temporal: config.Temporal{Address: "127.0.0.1:7233", Namespace: "perene"},
		Secrets:  config.Secrets{MasterKey: masterKey},
		Listen:   config.Listen{PublicURL: site.URL},
		Media:    config.Media{MediaURL: "file://" + filepath.ToSlash(t.TempDir())},
		Frontend: front,
		OpenFiles: func(address string) (blobs.Store, error) {
			u, err := url.Parse(address)
			if err != nil {
				return nil, err
			}
			if _, err := os.Stat(u.Path); err != nil {
				return nil, err
			}
			return blobs.Open(address)
		},
		FreeBytes: func(string) (uint64, error) { return 100 << 30, nil },
	}
	return cfg, front
}

func find(r *doctor.Report, name string) *doctor.Check {
	for i := range r.Checks {
		if r.Checks[i].Name == name {
			return &r.Checks[i]
		}
	}
	return nil
}

func wants(t *testing.T, r *doctor.Report, name string, status doctor.Status, detail, mend string) {
	t.Helper()
	var seen []doctor.Check
	for _, c := range r.Checks {
		if c.Name != name {
			continue
		}
		if c.Status == status && strings.Contains(c.Detail, detail) && strings.Contains(c.Mend, mend) {
			return
		}
		seen = append(seen, c)
	}
	t.Errorf("%s: want %s %q with %q, got %+v", name, status, detail, mend, seen)
}

func TestEverythingIsWell(t *testing.T) {
	t.Parallel()
	cfg, _ := healthy(t)
	r := doctor.Run(t.Context(), cfg)
	for _, name := range []string{"configuration", "master key", "postgres", "clock", "schema", "doorbells", "temporal", "namespace", "search attributes",
		"workers", "time zones", "public URL", "webhook path", "media store", "disk", "sealed secrets", "audit log"} {
		wants(t, r, name, doctor.OK, "", "")
	}
	if r.Failed() {
		t.Errorf("failed: %+v", r.Checks)
	}
	var table, asJSON bytes.Buffer
	r.Print(&table)
	if !strings.Contains(table.String(), "ok    search attributes  ") || !strings.Contains(table.String(), "0 failures") {
		t.Errorf("table:\n%s", table.String())
	}
	if err := r.PrintJSON(&asJSON); err != nil {
		t.Fatal(err)
	}
	var back doctor.Report
	if err := json.Unmarshal(asJSON.Bytes(), &back); err != nil || len(back.Checks) != len(r.Checks) {
		t.Errorf("JSON: %v\n%s", err, asJSON.String())
	}
	for _, c := range r.Checks {
		if c.Status == doctor.OK && c.Mend != "" {
			t.Errorf("%s is well and has something to mend", c.Name)
		}
	}
}

func TestEachIllnessIsFoundWithItsRemedy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make   func(t *testing.T, cfg *doctor.Config, f *temporal)
		check  string
		status doctor.Status
		detail string
		mend   string
	}{
		"no database url": {func(_ *testing.T, c *doctor.Config, _ *temporal) { c.Database.URL = "" }, "configuration", doctor.Fail, "DATABASE_URL is not set", "postgres://user:password@host"},
		"no public url":   {func(_ *testing.T, c *doctor.Config, _ *temporal) { c.Listen.PublicURL = "" }, "configuration", doctor.Fail, "PERENE_PUBLIC_URL is not set", "https address"},
		"plain public url": {func(_ *testing.T, c *doctor.Config, _ *temporal) {
			c.Runtime.Env, c.Listen.PublicURL = "production", "http://chat.example.com"
		}, "configuration", doctor.Fail, "PERENE_PUBLIC_URL must start with https", ""},
		"open database": {func(_ *testing.T, c *doctor.Config, _ *temporal) {
			c.Runtime.Env, c.Database.URL = "production", "postgres://perene:abcdefabcdefabcdef@db.example.com/perene?sslmode=disable&connect_timeout=1"
		}, "configuration", doctor.Fail, "without encryption", "sslmode=verify-full"},
		"default password": {func(t *testing.T, c *doctor.Config, _ *temporal) {
			u, err := url.Parse(c.Database.URL)
			if err != nil {
				t.Fatal(err)
			}
			u.User = url.UserPassword(u.User.Username(), "postgres")
			c.Runtime.Env, c.Database.URL = "production", u.String()
		}, "configuration", doctor.Fail, "the password in DATABASE_URL is a default", "random"},
		"half a certificate": {func(_ *testing.T, c *doctor.Config, _ *temporal) {
			c.Temporal.TLSKeyFile, c.Temporal.TLS = "/tmp/key.pem", true
		}, "configuration", doctor.Fail, "belong together", "both or neither"},
		"no master key":    {func(_ *testing.T, c *doctor.Config, _ *temporal) { c.Secrets.MasterKey = "" }, "master key", doctor.Fail, "PERENE_MASTER_KEY is not set", "head -c 32 /dev/urandom | base64"},
		"short master key": {func(_ *testing.T, c *doctor.Config, _ *temporal) { c.Secrets.MasterKey = "c2hvcnQ=" }, "master key", doctor.Fail, "holds 5 bytes, at least 32 are needed", "head -c 32 /dev/urandom | base64"},
		"default master key": {func(_ *testing.T, c *doctor.Config, _ *temporal) {
			c.Secrets.MasterKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
		}, "master key", doctor.Fail, "is not random", "head -c 32"},
		"postgres down": {func(_ *testing.T, c *doctor.Config, _ *temporal) {
			c.Database.URL = "postgres://perene@127.0.0.1:1/perene?sslmode=disable"
		}, "postgres", doctor.Fail, "127.0.0.1:1: nothing answers there", "start Postgres"},
		"no database": {func(t *testing.T, c *doctor.Config, _ *temporal) {
			c.Database.URL = database(t, c.Database.URL, "no_such_database")
		}, "postgres", doctor.Fail, "has no such database", "createdb"},
		"no migrations": {func(t *testing.T, c *doctor.Config, _ *temporal) {
			emptyDatabase(t, c)
		}, "schema", doctor.Fail, "version 0, this program needs", "perene migrate"},
		"newer schema": {func(t *testing.T, c *doctor.Config, _ *temporal) {
			run(t, c, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`)
		}, "schema", doctor.Warn, "version 9999 is newer", "newest program"},
		"old doorbells": {func(t *testing.T, c *doctor.Config, _ *temporal) {
			run(t, c, `INSERT INTO doorbells (account_id, workflow_type, workflow_id, created_at) VALUES (1, 'Connection', 'connection/1', now() - interval '1 hour')`)
		}, "doorbells", doctor.Warn, "1 wait, the oldest for 1h0m", "perene worker"},
		"clock a bit off": {func(_ *testing.T, c *doctor.Config, _ *temporal) {
			c.Now = func() time.Time { return time.Now().Add(2 * time.Second) }
		}, "clock", doctor.Warn, "differs by", "NTP"},
		"clock far off": {func(_ *testing.T, c *doctor.Config, _ *temporal) {
			c.Now = func() time.Time { return time.Now().Add(-time.Hour) }
		}, "clock", doctor.Fail, "from the database's", "NTP"},
		"temporal down": {func(_ *testing.T, _ *doctor.Config, f *temporal) {
			f.down = serviceerror.NewUnavailable("connection refused")
		}, "temporal", doctor.Fail, "127.0.0.1:7233: nothing answers there", "start Temporal"},
		"temporal slow": {func(_ *testing.T, _ *doctor.Config, f *temporal) { f.down = context.DeadlineExceeded }, "temporal", doctor.Fail, "does not answer in time", "TEMPORAL_ADDRESS"},
		"no namespace": {func(_ *testing.T, _ *doctor.Config, f *temporal) {
			f.noNamespace = serviceerror.NewNamespaceNotFound("perene")
		}, "namespace", doctor.Fail, `there is no namespace "perene"`, "temporal operator namespace create -n perene"},
		"no rights": {func(_ *testing.T, _ *doctor.Config, f *temporal) {
			f.denied = serviceerror.NewPermissionDenied("no", "")
		}, "namespace", doctor.Fail, "refuses us", "key or certificate"},
		"short retention": {func(_ *testing.T, _ *doctor.Config, f *temporal) { f.retention = 24 * time.Hour }, "namespace", doctor.Warn, "for 24h only", "--retention 168h"},
		"no attributes": {func(_ *testing.T, _ *doctor.Config, f *temporal) {
			f.attributes = map[string]string{"PereneAccount": "Int"}
		}, "search attributes", doctor.Fail, "4 of 5 are missing", "search-attribute create -n perene --name PereneConnection --type Int"},
		"wrong attribute": {func(_ *testing.T, _ *doctor.Config, f *temporal) {
			f.attributes = maps.Clone(f.attributes)
			f.attributes["PereneFlow"] = "Int"
		}, "search attributes", doctor.Fail, "PereneFlow is Int, not Keyword", "right type"},
		"no workers": {func(_ *testing.T, _ *doctor.Config, f *temporal) { f.pollers = 0 }, "workers", doctor.Warn, "none asks for work", "perene worker"},
		"no time zones": {func(_ *testing.T, c *doctor.Config, _ *temporal) {
			c.Zone = func(string) (*time.Location, error) { return nil, os.ErrNotExist }
		}, "time zones", doctor.Fail, "no data for America/Sao_Paulo", "tzdata"},
		"disk nearly full": {func(_ *testing.T, c *doctor.Config, _ *temporal) {
			c.FreeBytes = func(string) (uint64, error) { return 2 << 30, nil }
		}, "disk", doctor.Warn, "2.0 GB free", "make room"},
		"disk full": {func(_ *testing.T, c *doctor.Config, _ *temporal) {
			c.FreeBytes = func(string) (uint64, error) { return 10 << 20, nil }
		}, "disk", doctor.Fail, "0.0 GB free", "make room"},
		"no media folder": {func(_ *testing.T, c *doctor.Config, _ *temporal) { c.Media.MediaURL = "file:///no/such/folder" }, "media store", doctor.Fail, "file:///no/such/folder cannot be opened", "PERENE_MEDIA_URL"},
		"no bucket": {func(_ *testing.T, c *doctor.Config, _ *temporal) {
			c.Media.MediaURL = "s3://bucket?region=sa-east-1"
			c.OpenFiles = func(string) (blobs.Store, error) { return nil, os.ErrPermission }
		}, "media store", doctor.Fail, "s3://bucket cannot be opened", "AWS_ACCESS_KEY_ID"},
		"site down": {func(_ *testing.T, c *doctor.Config, _ *temporal) { c.Listen.PublicURL = "http://127.0.0.1:1" }, "public URL", doctor.Fail, "connection refused", "start perene api"},
		"site of another": {func(t *testing.T, c *doctor.Config, _ *temporal) {
			c.Listen.PublicURL = site(t, http.StatusNotFound, http.StatusNotFound)
		}, "public URL", doctor.Fail, "/healthz answers 404, not 200", "reverse proxy"},
		"proxy redirects": {func(t *testing.T, c *doctor.Config, _ *temporal) {
			c.Listen.PublicURL = site(t, http.StatusMovedPermanently, http.StatusNotFound)
		}, "public URL", doctor.Fail, "answers 301", "reverse proxy"},
		"webhooks hidden": {func(t *testing.T, c *doctor.Config, _ *temporal) {
			c.Listen.PublicURL = site(t, http.StatusOK, http.StatusOK)
		}, "webhook path", doctor.Fail, "answers 200 to a stranger", "pass /webhooks/ on unchanged"},
		"other master key": {func(t *testing.T, c *doctor.Config, _ *temporal) {
			account(t, c, "https://graph.example")
			c.Secrets.MasterKey = "enl4d3Z1dHNycXBvbm1sa2ppaGdmZWRjYmEwMTIzNDU="
		}, "sealed secrets", doctor.Fail, "2 of 2 do not open: connection/1/", "set the PERENE_MASTER_KEY that sealed them"},
		"key before still used": {func(t *testing.T, c *doctor.Config, _ *temporal) {
			account(t, c, "https://graph.example")
			c.Secrets.MasterKey, c.Secrets.MasterKeyOld = "enl4d3Z1dHNycXBvbm1sa2ppaGdmZWRjYmEwMTIzNDU=", masterKey
		}, "sealed secrets", doctor.Warn, "2 open, 2 of them are under the key before", "run perene rekey"},
		"key before no longer used": {func(t *testing.T, c *doctor.Config, _ *temporal) {
			account(t, c, "https://graph.example")
			c.Secrets.MasterKeyOld = "enl4d3Z1dHNycXBvbm1sa2ppaGdmZWRjYmEwMTIzNDU="
		}, "sealed secrets", doctor.Warn, "2 open, none is under the key before", "take PERENE_MASTER_KEY_OLD away"},
		"weak key before": {func(_ *testing.T, c *doctor.Config, _ *temporal) { c.Secrets.MasterKeyOld = "c2hvcnQ=" }, "master key", doctor.Fail, "PERENE_MASTER_KEY_OLD holds 5 bytes", "head -c 32 /dev/urandom | base64"},
		"changed audit log": {func(t *testing.T, c *doctor.Config, _ *temporal) {
			account(t, c, "https://graph.example")
			run(t, c, `ALTER TABLE audit_log DISABLE TRIGGER USER`)
			run(t, c, `UPDATE audit_log SET action = 'x'`)
		}, "audit log", doctor.Fail, "line 1 was changed", "perene audit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, front := healthy(t)
			c.make(t, &cfg, front)
			r := doctor.Run(t.Context(), cfg)
			wants(t, r, c.check, c.status, c.detail, c.mend)
			if r.Failed() != (c.status == doctor.Fail) {
				t.Errorf("failed: %v, want %v: %+v", r.Failed(), c.status == doctor.Fail, r.Checks)
			}
			var out bytes.Buffer
			r.Print(&out)
			if strings.Contains(out.String(), masterKey) || strings.Contains(out.String(), "abcdefabcdef") || strings.Contains(out.String(), "canary") {
				t.Errorf("a secret was shown:\n%s", out.String())
			}
		})
	}
}

func TestQuickLooksAtWhatAHealthCheckNeeds(t *testing.T) {
	t.Parallel()
	cfg, _ := healthy(t)
	cfg.Quick, cfg.OpenFiles = true, nil
	r := doctor.Run(t.Context(), cfg)
	if r.Failed() || find(r, "postgres") == nil || find(r, "search attributes") == nil {
		t.Errorf("got %+v", r.Checks)
	}
	for _, name := range []string{"public URL", "media store", "disk", "workers"} {
		if find(r, name) != nil {
			t.Errorf("a quick look looked at %s", name)
		}
	}
}

func TestConnectionsAreAskedWhenWanted(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		number, apps string // what Graph answers
		status       int
		want         doctor.Status
		detail, mend string
	}{
		"well":           {`{"id":"1","quality_rating":"GREEN","status":"CONNECTED"}`, `{"data":[{"whatsapp_business_api_data":{"id":"9"}}]}`, 200, doctor.OK, "webhooks are subscribed to", ""},
		"token refused":  {`{"error":{"message":"canary","type":"OAuthException","code":190}}`, ``, 401, doctor.Fail, "refuses the access token (190)", "system user token"},
		"other error":    {`{"error":{"message":"canary","code":100}}`, ``, 400, doctor.Fail, "answers with an error (100, HTTP 400)", "error list"},
		"blocked":        {`{"id":"1","health_status":{"can_send_message":"BLOCKED"}}`, `{"data":[{}]}`, 200, doctor.Fail, "may not send", "WhatsApp Manager"},
		"not subscribed": {`{"id":"1","quality_rating":"GREEN"}`, `{"data":[]}`, 200, doctor.Fail, "no app gets the webhooks", "subscribed_apps"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cfg, _ := healthy(t)
			graph := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") != "Bearer canary-token" {
					t.Errorf("asked without the connection's token")
				}
				w.WriteHeader(c.status)
				body := c.number
				if strings.HasSuffix(r.URL.Path, "/subscribed_apps") {
					body = c.apps
				}
				_, _ = w.Write([]byte(body))
			}))
			t.Cleanup(graph.Close)
			account(t, &cfg, graph.URL)
			cfg.Connections = true
			cfg.Graph = meta.NewClient(meta.Options{AllowPrivate: true})
			cfg.Adapters = map[string]channels.Adapter{models.ChannelWhatsAppCloud: whatsapp.New(cfg.Graph)}
			r := doctor.Run(t.Context(), cfg)
			wants(t, r, "connection 1", c.want, c.detail, c.mend)
			var out bytes.Buffer
			r.Print(&out)
			if strings.Contains(out.String(), "canary") {
				t.Errorf("a secret or the provider's words were shown:\n%s", out.String())
			}
		})
	}
}

// account makes an account with one connection.
func account(t *testing.T, c *doctor.Config, graph string) {
	t.Helper()
	s := open(t, c)
	key, err := seal.ParseKey(masterKey)
	if err != nil {
		t.Fatal(err)
	}
	_, err = provision.Apply(t.Context(), s, key, "test.yaml", []byte(`
account: {slug: loja-teste, name: Loja}
connections:
  - {name: Suporte, graph_base_url: "`+graph+`", phone_number_id: "1", waba_id: "2", access_token: canary-token, app_secret: canary-secret}
`), provision.Options{Development: true})
	if err != nil {
		t.Fatal(err)
	}
}

func open(t *testing.T, c *doctor.Config) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), c.Database.URL, store.Options{MaxConns: 2})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func run(t *testing.T, c *doctor.Config, sql string) {
	t.Helper()
	if _, err := open(t, c).Pool().Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// emptyDatabase points at a database without a schema.
func emptyDatabase(t *testing.T, c *doctor.Config) {
	t.Helper()
	u, err := url.Parse(c.Database.URL)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/") + "_empty"
	s := open(t, c)
	if _, err := s.Pool().Exec(t.Context(), "CREATE DATABASE "+name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if _, err := s.Pool().Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	c.Database.URL = database(t, c.Database.URL, name)
}

func database(t *testing.T, address, name string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
	return u.String()
}

func site(t *testing.T, health, webhooks int) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/webhooks/") {
			w.WriteHeader(webhooks)
			return
		}
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(health)
	}))
	t.Cleanup(s.Close)
	return s.URL
}
