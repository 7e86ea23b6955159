// Package outward keeps connections to addresses that people name away from what stands behind the firewall: private
// networks, this machine by any of its addresses, and the cloud's own services.
package outward

import (
	"net"
	"net/netip"
	"syscall"

	"code.dny.dev/ssrf"
)

// clouds are addresses at which a cloud answers its own machines, though they look public: Azure's.
var clouds = []netip.Prefix{netip.MustParsePrefix("168.63.129.16/32")}

// Guard checks the resolved address at each dial, so that a name which resolves anew, and a redirect, are covered. anyPort
// allows other ports than 80 and 443.
func Guard(anyPort bool) func(network, address string, c syscall.RawConn) error {
	v4, v6 := own()
	options := []ssrf.Option{ssrf.WithDeniedV4Prefixes(append(v4, clouds...)...), ssrf.WithDeniedV6Prefixes(v6...)}
	if anyPort {
		options = append(options, ssrf.WithAnyPort())
	}
	return ssrf.New(options...).Safe
}

// own are the addresses of this machine. Where they cannot be read, the private ones are refused all the same.
func own() (v4, v6 []netip.Prefix) {
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		return nil, nil
	}
	for _, a := range addresses {
		network, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		ip, ok := netip.AddrFromSlice(network.IP)
		if !ok {
			continue
		}
		if ip = ip.Unmap(); ip.Is4() {
			v4 = append(v4, netip.PrefixFrom(ip, 32))
		} else {
			v6 = append(v6, netip.PrefixFrom(ip, 128))
		}
	}
	return v4, v6
}
