package oip_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/runtimes/oip"
	"github.com/triggerfinder/triggerfinder/runtimes/oip/oippb"
	"github.com/triggerfinder/triggerfinder/runtimes/oip/oiptest"
	"github.com/triggerfinder/triggerfinder/runtimes/process"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// serveVariable makes the test binary a program that asks the server of that address.
const serveVariable = "TRIGGERFINDER_TEST_SERVE"

func TestMain(m *testing.M) {
	if address := os.Getenv(serveVariable); address != "" {
		if err := oip.Serve(context.Background(), os.Stdin, os.Stdout, address, "m", oip.Retries(1), oip.MessageLimit(1<<16)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		return
	}
	os.Exit(m.Run())
}

// TestServe: a model behind the protocol of programs answers as the server does, in requests below the limit.
func TestServe(t *testing.T) {
	f := rowsModel().start(t)
	through, err := process.Open([]string{os.Args[0]}, process.Env(serveVariable+"="+f.address), process.Scores(process.Logits))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = through.Close() }()
	if s := through.Describe().Settings; s["runtime"] != "fake 1" || s["asked_by"] != "gRPC" || s["server"] != f.address {
		t.Errorf("described as %v", s)
	}
	batch := rows(4000) // 64,000 bytes, and headers
	got, err := through.Predict(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	want, err := openFake(t, f).Predict(t.Context(), batch)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("the answers differ: %v", err)
	}
	if f.largest > 1<<16 {
		t.Errorf("a request has %d bytes, expected at most %d", f.largest, 1<<16)
	}
	f.answer = func(int64, *oippb.ModelInferRequest) (*oippb.ModelInferResponse, error) {
		return nil, status.Error(codes.InvalidArgument, "not on Sundays")
	}
	asked := f.asked.Load()
	_, err = through.Predict(t.Context(), batch[:1])
	says(t, err, "found that it refuses: not on Sundays")
	if n := f.asked.Load() - asked; n != 1 {
		t.Errorf("asked %d times", n)
	}
	f.answer = sums
	if _, err = through.Predict(t.Context(), batch[:1]); err != nil {
		t.Errorf("after an error: %v", err)
	}
	f.server.Stop()
	_, err = through.Predict(t.Context(), batch[:1])
	says(t, err, "expected a server that answers", "in 2 attempts")
	_, err = process.Open([]string{os.Args[0]}, process.Env(serveVariable+"="+f.address))
	says(t, err, "expected a server that answers, found none", "exit status 2")
}

// TestServeRefuses what no question may be.
func TestServeRefuses(t *testing.T) {
	f := rowsModel().start(t)
	for text, want := range map[string]string{
		"x\n":             "expected a question, one line of JSON",
		`{"id":1}` + "\n": `expected the inputs ["x"], found 0`,
		`{"id":1`:         "found the beginning of one",
		`{"id":1,"inputs":[{"name":"y","type":"float32","shape":[1,4]}]}` + "\n":                                              `expected each of the inputs ["x"] once, found "y"`,
		`{"id":1,"inputs":[{"name":"x","type":"uint8","shape":[1,4]}]}` + "\n":                                                `expected float32 for the input "x", found uint8`,
		`{"id":1,"inputs":[{"name":"x","type":"float32","shape":[-1,4]}]}` + "\n":                                             "expected dimensions of at least 0",
		`{"id":1,"inputs":[{"name":"x","type":"float32","shape":[1,4]}]}` + "\n12":                                            "expected 16 bytes of numbers",
		`{"id":1,"inputs":[{"name":"x","type":"float32","shape":[9,4]},{"name":"x","type":"float32","shape":[9,4]}]}` + "\n1": "once",
	} {
		err := oip.Serve(t.Context(), strings.NewReader(text), &bytes.Buffer{}, f.address, "m")
		says(t, err, want)
	}
	if err := oip.Serve(t.Context(), strings.NewReader(""), &bytes.Buffer{}, f.address, "m"); err != nil {
		t.Errorf("the end of questions: %v", err)
	}
	says(t, oip.Serve(t.Context(), strings.NewReader(""), &bytes.Buffer{}, f.address, "m", oip.Scale(2)), "expected options about the server")
}

// says checks what an error says.
func says(t *testing.T, err error, words ...string) {
	t.Helper()
	for _, w := range words {
		if err == nil || !strings.Contains(err.Error(), w) {
			t.Errorf("expected %q, found %v", w, err)
		}
	}
}

// exe ends the name of a program.
func exe() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// rows are inputs.
func rows(n int) []input.Input {
	var all []input.Input
	for i := range n {
		all = append(all, row(float32(i%7), 1, float32(i%5), 0))
	}
	return all
}

// commandSearches has the command find triggers of a pair whose compressed side is on the server, and replay them.
func commandSearches(t *testing.T, addresses ...string) {
	bin := t.TempDir()
	for folder, name := range map[string]string{".": "triggerfinder-oip", "../..": "triggerfinder"} {
		build := exec.Command("go", "build", "-o", filepath.Join(bin, name+exe()), "./cmd/"+name)
		build.Dir = folder
		if out, err := build.CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	folder := oiptest.Models(t, "lenet5")
	run := func(code int, args ...string) string {
		c := exec.Command(filepath.Join(bin, "triggerfinder"+exe()), args...)
		out, _ := c.CombinedOutput()
		if c.ProcessState.ExitCode() != code {
			t.Fatalf("%q: exit code %d: %s", args, c.ProcessState.ExitCode(), out)
		}
		return string(out)
	}
	seeds, err := filepath.Abs("../../fixtures/seeds/fashion-seeds-images.idx3-ubyte.gz")
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range addresses {
		out := t.TempDir()
		said := run(1, "search", "--original", filepath.Join(folder, "lenet5.onnx"), "--compressed", address+"lenet5-int8", "--scale", "1/255", "--compressed.scores", "logits",
			"--seeds", seeds, "--n", "2", "--budget", "100", "--out", out)
		if !strings.Contains(said, "2 of 2 seeds have a trigger") {
			t.Errorf("%s: found %s", address, said)
		}
		if said := run(1, "replay", out, "--compressed", address+"lenet5-int8"); !strings.Contains(said, "Still deviating: 2 of 2") || strings.Contains(said, "changed") {
			t.Errorf("%s: found %s", address, said)
		}
		if said := run(2, "search", "--original", filepath.Join(folder, "lenet5.onnx"), "--compressed", address+"nobody", "--seeds", seeds); !strings.Contains(said, `expected a model "nobody" on the server`) {
			t.Errorf("%s: found %s", address, said)
		}
	}
}
