package store

import (
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// A claim carries an id for each message it may get: as text that pgx tries first, they were a seventh of what a worker allocated.
func TestUUIDsGoToPostgresAsTheBytesTheyAre(t *testing.T) {
	types := pgtype.NewMap()
	mapTypes(types)
	ids := make([]uuid.UUID, 32)
	for i := range ids {
		ids[i] = uuid.Must(uuid.NewV7())
	}
	var encoded []byte
	var err error
	each := testing.AllocsPerRun(100, func() {
		encoded, err = types.Encode(pgtype.UUIDArrayOID, pgtype.BinaryFormatCode, ids, encoded[:0])
	}) / float64(len(ids))
	if err != nil || each > 4 {
		t.Errorf("%.1f allocations an id, error %v; want no detour by text, which takes 20", each, err)
	}
	var back []uuid.UUID
	if err := types.Scan(pgtype.UUIDArrayOID, pgtype.BinaryFormatCode, encoded, &back); err != nil || len(back) != len(ids) || back[31] != ids[31] {
		t.Errorf("read back %d of %d ids, error %v", len(back), len(ids), err)
	}
}

// Migrations take as long as they take; everything else has time-outs, those of the address before ours.
func TestTimeoutsOfConnections(t *testing.T) {
	t.Parallel()
	params := map[string]string{"statement_timeout": "5"}
	hasten(params)
	if params["statement_timeout"] != "5" || params["idle_in_transaction_session_timeout"] != "20000" {
		t.Errorf("a connection has %v", params)
	}
	wait(params)
	if len(params) != 2 || params["statement_timeout"] != "0" || params["idle_in_transaction_session_timeout"] != "0" {
		t.Errorf("migrations have %v", params)
	}
}
