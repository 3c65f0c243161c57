package report_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

func TestFolderNameAtTheLongest(t *testing.T) {
	if name := strings.Repeat("a", 64); report.FolderName(name) != name {
		t.Errorf("64 letters became %q", report.FolderName(name))
	}
	if name := strings.Repeat("a", 65); !strings.HasPrefix(report.FolderName(name), strings.Repeat("a", 48)+"-") {
		t.Errorf("65 letters became %q", report.FolderName(name))
	}
}

// npyOf is a file of a version, with a header of its own.
func npyOf(version byte, shape string, values ...byte) []byte {
	header := fmt.Sprintf("{'descr': '|u1', 'fortran_order': False, 'shape': (%s), }\n", shape)
	file := append([]byte("\x93NUMPY"), version, 0)
	if version == 1 {
		file = binary.LittleEndian.AppendUint16(file, uint16(len(header)))
	} else {
		file = binary.LittleEndian.AppendUint32(file, uint32(len(header)))
	}
	return append(append(file, header...), values...)
}

func TestNPYOfAllVersions(t *testing.T) {
	for version := byte(1); version <= 3; version++ {
		shape, data, err := report.DecodeNPY(npyOf(version, "2, 1", 7, 9))
		if err != nil || !slices.Equal(shape, []int{2, 1}) || !slices.Equal(data, []float32{7, 9}) {
			t.Errorf("version %d: %v %v, %v", version, shape, data, err)
		}
	}
	for _, file := range []string{"\x93NUMPY\x01\x00\x00", "\x93NUMPY\x02\x00\x00\x00\x00", "\x93NUMPY\x00\x02\x00\x00\x00\x00", "\x93NUMPY\x04\x03\x00\x00\x00\x00"} {
		if _, _, err := report.DecodeNPY([]byte(file)); err == nil || !strings.Contains(err.Error(), "expected version 1, 2 or 3") {
			t.Errorf("%q: error %v", file, err)
		}
	}
}

func TestNPYAtTheMostValues(t *testing.T) {
	for shape, says := range map[string]string{
		"536870911,":          "expected 536870911 bytes of data, found 1", // would be read
		"1, 536870911, 1":     "expected 536870911 bytes of data, found 1",
		"536870912,":          "expected at most 536870911 values",
		"2, 268435456":        "expected at most 536870911 values",
		"2, 268435455":        "expected 536870910 bytes of data, found 1",
		"65536, 65536, 65536": "expected at most 536870911 values",
	} {
		if _, _, err := report.DecodeNPY(npyOf(1, shape, 0)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("shape %s: error %v; expected %q", shape, err, says)
		}
	}
}

// Python reads (6) as a number: a tuple of one has a comma, one of several needs none.
func TestNPYShapeIsATuple(t *testing.T) {
	for want, shape := range map[string][]int{"'shape': (6,), }": {6}, "'shape': (2, 3), }": {2, 3}} {
		file := report.EncodeNPY(engine.Input{Shape: shape, Data: make([]float32, 6), Domain: engine.Bytes})
		if !bytes.Contains(file, []byte(want)) {
			t.Errorf("%v: %q; expected %s", shape, file, want)
		}
	}
}

func TestOneLine(t *testing.T) {
	for _, text := range []string{"a\nb", "a b", "a\x7fb", "a \r\n\t\x7f b", " a\x00\x1fb\n"} {
		if got := report.ShortHistory([]string{text}, func(string) bool { return true }); got != "a b" {
			t.Errorf("%q became %q; expected \"a b\"", text, got)
		}
	}
	if got := report.ShortHistory([]string{"a!~b"}, func(string) bool { return true }); got != "a!~b" {
		t.Errorf("got %q", got)
	}
}

func TestMetricsOfATrigger(t *testing.T) {
	ssim := 0.98765
	trigger := &engine.Trigger{Queries: 3, Distance: engine.Distance{L2: 12.3456, LInf: 7}}
	if got, want := report.Metrics(trigger), "3 queries  ·  L2 12.35  ·  L∞ 7"; got != want {
		t.Errorf("got %q; expected %q", got, want)
	}
	trigger.Distance.SSIM = &ssim
	if got, want := report.Metrics(trigger), "3 queries  ·  L2 12.35  ·  L∞ 7  ·  SSIM 0.988"; got != want {
		t.Errorf("got %q; expected %q", got, want)
	}
}

func TestDetailsOfASheet(t *testing.T) {
	r := &engine.Report{Strategy: "boundary", Oracle: "top-1", RandomSeed: 5, Ledger: engine.Ledger{Queries: 1}}
	if got, want := report.SheetDetails(r)[1], []string{"strategy: boundary", "oracle: top-1", "random seed: 5", "1 query"}; !slices.Equal(got, want) {
		t.Errorf("got %q; expected %q", got, want)
	}
	r.Bound = "LInf 8"
	if got, want := report.SheetDetails(r)[1], []string{"strategy: boundary", "oracle: top-1", "bound: LInf 8", "random seed: 5", "1 query"}; !slices.Equal(got, want) {
		t.Errorf("got %q; expected %q", got, want)
	}
}

// JSON has no infinity, of either sign.
func TestDistancesThatJSONCannotHold(t *testing.T) {
	for _, v := range []float64{math.Inf(1), math.Inf(-1), math.NaN()} {
		hit := engine.Trigger{ID: "0123456789abcdef", Distance: engine.Distance{L2: v, LInf: v, SSIM: &v}}
		r := &engine.Report{Pair: "p", Status: engine.AllSearched, Seeds: []engine.Outcome{{Status: engine.Triggered, Trigger: &hit}}}
		if got := report.ResultOf(r, nil).PerSeed[0].Trigger; got.L2 != nil || got.LInf != nil || got.SSIM != nil {
			t.Errorf("%g: %+v; expected no number", v, got.HitResult)
		}
	}
}

func TestWriteFolderTellsWhetherItWasThere(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	if existed, err := report.WriteFolder(dir, "f", []byte("first")); existed || err != nil {
		t.Errorf("new: existed %t, error %v", existed, err)
	}
	if existed, err := report.WriteFolder(dir, "f", []byte("second")); !existed || err != nil {
		t.Errorf("again: existed %t, error %v", existed, err)
	}
	if got := readFile(t, filepath.Join(dir, "f")); string(got) != "first" {
		t.Errorf("found %q; expected what was there to stay", got)
	}
	if entries, err := os.ReadDir(filepath.Dir(dir)); err != nil || len(entries) != 1 {
		t.Errorf("%v, error %v; expected nothing beside the folder", entries, err)
	}
}
