package report_test

import (
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

// findTriggers stands for a call of [engine.Search].
func findTriggers() *engine.Report { return sampleReport(sampleTriggers(5)...) }

func ExampleStore() {
	root, err := os.MkdirTemp("", "triggers")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(root)

	store, err := report.OpenStore(root) // "" is testdata/triggers
	if err != nil {
		log.Fatal(err)
	}
	found := findTriggers()
	for _, trigger := range found.Triggers() {
		if _, err := store.Save(trigger, report.ContextOf(found)); err != nil {
			log.Fatal(err)
		}
	}

	saved, err := store.List(found.Pair)
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range saved {
		fmt.Println(filepath.Base(s.Dir), s.Trigger.SeedName, s.Trigger.OriginalLabel, s.Trigger.CompressedLabel)
	}
	// Output:
	// 10c111776e5f67f7 gradient-3.png 1 2
	// 2c4c16bb7e69fd81 gradient-4.png 1 2
	// 46444d3b121be1a1 gradient-0.png 1 2
	// 8c4de6cd0fd482d1 gradient-2.png 1 2
	// cac38a003ba30e74 gradient-1.png 1 2
}

func ExampleSaveReport() {
	dir, err := os.MkdirTemp("", "report")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	files, err := report.SaveReport(dir, findTriggers(), report.Options{
		ClassNames: []string{"T-shirt/top", "Trouser", "Pullover", "Dress"},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range files {
		fmt.Println(filepath.Base(f))
	}
	// Output:
	// search-report.json
	// triggers.png
}

func ExampleSummary() {
	fmt.Print(report.Summary(findTriggers()))
	// Output:
	// lenet5-int8: 5 of 6 usable seeds have a trigger (83.3 %); 1 of 7 seeds was skipped
	//   original      lenet5.onnx, 250.1 kB, sha256 9f86d081884c
	//   compressed    lenet5-int8.onnx, 70.12 kB, sha256 60303ae22b99
	//   strategy      triggerfinder as published
	//   oracle        top-1
	//   runtime       1.0.0, threads 1
	//   bound         LInf 16
	//   random seed   18446744073709551615
	//   seeds         7, 6 usable, 1 deviating unchanged; 1 skipped because: shape [12 99 1]: expected [12 10 1]
	//   queries       530; apart from these: 6 seeds evaluated unchanged, 5 confirmations
	//   first hit     median 6, mean 6, p90 10.8, max 12 queries
	//   distance      SSIM median 0.944, p10 0.928; L2 median 49.19; LInf median 11
	//   time          2s, of which 1.9s in the models (6.2 % overhead), 250 queries/s
}

func ExampleStatsOf() {
	stats := report.StatsOf(findTriggers())
	fmt.Printf("%.0f %% of %d seeds, %g queries at the median\n", 100*stats.SuccessRate, stats.Usable, stats.Queries.Median)
	// Output: 83 % of 6 seeds, 6 queries at the median
}

func ExampleFolderName() {
	fmt.Println(report.FolderName("lenet5-int8"))
	fmt.Println(report.FolderName("LeNet 5/int8"))
	// Output:
	// lenet5-int8
	// lenet-5-int8-bdf8d0fe
}

func ExampleSaveEvidence() {
	dir := model.Must(os.MkdirTemp("", "evidence"))
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "testdata", "evidence", "lenet5-int8.json")
	_, err := report.LoadEvidence(file)
	fmt.Println("before the first release:", errors.Is(err, fs.ErrNotExist))

	evidence := sampleEvidence() // stands for a call of gate.EvidenceOf
	if err := report.SaveEvidence(file, evidence); err != nil {
		fmt.Println(err)
		return
	}
	lastRelease := model.Must(report.LoadEvidence(file))
	fmt.Println("after it:", lastRelease.Pair, lastRelease.Found(), "of", len(lastRelease.Seeds))
	// Output:
	// before the first release: true
	// after it: lenet5-int8 1 of 2
}

// In Python: numpy.load("triggers.npz")["inputs"].
func ExampleExportTriggers() {
	dir := model.Must(os.MkdirTemp("", "export"))
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "triggers.npz")
	triggers := sampleTriggers(3) // stands for those of a search, or of Store.List
	if err := report.ExportTriggers(file, triggers); err != nil {
		fmt.Println(err)
		return
	}
	inputs := model.Must(generators.NPZ(file, "inputs", generators.LabelKey("original_labels")))
	first := model.Must(inputs.Seed(0))
	fmt.Println(inputs.Len(), first.Input, "- the original says", first.Label)
	// Output:
	// 3 image [12 10 1], 0..255 step 1 - the original says 1
}

func ExampleSaveSelector() {
	dir := model.Must(os.MkdirTemp("", "selector"))
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "selector.json")
	selector := sampleSelector() // stands for a call of repair.Train
	if err := report.SaveSelector(file, selector); err != nil {
		fmt.Println(err)
		return
	}
	loaded := model.Must(report.LoadSelector(file))
	fmt.Println(loaded)
	for _, scores := range [][]float32{{0.99, 0.01}, {0.55, 0.45}} {
		fmt.Println("trusts", scores, model.Must(loaded.Trusts(scores)))
	}
	// Output:
	// selector that asks the original for at most 5 % of clean inputs
	// trusts [0.99 0.01] true
	// trusts [0.55 0.45] false
}
