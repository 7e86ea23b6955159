package channels_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/perene/perene/channels"
)

func TestSecretIsNeverPrinted(t *testing.T) {
	t.Parallel()
	const canary = "CANARY-7f3a"
	s := channels.NewSecret(canary)
	cred := channels.Credentials{ProviderRef: "1", Secrets: map[string]channels.Secret{"access_token": s}}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T", "%p"} {
		for _, v := range []any{s, &s, cred, &cred, []channels.Secret{s}, map[string]any{"a": s}} {
			fmt.Fprintf(&out, verb, v)
		}
	}
	for _, v := range []any{s, &s, cred, map[string]any{"a": s}, map[string]channels.Credentials{"a": cred}} {
		encoded, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(encoded)
	}
	for _, h := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(h).Info("a connection", "secret", s, "credentials", cred, "pointer", &cred, slog.Group("g", "s", s))
	}
	out.WriteString(errors.New(fmt.Sprint(cred)).Error())
	if i := strings.Index(out.String(), canary); i >= 0 {
		t.Errorf("the secret shows: …%s…", out.String()[max(0, i-60):i])
	}
	if strings.Contains(out.String(), fmt.Sprintf("%x", canary)) {
		t.Error("the secret shows in hexadecimal")
	}
	if s.Reveal() != canary || s.IsZero() || !(channels.Secret{}).IsZero() {
		t.Error("the secret is lost")
	}
}

func TestSendErrorTellsWhatIsKnown(t *testing.T) {
	t.Parallel()
	cause := errors.New("cause with a number 5581988004422")
	e := &channels.SendError{Outcome: channels.OutcomeRejected, Op: "send", Code: 131056, HTTPStatus: 400, Details: "Too many messages", Cause: cause}
	if got, want := e.Error(), "send: rejected, code 131056, HTTP 400: Too many messages"; got != want {
		t.Errorf("text %q, want %q", got, want)
	}
	if !errors.Is(e, cause) {
		t.Error("errors.Is does not find the cause")
	}
	if errors.Unwrap(e) != nil {
		t.Error("the cause can be unwrapped and so be printed by others")
	}
	encoded, err := json.Marshal(e)
	if err != nil || strings.Contains(string(encoded), "5581988004422") {
		t.Errorf("encoded as %s, %v; the cause must not show", encoded, err)
	}
	if got := channels.AsSendError(fmt.Errorf("wrapped: %w", e)); got != e {
		t.Errorf("AsSendError gives %v", got)
	}
	if got := channels.AsSendError(errors.New("odd")); got.Outcome != channels.OutcomeUnknown || got.Code != channels.CodeNone {
		t.Errorf("an error of another kind gives %+v, want unknown without a code", got)
	}
	if channels.AsSendError(nil) != nil {
		t.Error("no error gives one")
	}
}
