package house_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// What govulncheck and npm find fails. A list that cannot be reached is told in a line, and fails with STRICT=1 (S20).
func TestWhatIsVulnerableFails(t *testing.T) {
	t.Parallel()
	const nothing, away, finding = "echo No vulnerabilities found.", "echo 'fetching vulnerabilities: dial tcp: no such host'; exit 1", "echo 'Vulnerability #1: GO-2026-1'; exit 3"
	const npmNothing, npmAway, npmFinding = "echo found 0 vulnerabilities", "echo 'npm error audit endpoint returned an error'; exit 1", "echo '1 high severity vulnerability'; exit 1"
	for name, c := range map[string]struct {
		vulncheck, npm, strict string
		fails                  bool
		says                   []string
	}{
		"nothing known":        {nothing, npmNothing, "1", false, []string{"govulncheck: nothing known in devstack", "npm audit: nothing high known in web"}},
		"a module has a hole":  {finding, npmNothing, "", true, []string{"GO-2026-1"}},
		"a package has a hole": {nothing, npmFinding, "", true, []string{"1 high severity"}},
		"lists away":           {away, npmAway, "", false, []string{"so . was not checked", "so tools/temporal was not checked", "so web was not checked"}},
		"Go's list away":       {away, npmNothing, "1", true, []string{"so . was not checked"}},
		"npm's list away":      {nothing, npmAway, "1", true, []string{"so web was not checked"}},
		"another trouble":      {"echo 'cannot load packages'; exit 2", npmNothing, "", true, []string{"cannot load packages"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &workshop{t: t, root: t.TempDir()}
			w.write("scripts/vulnerabilities", read(t, root+"/scripts/vulnerabilities"), 0o755)
			w.write("bin/govulncheck", "#!/bin/sh\n"+c.vulncheck+"\n", 0o755)
			w.write("path/npm", "#!/bin/sh\n"+c.npm+"\n", 0o755)
			for _, folder := range []string{"devstack", "tools/temporal", "web"} {
				w.write(folder+"/README", "", 0o644)
			}
			cmd := exec.CommandContext(t.Context(), filepath.Join(w.root, "scripts/vulnerabilities"))
			cmd.Env = append(os.Environ(), "PATH="+filepath.Join(w.root, "path")+":"+os.Getenv("PATH"), "STRICT="+c.strict)
			out, err := cmd.CombinedOutput()
			if (err != nil) != c.fails {
				t.Errorf("fails: %v, want %v", err, c.fails)
			}
			for _, want := range c.says {
				if !strings.Contains(string(out), want) {
					t.Errorf("it does not say %q:\n%s", want, out)
				}
			}
		})
	}
}
