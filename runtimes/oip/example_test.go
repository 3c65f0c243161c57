package oip_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/oip"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

// The original runs here, and what is shipped behind an endpoint.
func ExampleOpen() {
	original, err := onnx.Open("classifier.onnx", onnx.Scale(1.0/255))
	if err != nil {
		log.Fatal(err)
	}
	shipped, err := oip.Open("inference.example.com:443", "classifier",
		oip.TLS(nil), oip.Token(os.Getenv("INFERENCE_TOKEN")), oip.Scores(oip.Logits), oip.Scale(1.0/255))
	if err != nil {
		log.Fatal(err)
	}
	pair, err := model.NewPair("", original, shipped)
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = pair.Close() }()
	seeds, err := generators.ImageFolder("testdata/images")
	if err != nil {
		log.Fatal(err)
	}
	report, err := engine.Search(context.Background(), pair, seeds, engine.Settings{Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 1000}})
	if err != nil {
		log.Print(err) // what was found until then is in the report
	}
	fmt.Println(len(report.Triggers()), "triggers;", shipped.Traffic())
}

// Two versions of a model of one server, such as before they are swapped.
func ExampleOpenPair() {
	pair, err := oip.OpenPair("localhost:8081", "classifier", "classifier",
		oip.Original(oip.Version("1")), oip.Compressed(oip.Version("2")), oip.Scores(oip.Logits), oip.Scale(1.0/255))
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = pair.Close() }()
}
