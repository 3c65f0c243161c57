package matchers_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/fixtures/shades"
	. "github.com/triggerfinder/triggerfinder/matchers"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// kept is a test that says whether it failed, and when it is over.
type kept struct {
	dir      string
	failed   bool
	cleanups *[]func()
	said     *string
}

func (k kept) ArtifactDir() string          { return k.dir }
func (k kept) Failed() bool                 { return k.failed }
func (k kept) Cleanup(f func())             { *k.cleanups = append(*k.cleanups, f) }
func (k kept) Logf(s string, args ...any)   { *k.said += fmt.Sprintf(s, args...) }
func (k kept) Errorf(s string, args ...any) { *k.said += "error: " + fmt.Sprintf(s, args...) }

func (k kept) over() {
	for _, f := range *k.cleanups {
		f()
	}
}

// Only a test that fails under -artifacts keeps anything, and a folder that cannot be written is an error of the test.
func TestWhichTestsKeepArtifacts(t *testing.T) {
	asked := flag.Lookup("test.artifacts")
	was := asked.Value.String()
	t.Cleanup(func() { _ = asked.Value.Set(was) })
	pair := shades.Pair("deviating", 20, 200)
	for _, test := range []struct {
		artifacts string
		failed    bool
		writable  bool
		kept      bool
		said      string
	}{
		{"true", true, true, true, "triggerfinder: what was found is kept in "},
		{"true", false, true, false, ""},
		{"false", true, true, false, ""},
		{"true", true, false, false, "error: KeepingArtifactsOf: "},
	} {
		t.Run(fmt.Sprintf("%+v", test), func(t *testing.T) {
			g := NewWithT(t)
			g.Expect(asked.Value.Set(test.artifacts)).To(Succeed())
			k := kept{dir: filepath.Join(t.TempDir(), "artifacts"), failed: test.failed, cleanups: new([]func()), said: new(string)}
			if !test.writable {
				g.Expect(os.WriteFile(k.dir, nil, 0o666)).To(Succeed())
			}
			search := HaveDeviationFrom(seeds(4)).WithoutSaving().WithoutReplay().KeepingArtifactsOf(k)
			for _, matcher := range []interface{ Match(any) (bool, error) }{search, HaveAtMost(0).DistinctDeviationsFoundBy(search.WithRandomSeed(1))} {
				_, err := matcher.Match(pair)
				g.Expect(err).NotTo(HaveOccurred())
			}
			k.over()
			g.Expect(*k.said).To(HavePrefix(test.said))
			if test.said == "" {
				g.Expect(*k.said).To(BeEmpty())
			}
			reports := model.Must(filepath.Glob(filepath.Join(k.dir, "deviating", "report-*", "search-report.json")))
			if !test.kept {
				g.Expect(reports).To(BeEmpty())
				return
			}
			g.Expect(reports).To(HaveLen(2), "one a search")
			g.Expect(model.Must(model.Must(report.OpenStore(k.dir)).List("deviating"))).NotTo(BeEmpty())
		})
	}
}
