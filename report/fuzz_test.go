package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/triggerfinder/triggerfinder/report"
)

// FuzzLoadReport reads a search-report.json that may hold anything. What is accepted can be shown, and is the same
// when it is written and read again.
func FuzzLoadReport(f *testing.F) {
	dir := f.TempDir()
	if _, err := report.SaveReport(dir, sampleReport(sampleTriggers(3)...), report.Options{ClassNames: classNames}); err != nil {
		f.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, "search-report.json"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Add([]byte(`{"version": 1, "report": {"status": "all-searched", "seeds": [{"trigger": {}}], "timing": {"wall_s": "NaN"}}}`))
	f.Add([]byte(`{"version": 1, "report": {"pair": "p", "seeds": [{"trigger": {"original_label": -3, "distance": {"ssim": "-Infinity"}}}, {}]}}`))
	f.Add([]byte(`{"version": 1, "report": null}`))
	f.Add([]byte(`{"version": 2}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		loaded, err := report.DecodeReport(data)
		if err != nil {
			return
		}
		_ = report.Summary(loaded.Report)
		_ = report.StatsOf(loaded.Report)
		if _, ok := report.Sheet(loaded.Report, report.Options{ClassNames: loaded.ClassNames}); ok {
			t.Error("a sheet without any input")
		}
		written := report.EncodeReport(loaded.Report, loaded.ClassNames)
		again, err := report.DecodeReport(written)
		if err != nil {
			t.Fatalf("cannot read what it writes: %v", err)
		}
		if twice := report.EncodeReport(again.Report, again.ClassNames); !bytes.Equal(written, twice) {
			t.Errorf("changed by writing and reading:\n%s\nbecame\n%s", written, twice)
		}
	})
}

// FuzzLoadResult reads the JSON of a search that may hold anything.
func FuzzLoadResult(f *testing.F) {
	var data bytes.Buffer
	if err := report.ResultOf(sampleReport(sampleTriggers(3)...), map[string]string{"a": "b"}).Write(&data); err != nil {
		f.Fatal(err)
	}
	f.Add(data.Bytes())
	f.Add([]byte(`{"format": "triggerfinder-search", "version": 1, "per_seed": [{"trigger": {"l2": null, "dir": "x"}}], "options": {"scale": [1]}}`))
	f.Add([]byte(`{"format": "triggerfinder-search", "version": 2}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		result, err := report.DecodeResult(data)
		if err != nil {
			return
		}
		var written, twice bytes.Buffer
		if err := result.Write(&written); err != nil {
			t.Fatalf("cannot write what it accepts: %v", err)
		}
		again, err := report.DecodeResult(written.Bytes())
		if err != nil {
			t.Fatalf("cannot read what it writes: %v", err)
		}
		if err := again.Write(&twice); err != nil || !bytes.Equal(written.Bytes(), twice.Bytes()) {
			t.Errorf("changed by writing and reading (%v):\n%s\nbecame\n%s", err, written.Bytes(), twice.Bytes())
		}
	})
}
