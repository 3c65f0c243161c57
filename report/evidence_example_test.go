package report_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

func ExampleSaveEvidence() {
	dir := engine.Must(os.MkdirTemp("", "evidence"))
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "testdata", "evidence", "lenet5-int8.json")
	_, err := report.LoadEvidence(file)
	fmt.Println("before the first release:", errors.Is(err, fs.ErrNotExist))

	evidence := sampleEvidence() // stands for a call of gate.EvidenceOf
	if err := report.SaveEvidence(file, evidence); err != nil {
		fmt.Println(err)
		return
	}
	lastRelease := engine.Must(report.LoadEvidence(file))
	fmt.Println("after it:", lastRelease.Pair, lastRelease.Found(), "of", len(lastRelease.Seeds))
	// Output:
	// before the first release: true
	// after it: lenet5-int8 1 of 2
}
