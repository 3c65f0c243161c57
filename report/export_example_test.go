package report_test

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/report"
)

// In Python: numpy.load("triggers.npz")["inputs"].
func ExampleExportTriggers() {
	dir := engine.Must(os.MkdirTemp("", "export"))
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "triggers.npz")
	triggers := sampleTriggers(3) // stands for those of a search, or of Store.List
	if err := report.ExportTriggers(file, triggers); err != nil {
		fmt.Println(err)
		return
	}
	inputs := engine.Must(generators.NPZ(file, "inputs", generators.LabelKey("original_labels")))
	first := engine.Must(inputs.Seed(0))
	fmt.Println(inputs.Len(), first.Input, "- the original says", first.Label)
	// Output:
	// 3 input [12 10 1], 0..255 step 1 - the original says 1
}

func ExampleSaveSelector() {
	dir := engine.Must(os.MkdirTemp("", "selector"))
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "selector.json")
	selector := sampleSelector() // stands for a call of repair.Train
	if err := report.SaveSelector(file, selector); err != nil {
		fmt.Println(err)
		return
	}
	loaded := engine.Must(report.LoadSelector(file))
	fmt.Println(loaded)
	for _, scores := range [][]float32{{0.99, 0.01}, {0.55, 0.45}} {
		fmt.Println("trusts", scores, engine.Must(loaded.Trusts(scores)))
	}
	// Output:
	// selector that asks the original for at most 5 % of clean inputs
	// trusts [0.99 0.01] true
	// trusts [0.55 0.45] false
}
