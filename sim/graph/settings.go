package graph

// Settings steer how the simulator behaves; every part can be changed while it runs (PUT /control/settings).
// Durations are in milliseconds, shares between 0 and 1.
type Settings struct {
	Latency  Latency         `json:"latency"`
	Throttle Throttle        `json:"throttle"`
	Statuses StatusSettings  `json:"statuses"`
	Webhooks WebhookSettings `json:"webhooks"`
	// WindowErrors says how a free-form message outside the 24 h window ends: "status" (accepted,
	// then failed with 131047, as Meta does) or "http" (refused at once).
	WindowErrors string `json:"window_errors"`
	// FetchLinks makes the simulator fetch media that is sent by link, as Meta does; what cannot be
	// fetched ends with 131053.
	FetchLinks bool `json:"fetch_links"`
	// FreeService is how many service messages a number delivers free of charge per month.
	FreeService int `json:"free_service_per_month"`
	// TemplateReviewMS is how long a new template stays PENDING before it is approved; below zero it
	// waits for the control API.
	TemplateReviewMS int `json:"template_review_ms"`
	// ImplicitPeople lets every plausible phone number be a WhatsApp user; otherwise only registered people are.
	ImplicitPeople bool `json:"implicit_people"`
}

// Latency is added to every Graph answer.
type Latency struct {
	FixedMS  int `json:"fixed_ms"`
	JitterMS int `json:"jitter_ms"` // uniform, on top
}

// Throttle switches Meta's rate limits.
type Throttle struct {
	Number bool `json:"number"` // 80 messages a second per number: 130429
	Pair   bool `json:"pair"`   // burst of 45, then one per 6 s to the same person: 131056
}

// StatusSettings say which statuses follow a message to a person who has no simulated handset, and how
// statuses reach the business at all.
type StatusSettings struct {
	Mode         string  `json:"mode"` // "normal" or "off"
	SentMS       int     `json:"sent_ms"`
	DeliveredMS  int     `json:"delivered_ms"` // after sent; below zero: never
	ReadMS       int     `json:"read_ms"`      // after delivered; below zero: never
	Duplicates   float64 `json:"duplicates"`   // share of statuses that are sent again, up to three times
	Shuffle      float64 `json:"shuffle"`      // share of messages whose statuses come in random order
	BeforeAnswer float64 `json:"before_answer"`
}

// WebhookSettings steer the delivery of webhooks.
type WebhookSettings struct {
	Paused       bool    `json:"paused"`
	Concurrency  int     `json:"concurrency"` // deliveries in flight per address
	TimeoutMS    int     `json:"timeout_ms"`
	BatchMax     int     `json:"batch_max"`       // updates per delivery (1: no batches)
	BatchMS      int     `json:"batch_ms"`        // how long a batch waits for company
	RetryBaseMS  int     `json:"retry_base_ms"`   // first pause after a refusal; doubles each time
	RetryCapMS   int     `json:"retry_cap_ms"`    // longest pause
	RetryForMS   int64   `json:"retry_for_ms"`    // then the delivery is dropped (Meta: 7 days)
	TimeFactor   float64 `json:"time_factor"`     // multiplies the pauses: 0.01 compresses a day into 15 minutes
	Duplicates   float64 `json:"duplicates"`      // share of deliveries that are made twice
	Concurrent   float64 `json:"concurrent"`      // share of those duplicates that are made at the same moment
	LostAcks     float64 `json:"lost_acks"`       // share of acknowledged deliveries that are treated as refused
	Reorder      float64 `json:"reorder"`         // share of deliveries that wait up to ReorderMS first
	ReorderMS    int     `json:"reorder_ms"`      //
	MaxPending   int     `json:"max_pending"`     // beyond it the oldest waiting delivery is dropped
	PlainUnicode bool    `json:"plain_unicode"`   // do not escape non-ASCII (Meta escapes)
	WrongSecret  bool    `json:"wrong_signature"` // sign with another secret
}

// DefaultSettings are Meta's own habits, with short pauses.
func DefaultSettings() Settings {
	return Settings{
		Throttle: Throttle{Number: true, Pair: true},
		Statuses: StatusSettings{Mode: "normal", SentMS: 120, DeliveredMS: 250, ReadMS: -1},
		Webhooks: WebhookSettings{
			Concurrency: 16, TimeoutMS: 20_000, BatchMax: 1, BatchMS: 20,
			RetryBaseMS: 1_000, RetryCapMS: 3_600_000, RetryForMS: 7 * 24 * 3_600_000, TimeFactor: 1,
			ReorderMS: 500, MaxPending: 200_000,
		},
		WindowErrors: "status", FetchLinks: true, FreeService: 1000, TemplateReviewMS: 2_000, ImplicitPeople: true,
	}
}

// BenchSettings are for load: no limits, no fetching, statuses at once, batched webhooks.
func BenchSettings() Settings {
	s := DefaultSettings()
	s.Throttle = Throttle{}
	s.FetchLinks = false
	s.Statuses.SentMS, s.Statuses.DeliveredMS = 0, 0
	s.Webhooks.BatchMax, s.Webhooks.BatchMS, s.Webhooks.Concurrency = 50, 20, 8
	return s
}
