package report_test

import (
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// TestReportsTellRuntimeAndMisreadSeeds looks at the words and the JSON about a real search.
func TestReportsTellRuntimeAndMisreadSeeds(t *testing.T) {
	p := fixtures.LeNet5Int8
	pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.Scale(fixtures.Scale), onnx.Compressed(onnx.Threads(2)))
	if err != nil {
		t.Fatal(err)
	}
	defer pair.Close()
	var seeds input.SeedList
	for i := range 6 {
		seed, err := generators.First(fixtures.Seeds(), 6).Seed(i)
		if err != nil {
			t.Fatal(err)
		}
		if i == 4 {
			seed.Label = 9
		}
		seeds = append(seeds, seed)
	}
	r, err := engine.Search(t.Context(), pair, seeds, engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 100}})
	if err != nil {
		t.Fatal(err)
	}
	summary := report.Summary(r)
	o, c := pair.Describe()
	for _, want := range []string{
		"\n  runtime       original: " + o.Settings["runtime"] + ", provider cpu, threads 1, optimisation all; cpu " + o.Settings["cpu"] + "\n",
		"\n  runtime       compressed: " + c.Settings["runtime"] + ", provider cpu, threads 2, optimisation all; cpu " + c.Settings["cpu"] + "\n",
		"\n  misread       1 seed by the original itself, 1 of them with a trigger; the first is seed 4 (",
		"): truly class 9, read as class 4\n",
	} {
		if !strings.Contains(summary, want) {
			t.Errorf("summary %s\nexpected in it: %q", summary, want)
		}
	}
	if !strings.HasPrefix(o.Settings["runtime"], "ONNX Runtime 1.") || o.Settings["cpu"] == "" {
		t.Errorf("settings %v", o.Settings)
	}
	result := report.ResultOf(r, nil)
	if result.Misread != 1 || result.PerSeed[4].MisreadAs == nil || *result.PerSeed[4].MisreadAs != 4 || result.PerSeed[0].MisreadAs != nil {
		t.Errorf("misread %d, seed 4 %+v", result.Misread, result.PerSeed[4])
	}
	if got := result.Models.Compressed.Settings; got["provider"] != "cpu" || got["cpu"] == "" || got["runtime"] == "" {
		t.Errorf("settings in JSON: %v", got)
	}
}

func TestScoresThatWereReadDifferentlyAreTold(t *testing.T) {
	with := func(original, compressed string) string {
		return report.Summary(&engine.Report{
			Original:   model.Description{Settings: map[string]string{"scores": original}},
			Compressed: model.Description{Settings: map[string]string{"scores": compressed}},
		})
	}
	const logits, other, probabilities = "logits, softmax applied (the graph ends in Gemm)", "logits, softmax applied (as onnx.Scores says)", "probabilities, as they are (the graph ends in Softmax)"
	if got := with(logits, probabilities); !strings.Contains(got, "\n  scores        original: "+logits+"\n  scores        compressed: "+probabilities+"\n") {
		t.Errorf("got %s", got)
	}
	for _, alike := range []string{other, ""} {
		if got := with(logits, alike); strings.Contains(got, "  scores ") {
			t.Errorf("%q: got %s", alike, got)
		}
	}
}
