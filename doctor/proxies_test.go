package doctor_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/perene/perene/doctor"
	"github.com/perene/perene/internal/config"
)

// TestAProxyThatIsNotTrustedIsFound: where the API says so, and in production where https ends in a proxy and none is named.
func TestAProxyThatIsNotTrustedIsFound(t *testing.T) {
	t.Parallel()
	cfg, _ := healthy(t)
	told := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Perene-Proxy", "untrusted") }))
	t.Cleanup(told.Close)
	wants(t, doctor.Run(t.Context(), cfg), "proxy", doctor.OK, "", "")
	cfg.Listen.PublicURL = told.URL
	wants(t, doctor.Run(t.Context(), cfg), "proxy", doctor.Fail, "is not trusted", "PERENE_TRUSTED_PROXIES")

	secure := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(secure.Close)
	cfg.Runtime.Env, cfg.Listen.PublicURL, cfg.HTTP = config.Production, secure.URL, secure.Client()
	wants(t, doctor.Run(t.Context(), cfg), "proxy", doctor.Fail, "none is trusted", "new-env")
	cfg.Listen.TrustedProxies = []string{"172.30.83.0/24"}
	wants(t, doctor.Run(t.Context(), cfg), "proxy", doctor.OK, "", "")
	cfg.Listen.TrustedProxies = []string{"0.0.0.0/0"}
	wants(t, doctor.Run(t.Context(), cfg), "configuration", doctor.Fail, "as wide as the world", "")
}
