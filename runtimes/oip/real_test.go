package oip_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/oip"
	"github.com/triggerfinder/triggerfinder/runtimes/oip/oiptest"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// clothes are the first images of the fixtures.
func clothes(t testing.TB, n int) []input.Input {
	t.Helper()
	seeds := fixtures.Seeds()
	var all []input.Input
	for i := range n {
		s, err := seeds.Seed(i)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s.Input)
	}
	return all
}

// here are the answers of ONNX Runtime in this process.
func here(t *testing.T, name string, batch []input.Input) [][]float32 {
	t.Helper()
	m, err := onnx.OpenFS(fixtures.Models, name+".onnx", onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Skipf("ONNX Runtime is not there: %v", err)
	}
	t.Cleanup(func() { _ = m.Close() })
	rows, err := m.Predict(context.Background(), batch)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// near holds answers of a server against those of this process: the runtime is the same, its version may not be.
func near(t *testing.T, got, want [][]float32) {
	t.Helper()
	for i := range want {
		for k := range want[i] {
			if d := got[i][k] - want[i][k]; d > 1e-4 || d < -1e-4 {
				t.Fatalf("input %d: %v, expected about %v", i, got[i], want[i])
			}
		}
	}
}

func open(t *testing.T, address, name string, options ...oip.Option) *oip.Model {
	t.Helper()
	m, err := oip.Open(address, name, append([]oip.Option{oip.Scale(fixtures.Scale), oip.Scores(oip.Logits)}, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// answersLikeHere asks by every protocol, in small and large batches.
func answersLikeHere(t *testing.T, s *oiptest.Server, protocols ...oip.WireProtocol) {
	batch := clothes(t, 40)
	want := here(t, "lenet5", batch)
	for _, p := range protocols {
		address := s.HTTP
		if p == oip.GRPC {
			address = s.GRPC
		}
		m := open(t, address, "lenet5", oip.Protocol(p), oip.MessageLimit(1<<16)) // 20 images of float32, 3 in JSON
		if err := m.Prepare(context.Background(), batch[:4], nil); err != nil {
			t.Fatal(err)
		}
		before := m.Traffic().Requests
		got, err := m.Predict(context.Background(), batch)
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		near(t, got, want)
		if n := m.Traffic().Requests - before; n < 3 {
			t.Errorf("%s: %d requests, expected them to be below the limit", p, n)
		}
		d := m.Describe()
		t.Logf("%s: %v %q", p, d.Settings, d.Notes)
		if d.Settings["protocol"] != string(p) || d.Settings["runtime"] == "" || d.Settings["cpu"] != "" || !strings.Contains(d.Notes[len(d.Notes)-1], "median") {
			t.Errorf("described as %v, %q", d.Settings, d.Notes)
		}
	}
}

// refusals are errors that every server gives.
func refusals(t *testing.T, s *oiptest.Server) {
	for _, p := range []oip.WireProtocol{oip.GRPC, oip.REST} {
		right, wrong := s.GRPC, s.HTTP
		if p == oip.REST {
			right, wrong = s.HTTP, s.GRPC
		}
		_, err := oip.Open(right, "nobody", oip.Protocol(p), oip.Retries(0))
		if !errors.Is(err, oip.ErrNoModel) || !strings.Contains(err.Error(), `expected a model "nobody" on the server`) {
			t.Errorf("%s, no such model: %v", p, err)
		}
		t.Log(err)
		wrong = strings.TrimPrefix(wrong, "http://")
		if p == oip.REST {
			wrong = "http://" + wrong
		}
		_, err = oip.Open(wrong, "lenet5", oip.Protocol(p), oip.Retries(0))
		if err == nil || !strings.Contains(err.Error(), "is this the port of") {
			t.Errorf("%s, the other port: %v", p, err)
		}
		t.Log(err)
		_, err = oip.Open(right, "lenet5", oip.Protocol(p), oip.InputTensor("input", "FP32", -1, 1, 30, 30), oip.Retries(0))
		if err == nil || !strings.Contains(err.Error(), "[1 1 30 30]") {
			t.Errorf("%s, another shape: %v", p, err)
		}
		t.Log(err)
	}
}

// searches finds triggers of a pair whose compressed side is on the server.
func searches(t *testing.T, s *oiptest.Server) {
	original, err := onnx.OpenFS(fixtures.Models, "lenet5.onnx", onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Skipf("ONNX Runtime is not there: %v", err)
	}
	pair, err := model.NewPair("", original, open(t, s.GRPC, "lenet5-int8"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = pair.Close() }()
	r, err := engine.Search(context.Background(), pair, generators.First(fixtures.Seeds(), 2), engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 20000}})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Triggers()) == 0 {
		t.Error("no trigger found")
	}
}

func TestMLServer(t *testing.T) {
	t.Parallel()
	s := oiptest.MLServer(t, []string{"lenet5", "lenet5-int8", "lenet5-dynamic"}, "lenet5-dynamic", "lenet5")
	t.Run("answers", func(t *testing.T) { answersLikeHere(t, s, oip.GRPC, oip.REST) })
	t.Run("refusals", func(t *testing.T) { refusals(t, s) })
	t.Run("search", func(t *testing.T) { searches(t, s) })
	t.Run("command", func(t *testing.T) { commandSearches(t, "grpc://"+s.GRPC+"/", s.HTTP+"/v2/models/") })
	t.Run("binary", func(t *testing.T) {
		_, err := oip.Open(s.HTTP, "lenet5", oip.Protocol(oip.RESTBinary))
		if err == nil || !strings.Contains(err.Error(), "oip.Protocol(oip.REST)") {
			t.Errorf("binary tensors: %v", err)
		}
		t.Log(err)
	})
	t.Run("batched", func(t *testing.T) {
		for name, changes := range map[string]bool{"lenet5-dynamic-batched": true, "lenet5-dynamic": false, "lenet5-batched": false} {
			m := open(t, s.GRPC, name, oip.Concurrency(16))
			if err := m.Prepare(context.Background(), clothes(t, 16), nil); err != nil {
				t.Fatal(err)
			}
			notes := m.Describe().Notes
			t.Logf("%s: %q", name, notes)
			if slices.ContainsFunc(notes, func(n string) bool { return strings.Contains(n, "asked at the same time") }) != changes {
				t.Errorf("%s: expected %v, found the notes %q", name, changes, notes)
			}
		}
	})
}

func TestKServe(t *testing.T) {
	t.Parallel()
	ports := oiptest.Ports(t, 2)
	s := oiptest.KServe(t, ports, "lenet5", "lenet5-int8")
	t.Run("answers", func(t *testing.T) { answersLikeHere(t, s, oip.GRPC, oip.REST, oip.RESTBinary) })
	t.Run("refusals", func(t *testing.T) { refusals(t, s) })
	t.Run("search", func(t *testing.T) { searches(t, s) })
	t.Run("survives", func(t *testing.T) { searchesSurvive(t, s, func() { oiptest.KServe(t, ports, "lenet5-int8") }) })
}
