package main

import (
	"context"
	"time"

	"github.com/perene/perene/bench/rig"
)

// plan is what is done to a stack, and what is expected of it.
type plan struct {
	name, what  string
	messages    int
	perSecond   float64
	people      int
	connections int                   // numbers that people write to; 1 by default
	flow        func() map[string]any // what answers; nil is one question again and again
	policies    map[string]any        // the account's changes of error policies
	duplicated  float64               // share of deliveries made twice; a tenth by default
	rate        int                   // what a number may send in a second; ratePerSecond by default
	recipients  int                   // of a campaign
	templates   bool                  // there are templates, though the flow sends none
	kills       int                   // at least so many, of killed
	killed      []string              // processes that are killed in turn, by the seed
	frozen      []string              // processes that are stopped now and then
	freeze      time.Duration         // for at most so long; 6 s by default
	deployed    []string              // processes that are restarted in order now and then
	between     time.Duration         // mean pause between two of these
	faults      []map[string]any      // of the simulator
	latency     map[string]any        // of the simulator
	statuses    bool                  // the simulator tells what became of messages
	unknown     string                // how long a send of unknown outcome waits for a status
	devstack    []string              // more flags; {data} is the data folder
	env         []string              // more variables of every process; likewise
	disks       map[string]int        // small disks of so many megabytes, mounted at these names in the data folder
	folders     []string              // folders in the data folder that every user may write to
	rollouts    int                   // deployments of another build
	slowdown    time.Duration         // what they may add to the slowest hundredth of the replies
	outage      string                // a process that is stopped for outageFor in the middle
	outageFor   time.Duration
	onlyStatus  []int         // no delivery may be answered otherwise
	slowest     time.Duration // p99 of acknowledgements, 0 for any
	settle      time.Duration // how long everything may take to come to rest
	lostOK      bool          // sends may stay unconfirmed
	unconfirmed float64       // at most this share of them, 0 for any; templates that never left are not counted
	flagged     time.Duration // how soon a send of unknown outcome is resolved or shown as unconfirmed, 0 for any
	orderOff    bool          // replies are not compared one by one
	// strangers: people appear whom the simulator does not know, and so it takes their windows for closed.
	strangers bool
	// instead is done in place of letting people write, during while they write, after when all invariants were looked at.
	instead, during, after func(context.Context, *campaign) error
}

// scaled makes a plan smaller or longer.
func (p plan) scaled(o options) plan {
	whole := p.messages
	if o.minutes > 0 && p.perSecond > 0 {
		p.messages = int(p.perSecond * o.minutes * 60)
	}
	if o.messages > 0 {
		p.messages = o.messages
	}
	p.messages = int(float64(p.messages) * o.scale)
	if whole > 0 && p.messages != whole {
		p.recipients = int(float64(p.recipients) * float64(p.messages) / float64(whole))
		p.kills = int(float64(p.kills) * float64(p.messages) / float64(whole))
		p.outageFor = time.Duration(float64(p.outageFor) * float64(p.messages) / float64(whole))
	}
	if p.settle == 0 {
		p.settle = 2 * time.Minute
	}
	if p.rate == 0 {
		p.rate = ratePerSecond
	}
	if p.connections == 0 {
		p.connections = 1
	}
	if p.duplicated == 0 {
		p.duplicated = .1
	}
	if p.freeze == 0 {
		p.freeze = 6 * time.Second
	}
	return p
}

// length is how long people write.
func (p plan) length() time.Duration {
	if p.perSecond == 0 {
		return 0
	}
	return time.Duration(float64(p.messages) / p.perSecond * float64(time.Second))
}

var everything = []string{rig.API, rig.Worker, rig.Temporal, rig.Postgres}

func fault(match, action map[string]any) map[string]any {
	return map[string]any{"match": match, "action": action}
}

// lost lets a share of the answers of the simulator get lost after it took the message.
func lost(share float64) map[string]any {
	return fault(map[string]any{"probability": share, "seed": 1, "path": "messages"}, map[string]any{"kind": "lost_answer", "how": "reset"})
}

// capSteps are the waits of 131049 in the plan P6, in seconds: one for each of 24, 48, 96 and 192 hours.
var capSteps = []int64{8, 16, 32, 64}

// plans are the procedures whose results docs/reliability.md lists, and smaller ones.
var plans = map[string]plan{
	"ci": {what: "2,000 messages at 20/s, 10 % duplicates, at least 20 kills of everything, freezes, deploys, 2 % lost answers, and agents at work on tickets",
		messages: 2000, perSecond: 20, people: 200, kills: 20, killed: everything, frozen: []string{rig.API, rig.Worker}, deployed: []string{rig.API, rig.Worker},
		between: 3500 * time.Millisecond, faults: []map[string]any{lost(.02)}, statuses: true, unknown: "20s", settle: 110 * time.Second, lostOK: true,
		during: workOnTickets, after: ticketsWhole},
	"p1": {what: "10,000 messages of 500 people at 20/s, 10 % duplicates, at least 50 kills of everything",
		messages: 10_000, perSecond: 20, people: 500, kills: 50, killed: everything, between: 8 * time.Second, statuses: true, unknown: "20s", lostOK: true},
	"p2": {what: "2,750 messages and 5,000 sends (texts and templates), 5 % of the answers lost after acceptance, the worker killed now and then, statuses on",
		messages: 2750, perSecond: 25, people: 500, kills: 8, killed: []string{rig.Worker}, between: 12 * time.Second, flow: mixedFlow,
		faults: []map[string]any{lost(.05)}, statuses: true, unknown: "20s", lostOK: true, unconfirmed: .001},
	"p3": {what: "1,000 messages and 1,750 sends (texts and templates), 5 % of the answers lost, no statuses ever, the usual wait of 120 s",
		messages: 1000, perSecond: 25, people: 250, faults: []map[string]any{lost(.05)}, flow: mixedFlow, lostOK: true,
		flagged: 150 * time.Second, settle: 10 * time.Minute}, // several in one conversation wait for each other
	"p4": {what: "one of four numbers slow (0 to 35 s) with 10 % of 5xx, then not answering: half of 10 minutes each; the others must not feel it",
		messages: 14_400, perSecond: 20, people: 400, connections: 4, statuses: true, unknown: "20s", lostOK: true, outageFor: 10 * time.Minute,
		slowest: 250 * time.Millisecond, settle: 6 * time.Minute, during: slowNumber, after: othersUnmoved},
	"p5": liveInCampaign,
	"p6": {what: "131049 storm: 30 % of marketing templates refused with the per-person cap, its steps of 24, 48, 96 hours compressed to seconds",
		messages: 600, perSecond: 20, people: 300, statuses: true, unknown: "20s", lostOK: true, orderOff: true, flow: marketingFlow,
		policies: map[string]any{"131049": map[string]any{"steps": capSteps, "factor": 1, "max_wait": capSteps[len(capSteps)-1], "max_retries": len(capSteps)}},
		faults: []map[string]any{
			fault(map[string]any{"probability": .15, "seed": 6, "template": marketingTemplate}, map[string]any{"kind": "error", "code": 131049}),
			fault(map[string]any{"probability": .18, "seed": 7, "template": marketingTemplate}, map[string]any{"kind": "status", "code": 131049})},
		after: checkCap},
	"p7":  {what: "all orders of sent, delivered, read and failed, with repeats, over HTTP", people: 480, instead: permutations, orderOff: true},
	"p7n": {what: "as p7, and failed statuses carry no reason: nothing may be sent again", people: 480, instead: permutationsWithoutReason, orderOff: true},
	"p8":  rolling,
	"p9": {what: "20,000 messages of one person while workers are stopped; every workflow continues as new after 50 steps",
		messages: 20_000, people: 1, instead: flood, flow: countingFlow, env: []string{"PERENE_CONTINUE_AFTER=50"}, settle: 4 * time.Minute, orderOff: true},
	"p10": {what: "Temporal down for 10 minutes at 20 messages a second", messages: 14_400, perSecond: 20, people: 500,
		outage: rig.Temporal, outageFor: 10 * time.Minute, onlyStatus: []int{200}, slowest: 250 * time.Millisecond, statuses: true, unknown: "20s", settle: 5 * time.Minute, lostOK: true},
	"p11": {what: "Postgres down for 5 minutes at 20 messages a second", messages: 8400, perSecond: 20, people: 500,
		outage: rig.Postgres, outageFor: 5 * time.Minute, onlyStatus: []int{200, 503}, statuses: true, unknown: "20s", settle: 5 * time.Minute, lostOK: true},
	"p12": {what: "Temporal's calls to its own database fail: of writes 5 % by Timeout, 5 % by ExecuteAndTimeout, 10 % by ResourceExhausted, of reads 5 % each; 10,000 messages",
		messages: 10_000, perSecond: 20, people: 500, devstack: []string{"--temporal-faults", "chaos/temporal-faults.json"}, statuses: true, unknown: "20s", settle: 3 * time.Minute, lostOK: true, after: countFaults},
	"p13": fullDisk,
	"p14": jumps,
	"p15": {what: "the worker frozen for up to 20 s again and again while answers are slow",
		messages: 1500, perSecond: 15, people: 300, frozen: []string{rig.Worker}, freeze: 20 * time.Second, between: 12 * time.Second,
		latency: map[string]any{"fixed_ms": 200, "jitter_ms": 800}, statuses: true, unknown: "20s", lostOK: true},
	"p16": {what: "100,000 rightly signed bodies, 19 of 20 mutated: no 5xx, nothing grows, and the quarantine holds what is no JSON",
		messages: 100_000, people: 5000, instead: fuzz, orderOff: true, strangers: true, statuses: true, unknown: "20s", settle: 8 * time.Minute},
	"p17":  backupAndRestore,
	"p19":  powerCuts,
	"live": outboxLost,

	// Small ones that builds without a safeguard have to fail.
	"dedup": {what: "300 messages with many duplicates", messages: 300, perSecond: 40, people: 60, duplicated: .5, statuses: true, settle: 15 * time.Second},
	"rings": {what: "300 messages while Temporal and the API are killed", messages: 300, perSecond: 25, people: 150, kills: 4,
		killed: []string{rig.API, rig.Temporal}, between: 2 * time.Second, statuses: true, settle: 25 * time.Second},
	"clocks": jumpBack,
	"resends": {what: "300 messages, 10 % of the answers lost", messages: 300, perSecond: 40, people: 60, statuses: true,
		faults: []map[string]any{lost(.1)}, unknown: "20s", settle: 30 * time.Second, lostOK: true},
}
