package api

import (
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/flow/terminal"
	"github.com/perene/perene/models"
)

// closedList is a type of text whose values are known, as the contract declares it.
type closedList struct {
	values []string
	schema reflect.Type // stands for the type in the contract
}

// closedLists are the types whose values the contract lists wherever they occur. A test compares each list with the
// constants of its type. The console has a table with an entry for each value.
var closedLists = closeLists(
	list(channels.ElementKinds),
	list(models.AutoTexts),
	list(models.BroadcastParts),
	list(models.BroadcastReasons),
	list(models.BroadcastReplies),
	list(models.BroadcastStates),
	list(models.BulkActions),
	list(models.BulkJobStates),
	list(flow.Outcomes),
	list(flow.Reasons),
	list(flow.StartKinds),
	list(flow.WaitKinds),
	list(models.ContentKinds()),
	list(models.FilterFields),
	list(models.FilterOps),
	list(models.IdentityKinds),
	list(models.LeftOuts),
	list(models.NoteCodes),
	list(models.NotificationKinds),
	list(models.QuarantineCodes),
	list(models.ScheduledKinds),
	list(models.ScheduledStates),
	list(models.Sharings),
	list(models.WebhookKinds),
	list(models.WebhookEventNames),
	list(models.WebhookStates),
	list(models.DeliveryStates),
	list(terminal.Refusals),
)

type namedList struct {
	of reflect.Type
	closedList
}

// list closes T to values.
func list[T ~string](values []T) namedList {
	l := namedList{of: reflect.TypeFor[T](), closedList: closedList{schema: reflect.TypeFor[closed[T]]()}}
	for _, v := range values {
		l.values = append(l.values, string(v))
	}
	return l
}

func closeLists(lists ...namedList) map[reflect.Type]closedList {
	byType := make(map[reflect.Type]closedList, len(lists))
	for _, l := range lists {
		byType[l.of] = l.closedList
	}
	return byType
}

// closed describes T in the contract, because models and flow know nothing of contracts.
type closed[T ~string] struct{}

// Schema implements huma.SchemaProvider: a text with the values of T's list.
func (closed[T]) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString}
	for _, v := range closedLists[reflect.TypeFor[T]()].values {
		s.Enum = append(s.Enum, v)
	}
	s.PrecomputeMessages()
	return s
}
