package stack

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// secrets are made once for a data folder and kept there, readable by its owner alone.
type secrets struct {
	PostgresPassword string `json:"postgres_password"`
	MasterKey        string `json:"master_key"`
	// What the demo account's connection and the simulated Meta share.
	DemoToken     string `json:"demo_token"`
	DemoAppSecret string `json:"demo_app_secret"`
	DemoVerify    string `json:"demo_verify"`
}

func loadSecrets(data string) (secrets, error) {
	var s secrets
	path := filepath.Join(data, "secrets.json")
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return s, fmt.Errorf("read the secrets: %w", err)
	default:
		if err := json.Unmarshal(text, &s); err != nil {
			return s, fmt.Errorf("read the secrets in %s: %w", path, err)
		}
	}
	made := false
	for _, one := range []struct {
		value  *string
		encode func([]byte) string
	}{
		{&s.PostgresPassword, base64.RawURLEncoding.EncodeToString},
		{&s.MasterKey, base64.StdEncoding.EncodeToString},
		{&s.DemoToken, base64.RawURLEncoding.EncodeToString},
		{&s.DemoAppSecret, base64.RawURLEncoding.EncodeToString},
		{&s.DemoVerify, base64.RawURLEncoding.EncodeToString},
	} {
		if *one.value == "" {
			random := make([]byte, 32)
			_, _ = rand.Read(random) // never fails
			*one.value, made = one.encode(random), true
		}
	}
	if !made {
		return s, nil
	}
	return s, writeJSON(path, s)
}

// writeJSON replaces a file in one step; only its owner may read it.
func writeJSON(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return writeFile(path, append(text, '\n'))
}

func writeFile(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-") // made with 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
