package clock

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// Shifted is the system's clock moved by the duration that a file holds ("2h", "-25h"; no file is none). Whoever changes the
// file lets the clock jump. It is for tests of what a wrong clock does.
func Shifted(path string) func() time.Time {
	var mu sync.Mutex
	var by time.Duration
	var read time.Time
	return func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		if time.Since(read) > 20*time.Millisecond {
			read = time.Now()
			by = 0
			if text, err := os.ReadFile(path); err == nil {
				if by, err = time.ParseDuration(strings.TrimSpace(string(text))); err != nil {
					panic(fmt.Sprintf("%s holds no duration: %v", path, err)) // of a test
				}
			}
		}
		return time.Now().Round(0).Add(by) // without the monotonic reading, as a clock that was set
	}
}
