package oip

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
	"github.com/triggerfinder/triggerfinder/runtimes/oip/oippb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// byGRPC asks by gRPC. The names of methods are those of the protocol; the messages have a package of their own, see package oippb.
type byGRPC struct {
	*endpoint
	connection *grpc.ClientConn
	pairs      metadata.MD
}

func newGRPC(e *endpoint) (transport, error) {
	secure := insecure.NewCredentials()
	if e.tls != nil {
		secure = credentials.NewTLS(e.tls)
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(secure), grpc.WithDisableRetry(), grpc.WithDisableServiceConfig(),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32), grpc.MaxCallSendMsgSize(math.MaxInt32)),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 2, MaxDelay: 2 * time.Second},
			MinConnectTimeout: 5 * time.Second,
		}),
	}
	pairs := metadata.MD{}
	for key, values := range e.headers {
		if strings.EqualFold(key, "host") {
			options = append(options, grpc.WithAuthority(values[len(values)-1]))
			continue
		}
		pairs[strings.ToLower(key)] = values
	}
	if e.token != "" {
		pairs.Set("authorization", "Bearer "+e.token)
	}
	connection, err := grpc.NewClient(e.host, options...)
	if err != nil {
		return nil, fmt.Errorf("expected an address that gRPC can use, found %q: %w", e.host, err)
	}
	return &byGRPC{e, connection, pairs}, nil
}

func (g *byGRPC) close() { _ = g.connection.Close() }

func (g *byGRPC) call(ctx context.Context, method string, request, answer proto.Message) error {
	err := g.connection.Invoke(metadata.NewOutgoingContext(ctx, g.pairs), "/inference.GRPCInferenceService/"+method, request, answer)
	if err == nil {
		return nil
	}
	return g.explain(ctx, err)
}

// explain says what a status means.
func (g *byGRPC) explain(ctx context.Context, err error) error {
	s, _ := status.FromError(err)
	said := oneLine(s.Message())
	low := strings.ToLower(said)
	switch s.Code() {
	case codes.Unavailable:
		if strings.Contains(low, "preface") || strings.Contains(low, "http2: frame too large") || strings.Contains(low, "http/1") || strings.Contains(low, "tls: first record") {
			return fmt.Errorf("expected a server of gRPC, found another: %s; %s", said, g.errHint())
		}
		if strings.Contains(low, "authentication handshake failed") {
			return fmt.Errorf("expected a server whose certificate oip.TLS trusts, found another: %s", said)
		}
		return kindf(ErrUnavailable, "expected a server that answers, found none: %s", said)
	case codes.NotFound:
		return g.noModel(s.Message())
	case codes.DeadlineExceeded:
		if over(ctx) {
			return g.late()
		}
		return kindf(ErrTimeout, "expected an answer, found that the server took too long: %s", said)
	case codes.Canceled:
		if ctx.Err() != nil {
			return ctx.Err()
		}
	case codes.ResourceExhausted:
		return kindf(ErrRefused, "expected a request that the server takes, found one that is too large for it: %s; oip.MessageLimit says what it takes, oip.MaxBatch how many inputs are sent together", said)
	case codes.Unauthenticated, codes.PermissionDenied:
		return kindf(ErrRefused, "expected to be let in, found that the server refuses: %s; oip.Token gives a token", said)
	case codes.Unimplemented:
		return fmt.Errorf("expected a server of the Open Inference Protocol, version 2, found one that does not know its methods: %s; %s", said, g.errHint())
	case codes.InvalidArgument, codes.FailedPrecondition, codes.OutOfRange:
		if strings.Contains(low, "batch-size must be") { // of Triton
			return kindf(ErrRefused, "expected a batch that the model takes, found that it refuses: %s; oip.MaxBatch says how many inputs are sent together", said)
		}
		return kindf(ErrRefused, "expected a request that the model takes, found that it refuses: %s", said)
	}
	switch {
	case strings.Contains(low, "not found") && strings.Contains(low, "model"):
		return g.noModel(s.Message())
	case strings.Contains(low, "is not ready"):
		return g.notReady(s.Message())
	}
	return fmt.Errorf("expected an answer, found an error of the server: %s (%s)", said, s.Code())
}

func (g *byGRPC) server(ctx context.Context) (serverInfo, error) {
	var a oippb.ServerMetadataResponse
	err := g.call(ctx, "ServerMetadata", &oippb.ServerMetadataRequest{}, &a)
	return serverInfo{a.GetName(), a.GetVersion()}, err
}

func (g *byGRPC) ready(ctx context.Context) error {
	var a oippb.ModelReadyResponse
	if err := g.call(ctx, "ModelReady", &oippb.ModelReadyRequest{Name: g.model, Version: g.version}, &a); err != nil {
		return err
	}
	if !a.GetReady() {
		return g.notReady("the server says so")
	}
	return nil
}

func (g *byGRPC) metadata(ctx context.Context) (modelInfo, error) {
	var a oippb.ModelMetadataResponse
	err := g.call(ctx, "ModelMetadata", &oippb.ModelMetadataRequest{Name: g.model, Version: g.version}, &a)
	list := func(from []*oippb.ModelMetadataResponse_TensorMetadata) (all []tensorInfo) {
		for _, t := range from {
			all = append(all, tensorInfo{t.GetName(), t.GetDatatype(), t.GetShape()})
		}
		return all
	}
	return modelInfo{a.GetName(), a.GetPlatform(), a.GetVersions(), list(a.GetInputs()), list(a.GetOutputs())}, err
}

func (g *byGRPC) infer(ctx context.Context, id string, inputs []tensor, outputs []string) (answered, error) {
	request := &oippb.ModelInferRequest{ModelName: g.model, ModelVersion: g.version, Id: id}
	for _, t := range inputs {
		request.Inputs = append(request.Inputs, &oippb.InferTensor{Name: t.name, Datatype: t.datatype, Shape: t.shape})
		request.RawInputContents = append(request.RawInputContents, t.data)
	}
	for _, name := range outputs {
		request.Outputs = append(request.Outputs, &oippb.ModelInferRequest_InferRequestedOutputTensor{Name: name})
	}
	var a oippb.ModelInferResponse
	if err := g.call(ctx, "ModelInfer", request, &a); err != nil {
		return answered{}, err
	}
	found := answered{id: a.GetId(), version: a.GetModelVersion()}
	raw := a.GetRawOutputContents()
	if len(raw) > 0 && len(raw) != len(a.GetOutputs()) {
		return answered{}, fmt.Errorf("expected raw numbers for each of %d outputs, found %d", len(a.GetOutputs()), len(raw))
	}
	for i, o := range a.GetOutputs() {
		t := tensor{name: o.GetName(), datatype: o.GetDatatype(), shape: o.GetShape()}
		if len(raw) > 0 {
			t.data = raw[i]
		} else {
			t.data = contentsOf(datatypes[t.datatype], o.GetContents())
		}
		found.outputs = append(found.outputs, t)
	}
	return found, nil
}

// contentsOf are the bytes of numbers that are not sent raw; nil for types that have to be.
func contentsOf(e predictor.Element, c *oippb.InferTensorContents) []byte {
	var b []byte
	switch e {
	case predictor.Float32:
		for _, v := range c.GetFp32Contents() {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
		}
	case predictor.Float64:
		for _, v := range c.GetFp64Contents() {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(v))
		}
	case predictor.Int64:
		for _, v := range c.GetInt64Contents() {
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		}
	case predictor.Int32:
		for _, v := range c.GetIntContents() {
			b = binary.LittleEndian.AppendUint32(b, uint32(v))
		}
	case predictor.Int16:
		for _, v := range c.GetIntContents() {
			b = binary.LittleEndian.AppendUint16(b, uint16(v))
		}
	case predictor.Int8:
		for _, v := range c.GetIntContents() {
			b = append(b, byte(v))
		}
	case predictor.Uint8:
		for _, v := range c.GetUintContents() {
			b = append(b, byte(v))
		}
	case predictor.Bool:
		for _, v := range c.GetBoolContents() {
			one := byte(0)
			if v {
				one = 1
			}
			b = append(b, one)
		}
	}
	return b
}
