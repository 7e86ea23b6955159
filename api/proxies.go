package api

import (
	"net/http"
	"net/netip"
	"sync"

	"github.com/gin-gonic/gin"

	"github.com/perene/perene/internal/config"
)

// UntrustedProxy is the header by which /healthz says that a proxy forwarded the question and is not trusted.
const UntrustedProxy = "Perene-Proxy"

// proxies are those whose X-Forwarded-For is believed.
type proxies struct {
	trusted []netip.Prefix
	told    sync.Once
}

func newProxies(addresses []string) (*proxies, error) {
	trusted, err := config.Listen{TrustedProxies: addresses}.Proxies()
	return &proxies{trusted: trusted}, err
}

// untrusted tells whether a request was forwarded by somebody who is not trusted.
func (p *proxies) untrusted(r *http.Request) bool {
	if r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == "" {
		return false
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return true
	}
	for _, network := range p.trusted {
		if network.Contains(peer.Addr().Unmap().WithZone("")) {
			return false
		}
	}
	return true
}

// noticeProxy says once that everybody seems to come from one address. Only a private address is named: any other may be a
// person who wrote the header by hand.
func (a *app) noticeProxy(c *gin.Context) {
	if !a.proxies.untrusted(c.Request) {
		return
	}
	peer, err := netip.ParseAddrPort(c.Request.RemoteAddr)
	if err != nil || !(peer.Addr().Unmap().IsPrivate() || peer.Addr().Unmap().IsLoopback()) {
		return
	}
	a.proxies.told.Do(func() {
		a.Log.ErrorContext(c.Request.Context(), "a proxy forwards and is not trusted, so that all networks look alike: "+
			"set PERENE_TRUSTED_PROXIES to its address", "proxy", peer.Addr().Unmap().String())
	})
}
