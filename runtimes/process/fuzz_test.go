package process

import (
	"bytes"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/runtimes/internal/predictor"
)

const hello = `{"triggerfinder":1,"name":"m","inputs":[{"name":"x","type":"uint8","shape":[-1,2],"scale":0.5,"zero_point":3}],` +
	`"outputs":[{"name":"y","type":"float32","shape":["n",3]},{"name":"z","type":"int64","shape":[-1,-1]}],"max_batch":4,"scores":"raw","classes":["a"],"settings":{"a":"b"}}` + "\n"

// FuzzGreeting: any greeting is a model or an error, and never more than what was read.
func FuzzGreeting(f *testing.F) {
	for _, text := range []string{hello, "", "{}\n", "Loading ...\n", `{"triggerfinder":2}` + "\n", strings.Repeat("x", 70000), strings.Replace(hello, "1", "null", 1)} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		g, err := newReader(bytes.NewReader(text)).greeting()
		if (g == nil) == (err == nil) {
			t.Fatalf("got %v and %v", g, err)
		}
		if err != nil {
			if len(err.Error()) > 10_000+2*len(text) {
				t.Errorf("an error of %d bytes", len(err.Error()))
			}
			return
		}
		graph, err := g.graph()
		if err != nil {
			return // two inputs of one name
		}
		if len(graph.Inputs) != len(g.Inputs) || len(graph.Outputs) != len(g.Outputs) || g.Name == "" {
			t.Errorf("got %+v", graph)
		}
	})
}

// FuzzAnswer: any answer is the numbers that were asked for, or an error.
func FuzzAnswer(f *testing.F) {
	good := `{"id":5,"outputs":[{"name":"z","type":"int64","shape":[1,1]},{"name":"y","type":"float32","shape":[2,3]}]}` + "\n" + strings.Repeat("\x01", 8+24) + `{"end":5}` + "\n"
	for _, text := range []string{good, good[:60], good[:120], "", `{"id":5,"error":"no"}` + "\n", "print\n" + good, strings.Replace(good, "[1,1]", "[99999999,9]", 1),
		strings.Replace(good, "[1,1]", "[-1,0]", 1), strings.Replace(good, "[1,1]", "[0,7]", 1), strings.Replace(good, `{"end":5}`, `{}`, 1), strings.Replace(good, "\x01", "", 1)} {
		f.Add([]byte(text))
	}
	g, err := newReader(strings.NewReader(hello)).greeting()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		into := []wanted{
			{"y", predictor.Memory{Element: predictor.Float32, Shape: []int64{2, 3}, Data: make([]byte, 24)}},
			{"z", predictor.Memory{Element: predictor.Int64}},
		}
		if err := newReader(bytes.NewReader(text)).answer(5, g.Outputs, into); err != nil {
			return
		}
		z := &tensor{"z", "int64", into[1].Shape}
		if n, err := z.bytes(); err != nil || int(n) != len(into[1].Data) || len(into[1].Data) > len(text) {
			t.Errorf("got %d bytes of shape %v", len(into[1].Data), into[1].Shape)
		}
		if !bytes.Contains(text, into[0].Data) || !bytes.Contains(text, []byte("end")) {
			t.Error("got numbers that were not there")
		}
	})
}

// TestTailIsBounded: what is kept of standard error does not grow.
func TestTailIsBounded(t *testing.T) {
	all := &tail{}
	for range 1000 {
		if n, err := all.Write(bytes.Repeat([]byte("0123456789\n"), 100)); n != 1100 || err != nil {
			t.Fatal(n, err)
		}
	}
	_, _ = all.Write(bytes.Repeat([]byte("y"), 5*mostKept))
	_, _ = all.Write([]byte("\n10 %\r20 %\r30 %\nlast\n"))
	if len(all.kept) > mostKept || cap(all.kept) > 8*mostKept {
		t.Errorf("kept %d bytes in %d", len(all.kept), cap(all.kept))
	}
	last := all.last()
	if !strings.HasSuffix(last, "…\n30 %\nlast") || len(last) > 1000 {
		t.Errorf("got %q", last)
	}
}
