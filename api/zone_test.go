package api

import (
	"os"
	"testing"
	"time"
)

// TestMain lets the machine stand far from Greenwich: whatever its zone, answers tell times in UTC.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("far", 13*3600+45*60)
	os.Exit(m.Run())
}
