package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/input/pixels"
)

// manyFigures are what a search of very many seeds took.
type manyFigures struct {
	Seeds       int       `json:"seeds"`
	Found       int       `json:"found"`
	Queries     int       `json:"queries"`
	WallSeconds float64   `json:"wall_s"`
	SysMiB      float64   `json:"sys_mib"`
	PeakMiB     float64   `json:"peak_mib"` // VmHWM; 0 where it is not known
	Slices      []float64 `json:"slices"`   // seconds per 1,000 seeds, in tenths of the seeds
}

const manySlices = 10

func many(ctx context.Context, p opened, o options, log io.Writer) (e entry, err error) {
	dir, err := os.MkdirTemp("", "compare-many-")
	if err != nil {
		return e, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	fmt.Fprintf(log, "  writing %d images\n", o.many)
	if err := writeImages(dir, p.seeds, o.many); err != nil {
		return e, err
	}
	folder, err := generators.ImageFolder(dir)
	if err != nil {
		return e, err
	}
	f := &manyFigures{Seeds: folder.Len()}
	var done, lastDone int
	var last float64
	c := boundary()
	r, err := engine.Search(ctx, p.pair, folder, engine.Settings{
		Strategy: c.strategy, Budget: engine.Budget{QueriesPerSeed: manyLimit}, Strict: true,
		OnProgress: func(progress engine.Progress) {
			done = progress.Done
			if done >= (len(f.Slices)+1)*o.many/manySlices && done > lastDone {
				now := progress.Elapsed.Seconds()
				f.Slices = append(f.Slices, page.Significant(1000*(now-last)/float64(done-lastDone), 4))
				last, lastDone = now, done
				fmt.Fprintln(log, " ", progress)
			}
		},
	})
	if err != nil {
		return e, err
	}
	if wall := r.Timing.WallSeconds; lastDone < len(r.Seeds) { // the last slice ended with the search
		f.Slices = append(f.Slices, page.Significant(1000*(wall-last)/float64(len(r.Seeds)-lastDone), 4))
	}
	for i := range r.Seeds {
		if r.Seeds[i].Trigger != nil {
			f.Found++
		}
	}
	f.Queries, f.WallSeconds = r.Ledger.Queries, page.Significant(r.Timing.WallSeconds, 4)
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	f.SysMiB, f.PeakMiB = page.Significant(float64(memory.Sys)/(1<<20), 4), page.Significant(peakMiB(), 4)
	return entry{Many: f}, nil
}

// writeImages writes n grey PNG images: the seeds over and over, shifted by up to two pixels, with noise.
func writeImages(dir string, seeds input.Seeds, n int) error {
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range n {
		seed, err := seeds.Seed(i % seeds.Len())
		if err != nil {
			return err
		}
		height, width, channels, ok := seed.Input.ImageSize()
		if !ok || channels != 1 {
			return fmt.Errorf("seed %s: expected a grey image, found shape %v", seed.Name, seed.Input.Shape)
		}
		grey := image.NewGray(image.Rect(0, 0, width, height))
		dy, dx := rng.IntN(5)-2, rng.IntN(5)-2
		for y := range height {
			for x := range width {
				v := rng.IntN(9) - 4
				if fromY, fromX := y-dy, x-dx; fromY >= 0 && fromY < height && fromX >= 0 && fromX < width {
					v += int(seed.Input.Data[fromY*width+fromX])
				}
				grey.Pix[y*grey.Stride+x] = uint8(min(max(v, 0), 255))
			}
		}
		file, err := pixels.EncodePNG(grey)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%06d.png", i)), file, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// peakMiB is the most memory that was resident, where the system tells.
func peakMiB() float64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			if err == nil {
				return kib / 1024
			}
		}
	}
	return 0
}

func manyTables(entries []entry) []page.Table {
	t := page.Table{
		File:    "boundary-many.csv",
		Columns: []string{"pair", "seeds", "found", "queries", "wall s", "Sys MiB", "VmHWM MiB", "s per 1,000 seeds, by tenths of the run"}, Labels: 1,
	}
	for _, e := range entries {
		f := e.Many
		if f == nil {
			continue
		}
		var slices []string
		for _, s := range f.Slices {
			slices = append(slices, page.Number(s, 2))
		}
		t.Rows = append(t.Rows, []string{
			e.Pair, fmt.Sprint(f.Seeds), fmt.Sprint(f.Found), fmt.Sprint(f.Queries), page.Number(f.WallSeconds, 1),
			page.Number(f.SysMiB, 0), page.Number(f.PeakMiB, 0), strings.Join(slices, " "),
		})
	}
	return []page.Table{t}
}
