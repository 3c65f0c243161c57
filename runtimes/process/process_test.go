//go:build unix

package process_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/process"
)

func images(n int) []input.Input {
	all := make([]input.Input, n)
	for i := range all {
		all[i] = model.Must(input.NewImage(2, 2, 1, []uint8{uint8(37 * i), uint8(91 * i), 7, uint8(255 - i)}))
	}
	return all
}

func open(t testing.TB, act string, list ...process.Option) (*process.Model, string) {
	t.Helper()
	command, how, folder := server(t, act)
	m, err := process.Open(command, append(list, how)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m, folder
}

// check holds answers against the probabilities that the model means.
func check(t *testing.T, batch []input.Input, rows [][]float32) {
	t.Helper()
	for i, in := range batch {
		want := corners([]byte{byte(in.Data[0]), byte(in.Data[1]), byte(in.Data[2]), byte(in.Data[3])})
		sum := 0.0
		for _, v := range want {
			sum += math.Exp(float64(v))
		}
		for k, v := range want {
			if math.Abs(float64(rows[i][k])-math.Exp(float64(v))/sum) > 1e-6 {
				t.Fatalf("input %d: got %v, expected the softmax of %v", i, rows[i], want)
			}
		}
	}
}

func TestPredicts(t *testing.T) {
	m, folder := open(t, "serves")
	batch := images(20)
	rows, err := m.Predict(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	check(t, batch, rows)
	d := m.Describe()
	if d.Name != "corners" || d.Classes != 3 || d.MaxBatch != 8 || !slices.Equal(d.ClassNames, []string{"left", "right", "none"}) {
		t.Errorf("got %+v", d)
	}
	for name, want := range map[string]string{"runtime": "test 1.0", "copies": "1", "protocol": "1", "scores": "logits"} {
		if !strings.HasPrefix(d.Settings[name], want) {
			t.Errorf("setting %s: expected %q, found %q", name, want, d.Settings[name])
		}
	}
	if cpu, told := d.Settings["cpu"]; told {
		t.Errorf("expected nothing of the processor, where the program may run elsewhere, found %q", cpu)
	}
	if got := notes(folder, "batches"); !slices.Equal(got[len(got)-3:], []string{"8", "8", "4"}) {
		t.Errorf("expected batches of 8 at most, found %v", got)
	}
	if count(folder, "pid") != 1 {
		t.Errorf("expected one start, found %d", count(folder, "pid"))
	}
	if err := errors.Join(m.Close(), m.Close()); err != nil {
		t.Error(err)
	}
	if count(folder, "ended") != 2 { // "by itself"
		t.Error("the program did not end by itself at the end of its standard input")
	}
	if _, err := m.Predict(t.Context(), batch); !errors.Is(err, process.ErrClosed) {
		t.Errorf("got %v, expected ErrClosed", err)
	}
}

func TestAnswersRawNumbers(t *testing.T) {
	m, _ := open(t, "serves", process.Scores(process.Raw))
	answers, err := m.Answer(t.Context(), images(3), nil)
	if err != nil {
		t.Fatal(err)
	}
	if out := answers[2].Outputs; len(out) != 1 || out[0].Name != "logits" || !slices.Equal(out[0].Shape, []int{3}) || answers[2].Scores[2] != -1 {
		t.Errorf("got %+v", answers[2])
	}
}

// TestAnswersAsManyAsThereAre: an open dimension that no input has may be another one for each input.
func TestAnswersAsManyAsThereAre(t *testing.T) {
	hello := strings.Replace(strings.Replace(greeting, "[-1,3]", `[-1,"found"]`, 1), `,"classes":["left","right","none"]`, "", 1)
	m, folder := open(t, "greets:"+hello, process.Scores(process.Raw))
	if _, err := m.Answer(t.Context(), images(3), nil); err != nil {
		t.Fatal(err)
	}
	if got := notes(folder, "batches"); slices.ContainsFunc(got, func(n string) bool { return n != "1" }) {
		t.Errorf("expected inputs one by one, found %v", got)
	}
}

func TestCopies(t *testing.T) {
	m, folder := open(t, "serves", process.Copies(3))
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 20 {
				batch := images(9)
				rows, err := m.Predict(t.Context(), batch)
				if err != nil {
					t.Error(err)
					return
				}
				check(t, batch, rows)
			}
		})
	}
	group.Wait()
	if count(folder, "pid") != 3 {
		t.Errorf("expected 3 copies, found %d", count(folder, "pid"))
	}
}

func TestStartsAgainAfterACrash(t *testing.T) {
	m, folder := open(t, "crashes-once:6")
	batch := images(8)
	for range 20 {
		rows, err := m.Predict(t.Context(), batch)
		if err != nil {
			t.Fatal(err)
		}
		check(t, batch, rows)
	}
	if count(folder, "pid") != 2 {
		t.Errorf("expected two starts, found %d", count(folder, "pid"))
	}
}

// failing predicts until an error comes.
func failing(t *testing.T, m *process.Model) error {
	t.Helper()
	for range 50 {
		if _, err := m.Predict(t.Context(), images(8)); err != nil {
			return err
		}
	}
	t.Fatal("expected an error, found none")
	return nil
}

// TestFailures: one error that says what happened.
func TestFailures(t *testing.T) {
	for _, test := range []struct {
		act     string
		options []process.Option
		want    []string
	}{
		{"crashes:6", nil, []string{"asked twice about a batch", "exit status 3", "standard error ends with", "out of memory in batch of"}},
		{"crashes:6", []process.Option{process.Restarts(0)}, []string{"not started again, as process.Restarts(0) says", "exit status 3", "out of memory"}},
		{"half:6", nil, []string{"asked twice", "the program ended among the numbers of an answer", "exit status 5"}},
		{"slow:6", []process.Option{process.Timeout(300 * time.Millisecond)}, []string{"expected an answer within 300ms, found none; process.Timeout"}},
		{"closes:6", nil, []string{"closed its standard output", "did not end"}},
		{"prints:6", nil, []string{`found "debug: batch`, "prints everything else to standard error"}},
		{"prints-inside:6", nil, []string{`{"end":`, "after the numbers of an answer", "standard error"}},
		{"refuses:6", nil, []string{"the program answered an error: expected warm pixels"}},
		{`replies:{"id":ID}`, nil, []string{"with the 1 outputs of the greeting, found 0"}},
		{`replies:{"id":7000,"outputs":[]}`, nil, []string{"found one to 7000"}},
		{`replies:{"id":ID,"outputs":[{"name":"logits","type":"float64","shape":[8,3]}]}`, nil, []string{`output "logits"`, "expected float32, as in the greeting, found float64"}},
		{`replies:{"id":ID,"outputs":[{"name":"logits","type":"float32","shape":[1,3]}]}`, nil, []string{"expected the shape [", "found [1 3]"}},
		{`replies:{"id":ID,"outputs":[{"name":"logits","type":"float32","shape":[8,4]}]}`, nil, []string{"expected a shape as in the greeting, [-1 3], found [8 4]"}},
		{`replies:{"id":ID,"outputs":[{"name":"scores","type":"float32","shape":[8,3]}]}`, nil, []string{"expected each output of the greeting once"}},
		{`replies:{"id":ID,"outputs":[{"name":"logits","type":"float32","shape":[3000000000,3000000000]}]}`, nil, []string{"at most 1024 MiB"}},
		{`replies:{"id":ID,"output":[]}`, nil, []string{`unknown field "output"`}},
	} {
		t.Run(test.act, func(t *testing.T) {
			t.Parallel()
			m, folder := open(t, test.act, test.options...)
			err := failing(t, m)
			for _, want := range append(test.want, "process: "+m.Describe().Settings["command"]) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("expected %q in the error, found: %v", want, err)
				}
			}
			if n := count(folder, "pid"); n > 2 {
				t.Errorf("expected one start more at most, found %d", n-1)
			}
		})
	}
}

// TestGoesOnAfterAnError: what was no crash costs one batch.
func TestGoesOnAfterAnError(t *testing.T) {
	m, folder := open(t, "slow:6", process.Timeout(time.Second/2), process.Restarts(1))
	slow := failing(t, m)
	if _, err := m.Predict(t.Context(), images(1)); err != nil {
		t.Errorf("after %v: %v", slow, err)
	}
	if n := count(folder, "pid"); n != 2 {
		t.Errorf("expected 2 starts, found %d", n)
	}
	if err := failing(t, m); !strings.Contains(err.Error(), "expected an answer within") {
		t.Errorf("got %v", err)
	}
	if _, err := m.Predict(t.Context(), images(1)); err == nil || !strings.Contains(err.Error(), "not started again, as process.Restarts(1) says: expected an answer within") {
		t.Errorf("got %v", err)
	}
}

// TestAnotherModel: a program that comes back as another model is no restart.
func TestAnotherModel(t *testing.T) {
	m, folder := open(t, "other")
	kill(t, folder)
	_, err := m.Predict(t.Context(), images(1))
	if err == nil || !strings.Contains(err.Error(), `expected every start of the program to greet with the same model, found "another"`) {
		t.Errorf("got %v", err)
	}
}

func TestOpenRefuses(t *testing.T) {
	with := func(from, to string) string { return "greets:" + strings.Replace(greeting, from, to, 1) }
	for _, test := range []struct {
		act     string
		options []process.Option
		want    string
	}{
		{"fails", nil, "the program ended before its greeting (exit status 4); its standard error ends with:\n  no such model\n  giving up"},
		{"silent", []process.Option{process.StartTimeout(200 * time.Millisecond)}, "expected a greeting within 200ms, found none; process.StartTimeout"},
		{"chatty", nil, `expected a greeting, one line of JSON, on standard output, found "Loading the model ..."`},
		{"greets:", nil, `expected a greeting, one line of JSON, on standard output, found ""`},
		{"greets:{}", nil, `expected a greeting with "triggerfinder": 1`},
		{`greets:{"triggerfinder":2,"parts":7}`, nil, "expected version 1 of the protocol, found 2"},
		{"greets:" + greeting + "{}", nil, "more than one value"},
		{with(`"corners"`, `" "`), nil, `expected a "name" of the model`},
		{with(`"max_batch"`, `"max_bacth"`), nil, `unknown field "max_bacth"`},
		{with(`"max_batch":8`, `"max_batch":-8`), nil, `"max_batch"`},
		{with(`"uint8"`, `"u8"`), nil, `inputs[0] "pixels": expected a type of bfloat16, bool, float16, float32, float64, int16, int32, int64, int8, uint8, found "u8"`},
		{with(`[-1,2,2,1]`, `[]`), nil, "expected a shape of 1 to 16 dimensions"},
		{with(`[-1,2,2,1]`, `[-1,0]`), nil, "expected a dimension that is a number above 0, -1 for an open one, or a name, found 0"},
		{with(`"scores":"logits"`, `"scores":"votes"`), nil, `expected "scores" of "logits"`},
		{with(`"max_batch"`, `"sha256":"abc","max_batch"`), nil, `"sha256" of 64 hexadecimal digits`},
		{with(`"type":"uint8"`, `"type":"uint8","zero_point":3`), nil, "expected a scale above 0"},
		{with(`"type":"uint8"`, `"type":"uint8","scale":0.5,"zero_point":300`), nil, "expected a zero point of 0..255 for uint8, found 300"},
		{with(`"right",`, ``), nil, "expected names of 3 classes, as many as there are scores, found 2"},
		{"greets:" + strings.Repeat("x", 100_000), nil, "expected a greeting"},
		{"serves", []process.Option{process.Copies(0)}, "process: option Copies: expected 1 to 1024 copies, found 0"},
		{"serves", []process.Option{process.Timeout(0)}, "process: option Timeout: expected a time above 0"},
		{"serves", []process.Option{process.StartTimeout(-1)}, "process: option StartTimeout: expected a time above 0"},
		{"serves", []process.Option{process.Restarts(-1)}, "process: option Restarts: expected at least 0"},
		{"serves", []process.Option{process.Env("A")}, `process: option Env: expected NAME=value, found "A"`},
		{"serves", []process.Option{process.Dir("")}, `process: option Dir: expected a folder`},
		{"serves", []process.Option{process.Dir("/no/such/folder")}, "expected a program that can be started"},
		{"serves", []process.Option{nil}, "process: option 1: expected an option, found nil"},
		{"serves", []process.Option{process.Output("boxes")}, `expected an output "boxes", as process.Output says`},
		{"serves", []process.Option{process.Original(process.Scale(2))}, "process: option Original: expected it in OpenPair"},
	} {
		t.Run(test.act, func(t *testing.T) {
			command, how, folder := server(t, test.act)
			m, err := process.Open(command, append(test.options, how)...)
			if err == nil {
				m.Close()
			}
			if err == nil || !strings.HasPrefix(err.Error(), "process: ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("expected %q, found: %v", test.want, err)
			}
			gone(t, folder, "pid")
		})
	}
	for _, command := range [][]string{nil, {}, {""}} {
		if _, err := process.Open(command); err == nil || !strings.Contains(err.Error(), "expected a command") {
			t.Errorf("command %q: got %v", command, err)
		}
	}
	if _, err := process.Open([]string{"/no/such program"}); err == nil || !strings.Contains(err.Error(), "process: '/no/such program': expected a program that can be started") {
		t.Errorf("got %v", err)
	}
}

// TestCancelled: a prediction ends with its context, and the next one is answered.
func TestCancelled(t *testing.T) {
	m, folder := open(t, "slow:6", process.Restarts(0))
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	began := time.Now()
	var err error
	for err == nil {
		_, err = m.Predict(ctx, images(8))
	}
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 30*time.Second {
		t.Errorf("got %v after %v, expected context.DeadlineExceeded", err, time.Since(began))
	}
	if _, err := m.Predict(t.Context(), images(1)); err != nil {
		t.Errorf("after that: %v", err)
	}
	if n := count(folder, "pid"); n != 2 {
		t.Errorf("expected 2 starts, found %d", n)
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := m.Predict(stopped, images(1)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, expected context.Canceled", err)
	}
}

func TestOpenPair(t *testing.T) {
	command, how, folder := server(t, "serves")
	pair, err := process.OpenPair(command, command, how, process.Compressed(process.Copies(2)))
	if err != nil {
		t.Fatal(err)
	}
	if pair.Name() != "corners-vs-corners-compressed" {
		t.Errorf("got the name %q", pair.Name())
	}
	o, c := pair.Describe()
	if o.Settings["copies"] != "1" || c.Settings["copies"] != "2" || count(folder, "pid") != 3 {
		t.Errorf("got %v and %v", o.Settings, c.Settings)
	}
	if err := pair.Close(); err != nil {
		t.Error(err)
	}
	gone(t, folder, "pid")

	// Nothing stays of a pair of which one cannot be opened.
	if _, err = process.OpenPair(command, []string{"/no/such/program"}, how); err == nil || !strings.Contains(err.Error(), "/no/such/program") {
		t.Errorf("got %v", err)
	}
	gone(t, folder, "pid")
}
