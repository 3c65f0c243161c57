package beam_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/triggerfinder/triggerfinder/distributed/beam"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/pixels"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

func init() {
	// Every worker makes the plan by itself, so that it is registered where all of them get to know it.
	beam.Register("clothes", func(context.Context, json.RawMessage) (*beam.Plan, error) {
		p := fixtures.LeNet5Student
		pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
		if err != nil {
			return nil, err
		}
		return &beam.Plan{
			Pair: pair, Close: pair.Close,
			Settings: engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 50}},
			Seeds:    beam.InMemory(fixtures.Seeds()),
			Rate: &beam.Rate{
				Under:    func(seeds input.Seeds) (input.Distribution, error) { return generators.Corrupted(seeds), nil },
				Settings: gate.RateSettings{Limit: 0.05, Draws: 2000},
			},
		}, nil
	})
}

// temporary is a folder that the returned function removes.
func temporary() (folder string, remove func()) {
	folder, err := os.MkdirTemp("", "triggerfinder-example-")
	if err != nil {
		panic(err)
	}
	return folder, func() { os.RemoveAll(folder) }
}

func ExampleRun() {
	folder, remove := temporary() // in earnest gs://bucket/release-17
	defer remove()
	report, err := beam.Run(context.Background(), beam.Job{Plan: "clothes", Folder: folder})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Status, len(report.Seeds), len(report.Triggers()) > 0)
	// Output: all-searched 500 true
}

func ExampleLoad() {
	folder, remove := temporary()
	defer remove()
	if _, err := beam.Run(context.Background(), beam.Job{Plan: "clothes", Folder: folder}); err != nil {
		fmt.Println(err)
		return
	}
	report, err := beam.Load(context.Background(), folder) // later, and elsewhere
	fmt.Println(report.Pair, err)
	// Output: lenet5-student <nil>
}

// A pipeline of one's own counts what became of the seeds, and makes the report too.
func ExampleSearch() {
	folder, remove := temporary()
	defer remove()
	job := beam.Job{Plan: "clothes", Folder: folder}
	pipeline, scope := sdk.NewPipelineWithRoot()
	outcomes := beam.Search(scope, job) // of beam.Outcome
	beam.Combine(scope, job, outcomes)
	if _, err := sdk.Run(context.Background(), "prism", pipeline); err != nil {
		fmt.Println(err)
		return
	}
	_, err := os.Stat(filepath.Join(folder, "evidence.json"))
	fmt.Println(err)
	// Output: <nil>
}

func ExampleRunRate() {
	folder, remove := temporary()
	defer remove()
	rate, err := beam.RunRate(context.Background(), beam.Job{Plan: "clothes", Folder: folder})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(rate.Decision, rate.Limit)
	// Output: not-below 0.05
}

func ExampleRunFlips() {
	folder, remove := temporary()
	defer remove()
	flips, err := beam.RunFlips(context.Background(), beam.Job{Plan: "clothes", Folder: folder})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(flips.Inputs, flips.RightToWrong) // the embedded seeds are such as all models are right about
	// Output: 500 0
}

func ExampleFiles() {
	folder, remove := temporary() // in earnest s3://bucket/validation
	defer remove()
	for _, class := range []string{"cat", "dog"} {
		png, err := pixels.EncodePNG(pixels.Draw(4, 4, 1, func(int) float64 { return 0.5 }))
		if err == nil {
			err = os.MkdirAll(filepath.Join(folder, class), 0o777)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, class, "1.png"), png, 0o666)
		}
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	seeds, err := beam.OpenSeeds(context.Background(), beam.Files{Paths: []string{folder}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range seeds.Len() {
		seed, err := seeds.Seed(i)
		fmt.Println(seed.Name, seed.Label, seed.Input.Shape, err)
	}
	// Output:
	// cat/1.png 0 [4 4 1] <nil>
	// dog/1.png 1 [4 4 1] <nil>
}
