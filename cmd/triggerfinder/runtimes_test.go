//go:build cgo

package main

import (
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/runtimes/litert"
)

// litertHere skips a test where LiteRT is not there and cannot be installed.
func litertHere(t *testing.T) {
	t.Helper()
	m, err := litert.Open(expand([]string{"@lenet5.tflite"})[0], litert.Scale(1.0/255))
	if err != nil {
		t.Skipf("LiteRT is not here: %v", err)
	}
	_ = m.Close()
}

// afterSearch takes what a search saved through the commands that open the models again, without a word about them.
func afterSearch(t *testing.T, folder string, layersSay string, asked ...string) {
	t.Helper()
	r := command(t, append([]string{"replay", folder}, asked...)...)
	r.want(t, 1, "still deviates")
	if strings.Contains(r.err, "changed") {
		t.Errorf("nothing changed, found %s", r.err)
	}
	command(t, append([]string{"minimize", folder, "--budget", "20"}, asked...)...).want(t, 0, "Minimised: ")
	command(t, append([]string{"layers", "--triggers", folder}, asked...)...).want(t, 2, layersSay)
}

func TestLiteRTFiles(t *testing.T) {
	litertHere(t)
	for original, pair := range map[string]string{"@lenet5.onnx": "lenet5-vs-lenet5-int8", "@lenet5.tflite": "lenet5-vs-lenet5-int8", "@lenet5-int8.onnx": "lenet5-int8-vs-lenet5-int8-tflite"} {
		out := t.TempDir()
		search := []string{"search", "--original", original, "--compressed", "@lenet5-int8.tflite", "--scale", "1/255", "--seeds", "@seeds.npy", "--n", "4", "--budget", "200", "--out", out}
		command(t, search...).want(t, 1, "LiteRT ", ".tflite", "To replay: triggerfinder replay "+filepath.Join(out, pair))
		afterSearch(t, filepath.Join(out, pair), "expected an ONNX file for layers, whose nodes can be put back in float, found a .tflite file: ")
	}
	search := []string{"search", "--original", "@lenet5.onnx", "--compressed", "@lenet5-int8.tflite", "--seeds", "@seeds.npy"}
	for _, test := range []struct{ flags, says string }{
		{"--compressed.exact-products", "--compressed.exact-products: expected it for an ONNX file only, found a .tflite file: "},
		{"--timeout=1s", "--timeout: expected it for a program or an endpoint only, found an ONNX file: "},
		{"--original.signature=x", "--original.signature: expected it for a .tflite file only, found an ONNX file: "},
		{"--signature=x", `expected a signature "x", as --signature says`},
		{"--output=x", `expected an output "x"`},
	} {
		command(t, append(search, test.flags)...).want(t, 2, test.says)
	}
	command(t, append(search[:len(search):len(search)], "--n", "1", "--budget", "20", "--exact-products", "--scale", "1/255")...).want(t, 0, "no trigger in 20 queries") // the original has it
}

// pipeline builds a program that speaks the protocol.
func pipeline(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a server")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	if out, err := exec.Command("go", "build", "-o", path, "../../examples/process/goserver").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

func TestPrograms(t *testing.T) {
	server := pipeline(t)
	model := func(name string) string { return filepath.Join(files, name) }
	shipped := "process:'" + server + "' " + model("lenet5-int8.onnx")
	out := t.TempDir()
	search := []string{"search", "--original", "@lenet5.onnx", "--compressed", shipped, "--original.scale", "1/255", "--seeds", "@seeds.npy", "--n", "4", "--budget", "200"}
	command(t, append(search, "--out", out)...).want(t, 1, "runtime       compressed: ", "4 of 4 seeds have a trigger", " --compressed 'process:")
	folder := filepath.Join(out, "lenet5-vs-lenet5-int8")
	afterSearch(t, folder, "expected an ONNX file for layers, whose nodes can be put back in float, found a program: process:", "--compressed", shipped)
	for _, args := range [][]string{{"replay", folder}, {"minimize", folder}, {"layers", "--triggers", folder}} { // whoever made the folder names no command to run
		command(t, args...).want(t, 2, "--compressed: expected to be told which program or endpoint to ask", "To ask it again, add --compressed 'process:")
	}
	command(t, "replay", folder, "--compressed", "process:'"+server+"' "+model("lenet5-student.onnx")).want(t, 1, "compressed model has changed since", "it was lenet5-int8 (SHA-256 ", "Still deviating: ")
	both := []string{"search", "--original", "process:'" + server + "' " + model("lenet5.onnx"), "--compressed", shipped, "--seeds", "@seeds.npy", "--n", "2", "--budget", "100"}
	command(t, both...).want(t, 1, "2 of 2 seeds have a trigger")
	for _, test := range []struct{ compressed, flag, says string }{
		{"process:", "", `--compressed: expected a command, such as "process:python3 server.py model.onnx", found none`},
		{"process:a 'b", "", "--compressed: expected a closing ' in the command, found none"},
		{"process:no-such-program-anywhere", "", "no-such-program-anywhere"},
		{shipped, "--compressed.timeout=1ns", "--timeout"},
	} {
		args := append([]string{"search", "--original", "@lenet5.onnx", "--original.scale", "1/255", "--seeds", "@seeds.npy", "--compressed", test.compressed}, strings.Fields(test.flag)...)
		if r := command(t, args...); r.code != 2 || !strings.Contains(r.err, test.says) {
			t.Errorf("%s %s: code %d, %s", test.compressed, test.flag, r.code, r.err)
		} else {
			t.Log(r.err)
		}
	}
	command(t, append(both, "--threads", "2")...).want(t, 2, "--threads: expected it for files of models only, found programs or endpoints")
}

// Without its program an endpoint is one error, which says what makes it.
func TestEndpointsNeedTheirProgram(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	command(t, "search", "--original", "@lenet5.onnx", "--compressed", "grpc://localhost:1/m", "--seeds", "@seeds.npy").
		want(t, 2, "--compressed: expected the program triggerfinder-oip, which asks endpoints, beside triggerfinder or on the PATH, found none; in a clone, go install ./cmd/triggerfinder-oip in the folder runtimes/oip makes it")
}
