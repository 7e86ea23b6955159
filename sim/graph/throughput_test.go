//go:build unix

package graph

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// BenchmarkSend drives messages over loopback HTTP with statuses delivered back in batches, and reports
// messages a second and the CPU time of the whole process (client, simulator and receiver) per message.
func BenchmarkSend(b *testing.B) {
	for _, mode := range []LedgerMode{LedgerBuffered, LedgerWrite} {
		b.Run(string(mode), func(b *testing.B) {
			business := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.WriteHeader(http.StatusOK)
			}))
			defer business.Close()
			settings := BenchSettings()
			s, err := New(Config{Seed: testSeed(business.URL), Settings: &settings, LedgerMode: mode, LedgerFile: filepath.Join(b.TempDir(), "ledger.jsonl")})
			if err != nil {
				b.Fatal(err)
			}
			for i := range 500 {
				s.mu.Lock()
				p := s.personByPhone(fmt.Sprintf("55119%08d", i))
				s.numbers[testNumber].pair(p.ID).LastInbound = time.Now()
				s.mu.Unlock()
			}
			api := httptest.NewServer(http.StripPrefix("/graph", s))
			defer api.Close()
			client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
			var next atomic.Int64
			before := cpu()
			b.ResetTimer()
			b.SetParallelism(16)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := next.Add(1)
					msg := fmt.Sprintf(`{"messaging_product":"whatsapp","to":"55119%08d","type":"text","text":{"body":"Mensagem de teste %d"},"biz_opaque_callback_data":"attempt-%d"}`, i%500, i, i)
					req, _ := http.NewRequest(http.MethodPost, api.URL+messagesPath, bytes.NewReader([]byte(msg)))
					req.Header.Set("Authorization", "Bearer "+testToken)
					res, err := client.Do(req)
					if err != nil {
						b.Error(err)
						return
					}
					_, _ = io.Copy(io.Discard, res.Body)
					_ = res.Body.Close()
					if res.StatusCode != 200 {
						b.Errorf("HTTP %d", res.StatusCode)
						return
					}
				}
			})
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "messages/s")
			b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/message")
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

func cpu() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
