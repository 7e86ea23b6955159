package process

import (
	"errors"
	"io"
	"os"
	"strings"
)

// logLimit is the size in bytes from which a log is set aside at the next start.
const logLimit = 20 << 20

// LastLine is the last line of a log that is not empty, cut to 300 bytes.
func LastLine(path string) string {
	lines := LastLines(path, 1)
	if len(lines) == 0 {
		return ""
	}
	line := lines[0]
	if len(line) > 300 {
		line = line[:300] + "…"
	}
	return line
}

// LastLines are the last n lines of a log that are not empty, oldest first.
func LastLines(path string, n int) []string {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }()
	const tail = 16 << 10
	if size, err := f.Seek(0, io.SeekEnd); err == nil {
		_, _ = f.Seek(max(0, size-tail), io.SeekStart)
	}
	text, err := io.ReadAll(f)
	if err != nil {
		return nil
	}
	var lines []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines[max(0, len(lines)-n):]
}

// SetAside renames a log that has grown past 20 MB to NAME.old.
func SetAside(path string) error {
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Size() < logLimit {
		return nil
	}
	return os.Rename(path, path+".old")
}
