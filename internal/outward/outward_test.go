package outward_test

import (
	"net"
	"testing"

	"github.com/perene/perene/internal/outward"
)

func TestAddressesBehindTheFirewallAreRefused(t *testing.T) {
	t.Parallel()
	guard := outward.Guard(false)
	for address, ok := range map[string]bool{
		"93.184.215.14:443": true, "93.184.215.14:22": false, "127.0.0.1:443": false, "10.1.2.3:443": false, "169.254.169.254:80": false,
		"168.63.129.16:80": false, "100.100.100.200:80": false, "[fd00:ec2::254]:80": false, "[::1]:443": false, "0.0.0.0:80": false,
	} {
		if err := guard("tcp4", address, nil); (err == nil) != ok && address[0] != '[' {
			t.Errorf("%s: %v, want allowed %v", address, err, ok)
		}
		if err := guard("tcp6", address, nil); address[0] == '[' && (err == nil) != ok {
			t.Errorf("%s: %v, want allowed %v", address, err, ok)
		}
	}
	addresses, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addresses {
		if network, ok := a.(*net.IPNet); ok && network.IP.To4() != nil {
			if err := guard("tcp4", net.JoinHostPort(network.IP.String(), "443"), nil); err == nil {
				t.Errorf("this machine is reached at %s", network.IP)
			}
		}
	}
	if err := outward.Guard(true)("tcp4", "93.184.215.14:8443", nil); err != nil {
		t.Errorf("any port: %v", err)
	}
}
