package oip_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/oip"
	"github.com/triggerfinder/triggerfinder/runtimes/oip/oippb"
	"github.com/triggerfinder/triggerfinder/strategies"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// row is an input of four numbers.
func row(a, b, c, d float32) input.Input {
	return input.Input{Shape: []int{4}, Data: []float32{a, b, c, d}, Domain: input.Domain{Min: -10, Max: 10}}
}

func openFake(t testing.TB, f *fake, options ...oip.Option) *oip.Model {
	t.Helper()
	m, err := oip.Open(f.address, "m", append([]oip.Option{oip.Scores(oip.Logits)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

func predict(m *oip.Model, batch ...input.Input) ([][]float32, error) {
	return m.Predict(context.Background(), batch)
}

// fails checks the kind of an error, and what it says.
func fails(t *testing.T, err, kind error, words ...string) {
	t.Helper()
	if err == nil || kind != nil && !errors.Is(err, kind) {
		t.Errorf("expected %v, found %v", kind, err)
		return
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) || strings.Count(err.Error(), "oip: ") != 1 {
			t.Errorf("expected %q, found %v", w, err)
		}
	}
}

func TestAnswersAreThoseOfTheServer(t *testing.T) {
	f := rowsModel().start(t)
	m := openFake(t, f)
	got, err := predict(m, row(1, 2, 0, 0), row(0, 0, 0, -1))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]float64{{3, -3, 1}, {-1, 1, 1}} {
		sum := math.Exp(want[0]) + math.Exp(want[1]) + math.Exp(want[2])
		for k := range want {
			if d := float64(got[i][k]) - math.Exp(want[k])/sum; math.Abs(d) > 1e-6 {
				t.Errorf("row %d: %v", i, got[i])
			}
		}
	}
	d := m.Describe()
	if d.Settings["runtime"] != "fake 1" || d.Settings["server"] != f.address || d.Settings["model"] != "m" || !strings.Contains(strings.Join(d.Notes, "\n"), "2 versions of it, 1, 2") {
		t.Errorf("%v %q", d.Settings, d.Notes)
	}
}

func TestOnlyAServerThatIsNotAvailableIsAskedAgain(t *testing.T) {
	for code, want := range map[codes.Code]struct {
		kind  error
		times int64
	}{
		codes.Unavailable: {oip.ErrUnavailable, 3}, codes.InvalidArgument: {oip.ErrRefused, 1}, codes.Internal: {nil, 1}, codes.ResourceExhausted: {oip.ErrRefused, 1},
		codes.NotFound: {oip.ErrNoModel, 1}, codes.Unauthenticated: {oip.ErrRefused, 1}, codes.DeadlineExceeded: {oip.ErrTimeout, 1},
	} {
		f := rowsModel().start(t)
		m := openFake(t, f, oip.Retries(2))
		if _, err := predict(m, row(1, 2, 3, 4)); err != nil {
			t.Fatal(err)
		}
		f.asked.Store(0)
		f.answer = func(int64, *oippb.ModelInferRequest) (*oippb.ModelInferResponse, error) {
			return nil, status.Error(code, "because")
		}
		_, err := predict(m, row(1, 2, 3, 4))
		fails(t, err, want.kind, "because")
		if n := f.asked.Load(); n != want.times {
			t.Errorf("%v: asked %d times, expected %d", code, n, want.times)
		}
	}
}

func TestWhatFailedForAMomentIsAnswered(t *testing.T) {
	f := rowsModel().start(t)
	m := openFake(t, f)
	f.answer = func(n int64, r *oippb.ModelInferRequest) (*oippb.ModelInferResponse, error) {
		if n%2 == 1 {
			return nil, status.Error(codes.Unavailable, "restarting")
		}
		return sums(n, r)
	}
	f.asked.Store(0)
	if _, err := predict(m, row(1, 2, 3, 4)); err != nil {
		t.Error(err)
	}
	if m.Traffic().Repeated == 0 {
		t.Errorf("%v", m.Traffic())
	}
}

func TestAModelThatIsNotReadyYet(t *testing.T) {
	f := rowsModel()
	f.notReady.Store(2)
	f.start(t)
	openFake(t, f)
	f.notReady.Store(100)
	_, err := oip.Open(f.address, "m", oip.Retries(1))
	fails(t, err, oip.ErrNotReady, "expected the model to be ready", "in 2 attempts")
	_, err = oip.Open(f.address, "n")
	fails(t, err, oip.ErrNoModel, `expected a model "n"`, "who?")
	_, err = oip.Open(f.address, "n", oip.Version("3"))
	fails(t, err, oip.ErrNoModel, `a version "3" of the model "n"`)
	_, err = oip.Open("127.0.0.1:1", "m", oip.Retries(0))
	fails(t, err, oip.ErrUnavailable, "127.0.0.1:1", "refused")
}

func TestAnswersThatAreNone(t *testing.T) {
	for words, change := range map[string]func(a *oippb.ModelInferResponse){
		`expected the answer to the request`:                  func(a *oippb.ModelInferResponse) { a.Id = "other" },
		`expected an output "scores" in the answer`:           func(a *oippb.ModelInferResponse) { a.Outputs[0].Name = "logits" },
		`expected FP32 for the output "scores"`:               func(a *oippb.ModelInferResponse) { a.Outputs[0].Datatype = "FP64" },
		`expected 6 numbers of FP32`:                          func(a *oippb.ModelInferResponse) { a.Outputs[0].Shape = []int64{2, 3} },
		`expected -1 numbers of FP32`:                         func(a *oippb.ModelInferResponse) { a.Outputs[0].Shape = []int64{math.MaxInt64, 3} },
		`expected raw numbers for each of 1 outputs, found 2`: func(a *oippb.ModelInferResponse) { a.RawOutputContents = append(a.RawOutputContents, nil) },
		`expected the output "scores" of shape [1 3] for "x" (FP32 [1 4])`: func(a *oippb.ModelInferResponse) {
			a.Outputs[0].Shape, a.RawOutputContents[0] = []int64{1, 2}, make([]byte, 8)
		},
	} {
		f := rowsModel().start(t)
		m := openFake(t, f)
		f.answer = func(n int64, r *oippb.ModelInferRequest) (*oippb.ModelInferResponse, error) {
			a, err := sums(n, r)
			change(a)
			return a, err
		}
		_, err := predict(m, row(1, 2, 3, 4))
		fails(t, err, nil, words)
	}
}

func TestAServerWithoutIDs(t *testing.T) {
	f := rowsModel().start(t)
	f.answer = func(n int64, r *oippb.ModelInferRequest) (*oippb.ModelInferResponse, error) {
		a, err := sums(n, r)
		a.Id = ""
		return a, err
	}
	m := openFake(t, f)
	if _, err := predict(m, row(1, 2, 3, 4)); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(strings.Join(m.Describe().Notes, "\n"), "does not give back the id") {
		t.Errorf("%q", m.Describe().Notes)
	}
}

func TestMessagesStayBelowTheLimit(t *testing.T) {
	f := rowsModel()
	f.inputs[0].Shape[1] = 4096
	f.limit = 64 << 10
	f.start(t)
	m := openFake(t, f, oip.MessageLimit(f.limit))
	var batch []input.Input
	for i := range 17 {
		in := input.Input{Shape: []int{4096}, Data: make([]float32, 4096), Domain: input.Domain{Min: -10, Max: 10}}
		in.Data[i] = float32(i) / 10
		batch = append(batch, in)
	}
	got, err := predict(m, batch...)
	if err != nil {
		t.Fatal(err)
	}
	for i := range batch {
		want := 2 * float64(i) / 10 // between the first two logits
		if d := math.Log(float64(got[i][0])/float64(got[i][1])) - want; math.Abs(d) > 1e-4 {
			t.Errorf("input %d: %v", i, got[i])
		}
	}
	if f.largest <= 16<<10 || f.largest > f.limit {
		t.Errorf("the largest request had %d bytes", f.largest)
	}
	m = openFake(t, f) // as if the server took 4 MiB
	_, err = predict(m, batch...)
	fails(t, err, oip.ErrRefused, "oip.MessageLimit")
}

func TestTimeouts(t *testing.T) {
	f := rowsModel().start(t)
	m := openFake(t, f, oip.Timeout(300*time.Millisecond))
	if _, err := predict(m, row(1, 2, 3, 4)); err != nil {
		t.Fatal(err)
	}
	end := make(chan bool)
	defer close(end)
	patient := openFake(t, f)
	if _, err := predict(patient, row(1, 2, 3, 4)); err != nil {
		t.Fatal(err)
	}
	f.answer = func(n int64, r *oippb.ModelInferRequest) (*oippb.ModelInferResponse, error) { <-end; return sums(n, r) }
	_, err := predict(m, row(1, 2, 3, 4))
	fails(t, err, oip.ErrTimeout, "expected an answer within 300ms")
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_, err = patient.Predict(ctx, []input.Input{row(1, 2, 3, 4)})
	if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, oip.ErrTimeout) {
		t.Errorf("a search that ends: %v", err)
	}
}

func TestConcurrentRequestsAreLimited(t *testing.T) {
	f := rowsModel().start(t)
	m := openFake(t, f, oip.Concurrency(2), oip.MaxBatch(1))
	var now, most atomic.Int64
	f.answer = func(n int64, r *oippb.ModelInferRequest) (*oippb.ModelInferResponse, error) {
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		time.Sleep(10 * time.Millisecond)
		return sums(n, r)
	}
	done := make(chan error)
	for range 6 {
		go func() { _, err := predict(m, row(1, 2, 3, 4), row(4, 3, 2, 1)); done <- err }()
	}
	for range 6 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if most.Load() != 2 {
		t.Errorf("%d requests at the same time, expected 2", most.Load())
	}
}

func TestTokensAndHeaders(t *testing.T) {
	f := rowsModel().start(t)
	openFake(t, f, oip.Token("secret"), oip.Header("X-Tenant", "a"), oip.Header("Host", "gateway.example"))
	predictSome := openFake(t, f, oip.Token("secret"), oip.Header("X-Tenant", "a"), oip.Header("Host", "gateway.example"))
	if _, err := predict(predictSome, row(1, 2, 3, 4)); err != nil {
		t.Fatal(err)
	}
	if f.seen.Get("authorization")[0] != "Bearer secret" || f.seen.Get("x-tenant")[0] != "a" || f.seen.Get(":authority")[0] != "gateway.example" {
		t.Errorf("%v", f.seen)
	}
	_, err := oip.Open("192.0.2.1:80", "m", oip.Token("secret"))
	fails(t, err, nil, "expected oip.TLS beside oip.Token")
	if strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}

func TestAddresses(t *testing.T) {
	for address, words := range map[string]string{
		"":                      "a host and a port",
		"localhost":             "a host and a port",
		"ftp://localhost:1":     `found "ftp://localhost:1"`,
		"grpc://localhost:1/v2": "expected a host and a port for gRPC",
		"http://user@localhost": "expected a host and a port in the address",
		"localhost:8080/v2":     "a host and a port",
	} {
		_, err := oip.Open(address, "m", oip.Retries(0))
		fails(t, err, nil, words)
	}
	_, err := oip.Open("localhost:1", "", oip.Retries(0))
	fails(t, err, nil, "expected the name of a model")
	_, err = oip.Open("localhost:1", "m", oip.Original(oip.Version("1")), oip.Retries(0))
	fails(t, err, nil, "expected it in OpenPair")
	_, err = oip.Open("localhost:1", "m", oip.Retries(-1))
	fails(t, err, nil, "option Retries: expected at least 0")
}

// TestSeveralInputsAndTypes has a model of a float16, a whole number and a bool, whose outputs are float64 numbers that are not sent raw,
// and whole numbers.
func TestSeveralInputsAndTypes(t *testing.T) {
	f := &fake{
		inputs:  []*oippb.ModelMetadataResponse_TensorMetadata{port("a", "FP16", -1, 2), port("n", "INT32", -1, 1), port("on", "BOOL", -1, 1)},
		outputs: []*oippb.ModelMetadataResponse_TensorMetadata{port("big", "FP64", -1, 2), port("count", "INT64", -1, 1)},
		answer: func(_ int64, r *oippb.ModelInferRequest) (*oippb.ModelInferResponse, error) {
			rows := r.GetInputs()[0].GetShape()[0]
			big, count := &oippb.InferTensorContents{}, &oippb.InferTensorContents{}
			for i := range int(rows) {
				a := r.GetRawInputContents()[0][i*4:]
				first, second := binary.LittleEndian.Uint16(a), binary.LittleEndian.Uint16(a[2:])
				big.Fp64Contents = append(big.Fp64Contents, float64(first), float64(second))
				n := int64(int32(binary.LittleEndian.Uint32(r.GetRawInputContents()[1][i*4:])))
				count.Int64Contents = append(count.Int64Contents, n*10+int64(r.GetRawInputContents()[2][i]))
			}
			return &oippb.ModelInferResponse{Id: r.GetId(), Outputs: []*oippb.InferTensor{
				{Name: "count", Datatype: "INT64", Shape: []int64{rows, 1}, Contents: count}, {Name: "big", Datatype: "FP64", Shape: []int64{rows, 2}, Contents: big},
			}}, nil
		},
	}
	f.start(t)
	m, err := oip.Open(f.address, "m", oip.Scores(oip.Raw), oip.Output("big", "count"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = m.Close() }()
	set := func(a, b, n, on float32) input.Input {
		in, err := input.Join(
			input.Searched("a", input.Input{Shape: []int{2}, Data: []float32{a, b}, Domain: input.Domain{Min: -10, Max: 10}}),
			input.Searched("n", input.Input{Shape: []int{1}, Data: []float32{n}, Domain: input.Domain{Min: -10, Max: 10, Step: 1}}),
			input.Searched("on", input.Input{Shape: []int{1}, Data: []float32{on}, Domain: input.Domain{Min: 0, Max: 1, Step: 1}}))
		if err != nil {
			t.Fatal(err)
		}
		return in
	}
	answers, err := m.Answer(context.Background(), []input.Input{set(1, -2, -3, 1), set(0.5, 0, 7, 0)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]float32{{0x3c00, 0xc000, -29}, {0x3800, 0, 70}} {
		for k, v := range want {
			if answers[i].Scores[k] != v {
				t.Errorf("answer %d: %v, expected %v", i, answers[i].Scores, want)
			}
		}
		if answers[i].Outputs[0].Name != "big" || answers[i].Outputs[1].Name != "count" {
			t.Errorf("%v", answers[i].Outputs)
		}
	}
}

func TestMetadata(t *testing.T) {
	f := rowsModel()
	inputs, outputs := f.inputs, f.outputs
	f.inputs, f.outputs = nil, nil
	f.start(t)
	_, err := oip.Open(f.address, "m")
	fails(t, err, nil, "types and shapes of inputs in the metadata, found none; oip.InputTensor")
	openFake(t, f, oip.InputTensor("x", "FP32", -1, 4), oip.OutputTensor("scores", "FP32", -1, 3))
	f.inputs, f.outputs = append(inputs, inputs[0]), outputs
	_, err = oip.Open(f.address, "m")
	fails(t, err, nil, `found "x" twice`)
	f.inputs = []*oippb.ModelMetadataResponse_TensorMetadata{port("x", "FLOAT", -1, 4)}
	_, err = oip.Open(f.address, "m")
	fails(t, err, nil, `found "x" (FLOAT [-1 4]); oip.InputTensor`)
	f.inputs = []*oippb.ModelMetadataResponse_TensorMetadata{port("x", "FP32", -1, math.MaxInt64)}
	_, err = oip.Open(f.address, "m")
	fails(t, err, nil, "in the metadata; oip.InputTensor")
	f.inputs = []*oippb.ModelMetadataResponse_TensorMetadata{port("x", "BYTES", -1, 4)}
	_, err = oip.Open(f.address, "m")
	if err == nil {
		m := openFake(t, f)
		_, err = predict(m, row(1, 2, 3, 4))
	}
	fails(t, err, nil, `found "x" string`)
}

// TestASearchKeepsWhatItFoundWhereTheServerIsKilled kills the server of the compressed model in the middle of a search.
func TestASearchKeepsWhatItFoundWhereTheServerIsKilled(t *testing.T) {
	f := rowsModel().start(t)
	original := model.Func("here", func(_ context.Context, batch []input.Input) ([][]float32, error) {
		var rows [][]float32
		for _, in := range batch {
			sum := in.Data[0] + in.Data[1] + in.Data[2] + in.Data[3] + 0.4
			one := []float32{sum, -sum, 1}
			model.SoftmaxInPlace(one)
			rows = append(rows, one)
		}
		return rows, nil
	})
	var seeds input.SeedList
	for i := range 200 {
		seeds = append(seeds, input.Seed{Input: row(float32(i%7)+1, 1, float32(i%5), 0), Label: input.Unlabelled})
	}
	search := func() (*engine.Report, error) {
		pair, err := model.NewPair("", original, openFake(t, f, oip.Retries(1)))
		if err != nil {
			t.Fatal(err)
		}
		return engine.Search(context.Background(), pair, seeds, engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 400}, Workers: 1})
	}
	f.answer = func(n int64, r *oippb.ModelInferRequest) (*oippb.ModelInferResponse, error) {
		if n == 150 {
			go f.server.Stop() // breaks this connection, and refuses others
			time.Sleep(time.Second)
		}
		return sums(n, r)
	}
	r, err := search()
	fails(t, err, oip.ErrUnavailable, "expected a server that answers", "in 2 attempts")
	if r == nil || len(r.Triggers()) == 0 {
		t.Fatalf("expected the triggers that were found, found %v", r)
	}
	before := len(r.Triggers())
	f.answer = sums
	f.again(t)
	r, err = search()
	if err != nil || len(r.Triggers()) < before {
		t.Errorf("a rerun found %v: %v", r, err)
	}
}
