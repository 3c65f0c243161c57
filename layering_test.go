package triggerfinder_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/triggerfinder/triggerfinder"

// layers says what each package may import besides the standard library: packages of this module
// (paths below it) and other modules. Tests may import anything.
var layers = map[string][]string{
	"": {},

	// What a search is about.
	"input":    {"internal/vec"},
	"distance": {"input", "internal/vec"},
	"answer":   {},
	"model":    {"input", "answer"},

	// The search, and what is made of its exported names.
	"engine":     {"input", "distance", "answer", "model", "internal/vec"},
	"strategies": {"input", "distance", "answer", "engine", "generators", "internal/vec"},
	"minimize":   {"input", "distance", "answer", "model", "engine", "internal/vec"},
	"generators": {"input", "distance", "generators/signal", "generators/table", "generators/tokens", "generators/internal/classfolders", "generators/internal/severity", "input/npy", "input/pixels", "internal/vec", "internal/exact", "golang.org/x/image"},

	"generators/internal/classfolders": {},
	"generators/internal/severity":     {"input"},
	"generators/signal":                {"input", "input/wav", "generators/internal/classfolders", "generators/internal/severity", "internal/exact", "internal/fft"},
	"generators/table":                 {"input", "generators/internal/severity"},
	"generators/tokens":                {"input", "generators/internal/classfolders", "generators/internal/severity"},

	// Formats and loops, which know nothing of the rest.
	"internal/vec":         {"golang.org/x/sys/cpu"},
	"internal/half":        {},
	"internal/exact":       {},
	"internal/spelling":    {},
	"internal/commandline": {"internal/spelling", "github.com/spf13/cobra", "github.com/spf13/pflag"},
	"internal/fft":         {"internal/exact"},
	"input/npy":            {"internal/half", "internal/vec"},
	"input/wav":            {},
	"input/pixels":         {"internal/vec", "golang.org/x/image"},

	// Runtimes know models, and no search.
	"runtimes/internal/predictor": {"input", "answer", "model", "internal/half", "internal/vec", "golang.org/x/sys/cpu"},
	"runtimes/internal/sharedlib": {"github.com/gofrs/flock", "golang.org/x/sys"},
	"runtimes/litert":             {"input", "model", "runtimes/internal/predictor", "runtimes/internal/sharedlib"},
	"runtimes/pairfile":           {"model", "internal/modeltext", "internal/spelling", "go.yaml.in/yaml/v3"},
	"runtimes/process":            {"input", "model", "runtimes/internal/predictor"},
	"runtimes/onnx": {"input", "model", "internal/half", "runtimes/internal/predictor", "runtimes/onnx/internal/backward", "runtimes/onnx/internal/modelfile", "runtimes/onnx/onnxpb", "runtimes/onnx/ortlib",
		"github.com/yalue/onnxruntime_go", "golang.org/x/sys/cpu"},
	"runtimes/onnx/internal/modelfile": {"runtimes/onnx/onnxpb", "google.golang.org/protobuf"},
	"runtimes/onnx/internal/backward":  {"internal/half", "runtimes/onnx/onnxpb", "google.golang.org/protobuf"},
	"runtimes/onnx/onnxpb":             {"google.golang.org/protobuf"},
	"runtimes/onnx/ortlib":             {"runtimes/internal/sharedlib"},
	"runtimes/onnx/restore":            {"runtimes/onnx/internal/modelfile", "runtimes/onnx/onnxpb", "google.golang.org/protobuf"},

	// Models in words, which every runtime understands.
	"internal/modeltext": {"input", "model", "generators/tokens", "internal/spelling", "runtimes/onnx", "runtimes/litert", "runtimes/process"},

	// What is made of what was found.
	"stats":  {"gonum.org/v1/gonum"},
	"gate":   {"input", "distance", "answer", "model", "engine", "stats"},
	"shards": {"engine"},
	"triage": {"answer", "engine"},
	"layers": {"input", "answer", "model", "engine"},
	"repair": {"input", "answer", "model", "engine", "gonum.org/v1/gonum"},
	"report": {"input", "input/npy", "input/wav", "internal/fft", "input/pixels", "distance", "answer", "model", "engine", "gate", "repair", "stats", "golang.org/x/image"},

	"report/dossier": {"input", "distance", "answer", "model", "engine", "gate", "stats", "report", "triage"},

	// What people write.
	"matchers": {"input", "distance", "answer", "model", "engine", "strategies", "minimize", "report", "gate", "stats", "shards", "triage",
		"github.com/onsi/gomega/types", "github.com/onsi/gomega/format"},
	"matchers/specs": {"input", "answer", "engine", "matchers", "report", "report/dossier", "gate", "shards", "github.com/onsi/ginkgo/v2"},
	"fixtures":       {"input", "model", "generators"},
	"cmd/triggerfinder": {"input", "input/npy", "distance", "answer", "model", "engine", "strategies", "minimize", "generators", "generators/signal", "generators/table", "generators/tokens", "runtimes/onnx", "runtimes/onnx/restore",
		"runtimes/pairfile", "layers", "report", "report/dossier", "gate", "shards", "triage", "internal/commandline", "internal/modeltext", "internal/spelling"},

	// For tests.
	"input/inputtest":            {"input"},
	"engine/enginetest":          {"input", "distance", "answer", "model", "engine", "strategies"},
	"fixtures/shades":            {"input", "model"},
	"integration":                {},
	"report/dossier/dossiertest": {"report/dossier", "github.com/santhosh-tekuri/jsonschema/v6"},
	"runtimes/onnx/onnxtest":     {"runtimes/onnx/onnxpb", "google.golang.org/protobuf"},
}

// TestLayering keeps the arrows between packages pointing one way.
func TestLayering(t *testing.T) {
	packages := listPackages(t)
	for path, allowed := range layers {
		imports, ok := packages[path]
		if !ok {
			t.Errorf("package %q has a layer, but does not exist", path)
		}
		for _, imported := range imports {
			if !allows(allowed, imported) {
				t.Errorf("package %q imports %s; expected only the standard library and %v", path, imported, allowed)
			}
		}
	}
	for path := range packages {
		if _, ok := layers[path]; !ok && !strings.HasPrefix(path, "examples/") {
			t.Errorf("package %q has no layer: add it to the table", path)
		}
	}
}

func allows(allowed []string, imported string) bool {
	standard := !strings.Contains(strings.SplitN(imported, "/", 2)[0], ".")
	return standard || slices.ContainsFunc(allowed, func(a string) bool {
		if inside, ok := strings.CutPrefix(imported, module+"/"); ok {
			return inside == a
		}
		return imported == a || strings.HasPrefix(imported, a+"/")
	})
}

// listPackages maps each package of the module, by its path below it, to its imports without tests.
func listPackages(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "./...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := map[string][]string{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages[strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")] = p.Imports
	}
}
