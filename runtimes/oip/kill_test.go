package oip_test

import (
	"context"
	"io"
	"net"
	"reflect"
	"sync"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/oip"
	"github.com/triggerfinder/triggerfinder/runtimes/oip/oiptest"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// network stands before a server, and can be closed.
type network struct {
	to   string
	mu   sync.Mutex
	open []io.Closer
}

// start listens, at the address if there is one, and returns where.
func (n *network) start(t *testing.T, address string) string {
	t.Helper()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	n.keep(listener)
	go func() {
		for {
			from, err := listener.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("tcp", n.to)
			if err != nil {
				_ = from.Close()
				continue
			}
			n.keep(from, to)
			go func() { _, _ = io.Copy(to, from) }()
			go func() { _, _ = io.Copy(from, to) }()
		}
	}()
	return listener.Addr().String()
}

func (n *network) keep(list ...io.Closer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open = append(n.open, list...)
}

// close breaks all connections, and refuses others.
func (n *network) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, c := range n.open {
		_ = c.Close()
	}
	n.open = nil
}

// searchDisturbed searches around eight seeds. Where three triggers were found, during is called.
func searchDisturbed(t *testing.T, address string, during func()) (*engine.Report, error) {
	t.Helper()
	original, err := onnx.OpenFS(fixtures.Models, "lenet5.onnx", onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Skipf("ONNX Runtime is not there: %v", err)
	}
	m, err := oip.Open(address, "lenet5-int8", oip.Scale(fixtures.Scale), oip.Scores(oip.Logits), oip.Retries(1))
	if err != nil {
		t.Fatal(err)
	}
	pair := model.Must(model.NewPair("", original, m))
	defer func() { _ = pair.Close() }()
	found := 0
	return engine.Search(context.Background(), pair, generators.First(fixtures.Seeds(), 8), engine.Settings{
		Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 150}, Window: 2, BatchSize: 8, Workers: 1,
		OnTrigger: func(*engine.Trigger) error {
			if found++; found == 3 {
				during()
			}
			return nil
		},
	})
}

// survives breaks a search off by disturb: what was found is kept, with one error. Once it is mended, another run finds what an undisturbed one does.
func survives(t *testing.T, address string, disturb, mend func()) {
	whole, err := searchDisturbed(t, address, func() {})
	if err != nil || len(whole.Triggers()) < 6 {
		t.Fatalf("undisturbed: %v", err)
	}
	ended, err := searchDisturbed(t, address, disturb)
	fails(t, err, oip.ErrUnavailable, "expected a server that answers, found none: ", "(in 2 attempts)")
	if ended == nil || len(ended.Triggers()) < 3 || len(ended.Triggers()) >= len(whole.Triggers()) {
		t.Fatalf("expected the triggers that were found before, found %v", ended)
	}
	t.Logf("%d of %d triggers, then: %v", len(ended.Triggers()), len(whole.Triggers()), err)
	mend()
	again, err := searchDisturbed(t, address, func() {})
	if err != nil || again.Ledger.Queries != whole.Ledger.Queries || !reflect.DeepEqual(inputs(again), inputs(whole)) {
		t.Errorf("another run found %d triggers of %d: %v", len(again.Triggers()), len(whole.Triggers()), err)
	}
}

// inputs are those of triggers.
func inputs(r *engine.Report) (all [][]float32) {
	for _, trigger := range r.Triggers() {
		all = append(all, trigger.Input.Data)
	}
	return all
}

// searchesSurvive the end of a network and of a real server, which is started again.
func searchesSurvive(t *testing.T, s *oiptest.Server, restart func()) {
	t.Run("the end of the network", func(t *testing.T) {
		n := &network{to: s.GRPC}
		defer n.close()
		address := n.start(t, "127.0.0.1:0")
		survives(t, address, n.close, func() { n.start(t, address) })
	})
	t.Run("the end of the server", func(t *testing.T) { survives(t, s.GRPC, s.Kill, restart) })
}
