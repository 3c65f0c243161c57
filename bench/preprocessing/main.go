// Command preprocessing says how near seeds that are prepared in Go come to those that Pillow, torchvision, TensorFlow and OpenCV prepare, in
// grey levels and in answers of EfficientNet-Lite0:
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
	"runtime"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/bench/command"
	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/runtimes/onnx"
	"github.com/triggerfinder/triggerfinder/zoo/wild"
)

const usage = `preprocessing compares photos prepared in Go with those that training pipelines prepare (reference.py).

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
	pair, err := wild.EfficientNetInt8.Open(ctx)
	if err != nil {
		return err
	}
	defer pair.Close()
	references := map[string]input.Seeds{}
	for _, way := range ways(folder) {
		for _, name := range []string{way.reference, way.inPython} {
			if name == "" || references[name] != nil {
				continue
			}
			if references[name], err = generators.NPZ(*reference, name); err != nil {
				return fmt.Errorf("-reference: %w", err)
			}
			if have, want := references[name].Len(), folder.Len(); have != want {
				return fmt.Errorf("-reference: expected %d images of %q, one a photo, found %d", want, name, have)
			}
		}
	}

	n, models := folder.Len(), labeller{pair.Pair, map[string][2]int{}}
	answers := map[string][][2]int{}
	fmt.Printf("%s, %d photos, %s, %s\n\n", time.Now().Format(time.DateOnly), n, runtime.Version(), page.Machine())
	fmt.Println("| prepared by | against | levels, mean | most | another top-1, float | int8 |\n|---|---|---:|---:|---:|---:|")
	for _, way := range ways(folder) {
		against := references[way.reference]
		seeds := way.seeds
		if way.inPython != "" {
			seeds = references[way.inPython]
		}
		mean, most, err := levels(seeds, against, n)
		if err != nil {
			return err
		}
		if way.pixels {
			fmt.Printf("| %s | %s | %.2f | %.0f | | |\n", way.name, way.is, mean, most)
			continue
		}
		if answers[way.reference] == nil {
			if answers[way.reference], err = models.labels(ctx, against, n); err != nil {
				return err
			}
		}
		other, err := models.labels(ctx, seeds, n)
		if err != nil {
			return err
		}
		var flips [2]int
		for i, right := range answers[way.reference] {
			for side := range flips {
				if other[i][side] != right[side] {
					flips[side]++
				}
			}
		}
		fmt.Printf("| %s | %s | %.2f | %.0f | %.1f %% | %.1f %% |\n", way.name, way.is, mean, most, 100*float64(flips[0])/float64(n), 100*float64(flips[1])/float64(n))
	}
	return nil
}

// way is a way to prepare photos, and what it is held against.
type way struct {
	name      string
	seeds     input.Seeds // nil where inPython says which of the references they are
	inPython  string
	reference string // by its name in the file
	is        string // as the table names it
	pixels    bool   // pixels alone are compared: they are no whole photos
}

func ways(photos input.Seeds) []way {
	const size = 224
	prepared := func(preset onnx.Preset) input.Seeds { return generators.Prepared(photos, preset.Geometry()) }
	pillow, pillowBilinear := "Pillow, bicubic", "Pillow, bilinear"
	return []way{
		{name: "decoded alone, the middle 224 x 224", seeds: middles{photos, size}, reference: "decoded", is: "Pillow", pixels: true},
		{name: "the same", seeds: middles{photos, size}, reference: "fast", is: "libjpeg, colours repeated", pixels: true},
		{name: "libjpeg, colours repeated", inPython: "fast", reference: "decoded", is: "Pillow", pixels: true},
		{name: "`Torchvision(256, 224).Bicubic()`", seeds: prepared(onnx.Torchvision(256, size).Bicubic()), reference: "bicubic", is: pillow},
		{name: "`Torchvision(256, 224)`", seeds: prepared(onnx.Torchvision(256, size)), reference: "bilinear", is: pillowBilinear},
		{name: "the same", seeds: prepared(onnx.Torchvision(256, size)), reference: "torchvision", is: "torchvision, image"},
		{name: "the same", seeds: prepared(onnx.Torchvision(256, size)), reference: "torchvision_tensor", is: "torchvision, tensor"},
		{name: "torchvision, tensor", inPython: "torchvision_tensor", reference: "torchvision", is: "torchvision, image"},
		{name: "`Keras(224, …)`", seeds: prepared(onnx.Keras(size, onnx.KerasTF)), reference: "keras", is: "tf.io and tf.image"},
		{name: "the same", seeds: prepared(onnx.Keras(size, onnx.KerasTF)), reference: "keras_pillow", is: "Pillow and tf.image"},
		{name: "`TFLite(224)`", seeds: prepared(onnx.TFLite(size)), reference: "tflite", is: "Pillow and tf.image"},
		{name: "`YOLO(224)`", seeds: prepared(onnx.YOLO(size)), reference: "letterbox", is: "OpenCV, letterboxed"},
		{name: pillowBilinear, inPython: "bilinear", reference: "bicubic", is: pillow},
		{name: "`Torchvision(256, 224)`", seeds: prepared(onnx.Torchvision(256, size)), reference: "bicubic", is: pillow},
		{name: "`Resized(224, 224)`, stretched", seeds: generators.Resized(photos, size, size), reference: "bicubic", is: pillow},
		{name: "`Keras(224, …)`, stretched", seeds: prepared(onnx.Keras(size, onnx.KerasTF)), reference: "bicubic", is: pillow},
		{name: "`YOLO(224)`, letterboxed", seeds: prepared(onnx.YOLO(size)), reference: "bicubic", is: pillow},
	}
}

// middles are the middle pixels of photos, not scaled; of smaller ones, none: black, as in the reference.
type middles struct {
	input.Seeds
	size int
}

func (m middles) Seed(i int) (input.Seed, error) {
	seed, err := m.Seeds.Seed(i)
	if err != nil {
		return seed, err
	}
	if min(seed.Input.Shape[0], seed.Input.Shape[1]) < m.size {
		seed.Input, err = input.NewImage(m.size, m.size, 3, make([]uint8, m.size*m.size*3))
		return seed, err
	}
	return generators.CenterCropped(input.SeedList{seed}, m.size, m.size).Seed(0)
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

// labeller asks both models, once for each image.
type labeller struct {
	pair  *model.Pair
	known map[string][2]int // by the image
}

// labels are the answers of both models.
func (l labeller) labels(ctx context.Context, seeds input.Seeds, n int) (list [][2]int, err error) {
	for i := range n {
		seed, err := seeds.Seed(i)
		if err != nil {
			return nil, err
		}
		id := seed.Input.ID()
		both, known := l.known[id]
		if known {
			list = append(list, both)
			continue
		}
		for side, m := range []model.Predictor{l.pair.Original(), l.pair.Compressed()} {
			scores, err := m.Predict(ctx, []input.Input{seed.Input})
			if err != nil {
				return nil, err
			}
			both[side] = answer.Label(scores[0])
		}
		l.known[id] = both
		list = append(list, both)
	}
	return list, nil
}
