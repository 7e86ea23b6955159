package provision

import (
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strings"

	"github.com/perene/perene/internal/password"
	"github.com/perene/perene/models"
)

// Defaults of what a file leaves out when a thing is created, and of what it clears; those of the schema.
const (
	accountZone   = "America/Sao_Paulo"
	accountLocale = "pt-BR"
)

func (a *applier) applySecrets() error {
	have, err := a.p.Secrets(a.ctx)
	if err != nil {
		return err
	}
	for _, name := range sortedKeys(a.file.Secrets) {
		s := a.file.Secrets[name]
		secret, was := have[name]
		secret.Name = name
		if s.cleared {
			if was {
				if err := a.p.DeleteSecret(a.ctx, name); err != nil {
					return err
				}
				a.changed("removed", "secret", name)
			}
			continue
		}
		place := models.AccountSecretPlace(a.account.ID, name)
		sealed, verdict, err := a.seal(s, place, secret.Sealed)
		hosts, named := a.file.SecretHosts[name]
		moved := named && !slices.Equal(hostNames(hosts), secret.Hosts)
		if moved {
			secret.Hosts = hostNames(hosts)
		}
		switch {
		case err != nil:
			return err
		case verdict != secretMissing && len(secret.Hosts) == 0:
			a.d.at("secrets."+name, "name in secret_hosts.%s the hosts that this secret may travel to", name)
		case verdict == secretMissing:
			a.d.at("secrets."+name, "the environment variable %s is not set", s.variable)
		case verdict == secretKept && !moved:
			a.changed("kept", "secret", name, s.variable+" is not set")
		case verdict == secretChanged:
			secret.Sealed = sealed
			if err := a.p.SaveSecret(a.ctx, secret); err != nil {
				return err
			}
			a.saved(!was, "secret", name, []string{"value"})
		case moved:
			if err := a.p.SaveSecret(a.ctx, secret); err != nil {
				return err
			}
			a.saved(false, "secret", name, []string{"hosts"})
		default:
			a.saved(false, "secret", name, nil)
		}
	}
	return nil
}

// checkSecretHosts looks at the hosts to which secrets may travel.
func (d *decoder) checkSecretHosts(hosts map[string][]string) {
	for _, name := range sortedKeys(hosts) {
		for i, host := range hosts[name] {
			if hostName(host) == "" {
				d.at(fmt.Sprintf("secret_hosts.%s[%d]", name, i), "a host is written like api.example.com, or as an address at it")
			}
		}
	}
}

// hostName is the host of a host's name or of an address at it, with a port where it is not the usual one; empty if it is neither.
func hostName(s string) string {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.User != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

// hostNames are the hosts as they are stored: sorted, each once.
func hostNames(given []string) []string {
	var out []string
	for _, s := range given {
		out = append(out, hostName(s))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// What became of a secret of the file.
type secretVerdict int

const (
	secretSame secretVerdict = iota
	secretChanged
	secretKept    // its variable is not set, and there is a value already
	secretMissing // its variable is not set, and there is none
)

// seal compares a secret with what is kept sealed, and seals it anew when it differs.
func (a *applier) seal(s Secret, place string, have []byte) ([]byte, secretVerdict, error) {
	value, ok := s.value(a.opts.Env)
	switch {
	case !ok && len(have) > 0:
		return have, secretKept, nil
	case !ok:
		return nil, secretMissing, nil
	}
	if len(have) > 0 {
		// What does not open was sealed with another master key: it is written anew.
		if plain, err := a.key.Open(place, have); err == nil && string(plain) == value {
			return have, secretSame, nil
		}
	}
	sealed, err := a.key.Seal(place, []byte(value))
	if err != nil {
		return nil, secretSame, fmt.Errorf("seal a secret: %w", err)
	}
	return sealed, secretChanged, nil
}

func (a *applier) applyUsers() error {
	have, err := a.p.Users()
	if err != nil {
		return err
	}
	members, err := a.p.Members(a.ctx)
	if err != nil {
		return err
	}
	for i := range have {
		a.known.add("user", strings.ToLower(have[i].Email), int64(have[i].ID))
	}
	for i := range a.file.Users {
		spec := &a.file.Users[i]
		at := fmt.Sprintf("users[%d]", i)
		j := slices.IndexFunc(have, func(u models.User) bool { return strings.EqualFold(u.Email, spec.Email) })
		u := models.User{Email: spec.Email, Locale: a.account.Locale}
		if j >= 0 {
			u = have[j]
		}
		d, err := a.fillUser(&u, spec, at)
		if err != nil {
			return err
		}
		if u.Name == "" || u.Role == "" {
			continue
		}
		if j < 0 || len(d) > 0 {
			if err := a.p.SaveUser(&u); err != nil {
				if err := a.conflict(err, at); err != nil {
					return err
				}
				continue
			}
		}
		if slices.Contains(d, "password") || slices.Contains(d, "role") || u.DisabledAt != nil {
			if err := a.p.EndSignIns(a.ctx, u.ID); err != nil {
				return err
			}
		}
		more, err := a.fillMember(&u, spec, at, members[u.ID])
		if err != nil {
			return err
		}
		a.known.add("user", strings.ToLower(u.Email), int64(u.ID))
		a.saved(j < 0, "user", u.Email, append(d, more...))
	}
	return nil
}

func (a *applier) fillUser(u *models.User, spec *UserSpec, at string) (diff, error) {
	var d diff
	set(&d, "name", &u.Name, spec.Name)
	set(&d, "role", &u.Role, spec.Role)
	set(&d, "locale", &u.Locale, orDefault(spec.Locale, a.account.Locale))
	if u.Name == "" {
		a.d.at(at, "name is missing")
	}
	if u.Role == "" {
		a.d.at(at, wantRole)
	}
	setPointer(&d, "phone", &u.Phone, spec.Phone)
	if spec.Disabled != nil && *spec.Disabled != (u.DisabledAt != nil) {
		u.DisabledAt = nil
		if *spec.Disabled {
			now := a.p.Now()
			u.DisabledAt = &now
		}
		d = append(d, "disabled")
	}
	if spec.PasswordEnv == "" {
		return d, nil
	}
	plain, ok := a.opts.Env(spec.PasswordEnv)
	switch {
	case (!ok || plain == "") && u.PasswordHash != nil:
		a.changed("kept", "password of", u.Email, spec.PasswordEnv+" is not set")
		return d, nil
	case !ok || plain == "":
		a.d.at(at+".password_env", "the environment variable %s is not set", spec.PasswordEnv)
		return d, nil
	}
	if u.PasswordHash != nil {
		if same, err := password.Verify(a.ctx, plain, *u.PasswordHash); err == nil && same {
			return d, nil
		}
	}
	if err := password.Check(plain); err != nil {
		a.d.at(at+".password_env", "the password in %s: %v", spec.PasswordEnv, err)
		return d, nil
	}
	hash, err := password.Hash(a.ctx, plain)
	if err != nil {
		return d, fmt.Errorf("hash a password: %w", err)
	}
	u.PasswordHash = &hash
	return append(d, "password"), nil
}

// fillMember makes the user belong to the queues the file names, if it names any.
func (a *applier) fillMember(u *models.User, spec *UserSpec, at string, have []models.QueueID) (diff, error) {
	if spec.Queues == nil {
		return nil, nil
	}
	want := make([]models.QueueID, 0, len(spec.Queues))
	for i, name := range spec.Queues {
		q := a.queues[name]
		if q == nil {
			a.d.at(fmt.Sprintf("%s.queues[%d]", at, i), "there is no queue %q in the account or the file", name)
			return nil, nil
		}
		want = append(want, q.ID)
	}
	for _, id := range have { // an archived queue has no name in files: its members stay
		if a.archived[id] {
			want = append(want, id)
		}
	}
	slices.Sort(want)
	want = slices.Compact(want)
	if slices.Equal(want, have) {
		return nil, nil
	}
	return diff{"queues"}, a.p.SetMember(a.ctx, u.ID, want)
}

func sortedKeys[T any](m map[string]T) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
