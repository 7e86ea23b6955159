package main

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/channels/whatsapp"
	"github.com/perene/perene/internal/blobs"
	"github.com/perene/perene/internal/config"
	"github.com/perene/perene/models"
)

// newAdapters makes the adapters by channel, and the judge of failed sends that their policy tables make.
func newAdapters(c config.Runtime) (map[string]channels.Adapter, models.Judge) {
	adapters := map[string]channels.Adapter{
		models.ChannelWhatsAppCloud: whatsapp.New(meta.NewClient(meta.Options{AllowPrivate: c.AllowPrivate(), Hosts: c.ProviderHosts()})),
	}
	tables := map[string]*channels.PolicyTable{}
	for name, a := range adapters {
		tables[name] = a.Policies()
	}
	return adapters, channels.NewJudges(tables, rand.Float64)
}

// openFiles opens where files are kept. A local folder is made if it is missing.
func openFiles(address string) (blobs.Store, error) {
	files, err := blobs.Open(address)
	if err != nil {
		return nil, fmt.Errorf("open the media store %s (PERENE_MEDIA_URL): %w", strings.SplitN(address, "?", 2)[0], err)
	}
	return files, nil
}
