// Package api is HTTP at the edge: it decodes, authorises, calls one store or workflow function and encodes. The contract
// is OpenAPI 3.1, generated from the input and output types here and checked in as openapi.json; errors are problem+json
// (RFC 9457); lists have cursors. Every operation declares one permission (permissions.go), and the API does not start if
// the contract and that table differ.
//
// Webhooks and the WebSocket are plain handlers beside the contract: webhooks.go and the package live.
package api
