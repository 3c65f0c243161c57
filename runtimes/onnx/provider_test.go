//go:build cgo

package onnx_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/ortlib"
	"github.com/triggerfinder/triggerfinder/strategies"
)

const (
	envTestProviders = "TRIGGERFINDER_TEST_PROVIDERS"
	envChild         = "TRIGGERFINDER_TEST_PROVIDER_CHILD"
)

// withProviderLibrary runs the test again in a process that loads the library which has the provider, since this one has loaded another.
// Installing that is left to those who ask for it: TRIGGERFINDER_TEST_PROVIDERS=openvino (84 MB), or cuda (256 MB).
func withProviderLibrary(t *testing.T, provider string) (child bool) {
	t.Helper()
	if os.Getenv(envChild) == t.Name() {
		return true
	}
	if !slices.Contains(strings.Split(os.Getenv(envTestProviders), ","), provider) {
		t.Skipf("installs the library with %s: set %s=%s", provider, envTestProviders, provider)
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Env = slices.DeleteFunc(append(os.Environ(), envChild+"="+t.Name(), "GODEBUG=asyncpreemptoff=1"), func(v string) bool {
		return strings.HasPrefix(v, ortlib.EnvLibrary+"=") || strings.HasPrefix(v, ortlib.EnvLibraryShared+"=")
	})
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
	return false
}

func modelFile(name string) string { return filepath.Join("..", "..", "fixtures", "models", name) }

// TestOpenVINO searches an original on the CPU against a compressed model on OpenVINO, in one process.
func TestOpenVINO(t *testing.T) {
	if !withProviderLibrary(t, "openvino") {
		return
	}
	open := func(options ...onnx.Option) *model.Pair {
		t.Helper()
		pair, err := onnx.OpenPair(modelFile("rescnn.onnx"), modelFile("rescnn-int8.onnx"), append(options, onnx.Scale(fixtures.Scale))...)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = pair.Close() })
		return pair
	}
	pair := open(onnx.Compressed(onnx.ExecutionProvider("openvino"), onnx.NoFallback()))
	original, compressed := pair.Describe()
	for _, check := range []struct{ got, want string }{
		{original.Settings["provider"], "cpu"}, {original.Settings["provider_nodes"], ""}, {original.Settings["runtime"], "ONNX Runtime 1.24.1"},
		{compressed.Settings["provider"], "openvino"}, {compressed.Settings["provider_nodes"], "all"},
		{compressed.Settings["provider_settings"], "device_type=CPU, num_of_threads=1"},
	} {
		if check.got != check.want {
			t.Errorf("got %q, expected %q", check.got, check.want)
		}
	}

	seeds := generators.First(fixtures.Seeds(), 100)
	search := func(workers int) string {
		t.Helper()
		r, err := engine.Search(t.Context(), pair, seeds, engine.Settings{
			Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 2000}, Workers: workers, BatchSize: 16 * workers})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d triggers of 100 seeds, %d unstable, %d queries", len(r.Triggers()), r.Ledger.Unstable, r.Ledger.Queries)
		if len(r.Triggers()) != 100 || r.Ledger.Unstable > 0 {
			t.Errorf("triggers of %d of 100 seeds, %d unstable", len(r.Triggers()), r.Ledger.Unstable)
		}
		same, err := r.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		return string(same)
	}
	if search(1) != search(2) {
		t.Error("one worker and two do not find the same")
	}

	for range 40 { // which ends in a crash where Go's signals come between
		m, err := onnx.Open(modelFile("rescnn.onnx"), onnx.ExecutionProvider("openvino"))
		if err != nil {
			t.Fatal(err)
		}
		m.Close()
	}

	t.Setenv("GODEBUG", "")
	_, err := onnx.Open(modelFile("rescnn.onnx"), onnx.ExecutionProvider("openvino"))
	if runtime.GOOS == "linux" {
		wantError(t, err, `execution provider "openvino": expected the environment variable GODEBUG to have asyncpreemptoff=1`, "package process")
	}
	t.Setenv("GODEBUG", "asyncpreemptoff=1")

	variants, err := onnx.OpenVariants(modelFile("rescnn.onnx"), modelFile("rescnn-int8.onnx"), onnx.Scale(fixtures.Scale), onnx.Compressed(onnx.ExecutionProvider("openvino")))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = variants.Close() }()
	if variants[0].Setting != "on the CPU" {
		t.Errorf("got %q", variants[0].Setting)
	}

	// What OpenVINO cannot run, and the CPU can.
	_, err = onnx.Open(modelFile("lenet5-dynamic.onnx"), onnx.Scale(fixtures.Scale), onnx.ExecutionProvider("openvino"))
	wantError(t, err, `execution provider "openvino": expected a model that it can run, as ONNX Runtime 1.24.1 does on the CPU`)
	// Other providers are in none of the builds, or in another one.
	_, err = onnx.Open(modelFile("rescnn.onnx"), onnx.ExecutionProvider("cuda"))
	wantError(t, err, `execution provider "cuda": expected a library that has it`, "which this process has loaded already: a process can use one", "package process")
	_, err = onnx.Open(modelFile("rescnn.onnx"), onnx.ExecutionProvider("xnnpack"))
	wantError(t, err, `execution provider "xnnpack": expected a library of ONNX Runtime that has it, found `, "of version 1.24.1, which has not", ortlib.EnvLibrary)
	// A device that is none: ONNX Runtime runs everything on the CPU, without a word.
	_, err = onnx.Open(modelFile("rescnn.onnx"), onnx.ExecutionProvider("openvino", "device_type=NONE"))
	wantError(t, err, `execution provider "openvino": expected a model of which it runs something, found that it leaves all 14 nodes to the CPU: 9 × Conv, `)
}

// TestCUDAWithoutCUDA: the library is there, what it needs of the machine is not.
func TestCUDAWithoutCUDA(t *testing.T) {
	if !withProviderLibrary(t, "cuda") {
		return
	}
	if runtime.GOOS != "linux" {
		t.Skip("what a library misses is told on Linux")
	}
	for _, provider := range []string{"cuda", "tensorrt"} {
		_, err := onnx.Open(modelFile("rescnn.onnx"), onnx.ExecutionProvider(provider))
		if err == nil {
			t.Skip("this machine has CUDA")
		}
		wantError(t, err, `execution provider "`+provider+`": expected what `, "libonnxruntime_providers_"+provider+".so loads, found no ", "libcudart.so.13", "LD_LIBRARY_PATH")
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Error("expected an error")
		return
	}
	t.Log(err)
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("expected %q in: %v", part, err)
		}
	}
}

// TestProvidersOfTwoLibraries: a process loads one.
func TestProvidersOfTwoLibraries(t *testing.T) {
	t.Setenv(ortlib.EnvLibrary, "")
	t.Setenv(ortlib.EnvLibraryShared, "")
	_, err := onnx.OpenPair(modelFile("rescnn.onnx"), modelFile("rescnn-int8.onnx"),
		onnx.Original(onnx.ExecutionProvider("cuda")), onnx.Compressed(onnx.ExecutionProvider("openvino")))
	wantError(t, err, "option ExecutionProvider: expected providers that one library has", "onnxruntime-gpu", "onnxruntime-openvino", "package process")
}

// TestProviderAfterAnotherLibrary: what was loaded first stays.
func TestProviderAfterAnotherLibrary(t *testing.T) {
	m, err := onnx.Open(modelFile("rescnn.onnx"), onnx.Scale(fixtures.Scale))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	if d := m.Describe(); d.Settings["provider"] != "cpu" || d.Settings["provider_nodes"] != "" || d.Settings["provider_settings"] != "" {
		t.Errorf("got %v", d.Settings)
	}
	for _, provider := range []string{"openvino", "cuda", "directml"} {
		// Not the original, but the compressed model needs the other library.
		_, err = onnx.OpenPair(modelFile("rescnn.onnx"), modelFile("rescnn-int8.onnx"), onnx.Compressed(onnx.ExecutionProvider(provider)))
		wantError(t, err, `execution provider "`+provider+`": expected a library that has it`, "loaded already: a process can use one", ortlib.EnvLibrary, "package process")
	}
	for _, provider := range []string{"webgpu", "qnn", "NvTensorRTRTX", "NoSuch"} {
		_, err = onnx.Open(modelFile("rescnn.onnx"), onnx.ExecutionProvider(provider))
		wantError(t, err, `execution provider "`+provider+`": expected a library of ONNX Runtime that has it, found `, ", which has not: name one of your own by onnx.RuntimeLibrary")
	}
	if runtime.GOOS != "darwin" {
		_, err = onnx.Open(modelFile("rescnn.onnx"), onnx.ExecutionProvider("coreml"))
		wantError(t, err, `execution provider "coreml"`, "darwin/arm64")
	}
	// It says nothing about models on the CPU.
	on, err := onnx.Open(modelFile("rescnn.onnx"), onnx.Scale(fixtures.Scale), onnx.NoFallback())
	if err != nil {
		t.Fatal(err)
	}
	defer on.Close()
	seed, err := fixtures.Seeds().Seed(0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := on.Predict(context.Background(), []input.Input{seed.Input}); err != nil {
		t.Error(err)
	}
}
