package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/perene/perene/contract"
	"github.com/perene/perene/store"
	"github.com/perene/perene/store/storetest"
)

// Whoever chooses a flow reads its surroundings while the delivery's transaction holds a connection. With every connection
// of the pool in such a transaction, none may be left waiting for another.
func TestReadsInsideTransactionsNeedNoConnectionOfThePool(t *testing.T) {
	f := storetest.NewFixture(t, storetest.New(t, store.Options{Now: at(noon), MaxConns: 2}), "side")
	flow := f.Publish(t, "Menu", `{}`)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	choose := func(ctx context.Context, q contract.StartQuestion) (*contract.StartAnswer, error) {
		if _, err := f.ReadFlowEnv(ctx, q.AccountID, q.Connection.ID); err != nil {
			return nil, err
		}
		if _, _, err := f.FlowGraph(ctx, q.AccountID, flow.VersionID); err != nil {
			return nil, err
		}
		return nil, nil
	}
	var group sync.WaitGroup
	for i := range 16 {
		group.Go(func() {
			d := delivery(storetest.Text(fmt.Sprintf("wamid.%d", i), fmt.Sprintf("55819888800%02d", i), "oi", noon))
			if _, err := f.Receive(ctx, f.Connection, d, choose); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := f.Count(t, `SELECT count(*) FROM messages`); n != 16 {
		t.Errorf("%d messages, want 16", n)
	}
}
