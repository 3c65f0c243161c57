//go:build cgo && unix

package process_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/fixtures"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/runtimes/process"
)

// BenchmarkThroughput runs the same model in the process and in a program in Go, by turns, so that what else the machine does falls on both:
// the share is that of the throughput which is left, from the medians.
func BenchmarkThroughput(b *testing.B) {
	folder := b.TempDir()
	program := filepath.Join(folder, "goserver")
	if out, err := exec.Command("go", "build", "-o", program, "../../examples/process/goserver").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"rescnn", "rescnn-int8"} {
		path := filepath.Join(folder, name+".onnx")
		data, err := fs.ReadFile(fixtures.Models, name+".onnx")
		if err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			b.Fatal(err)
		}
		inside := model.Must(onnx.Open(path, onnx.Scale(fixtures.Scale)))
		defer inside.Close()
		outside, err := process.Open([]string{program, path})
		if err != nil {
			b.Fatal(err)
		}
		defer outside.Close()
		var batch []input.Input
		for i := range 64 {
			s, err := fixtures.Seeds().Seed(i)
			if err != nil {
				b.Fatal(err)
			}
			batch = append(batch, s.Input)
		}
		b.Run(name+"/batch=64", func(b *testing.B) {
			var took [2][]float64
			var dst [2][][]float32
			for b.Loop() {
				for i, m := range []model.BufferedPredictor{inside, outside} {
					began := time.Now()
					if dst[i], err = m.PredictInto(b.Context(), batch, dst[i]); err != nil {
						b.Fatal(err)
					}
					took[i] = append(took[i], float64(time.Since(began).Nanoseconds()))
				}
			}
			for i := range dst[0] {
				if !slices.Equal(dst[0][i], dst[1][i]) {
					b.Fatalf("image %d: %v in the process and %v in the program", i, dst[0][i], dst[1][i])
				}
			}
			var median [2]float64
			for i := range took {
				slices.Sort(took[i])
				median[i] = took[i][len(took[i])/2]
			}
			b.ReportMetric(64e9/median[0], "inside-images/s")
			b.ReportMetric(64e9/median[1], "process-images/s")
			b.ReportMetric(median[0]/median[1], "share")
		})
	}
}
