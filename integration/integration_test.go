// Package integration tests the matchers as their users run them: out of process, with go test and
// ginkgo. The packages to be run are in _fixtures, whose name hides them from ./... patterns.
package integration

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/report/dossier/dossiertest"
)

const (
	here     = "github.com/triggerfinder/triggerfinder/integration"
	pairName = "lenet5-int8"
	tooLong  = 5 * time.Minute // a machine may be busy
)

// fixture is a copy of a fixture package. It lies inside this module, so that its imports resolve, and
// is removed when the test is over.
type fixture struct {
	t          *testing.T
	dir        string
	importPath string
}

func copyFixture(t *testing.T, name string) *fixture {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and runs other test binaries, which takes some seconds; left out by -short")
	}
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	run, err := os.MkdirTemp(wd, "_run-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		dossiertest.CheckFolder(t, run) // whatever was written
		if err := os.RemoveAll(run); err != nil {
			t.Error(err)
		}
	})
	f := &fixture{t: t, dir: filepath.Join(run, name), importPath: path.Join(here, filepath.Base(run), name)}
	if err := os.CopyFS(f.dir, os.DirFS(filepath.Join("_fixtures", name))); err != nil {
		t.Fatal(err)
	}
	return f
}

// result is what a command came to.
type result struct {
	output string
	exit   int
}

// command is a command in the folder of the fixture. The first argument is its name; arguments before
// it of the form NAME=value are added to the environment.
func (f *fixture) command(args ...string) *exec.Cmd {
	f.t.Helper()
	var env []string
	for strings.Contains(args[0], "=") {
		env, args = append(env, args[0]), args[1:]
	}
	ctx, cancel := context.WithTimeout(f.t.Context(), tooLong)
	f.t.Cleanup(cancel)
	c := exec.CommandContext(ctx, args[0], args[1:]...)
	c.Dir = f.dir
	c.Env = append(c.Environ(), report.RootVariable+"=")
	c.Env = append(c.Env, env...)
	return c
}

// run runs a command to its end.
func (f *fixture) run(args ...string) result {
	f.t.Helper()
	output, err := f.command(args...).CombinedOutput()
	return f.result(string(output), err)
}

// compiled compiles the test of the fixture once, as NAME.test in its folder, and makes commands that run it with the given arguments, as go test does:
// linking takes longer than the tests do. Arguments before the first flag, of the form NAME=value, are its environment.
func (f *fixture) compiled() (test func(args ...string) []string) {
	f.t.Helper()
	binary := "./" + filepath.Base(f.dir) + ".test"
	if r := f.run("go", "test", "-c", "-o", binary, "."); r.exit != 0 {
		f.t.Fatal(r.output)
	}
	return func(args ...string) []string {
		n := 0
		for n < len(args) && !strings.HasPrefix(args[n], "-") {
			n++
		}
		return slices.Concat(args[:n], []string{binary, "-test.paniconexit0", "-test.timeout=10m"}, args[n:])
	}
}

// builtCommand is cmd/triggerfinder, built once for all tests.
func builtCommand(t *testing.T) string {
	t.Helper()
	binary, err := buildCommand()
	if err != nil {
		t.Fatal(err)
	}
	return binary
}

var buildCommand = sync.OnceValues(func() (string, error) {
	binary := filepath.Join(binaries, "triggerfinder.exe")
	if output, err := exec.Command("go", "build", "-o", binary, "../cmd/triggerfinder").CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, output)
	}
	return binary, nil
})

// binaries is a folder for what is built once, removed when all tests are over.
var binaries string

func TestMain(m *testing.M) {
	if root := os.Getenv(victimVariable); root != "" {
		if err := searchAsVictim(root); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		return
	}
	var err error
	if binaries, err = os.MkdirTemp("", "triggerfinder-integration-"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	code := m.Run()
	if err := os.RemoveAll(binaries); err != nil {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(code)
}

func (f *fixture) result(output string, err error) result {
	f.t.Helper()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return result{output, 0}
	case errors.As(err, &exit):
		return result{output, exit.ExitCode()}
	}
	f.t.Fatalf("%v\n%s", err, output)
	return result{}
}

func (f *fixture) path(elements ...string) string {
	return filepath.Join(append([]string{f.dir}, elements...)...)
}

func (f *fixture) read(name string) []byte {
	f.t.Helper()
	data, err := os.ReadFile(f.path(name))
	if err != nil {
		f.t.Fatal(err)
	}
	return data
}

// expectWhole reads everything that was saved for the pair: nothing may be missing, damaged or left over.
// It returns the number of triggers and of reports.
func (f *fixture) expectWhole() (triggers, reports int) {
	f.t.Helper()
	g := NewWithT(f.t)
	store, err := report.OpenStore(f.path(filepath.FromSlash(report.DefaultRoot)))
	g.Expect(err).NotTo(HaveOccurred())
	saved, err := store.List(pairName)
	g.Expect(err).NotTo(HaveOccurred())

	entries, err := os.ReadDir(store.PairDir(pairName))
	g.Expect(err).NotTo(HaveOccurred())
	for _, entry := range entries {
		dir := filepath.Join(store.PairDir(pairName), entry.Name())
		switch {
		case strings.HasPrefix(entry.Name(), "class-names-"):
			g.Expect(entry.Type().IsRegular()).To(BeTrue(), dir) // the triggers above could be read, so it is whole
		case strings.HasPrefix(entry.Name(), "report-"):
			loaded, err := report.LoadReport(dir)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(loaded.Report.Triggers()).NotTo(BeEmpty())
			reports++
		default:
			g.Expect(report.IsTrigger(dir)).To(BeTrue(), "%s is not a trigger", dir)
			triggers++
		}
	}
	g.Expect(saved).To(HaveLen(triggers))

	g.Expect(filepath.WalkDir(store.Root(), func(path string, entry fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".png" {
			file, err := os.Open(path)
			g.Expect(err).NotTo(HaveOccurred())
			defer file.Close()
			_, err = png.Decode(file)
			g.Expect(err).NotTo(HaveOccurred(), path)
		}
		g.Expect(filepath.Base(path)).NotTo(HavePrefix(".tmp-"), "left over")
		return err
	})).To(Succeed())
	return triggers, reports
}

// readingAllAlong lists the saved triggers and loads the reports again and again until stop is called:
// none may ever be seen half written. stop returns how often there was something to be read.
func (f *fixture) readingAllAlong() (stop func() int) {
	f.t.Helper()
	store, err := report.OpenStore(f.path(filepath.FromSlash(report.DefaultRoot)))
	if err != nil {
		f.t.Fatal(err)
	}
	stopping, read := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for {
			saved, err := store.List(pairName)
			if err != nil {
				f.t.Errorf("while others write: %v", err)
			}
			reports, _ := filepath.Glob(filepath.Join(store.PairDir(pairName), "report-*", "search-report.json"))
			for _, file := range reports {
				if _, err := report.LoadReport(filepath.Dir(file)); err != nil {
					f.t.Errorf("while others write: %v", err)
				}
			}
			if len(saved) > 0 {
				n++
			}
			select {
			case <-stopping:
				read <- n
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() int { close(stopping); return <-read }
}
