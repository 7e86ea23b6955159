package models

// View is one of the lists in which agents find conversations (rules 061 to 071).
type View string

// The views.
const (
	ViewAll      View = "all"      // Todos: everything that the viewer sees
	ViewOpen     View = "open"     // Abertos: not closed, of nobody or of the viewer's queues (Z1, Z2)
	ViewMine     View = "mine"     // Meus: the viewer is the agent
	ViewAttended View = "attended" // Em atendimento: there is an agent
	ViewSnoozed  View = "snoozed"  // Adiados
)

// Views are all of them, in the order of the console.
var Views = []View{ViewAll, ViewOpen, ViewMine, ViewAttended, ViewSnoozed}

// ListOrder is one of the orders of a list (rule 073).
type ListOrder string

// The orders.
const (
	OrderRecent       ListOrder = "recent"        // the newest message first
	OrderOldest       ListOrder = "oldest"        // the oldest newest message first
	OrderOpenedRecent ListOrder = "opened_recent" // the latest protocol first
	OrderOpenedOldest ListOrder = "opened_oldest" // the fair queue: the earliest protocol first (rule 075)
)

// ListOrders are all of them.
var ListOrders = []ListOrder{OrderRecent, OrderOldest, OrderOpenedRecent, OrderOpenedOldest}
