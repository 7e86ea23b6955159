package models

import "time"

// ChannelWhatsAppCloud is WhatsApp by Meta's Cloud API (rule 002).
const ChannelWhatsAppCloud = "whatsapp_cloud"

// Channel is what the core knows of a kind of provider, as data. What a channel can do with content its adapter says.
type Channel struct {
	Key    string
	Name   string // what people call it
	Window Window
	Fields []ChannelField // what its connections are set up with, in the order in which people enter it
}

// channelTable is the one table of channels.
var channelTable = []Channel{
	{Key: ChannelWhatsAppCloud, Name: "WhatsApp", Window: Window{Anybody: 24 * time.Hour}, Fields: whatsAppCloudFields},
}

// Channels lists all channels.
func Channels() []Channel { return append([]Channel(nil), channelTable...) }

// ChannelKeys lists the keys of all channels.
func ChannelKeys() []string {
	keys := make([]string, len(channelTable))
	for i, c := range channelTable {
		keys[i] = c.Key
	}
	return keys
}

// ChannelOf gives a channel by its key. One that the table does not have is called by its key and has no window.
func ChannelOf(key string) Channel {
	for _, c := range channelTable {
		if c.Key == key {
			return c
		}
	}
	return Channel{Key: key, Name: key}
}

// Window says for how long after a contact's message free-form content may be sent (rule 088). The zero value is no window:
// such content may always be sent.
type Window struct {
	Anybody time.Duration // people, flows and programs
	People  time.Duration // what people write themselves; never shorter than Anybody where it is set
}

// Exists tells whether the channel has a window at all.
func (w Window) Exists() bool { return w.Anybody > 0 }

// OpenAt tells whether free-form content of an origin may leave at t. expires is when the window of anybody ends; nil means
// that it never opened. The window ends WindowSafety before the provider's, so that a message on its way is not refused.
func (w Window) OpenAt(expires *time.Time, origin Origin, t time.Time) bool {
	if !w.Exists() {
		return true
	}
	if expires == nil {
		return false
	}
	end := *expires
	if origin == OriginAgent && w.People > w.Anybody {
		end = end.Add(w.People - w.Anybody)
	}
	return t.Before(end.Add(-WindowSafety))
}

// WindowSafety is kept free before the end of a window: the provider judges by its own clock, when the message arrives there.
const WindowSafety = time.Minute
