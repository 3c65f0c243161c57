package integration

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/onsi/ginkgo/v2/types"
	. "github.com/onsi/gomega"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/matchers/specs"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// merged merges the results of shards, and compares them with the same search in one piece.
func (f *fixture) expectMergedToEqualTheWhole(g Gomega, files ...string) {
	var parts []*engine.Report
	for _, file := range files {
		_, r, err := report.LoadShard(file)
		g.Expect(err).NotTo(HaveOccurred())
		parts = append(parts, r)
	}
	merged, err := engine.Merge(parts...)
	g.Expect(err).NotTo(HaveOccurred())

	p := fixtures.LeNet5Pruned
	pair := model.Must(onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale)))
	defer pair.Close()
	whole := model.Must(engine.Search(f.t.Context(), pair, generators.First(fixtures.Seeds(), 30), engine.Settings{
		Strategy: strategies.Boundary(), Bound: distance.LInf(16), Budget: engine.Budget{QueriesPerSeed: 60},
	}))
	g.Expect(whole.Triggers()).NotTo(BeEmpty())
	g.Expect(string(model.Must(merged.Canonical()))).To(Equal(string(model.Must(whole.Canonical()))))
}

func TestParallelProcessesShareOneSearch(t *testing.T) {
	t.Parallel()
	f, g := copyFixture(t, "sharded"), NewWithT(t)
	suite := f.run("TRIGGERFINDER_ARTIFACTS="+f.path("artifacts"), "go", "tool", "ginkgo", "-p", "--procs=3", "--no-color", "--json-report=ginkgo.json", ".")
	g.Expect(suite.exit).To(Equal(1), suite.output)

	var reports []types.Report
	g.Expect(json.Unmarshal(f.read("ginkgo.json"), &reports)).To(Succeed())
	processes := map[int]bool{}
	var shards []string
	for _, spec := range reports[0].SpecReports {
		processes[spec.ParallelProcess] = true // a process that is slow to start may find the searches done
		switch container := strings.Join(spec.ContainerHierarchyTexts, " "); {
		case container == "search":
			g.Expect(spec.Labels()).To(ConsistOf("pair:lenet5-pruned"))
			g.Expect(spec.State).To(Equal(types.SpecStateFailed), "%s: each shard has a trigger", spec.LeafNodeText)
			g.Expect(spec.ReportEntries).To(HaveLen(2))
			var s specs.Summary
			g.Expect(json.Unmarshal([]byte(spec.ReportEntries[0].Value.AsJSON), &s)).To(Succeed())
			g.Expect(s.Seeds).To(Equal(10))
			g.Expect("shard " + s.Shard).To(Equal(spec.LeafNodeText))
			shards = append(shards, s.Shard)

			dir := spec.ReportEntries[1].GetRawValue()
			g.Expect(spec.ReportEntries[1].Name).To(Equal("triggerfinder artifacts"))
			g.Expect(dir).To(HavePrefix(f.path("artifacts") + string(filepath.Separator)))
			reports := model.Must(filepath.Glob(filepath.Join(dir.(string), "lenet5-pruned", "report-*")))
			g.Expect(reports).To(HaveLen(1))
			kept := model.Must(report.LoadReport(reports[0]))
			saved := model.Must(model.Must(report.OpenStore(dir.(string))).List("lenet5-pruned"))
			g.Expect(saved).To(HaveLen(s.Triggers))
			g.Expect(kept.Report.Triggers()).To(HaveLen(s.Triggers))
		case container == "the release":
			g.Expect(spec.Labels()).To(ConsistOf("pair:lenet5-int8"))
			g.Expect(spec.ReportEntries).To(HaveLen(1), spec.Failure.Message)
			var s specs.ComparisonSummary
			g.Expect(json.Unmarshal([]byte(spec.ReportEntries[0].Value.AsJSON), &s)).To(Succeed())
			g.Expect(s.Pass).To(Equal(spec.LeafNodeText == "deviates no more than the last"))
			g.Expect(spec.State == types.SpecStatePassed).To(Equal(s.Pass))
			g.Expect(s.Evidence).To(Equal("testdata/evidence.json"))
		case container == "classes":
			g.Expect(spec.State).To(Equal(types.SpecStatePassed), spec.Failure.Message)
		}
	}
	slices.Sort(shards)
	g.Expect(shards).To(Equal([]string{"1/3", "2/3", "3/3"}))
	g.Expect(len(processes)).To(BeNumerically(">", 1), "several processes")
	f.expectMergedToEqualTheWhole(g, f.path("results", "1-of-3.json"), f.path("results", "3-of-3.json"), f.path("results", "2-of-3.json"))
}

// Each of the machines of a sharded test runs the suite once, here with two processes.
func TestShardsOfBazelAreSplitAmongProcesses(t *testing.T) {
	t.Parallel()
	f, g := copyFixture(t, "sharded"), NewWithT(t)
	var files []string
	for _, index := range []string{"0", "1"} {
		suite := f.run("TEST_SHARD_INDEX="+index, "TEST_TOTAL_SHARDS=2", "TEST_SHARD_STATUS_FILE="+f.path("status"+index),
			"go", "tool", "ginkgo", "-p", "--procs=2", "--no-color", "--label-filter=pair:lenet5-pruned", ".")
		g.Expect(suite.exit).To(Equal(1), suite.output)
		g.Expect(suite.output).To(ContainSubstring("Ran 2 of "), suite.output)
		g.Expect(f.path("status" + index)).To(BeAnExistingFile())
	}
	for _, n := range []string{"1", "2", "3", "4"} {
		files = append(files, f.path("results", n+"-of-4.json"))
	}
	f.expectMergedToEqualTheWhole(g, files...)
}
