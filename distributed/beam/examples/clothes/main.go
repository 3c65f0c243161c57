// Command clothes searches the embedded photos of clothes on Apache Beam, as a program with models and seeds of one's own does. Flags of Beam's say where: --runner and so on.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"log"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/triggerfinder/triggerfinder/distributed/beam"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// Every worker is this program, and makes the plan by itself.
func init() {
	beam.Register("clothes", func(ctx context.Context, arguments json.RawMessage) (*beam.Plan, error) {
		// With models of your own: onnx.OpenPair("/models/clothes.onnx", "/models/clothes-int8.onnx", onnx.Scale(1.0/255))
		p := fixtures.LeNet5Int8
		pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
		if err != nil {
			return nil, err
		}
		return &beam.Plan{
			Pair: pair, Close: pair.Close,
			Settings: engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 500}},
			// With seeds of your own: beam.Files{Paths: []string{"gs://bucket/validation"}}
			Seeds: beam.InMemory(fixtures.Seeds()),
		}, nil
	})
}

func main() {
	folder := flag.String("folder", "clothes-job", "where results go: a folder, or gs:// or s3://")
	flag.Parse()
	sdk.Init() // a worker does its work in here, and does not come back
	found, err := beam.Run(context.Background(), beam.Job{
		Plan: "clothes", Folder: *folder,
		OnProgress: func(p beam.Progress) { fmt.Println(p) },
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Summary(found))
}
