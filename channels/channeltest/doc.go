// Package channeltest is the conformance suite of the port: every adapter runs
// it in ten lines (see whatsapp/conformance_test.go).
//
// It feeds the adapter payload files and compares what comes out with files
// beside them, sends every kind and compares the request with what the provider
// documents, plays every fault by name, forges signatures and mutates bodies.
// The provider is a stub on loopback with types of its own; a request to any
// other host fails the test.
//
// SocketSuite and PollingSuite are for adapters that hold sockets or poll. Their
// provider brings messages again until they are acknowledged.
//
// UPDATE_GOLDEN=1 writes the expected files of webhooks anew; read the diff.
package channeltest
