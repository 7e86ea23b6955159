package main

import (
	"context"
	"time"

	"github.com/perene/perene/bench/rig"
)

// plan is what is done to a stack, and what is expected of it.
type plan struct {
	name, what string
	messages   int
	perSecond  float64
	people     int
	kills      int              // at least so many, of killed
	killed     []string         // processes that are killed in turn, by the seed
	frozen     []string         // processes that are stopped for 1 to 20 s now and then
	deployed   []string         // processes that are restarted in order now and then
	between    time.Duration    // mean pause between two of these
	faults     []map[string]any // of the simulator
	latency    map[string]any   // of the simulator
	statuses   bool             // the simulator tells what became of messages
	unknown    string           // how long a send of unknown outcome waits for a status
	devstack   []string         // more flags
	outage     string           // a process that is stopped for outageFor in the middle
	outageFor  time.Duration    //
	settle     time.Duration    // how long everything may take to come to rest
	special    func(context.Context, *campaign) error
	lostOK     bool // sends may stay unconfirmed
	orderOff   bool // replies are not compared one by one
	// strangers: people appear whom the simulator does not know, and so it takes their windows for closed.
	strangers bool
}

// scaled makes a plan smaller or longer.
func (p plan) scaled(o options) plan {
	if o.minutes > 0 && p.perSecond > 0 {
		p.messages = int(p.perSecond * o.minutes * 60)
	}
	p.messages = int(float64(p.messages) * o.scale)
	p.kills = int(float64(p.kills) * o.scale)
	p.outageFor = time.Duration(float64(p.outageFor) * o.scale)
	if p.settle == 0 {
		p.settle = 2 * time.Minute
	}
	return p
}

var everything = []string{rig.API, rig.Worker, rig.Temporal, rig.Postgres}

// lost lets a share of the answers of the simulator get lost after it took the message.
func lost(share float64) map[string]any {
	return map[string]any{"match": map[string]any{"probability": share, "seed": 1}, "action": map[string]any{"kind": "lost_answer", "how": "reset"}}
}

// refused lets a share of sends fail with a code, before they are taken.
func refused(share float64, code, seed int) map[string]any {
	return map[string]any{"match": map[string]any{"probability": share, "seed": seed}, "action": map[string]any{"kind": "error", "code": code}}
}

// plans are the procedures of reliability.md section 3.2 that can be run here, and smaller ones.
var plans = map[string]plan{
	"ci": {name: "ci", what: "2,000 messages at 20/s, 10 % duplicates, at least 20 kills of everything, freezes, deploys, 2 % lost answers",
		messages: 2000, perSecond: 20, people: 200, kills: 20, killed: everything, frozen: []string{rig.API, rig.Worker}, deployed: []string{rig.API, rig.Worker},
		between: 3500 * time.Millisecond, faults: []map[string]any{lost(.02)}, statuses: true, unknown: "20s", settle: 100 * time.Second, lostOK: true},
	"p1": {name: "P1", what: "10,000 messages of 500 people at 20/s, 10 % duplicates, at least 50 kills of everything",
		messages: 10_000, perSecond: 20, people: 500, kills: 50, killed: everything, between: 8 * time.Second, statuses: true, unknown: "20s", lostOK: true},
	"p2": {name: "P2", what: "5,000 sends, 5 % of the answers lost after acceptance, the worker killed now and then, statuses on",
		messages: 5000, perSecond: 30, people: 500, kills: 8, killed: []string{rig.Worker}, between: 15 * time.Second,
		faults: []map[string]any{lost(.05)}, statuses: true, unknown: "20s", lostOK: true},
	"p3": {name: "P3", what: "1,000 sends, 5 % of the answers lost, no statuses ever",
		messages: 1000, perSecond: 20, people: 250, faults: []map[string]any{lost(.05)}, unknown: "20s", lostOK: true, settle: 150 * time.Second},
	"p4": {name: "P4", what: "Graph slow (0 to 3 s), 10 % of the sends answered with 5xx before acceptance",
		messages: 1500, perSecond: 20, people: 300, latency: map[string]any{"fixed_ms": 50, "jitter_ms": 3000}, statuses: true, unknown: "20s", lostOK: true,
		faults: []map[string]any{{"match": map[string]any{"probability": .1, "seed": 4}, "action": map[string]any{"kind": "http", "status": 502, "body": "html"}}}},
	"p6": {name: "P6", what: "131049 storm: 30 % of the sends refused with the per-person cap; nothing may be sent again at once",
		messages: 600, perSecond: 20, people: 300, faults: []map[string]any{refused(.3, 131049, 6)}, statuses: true, unknown: "20s", lostOK: true, orderOff: true,
		special: checkCap},
	"p7": {name: "P7", what: "all orders of sent, delivered, read and failed, with repeats, over HTTP",
		people: 480, special: permutations, orderOff: true},
	"p9": {name: "P9", what: "20,000 messages of one person while workers are stopped",
		messages: 20_000, people: 1, special: flood, settle: 4 * time.Minute, orderOff: true},
	"p10": {name: "P10", what: "Temporal down for 10 minutes at 20 messages a second",
		messages: 14_400, perSecond: 20, people: 500, outage: rig.Temporal, outageFor: 10 * time.Minute, statuses: true, unknown: "20s", settle: 5 * time.Minute, lostOK: true},
	"p11": {name: "P11", what: "Postgres down for 5 minutes at 20 messages a second",
		messages: 8400, perSecond: 20, people: 500, outage: rig.Postgres, outageFor: 5 * time.Minute, statuses: true, unknown: "20s", settle: 5 * time.Minute, lostOK: true},
	"p15": {name: "P15", what: "the worker frozen for 20 s again and again while answers are slow",
		messages: 1500, perSecond: 15, people: 300, frozen: []string{rig.Worker}, between: 12 * time.Second, latency: map[string]any{"fixed_ms": 200, "jitter_ms": 800},
		statuses: true, unknown: "20s", lostOK: true},
	"p16": {name: "P16", what: "100,000 mutated, rightly signed bodies: no 5xx, nothing grows", messages: 100_000, people: 50, special: fuzz, orderOff: true, strangers: true},

	// Small ones that builds without a safeguard have to fail.
	"dedup": {name: "dedup", what: "300 messages with many duplicates", messages: 300, perSecond: 40, people: 60, statuses: true, settle: 15 * time.Second},
	"rings": {name: "rings", what: "300 messages while Temporal and the API are killed", messages: 300, perSecond: 25, people: 150, kills: 4,
		killed: []string{rig.API, rig.Temporal}, between: 2 * time.Second, statuses: true, settle: 25 * time.Second},
	"resends": {name: "resends", what: "300 messages, 10 % of the answers lost", messages: 300, perSecond: 40, people: 60, statuses: true,
		faults: []map[string]any{lost(.1)}, unknown: "20s", settle: 15 * time.Second, lostOK: true},
}
