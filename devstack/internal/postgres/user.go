package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/perene/perene/devstack/internal/process"
)

// unprivileged are the users that Postgres may run as when root starts it, best first.
var unprivileged = []string{"postgres", "nobody"}

// dropUser says who Postgres runs as: nil means the present user, which is
// right for everybody but root, whom Postgres refuses.
func dropUser() (*process.User, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range unprivileged {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil || uid == 0 {
			continue
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			continue
		}
		return &process.User{Name: name, UID: uint32(uid), GID: uint32(gid)}, nil
	}
	return nil, errors.New("as root Postgres needs another user to run as, and there is no user postgres or nobody: " +
		"start this as another user, or set DATABASE_URL")
}

// reachable says whether u may walk down to dir.
func reachable(dir string, u *process.User) (bool, error) {
	for at := dir; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return false, fmt.Errorf("look at %s: %w", at, err)
		}
		stat, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return false, fmt.Errorf("look at %s: its owner cannot be read", at)
		}
		mode := info.Mode().Perm()
		switch {
		case stat.Uid == u.UID && mode&0o100 != 0:
		case stat.Gid == u.GID && mode&0o010 != 0:
		case mode&0o001 != 0:
		default:
			return false, nil
		}
		if at == filepath.Dir(at) {
			return true, nil
		}
	}
}
