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
	"":                           {},
	"internal/vec":               {"golang.org/x/sys/cpu"},
	"internal/half":              {},
	"input/pixels":               {"internal/vec", "golang.org/x/image"},
	"input/npy":                  {"internal/half", "internal/vec"},
	"engine":                     {"internal/vec"},
	"generators":                 {"engine", "input/npy", "input/pixels", "internal/vec", "golang.org/x/image"},
	"strategies":                 {"engine", "generators"},
	"repair":                     {"engine", "gonum.org/v1/gonum"},
	"report/dossier":             {"engine", "gate", "stats", "report", "triage"},
	"report/dossier/dossiertest": {"report/dossier", "github.com/santhosh-tekuri/jsonschema/v6"}, // for tests
	"stats":                      {"gonum.org/v1/gonum"},
	"gate":                       {"engine", "stats"},
	"shards":                     {"engine"},
	"triage":                     {"engine"},
	"report":                     {"engine", "input/npy", "input/pixels", "gate", "repair", "stats", "golang.org/x/image"},
	"matchers":                   {"engine", "strategies", "report", "gate", "stats", "shards", "triage", "github.com/onsi/gomega/types", "github.com/onsi/gomega/format"},
	"matchers/specs":             {"engine", "matchers", "report", "report/dossier", "gate", "shards", "github.com/onsi/ginkgo/v2"},
	"runtimes/onnx/onnxpb":       {"google.golang.org/protobuf"},
	"runtimes/onnx/onnxtest":     {"runtimes/onnx/onnxpb", "google.golang.org/protobuf"}, // for tests
	"runtimes/onnx": {"engine", "internal/half", "runtimes/onnx/internal/modelfile", "runtimes/onnx/onnxpb", "runtimes/onnx/ortlib", "github.com/yalue/onnxruntime_go",
		"golang.org/x/sys/cpu"},
	"runtimes/onnx/restore": {"runtimes/onnx/internal/modelfile", "runtimes/onnx/onnxpb", "google.golang.org/protobuf"},
	"layers":                {"engine"},
	"runtimes/onnx/ortlib":  {"github.com/gofrs/flock", "golang.org/x/sys"},
	"fixtures":              {"engine", "generators"},
	"fixtures/shades":       {"engine"}, // for tests
	"cmd/triggerfinder":     {"engine", "runtimes/onnx", "runtimes/onnx/restore", "layers", "generators", "strategies", "report", "gate", "shards", "triage"},
	"integration":           {}, // tests only

	"runtimes/onnx/internal/modelfile": {"runtimes/onnx/onnxpb", "google.golang.org/protobuf"},
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
