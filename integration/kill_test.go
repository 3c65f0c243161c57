package integration

import (
	"fmt"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
)

// victimVariable makes this test binary another process that searches; its value is the folder for triggers.
const victimVariable = "TRIGGERFINDER_TEST_VICTIM"

// victimSeeds is how many seeds a process searches that is to be killed; each has a trigger.
const victimSeeds = 18

// searchAsVictim is a gate that replays, searches and saves.
func searchAsVictim(root string) error {
	p := fixtures.LeNet5Student
	pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
	if err != nil {
		return err
	}
	defer pair.Close()
	search := matchers.HaveDeviationFrom(generators.First(fixtures.Seeds(), victimSeeds)).
		SavingTo(root).SavingAtMost(victimSeeds).WithQueriesPerSeed(200).
		WithSettings(func(s *engine.Settings) { s.Window, s.Workers = 4, 1 }) // so that triggers are saved all along
	_, err = matchers.HaveAtMost(0).DistinctDeviationsFoundBy(search).Match(pair)
	return err
}

// victim is a program that is killed while it searches and writes.
type victim struct {
	pair    string
	command func(root string) *exec.Cmd
	found   int // its exit code when it found triggers
	name    string
	kills   int
}

func victims(t *testing.T) []victim {
	gate := victim{name: "a gate", pair: fixtures.LeNet5Student.Name, kills: 30, command: func(root string) *exec.Cmd {
		c := exec.Command(os.Args[0])
		c.Env = append(c.Environ(), victimVariable+"="+root)
		return c
	}}
	if testing.Short() {
		gate.kills = 10
		return []victim{gate}
	}
	dir := t.TempDir()
	binary := builtCommand(t)
	if err := os.CopyFS(filepath.Join(dir, "models"), fixtures.Models); err != nil {
		t.Fatal(err)
	}
	command := victim{name: "the command", pair: "lenet5-vs-lenet5-student", kills: 20, found: 1, command: func(root string) *exec.Cmd {
		return exec.Command(binary, "search", "--original", filepath.Join(dir, "models", "lenet5.onnx"),
			"--compressed", filepath.Join(dir, "models", "lenet5-student.onnx"), "--scale", "1/255",
			"--seeds", "../fixtures/seeds/fashion-seeds-images.idx3-ubyte.gz", "--n", "12",
			"--strategy", "triggerfinder", "--budget", "500", "--workers", "1", "--save", "all", "--out", root, "--quiet")
	}}
	return []victim{gate, command}
}

// run runs the program to its end, and returns how long that took.
func (v victim) run(t *testing.T, root string) time.Duration {
	t.Helper()
	start := time.Now()
	c := v.command(root)
	if output, err := c.CombinedOutput(); c.ProcessState.ExitCode() != v.found {
		t.Fatalf("exit code %d, %v; expected %d\n%s", c.ProcessState.ExitCode(), err, v.found, output)
	}
	return time.Since(start)
}

// kill runs the program and kills it after that time. It reports whether the program was still running, and how long
// it ran.
func (v victim) kill(t *testing.T, root string, after time.Duration) (killed bool, ran time.Duration) {
	t.Helper()
	c := v.command(root)
	start := time.Now()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = c.Process.Kill() }) // SIGKILL; an error when it is over
	defer timer.Stop()
	_ = c.Wait()
	return c.ProcessState.ExitCode() == -1, time.Since(start)
}

// killsAStore is how often programs are killed in a row that write into the same folder, each later than the one
// before.
const killsAStore = 10

// The program is killed at random moments, spread over the time of a whole run. Whatever it has written is whole,
// and the next one goes on from there: in the end the triggers are those of a run that nobody disturbed.
func TestKilledWhileSearching(t *testing.T) {
	for _, v := range victims(t) {
		t.Run(v.name, func(t *testing.T) {
			t.Parallel() // each waits for its own processes
			undisturbed := filepath.Join(t.TempDir(), "triggers")
			lasts := v.run(t, undisturbed)
			want := wholeCorpus(t, undisturbed, v.pair)
			if len(want) < 10 {
				t.Fatalf("%d triggers; expected some to write", len(want))
			}
			rng := rand.New(rand.NewPCG(1, 100))
			killed, partial := 0, 0
			for range v.kills / killsAStore {
				root := filepath.Join(t.TempDir(), "triggers")
				saved := 0
				for i := range killsAStore {
					share := (float64(i) + rng.Float64()) / killsAStore
					// A process that was faster than the moment tells how long it takes now: once more.
					for range 5 {
						hit, ran := v.kill(t, root, time.Duration(share*float64(lasts)))
						if hit {
							killed++
							break
						}
						lasts = ran
					}
					now := wholeCorpus(t, root, v.pair)
					if len(now) < saved {
						t.Errorf("%d triggers became %d", saved, len(now))
					}
					if saved = len(now); saved > 0 && saved < len(want) {
						partial++
					}
				}
				lasts = v.run(t, root)
				if diff := cmp.Diff(want, wholeCorpus(t, root, v.pair)); diff != "" {
					t.Errorf("after %d kills and a whole run (- undisturbed, + killed):\n%s", killsAStore, diff)
				}
			}
			t.Logf("%d of %d killed while running, %d of them with some of the %d triggers saved; a run takes %s",
				killed, v.kills, partial, len(want), lasts.Round(time.Millisecond))
			if killed == 0 {
				t.Error("none was still running: nothing was shown")
			}
		})
	}
}

// wholeCorpus reads everything that was saved: nothing may be damaged. It returns the triggers by ID.
func wholeCorpus(t *testing.T, root, pair string) map[string]report.SavedTrigger {
	t.Helper()
	g := NewWithT(t)
	store, err := report.OpenStore(root)
	g.Expect(err).NotTo(HaveOccurred())
	saved, err := store.List(pair)
	g.Expect(err).NotTo(HaveOccurred())
	corpus := map[string]report.SavedTrigger{}
	for _, s := range saved {
		s.Dir, s.Saved = "", time.Time{}
		corpus[s.Trigger.ID] = s
	}
	err = filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch name := filepath.Base(path); {
		case err != nil:
			return err
		case strings.HasPrefix(name, "."): // not complete, and ignored by all readers
			if entry.IsDir() {
				return fs.SkipDir
			}
		case name == "search-report.json":
			_, err = report.LoadReport(filepath.Dir(path))
		case name == "search.json":
			_, err = report.LoadResult(path)
		case filepath.Ext(path) == ".png":
			err = decodePNG(path)
		case strings.HasPrefix(name, "class-names-"): // that was read above, as that and trigger.json were
		case !entry.IsDir() && !slices.Contains([]string{"trigger.json", "trigger.npy", "seed.npy"}, name):
			err = fmt.Errorf("%s: no file of ours", path)
		}
		return err
	})
	if !os.IsNotExist(err) {
		g.Expect(err).NotTo(HaveOccurred())
	}
	return corpus
}

func decodePNG(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = png.Decode(file)
	return err
}
