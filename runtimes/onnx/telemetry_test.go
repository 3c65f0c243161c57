//go:build cgo

package onnx_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx/ortlib"
)

// TestRuntimeSendsNoUsageData opens a model in a process whose home is empty, where official builds of
// ONNX Runtime would keep what they are about to send.
func TestRuntimeSendsNoUsageData(t *testing.T) {
	const child = "TRIGGERFINDER_TEST_TELEMETRY"
	if os.Getenv(child) != "" {
		model, err := onnx.Open("testdata/nchw-rgb.onnx", onnx.RuntimeLibrary(os.Getenv(child)))
		if err != nil {
			t.Fatal(err)
		}
		_ = model.Close()
		if os.Getenv("ORT_DISABLE_TELEMETRY") == "" {
			t.Error("ORT_DISABLE_TELEMETRY is not set")
		}
		return
	}
	library, err := ortlib.Resolve(t.Context(), ortlib.Options{})
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), child+"="+library.Path, "HOME="+home, "XDG_CACHE_HOME="+filepath.Join(home, "cache"))
	cmd.Env = slices.DeleteFunc(cmd.Env, func(v string) bool {
		return strings.HasPrefix(v, "ORT_DISABLE_TELEMETRY=") || strings.HasPrefix(v, "CI=")
	})
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if found, _ := filepath.Glob(filepath.Join(home, "cache", "*")); len(found) > 0 {
		t.Errorf("found %v; expected nothing", found)
	}
}
