// Package graph plays Meta: the WhatsApp Business Cloud API as a business sees it over HTTP.
//
// It accepts what Meta accepts, refuses what Meta refuses with Meta's own codes and bodies, and sends
// signed webhooks with Meta's redelivery. It has types of its own and shares no code with the
// program under test, so that a misunderstanding cannot be on both sides of the wire.
//
// What is simulated and how it is steered (the control API) is described in sim/README.md.
package graph
