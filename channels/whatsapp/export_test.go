package whatsapp

// Parse is the parser without the recover of ParseWebhook, so that a panic
// shows in the tests.
var Parse = parse
