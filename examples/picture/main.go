// Picture draws the triggers of the README: of a search on an embedded pair, the triggers nearest to
// their seeds.
//
//	go run ./examples/picture -out docs/images
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"image"
	"image/png"
	"log"
	"os"
	"path/filepath"
	"slices"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/strategies"
)

func main() {
	out := flag.String("out", "docs/images", "folder for trigger.png and triggers.png")
	rows := flag.Int("rows", 4, "triggers in triggers.png")
	flag.Parse()
	log.SetFlags(0)
	if err := draw(*out, *rows); err != nil {
		log.Fatal(err)
	}
}

func draw(out string, rows int) error {
	p := fixtures.LeNet5Int8
	pair, err := onnx.OpenPairFS(fixtures.Models, p.Original, p.Compressed, onnx.PairName(p.Name), onnx.Scale(fixtures.Scale))
	if err != nil {
		return err
	}
	defer pair.Close()
	found, err := engine.Search(context.Background(), pair, fixtures.Seeds(), engine.Settings{
		Strategy: strategies.Boundary(), Budget: engine.Budget{QueriesPerSeed: 500, ClosingQueriesPerSeed: 200},
	})
	if err != nil {
		return err
	}
	// The nearest first; the sheet takes them as they come.
	slices.SortFunc(found.Seeds, func(a, b engine.Outcome) int { return cmp.Compare(similarity(b), similarity(a)) })
	c := report.ContextOf(found)
	c.ClassNames = fixtures.ClassNames()
	card, _ := report.Card(found.Triggers()[0], c)
	sheet, _ := report.Sheet(found, report.Options{ClassNames: c.ClassNames, Rows: rows})
	for name, picture := range map[string]image.Image{"trigger.png": card, "triggers.png": sheet} {
		if err := write(filepath.Join(out, name), picture); err != nil {
			return err
		}
	}
	return nil
}

func similarity(o engine.Outcome) float64 {
	if o.Trigger == nil || o.Trigger.Distance.SSIM == nil {
		return -1
	}
	return *o.Trigger.Distance.SSIM
}

func write(path string, picture image.Image) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := png.Encode(f, picture); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return f.Close()
}
