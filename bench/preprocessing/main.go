// Command preprocessing says how near seeds that are prepared in Go come to those that Pillow prepares, in grey levels and in answers of
// EfficientNet-Lite0:
//
//	python reference.py photos.zip /tmp/reference.npz
//	go run ./preprocessing -photos photos.zip -reference /tmp/reference.npz
package main

import (
	"archive/zip"
	"context"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/bench/command"
	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/zoo/wild"
)

const usage = `preprocessing compares photos prepared in Go with those that Pillow prepared (reference.py).

Flags:
`

func main() { command.Main("preprocessing", run) }

func run(ctx context.Context, args []string, log io.Writer) error {
	flags := flag.NewFlagSet("preprocessing", flag.ContinueOnError)
	photos := flags.String("photos", "", "a ZIP `file` of photos")
	reference := flags.String("reference", "", "the `file` that reference.py wrote of them")
	if err := command.Parse(flags, args, usage, log); err != nil {
		return err
	}
	archive, err := zip.OpenReader(*photos)
	if err != nil {
		return fmt.Errorf("-photos: %w", err)
	}
	defer archive.Close()
	folder, err := generators.ImageFolderFS(archive, generators.RGB())
	if err != nil {
		return fmt.Errorf("-photos: %w", err)
	}
	bicubic, err := generators.NPZ(*reference, "bicubic")
	if err != nil {
		return fmt.Errorf("-reference: %w", err)
	}
	bilinear, err := generators.NPZ(*reference, "bilinear")
	if err != nil {
		return fmt.Errorf("-reference: %w", err)
	}
	pair, err := wild.EfficientNetInt8.Open(ctx)
	if err != nil {
		return err
	}
	defer pair.Close()

	crop := func(seeds input.Seeds) input.Seeds { return generators.CenterCropped(seeds, 224, 224) }
	n := bicubic.Len()
	answers, err := labels(ctx, pair.Pair, bicubic, n)
	if err != nil {
		return err
	}
	fmt.Printf("%d photos, %s, %s\n\n", n, runtime.Version(), page.Machine())
	fmt.Println("| prepared by | levels, mean | most | another top-1, float | int8 |\n|---|---:|---:|---:|---:|")
	for _, way := range []struct {
		name  string
		seeds input.Seeds
	}{
		{"`ResizedShort(256, Bicubic)`, `CenterCropped(224)`", crop(generators.ResizedShort(folder, 256, generators.Bicubic))},
		{"`ResizedShort(256, Bilinear)`, `CenterCropped(224)`", crop(generators.ResizedShort(folder, 256, generators.Bilinear))},
		{"Pillow, bilinear", bilinear},
		{"`Resized(224, 224)`, stretched", generators.Resized(folder, 224, 224)},
	} {
		mean, most, err := levels(way.seeds, bicubic, n)
		if err != nil {
			return err
		}
		other, err := labels(ctx, pair.Pair, way.seeds, n)
		if err != nil {
			return err
		}
		var flips [2]int
		for i := range answers {
			for side := range flips {
				if other[i][side] != answers[i][side] {
					flips[side]++
				}
			}
		}
		fmt.Fprintf(os.Stdout, "| %s | %.2f | %.0f | %.1f %% | %.1f %% |\n", way.name, mean, most,
			100*float64(flips[0])/float64(n), 100*float64(flips[1])/float64(n))
	}
	return nil
}

// levels are the differences of the first pixels of both.
func levels(a, b input.Seeds, n int) (mean, most float64, err error) {
	count := 0
	for i := range n {
		x, err := a.Seed(i)
		if err != nil {
			return 0, 0, err
		}
		y, err := b.Seed(i)
		if err != nil {
			return 0, 0, err
		}
		for k, v := range x.Input.Data {
			d := math.Abs(float64(v - y.Input.Data[k]))
			mean, most, count = mean+d, max(most, d), count+1
		}
	}
	return mean / float64(count), most, nil
}

// labels are the answers of both models.
func labels(ctx context.Context, pair *model.Pair, seeds input.Seeds, n int) (list [][2]int, err error) {
	for i := range n {
		seed, err := seeds.Seed(i)
		if err != nil {
			return nil, err
		}
		var both [2]int
		for side, m := range []model.Predictor{pair.Original(), pair.Compressed()} {
			scores, err := m.Predict(ctx, []input.Input{seed.Input})
			if err != nil {
				return nil, err
			}
			both[side] = answer.Label(scores[0])
		}
		list = append(list, both)
	}
	return list, nil
}
