package temporal

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strconv"

	"github.com/perene/perene/devstack/internal/process"
)

// Web says which Temporal is shown where.
type Web struct {
	// Bin is the folder of the programs, Deploy that of the files for deployments.
	Bin, Deploy, Data string
	Port              int
	// Address is host:port of the frontend.
	Address   string
	Namespace string
	// TLS to the frontend, with files of the caller's where they are needed.
	TLS                                   bool
	CAFile, CertFile, KeyFile, ServerName string
	Log                                   string
	Environ                               []string
}

// Spec is how the supervisor runs Temporal Web.
func (w Web) Spec() process.Spec {
	if w.TLS && w.ServerName == "" { // without a name it would speak plain text
		w.ServerName, _, _ = net.SplitHostPort(w.Address)
	}
	return process.Spec{
		Name: "temporal-web", Path: filepath.Join(w.Bin, "temporal-ui"), Dir: w.Data, Log: w.Log,
		Args: []string{"--root", w.Deploy, "--config", "temporal", "--env", "ui", "start"},
		Env: over(w.Environ, map[string]string{
			"TEMPORAL_ADDRESS": w.Address, "TEMPORAL_UI_PORT": strconv.Itoa(w.Port), "TEMPORAL_UI_HOST": host,
			"TEMPORAL_DEFAULT_NAMESPACE": w.Namespace, "TEMPORAL_CORS_ORIGINS": "http://localhost:" + strconv.Itoa(w.Port),
			"TEMPORAL_TLS_CA": w.CAFile, "TEMPORAL_TLS_CERT": w.CertFile, "TEMPORAL_TLS_KEY": w.KeyFile,
			"TEMPORAL_TLS_SERVER_NAME": w.ServerName, "TEMPORAL_TLS_ENABLE_HOST_VERIFICATION": strconv.FormatBool(w.TLS),
		}),
		Ready: func(ctx context.Context) error { return healthy(ctx, w.Port) },
	}
}

// healthy asks Temporal Web on a port of this machine whether it serves.
func healthy(ctx context.Context, port int) error {
	address := "http://" + net.JoinHostPort(host, strconv.Itoa(port)) + "/healthz"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("ask Temporal Web: it answered %s", response.Status)
	}
	return nil
}
