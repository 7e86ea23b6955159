package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // file:///folder
	_ "gocloud.dev/blob/s3blob"   // s3://bucket

	"github.com/perene/perene/activities"
	"github.com/perene/perene/channels"
	"github.com/perene/perene/channels/meta"
	"github.com/perene/perene/channels/whatsapp"
	"github.com/perene/perene/flow"
	"github.com/perene/perene/models"
)

// newAdapters makes the adapters by channel, and the judge of failed sends that their policy tables make.
func newAdapters(allowPrivate bool) (map[string]channels.Adapter, models.Judge) {
	adapters := map[string]channels.Adapter{
		models.ChannelWhatsAppCloud: whatsapp.New(meta.NewClient(meta.Options{AllowPrivate: allowPrivate})),
	}
	tables := map[string]*channels.PolicyTable{}
	for name, a := range adapters {
		tables[name] = a.Policies()
	}
	return adapters, channels.NewJudges(tables, rand.Float64)
}

// flowChannels are what flows can do, by channel.
func flowChannels(adapters map[string]channels.Adapter) map[string]flow.Capabilities {
	out := map[string]flow.Capabilities{}
	for name, a := range adapters {
		out[name] = activities.CapabilitiesToFlow(a.Capabilities())
	}
	return out
}

// openBucket opens where files are kept. A local folder is made if it is missing.
func openBucket(ctx context.Context, address string) (*blob.Bucket, error) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "file" && u.Scheme != "s3") {
		return nil, fmt.Errorf("PERENE_MEDIA_URL %q is neither file:///folder nor s3://bucket?region=…", address)
	}
	if u.Scheme == "file" {
		q := u.Query()
		q.Set("create_dir", "true")
		q.Set("no_tmp_dir", "true") // a rename across devices would not be one step
		q.Set("metadata", "skip")
		u.RawQuery = q.Encode()
		address = u.String()
	}
	b, err := blob.OpenBucket(ctx, address)
	if err != nil {
		return nil, fmt.Errorf("open the media store %s (PERENE_MEDIA_URL): %w", strings.SplitN(address, "?", 2)[0], err)
	}
	return b, nil
}
