package temporal

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/server/common/authorization"
	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/temporal"

	"github.com/perene/perene/devstack/internal/ports"
)

// Options say what server is wanted. All of it listens on 127.0.0.1.
type Options struct {
	// DatabaseURL names the Postgres server; the database in it is not used.
	DatabaseURL        string
	Database           string
	VisibilityDatabase string
	Namespace          string
	// Port of the frontend, WebPort of Temporal Web, MetricsPort of Prometheus.
	Port, WebPort, MetricsPort int
	// Socket is a path at which the frontend serves beside its port; empty: only there.
	Socket string
	// Shards is the number of history shards; it cannot be changed once there is data.
	Shards int
	// Partitions of every task queue.
	Partitions       int
	SearchAttributes SearchAttributes
	// Dynamic overrides the dynamic configuration of limits.
	Dynamic map[string]any
	// Faults of its own database, drawn by FaultSeed: for tests only.
	Faults    Faults
	FaultSeed int64
	// AllMetrics records also what each turn records and hardly anybody reads.
	AllMetrics bool
	// LogLevel is debug, info, warn or error.
	LogLevel string

	recent *recent // a test counts its answers
}

const host = "127.0.0.1"

// Run serves until ctx ends. ready is called when the namespace, its search
// attributes and Temporal Web can be used.
func Run(ctx context.Context, opts Options, ready func()) error {
	logger := log.NewZapLogger(log.BuildZapLogger(log.Config{Stdout: false, Level: opts.LogLevel}))
	if err := setUpSchemas(ctx, opts, logger); err != nil {
		return err
	}
	server, err := newServer(opts, logger)
	if err != nil {
		return fmt.Errorf("configure Temporal: %w", err)
	}
	if err := server.Start(); err != nil {
		return fmt.Errorf("start Temporal: %w", err)
	}
	// Stop may not return while the database is gone; all state is in the
	// database, so that leaving without it loses nothing.
	defer within(5*time.Second, func() { _ = server.Stop() })

	if err := prepare(ctx, opts, logger); err != nil {
		return err
	}
	web, err := startWeb(ctx, WebOptions{Port: opts.WebPort, Address: opts.address(), Namespace: opts.Namespace})
	if err != nil {
		return err
	}
	defer web()
	ready()
	<-ctx.Done()
	return nil
}

func (o Options) address() string { return net.JoinHostPort(host, strconv.Itoa(o.Port)) }

func within(limit time.Duration, do func()) {
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	select {
	case <-done:
	case <-time.After(limit):
	}
}

// prepare makes the namespace through the frontend.
func prepare(ctx context.Context, opts Options, logger log.Logger) error {
	c, err := client.NewLazyClient(client.Options{
		HostPort: opts.address(), Namespace: opts.Namespace, Logger: sdklog.Logger(log.NewSdkLogger(logger)),
	})
	if err != nil {
		return fmt.Errorf("make a Temporal client: %w", err)
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := untilHealthy(ctx, c); err != nil {
		return err
	}
	return EnsureNamespace(ctx, c, opts.Namespace, opts.SearchAttributes)
}

func untilHealthy(ctx context.Context, c client.Client) error {
	for {
		_, err := c.CheckHealth(ctx, &client.CheckHealthRequest{})
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for Temporal's frontend: %w", errors.Join(err, ctx.Err()))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// limits are the dynamic configuration; every value is here for a reason.
func limits(opts Options) dynamicconfig.StaticClient {
	values := dynamicconfig.StaticClient{
		// SQL keeps ids in VARCHAR(255): longer ones must be refused, not cut.
		dynamicconfig.MaxIDLengthLimit.Key(): 255,
		// A worker that shuts down is given no more tasks.
		dynamicconfig.MakeKey("frontend.enableCancelWorkerPollsOnShutdown"): true,
		// Exact order and exact rates in the send queues, less work for the rest.
		dynamicconfig.MatchingNumTaskqueueReadPartitions.Key():  opts.Partitions,
		dynamicconfig.MatchingNumTaskqueueWritePartitions.Key(): opts.Partitions,
		// What is remembered of workflows: their states, some 45 kB each, and which run is the present one, a place each. That is
		// 1,500 workflows, as many as a worker keeps; the others are read again when they are woken, with two more commits.
		dynamicconfig.HistoryCacheHostLevelMaxSize.Key(): 3000,
		// Events that may be asked for again, such as the outcome of an update; this is what they take encoded, in memory they are
		// larger. What other clusters would ask for is not kept, there are none.
		dynamicconfig.EventsCacheMaxSizeBytes.Key(): 32 << 10, // each shard
		dynamicconfig.XDCCacheMaxSizeBytes.Key():    0,
		// Its defaults are for machines with many cores: 2,200 goroutines that wait for tasks of queues, each with the stack of the
		// deepest it ever did, which every collection of garbage scans. Ten connections to Postgres keep no more than these busy.
		dynamicconfig.TransferProcessorSchedulerWorkerCount.Key():    16,
		dynamicconfig.TimerProcessorSchedulerWorkerCount.Key():       16,
		dynamicconfig.MemoryTimerProcessorSchedulerWorkerCount.Key(): 8,
		dynamicconfig.VisibilityProcessorSchedulerWorkerCount.Key():  8,
		// Another cluster to copy to there is none.
		dynamicconfig.ReplicationProcessorSchedulerWorkerCount.Key():            1,
		dynamicconfig.ReplicationLowPriorityProcessorSchedulerWorkerCount.Key(): 1,
		// Nothing of ours is stored outside, so that no event need be searched for references to it.
		dynamicconfig.ExternalPayloadsEnabled.Key(): false,
		// One process on one machine: the limits that protect a shared cluster
		// would only hide what the machine can do.
		dynamicconfig.FrontendRPS.Key():                                  10000,
		dynamicconfig.FrontendMaxNamespaceRPSPerInstance.Key():           10000,
		dynamicconfig.FrontendMaxNamespaceVisibilityRPSPerInstance.Key(): 200,
		// They count only what comes by wire, before a service serves in memory: direct.go leaves them away.
		dynamicconfig.MatchingRPS.Key(): 10000,
		dynamicconfig.HistoryRPS.Key():  20000,
		// 0: calls of the database go past no limiter at all. Each of them had taken fifteen tokens and more, of limits that nothing reaches with ten
		// connections. Where history asks for these numbers otherwise, 0 is "no limit", too: for the readers of its queues, which
		// read 100,000 times a second at most. Its limit of tasks would stand still, but is off unless it is asked for
		// (history.taskSchedulerEnableRateLimiter; who does so sets history.taskSchedulerMaxQPS as well).
		dynamicconfig.FrontendPersistenceMaxQPS.Key(): 0,
		dynamicconfig.HistoryPersistenceMaxQPS.Key():  0,
		dynamicconfig.MatchingPersistenceMaxQPS.Key(): 0,
		// It averages the time and the errors of the last calls, for a limiter that follows them, which is off, and for DeepHealthCheck,
		// which nobody here calls.
		dynamicconfig.PersistenceHealthSignalMetricsEnabled.Key(): false,
	}
	for name, value := range opts.Dynamic {
		values[dynamicconfig.MakeKey(name)] = value
	}
	return values
}

func newServer(opts Options, logger log.Logger) (temporal.Server, error) {
	inner, err := ports.Free(3)
	if err != nil {
		return nil, err
	}
	grpc := map[primitives.ServiceName]int{
		primitives.FrontendService: opts.Port,
		primitives.HistoryService:  inner[0],
		primitives.MatchingService: inner[1],
		primitives.WorkerService:   inner[2],
	}
	services := map[string]config.Service{}
	hosts := map[primitives.ServiceName]static.Hosts{}
	for name, port := range grpc {
		services[string(name)] = config.Service{RPC: config.RPC{GRPCPort: port, BindOnLocalHost: true}}
		// One process has no members to find: without gossip a restart does not
		// wait for the ghosts of its predecessor.
		hosts[name] = static.SingleLocalHost(net.JoinHostPort(host, strconv.Itoa(port)))
	}
	off := config.ArchivalNamespaceDefaults{
		History:    config.HistoryArchivalNamespaceDefaults{State: "disabled"},
		Visibility: config.VisibilityArchivalNamespaceDefaults{State: "disabled"},
	}
	cfg := &config.Config{
		Global: config.Global{
			Membership: config.Membership{MaxJoinDuration: 30 * time.Second, BroadcastAddress: host},
			Metrics: &metrics.Config{Prometheus: &metrics.PrometheusConfig{
				ListenAddress: net.JoinHostPort(host, strconv.Itoa(opts.MetricsPort)), HandlerPath: "/metrics",
			}},
		},
		Persistence: config.Persistence{
			DefaultStore: "main", VisibilityStore: "visibility",
			NumHistoryShards: int32(opts.Shards),
			DataStores: map[string]config.DataStore{
				// A connection costs Postgres some 5 MB; on one machine ten keep its processors busy.
				"main":       {CustomDataStoreConfig: &config.CustomDatastoreConfig{Name: "perene"}, FaultInjection: opts.Faults.config(opts.FaultSeed)},
				"visibility": {SQL: datastore(opts.DatabaseURL, opts.VisibilityDatabase, 3)},
			},
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10, MasterClusterName: "active", CurrentClusterName: "active",
			ClusterInformation: map[string]cluster.ClusterInformation{
				"active": {Enabled: true, InitialFailoverVersion: 1, RPCAddress: opts.address()},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services:            services,
		// The words of customers are not in histories, and the business history
		// is in Postgres: nothing is archived.
		Archival: config.Archival{
			History:    config.HistoryArchival{State: "disabled"},
			Visibility: config.VisibilityArchival{State: "disabled"},
		},
		NamespaceDefaults: config.NamespaceDefaults{Archival: off},
		PublicClient:      config.PublicClient{HostPort: opts.address()},
	}
	if opts.recent == nil {
		opts.recent = newRecent()
	}
	handler, err := metrics.MetricsHandlerFromConfig(logger, cfg.Global.Metrics)
	if err != nil {
		return nil, err
	}
	if !opts.AllMetrics {
		handler = sparingly(handler)
	}
	near := direct{socket: socket(opts.Socket)}
	return temporal.NewServerFx(near.module(),
		temporal.WithClientFactoryProvider(clients{direct: &near}),
		temporal.WithCustomDataStoreFactory(stores{database: *datastore(opts.DatabaseURL, opts.Database, 10), recent: opts.recent}),
		temporal.WithConfig(cfg),
		temporal.WithCustomMetricsHandler(handler),
		temporal.ForServices(temporal.DefaultServices),
		temporal.WithStaticHosts(hosts),
		temporal.WithLogger(logger),
		temporal.WithAuthorizer(authorization.NewNoopAuthorizer()),
		temporal.WithClaimMapper(func(*config.Config) authorization.ClaimMapper { return authorization.NewNoopClaimMapper() }),
		temporal.WithDynamicConfigClient(limits(opts)),
	)
}

// Healthy asks Temporal Web on a port of this machine whether it serves; it
// does so only after everything behind it is ready.
func Healthy(ctx context.Context, port int) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(host, strconv.Itoa(port))+"/healthz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("ask Temporal Web: it answered %s", response.Status)
	}
	return nil
}
