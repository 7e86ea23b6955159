package whatsapp

// Parse is the parser without the recover of Adapter.Parse, so that a panic
// shows in the tests.
var Parse = parse
