package oip_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/triggerfinder/triggerfinder/runtimes/oip/oippb"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// fake is a server of gRPC in this process, that answers as a test wants.
type fake struct {
	address         string
	server          *grpc.Server
	inputs, outputs []*oippb.ModelMetadataResponse_TensorMetadata
	limit           int // of a message; 0 for that of gRPC, 4 MiB
	tls             grpc.ServerOption
	notReady        atomic.Int64 // so many times
	asked           atomic.Int64
	mu              sync.Mutex
	seen            metadata.MD // of the latest request
	largest         int         // bytes of inputs in a request
	answer          func(n int64, r *oippb.ModelInferRequest) (*oippb.ModelInferResponse, error)
}

func port(name, datatype string, shape ...int64) *oippb.ModelMetadataResponse_TensorMetadata {
	return &oippb.ModelMetadataResponse_TensorMetadata{Name: name, Datatype: datatype, Shape: shape}
}

// sums answers three logits a row: the sum of the row of each number of the first input, less 2, and less 1.
func sums(_ int64, r *oippb.ModelInferRequest) (*oippb.ModelInferResponse, error) {
	raw := r.GetRawInputContents()[0]
	rows := int(r.GetInputs()[0].GetShape()[0])
	var data []byte
	for i := range rows {
		sum := float32(0)
		size := len(raw) / 4 / rows
		for k := range size {
			sum += math.Float32frombits(binary.LittleEndian.Uint32(raw[(i*size+k)*4:]))
		}
		for _, v := range []float32{sum, -sum, 1} {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
		}
	}
	return &oippb.ModelInferResponse{Id: r.GetId(), Outputs: []*oippb.InferTensor{{Name: "scores", Datatype: "FP32", Shape: []int64{int64(rows), 3}}}, RawOutputContents: [][]byte{data}}, nil
}

// rowsModel takes rows of four numbers.
func rowsModel() *fake {
	return &fake{inputs: []*oippb.ModelMetadataResponse_TensorMetadata{port("x", "FP32", -1, 4)}, outputs: []*oippb.ModelMetadataResponse_TensorMetadata{port("scores", "FP32", -1, 3)}, answer: sums}
}

func (f *fake) start(t testing.TB) *fake {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.address = listener.Addr().String()
	f.serve(listener)
	t.Cleanup(func() { f.server.Stop() })
	return f
}

// again starts a server that was stopped, at the same address.
func (f *fake) again(t testing.TB) {
	t.Helper()
	listener, err := net.Listen("tcp", f.address)
	if err != nil {
		t.Fatal(err)
	}
	f.serve(listener)
}

func (f *fake) serve(listener net.Listener) {
	var options []grpc.ServerOption
	if f.limit > 0 {
		options = append(options, grpc.MaxRecvMsgSize(f.limit), grpc.MaxSendMsgSize(f.limit))
	}
	if f.tls != nil {
		options = append(options, f.tls)
	}
	server := grpc.NewServer(options...)
	f.mu.Lock()
	f.server = server
	f.mu.Unlock()
	server.RegisterService(&grpc.ServiceDesc{
		ServiceName: "inference.GRPCInferenceService",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{
			method(func(context.Context, *oippb.ServerMetadataRequest) (*oippb.ServerMetadataResponse, error) {
				return &oippb.ServerMetadataResponse{Name: "fake", Version: "1"}, nil
			}, "ServerMetadata"),
			method(func(_ context.Context, r *oippb.ModelReadyRequest) (*oippb.ModelReadyResponse, error) {
				return &oippb.ModelReadyResponse{Ready: f.notReady.Add(-1) < 0}, nil
			}, "ModelReady"),
			method(func(_ context.Context, r *oippb.ModelMetadataRequest) (*oippb.ModelMetadataResponse, error) {
				if r.GetName() != "m" {
					return nil, status.Error(codes.NotFound, "who?")
				}
				return &oippb.ModelMetadataResponse{Name: "m", Platform: "go", Versions: []string{"1", "2"}, Inputs: f.inputs, Outputs: f.outputs}, nil
			}, "ModelMetadata"),
			method(func(ctx context.Context, r *oippb.ModelInferRequest) (*oippb.ModelInferResponse, error) {
				if r.GetId() == "" || len(r.GetRawInputContents()) != len(r.GetInputs()) {
					return nil, status.Error(codes.InvalidArgument, "no id, or not raw")
				}
				f.mu.Lock()
				f.seen, _ = metadata.FromIncomingContext(ctx)
				size := 0
				for _, raw := range r.GetRawInputContents() {
					size += len(raw)
				}
				f.largest = max(f.largest, size)
				f.mu.Unlock()
				return f.answer(f.asked.Add(1), r)
			}, "ModelInfer"),
		},
	}, f)
	go func() { _ = server.Serve(listener) }()
}

func method[Q, A any](do func(context.Context, *Q) (*A, error), name string) grpc.MethodDesc {
	return grpc.MethodDesc{MethodName: name, Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		q := new(Q)
		if err := decode(q); err != nil {
			return nil, fmt.Errorf("request: %w", err)
		}
		return do(ctx, q)
	}}
}
