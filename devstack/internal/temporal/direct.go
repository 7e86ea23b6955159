package temporal

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"

	"go.temporal.io/server/api/historyservice/v1"
	"go.temporal.io/server/api/matchingservice/v1"
	"go.temporal.io/server/chasm"
	serverclient "go.temporal.io/server/client"
	"go.temporal.io/server/common"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/membership"
	"go.temporal.io/server/common/metrics"
	"go.temporal.io/server/common/persistence/serialization"
	"go.temporal.io/server/common/pprof"
	"go.temporal.io/server/common/primitives"
	"go.temporal.io/server/common/resource"
	"go.temporal.io/server/common/rpc"
	"go.temporal.io/server/common/rpc/interceptor"
	"go.temporal.io/server/common/testing/testhooks"
	"go.temporal.io/server/service"
	"go.temporal.io/server/service/history"
	"go.temporal.io/server/service/history/replication"
	"go.temporal.io/server/service/matching"
	"go.temporal.io/server/temporal"
	"go.uber.org/fx"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// direct lets the services of one process call history and matching in memory (ADR 48). They are the
// same calls with the same interceptors on both sides but for limits, without the wire between them: a message is
// copied instead of encoded, and the handler runs in its caller's goroutine instead of four that wake
// each other. Streams, and what comes before a service serves or after it stopped, take the wire.
type direct struct {
	history, matching server
	socket            socket
}

// server is one of the services that can be called in memory.
type server struct {
	handler atomic.Pointer[handler] // nil: it does not serve
}

// handler is what a service does with a call, by the method's full name.
type handler struct {
	service any
	methods map[string]grpc.MethodDesc
	chain   grpc.UnaryServerInterceptor
}

// module is Temporal's own (temporal.TopLevelModule) with two services that say when they serve.
func (d *direct) module() fx.Option {
	return fx.Options(
		fx.Provide(
			temporal.NewServerFxImpl,
			temporal.ServerOptionsProvider,
			resource.ArchivalMetadataProvider,
			temporal.TaskCategoryRegistryProvider,
			d.historyService,
			d.matchingService,
			d.socket.frontendService,
			temporal.InternalFrontendServiceProvider,
			temporal.WorkerServiceProvider,
			temporal.ApplyClusterMetadataConfigProvider,
		),
		dynamicconfig.Module,
		pprof.Module,
		temporal.TraceExportModule,
		chasm.Module,
		serialization.Module,
		temporal.FxLogAdapter,
		fx.Invoke(temporal.ServerLifetimeHooks),
	)
}

// historyService is temporal.HistoryServiceProvider with the short way.
func (d *direct) historyService(params temporal.ServiceProviderParamsCommon) (temporal.ServicesGroupOut, error) {
	app := fx.New(
		params.GetCommonServiceOptions(primitives.HistoryService),
		history.QueueModule, history.Module, replication.Module,
		fx.Invoke(func(lc fx.Lifecycle, h *history.Handler, p service.GrpcServerOptionsParams) {
			d.history.serveDuring(lc, h, &historyservice.HistoryService_ServiceDesc, interceptors(p))
		}),
	)
	return temporal.NewService(app, primitives.HistoryService, params.Logger), app.Err()
}

// matchingService is temporal.MatchingServiceProvider with the short way.
func (d *direct) matchingService(params temporal.ServiceProviderParamsCommon) (temporal.ServicesGroupOut, error) {
	app := fx.New(
		params.GetCommonServiceOptions(primitives.MatchingService),
		matching.Module,
		fx.Invoke(func(lc fx.Lifecycle, h *matching.Handler, p service.GrpcServerOptionsParams) {
			d.matching.serveDuring(lc, h, &matchingservice.MatchingService_ServiceDesc, interceptors(p))
		}),
	)
	return temporal.NewService(app, primitives.MatchingService, params.Logger), app.Err()
}

// serveDuring makes a service callable from when all hooks before it have started until they are about to stop.
func (s *server) serveDuring(lc fx.Lifecycle, impl any, desc *grpc.ServiceDesc, list []grpc.UnaryServerInterceptor) {
	h := &handler{service: impl, methods: map[string]grpc.MethodDesc{}, chain: chain(list)}
	for _, m := range desc.Methods {
		h.methods["/"+desc.ServiceName+"/"+m.MethodName] = m
	}
	lc.Append(fx.Hook{
		OnStart: func(context.Context) error { s.handler.Store(h); return nil },
		OnStop:  func(context.Context) error { s.handler.Store(nil); return nil },
	})
}

// interceptors are those of Temporal's service.GrpcServerOptionsProvider, in its order; a test fails when that gets more of them.
// The limits of rates are left away: what the frontend has let in need not be counted twice more at each call, for all and for its
// namespace, against limits that protect hosts of a cluster from one another.
func interceptors(p service.GrpcServerOptionsParams) []grpc.UnaryServerInterceptor {
	list := []grpc.UnaryServerInterceptor{
		p.ServiceErrorInterceptor.Intercept,
		metrics.NewServerMetricsContextInjectorInterceptor(),
		metrics.NewServerMetricsTrailerPropagatorInterceptor(p.Logger),
		p.TelemetryInterceptor.UnaryIntercept,
	}
	list = append(list, p.AdditionalInterceptors...)
	if p.ContextMetadataInterceptor != nil {
		list = append(list, p.ContextMetadataInterceptor.Intercept)
	}
	return append(list, p.RetryableInterceptor.Intercept)
}

// chain makes one interceptor of several; the first is the outermost.
func chain(list []grpc.UnaryServerInterceptor) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, last grpc.UnaryHandler) (any, error) {
		next := last
		for _, one := range slices.Backward(list) {
			inner := next
			next = func(ctx context.Context, req any) (any, error) { return one(ctx, req, info, inner) }
		}
		return next(ctx, req)
	}
}

// intercept takes a call out of its connection's hands while the service serves in this process.
func (s *server) intercept(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, wire grpc.UnaryInvoker, opts ...grpc.CallOption) error {
	h := s.handler.Load()
	if h == nil {
		return wire(ctx, method, req, reply, conn, opts...)
	}
	m, known := h.methods[method]
	if !known { // a service beside the main one, such as health
		return wire(ctx, method, req, reply, conn, opts...)
	}
	sent, _ := metadata.FromOutgoingContext(ctx)
	stream := &stream{method: method}
	// Contexts made from inner find this one, so that none of them needs a goroutine to watch its caller's.
	inner, done := context.WithCancel(apart{ctx})
	defer done()
	inner = grpc.NewContextWithServerTransportStream(metadata.NewIncomingContext(inner, maps.Clone(sent)), stream)
	answer, err := m.Handler(h.service, inner, func(in any) error {
		return hand(in, req)
	}, h.chain)
	for _, o := range opts {
		if t, is := o.(grpc.TrailerCallOption); is {
			*t.TrailerAddr = stream.trailer
		}
	}
	if err != nil {
		return err
	}
	return hand(reply, answer)
}

// hand copies a message, so that neither side sees what the other does with its own. A few answers are
// written in one type and read in another with the same encoding, which spares history a decoding.
func hand(to, from any) error {
	dst, src := to.(proto.Message), from.(proto.Message)
	if dst.ProtoReflect().Descriptor() == src.ProtoReflect().Descriptor() {
		proto.Merge(dst, src)
		return nil
	}
	encoded, err := proto.Marshal(src)
	if err != nil {
		return err
	}
	return proto.Unmarshal(encoded, dst)
}

// apart ends when its caller's context ends and has none of its values, as on the other side of a wire.
type apart struct{ context.Context }

func (apart) Value(any) any { return nil }

// AfterFunc tells package context of the end without a goroutine of its own.
func (a apart) AfterFunc(f func()) func() bool { return context.AfterFunc(a.Context, f) }

// stream takes what a handler says beside its answer.
type stream struct {
	method  string
	trailer metadata.MD
}

func (s *stream) Method() string               { return s.method }
func (s *stream) SetHeader(metadata.MD) error  { return nil }
func (s *stream) SendHeader(metadata.MD) error { return nil }
func (s *stream) SetTrailer(md metadata.MD) error {
	s.trailer = metadata.Join(s.trailer, md)
	return nil
}

// clients makes the clients of all services; those of history and matching know the short way.
type clients struct{ direct *direct }

func (c clients) NewFactory(f common.RPCFactory, m membership.Monitor, h metrics.Handler, dc *dynamicconfig.Collection, hooks testhooks.TestHooks,
	shards int32, logger, throttled log.Logger) serverclient.Factory {
	return serverclient.NewFactoryProvider().NewFactory(connections{RPCFactory: f, direct: c.direct, logger: logger, metrics: h}, m, h, dc, hooks, shards, logger, throttled)
}

// connections are Temporal's own but for those to history and matching.
type connections struct {
	common.RPCFactory
	direct  *direct
	logger  log.Logger
	metrics metrics.Handler
}

func (c connections) CreateHistoryGRPCConnection(address string) *grpc.ClientConn {
	return c.dial(address, c.direct.history.intercept)
}

func (c connections) CreateMatchingGRPCConnection(address string) *grpc.ClientConn {
	return c.dial(address, c.direct.matching.intercept)
}

// dial makes a connection with the interceptors that Temporal's own have (common/resource/fx.go), and the short way behind them.
func (c connections) dial(address string, last grpc.UnaryClientInterceptor) *grpc.ClientConn {
	conn, err := rpc.Dial(address, nil, c.logger, c.metrics, grpc.WithChainUnaryInterceptor(interceptor.TrailerToContextMetadataInterceptor(c.logger), last))
	if err != nil {
		c.logger.Fatal("make a connection between Temporal's services: " + err.Error())
	}
	return conn
}
