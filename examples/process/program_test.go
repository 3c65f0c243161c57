// Package process is a test of what really answers, to be copied: the original as an ONNX file, and the compressed model behind a program, with the
// program's own preprocessing.
//
//	go test -v ./examples/process
package process

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/process"
)

// TestProgramInGo: a program of which nothing is known but what it answers.
func TestProgramInGo(t *testing.T) {
	g := NewWithT(t)
	program := filepath.Join(t.TempDir(), "server.exe")
	out, err := exec.Command("go", "build", "-o", program, "./goserver").CombinedOutput()
	g.Expect(err).NotTo(HaveOccurred(), string(out))
	deviates(t, program, file(t, "rescnn-int8.onnx"))
}

// TestPythonPipeline: the same model in Python, which makes of pixels what the model wants.
func TestPythonPipeline(t *testing.T) {
	python := "python3"
	if err := exec.Command(python, "-c", "import numpy, onnxruntime").Run(); err != nil {
		t.Skipf("expected a %s that has numpy and onnxruntime, found none: %v", python, err)
	}
	deviates(t, python, "server.py", file(t, "rescnn-int8.onnx"))
}

func deviates(t *testing.T, command ...string) {
	g := NewWithT(t)
	original := model.Try(onnx.OpenFS(fixtures.Models, "rescnn.onnx", onnx.Scale(fixtures.Scale))).OrFail(t)
	deployed := model.Try(process.Open(command, process.Timeout(10*time.Second))).OrFail(t)
	pair := model.Try(model.NewPair("rescnn-deployed", original, deployed)).OrFail(t)
	defer pair.Close()

	seeds := generators.First(fixtures.Seeds(), 20)
	search := HaveDeviationFrom(seeds).WithClassNames(fixtures.ClassNames()...).SavingTo(t.TempDir()) // by default in testdata/triggers
	g.Expect(pair).To(search)                                                                         // a test of your own has NotTo here
	t.Log(search.NegatedFailureMessage(pair))
}

// versions is the variable that names two versions of ONNX Runtime, such as "1.28.0 1.32.0".
const versions = "TRIGGERFINDER_ORT_VERSIONS"

// TestNewVersionAnswersAsTheOldOne: one quantised model in two versions of ONNX Runtime, each in a virtual environment of its own.
func TestNewVersionAnswersAsTheOldOne(t *testing.T) {
	g := NewWithT(t)
	two := strings.Fields(os.Getenv(versions))
	if len(two) != 2 {
		t.Skipf(`expected two versions in %s, such as "1.28.0 1.32.0", found %q: they are installed from packages into the user's cache`, versions, os.Getenv(versions))
	}
	path := file(t, "rescnn-int8.onnx")
	pair := model.Try(process.OpenPair(
		[]string{pythonWith(t, two[0]), "server.py", path}, []string{pythonWith(t, two[1]), "server.py", path},
		process.Original(process.Name("ort-"+two[0])), process.Compressed(process.Name("ort-"+two[1])))).OrFail(t)
	defer pair.Close()
	for i, d := range []model.Description{pair.Original().(*process.Model).Describe(), pair.Compressed().(*process.Model).Describe()} {
		g.Expect(d.Settings["runtime"]).To(ContainSubstring(two[i]))
	}

	seeds := generators.First(fixtures.Seeds(), 20)
	// Both are the same model, and may well give the same bits.
	search := HaveDeviationFrom(seeds).AllowingIdenticalScores().WithQueriesPerSeed(200).SavingTo(t.TempDir())
	g.Expect(pair).NotTo(search)
	t.Log(search.FailureMessage(pair))
}

// pythonWith is a Python with a version of ONNX Runtime, installed where it is not there.
func pythonWith(t *testing.T, version string) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Skip(err)
	}
	folder := filepath.Join(cache, "triggerfinder", "examples", "onnxruntime-"+version)
	python := filepath.Join(folder, "bin", "python")
	for _, command := range [][]string{
		{"python3", "-m", "venv", folder},
		{python, "-m", "pip", "install", "--quiet", "numpy", "onnxruntime==" + version},
	} {
		if exec.Command(python, "-c", "import numpy, onnxruntime").Run() == nil {
			break
		}
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Skipf("expected ONNX Runtime %s for Python, found none that can be installed: %v\n%s", version, err, out)
		}
	}
	return python
}

// file is a model of the fixtures as a file.
func file(t *testing.T, name string) string {
	t.Helper()
	data, err := fs.ReadFile(fixtures.Models, name)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}
