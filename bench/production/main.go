// Production measures what a search costs beside the models on inputs of production's size: memory a seed in flight, memory by the number
// of seeds, processor time a query, and how the time of searches is spent. Each figure comes from a process of its own.
//
//	go run ./production
//	go run ./production -beside /tmp/before                  # an older build of this command takes turns with this one
//	go run ./production -original a.onnx -compressed b.onnx -images photos/
//	go run ./production -only pair,pair-linf-4,pair-linf-8 -photos photos.zip -seeds 60   # EfficientNet-Lite0 and its 8-bit version
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime/pprof"
	"slices"
	"strconv"
	"time"

	"github.com/triggerfinder/triggerfinder/bench/command"
	"github.com/triggerfinder/triggerfinder/bench/page"
)

const usage = `production measures searches of images of 224x224x3 beside a trivial pair of models with 1,000 classes and, where they are named, a
pair of one's own on a folder of images, of 200 queries a seed.

Flags:
`

func main() { command.Main("production", run) }

type options struct {
	only                         string
	one, beside                  string
	rounds                       int
	original, compressed, images string
	photos                       string
	skip, seeds                  int
	mean, std                    float64
	profile, data                string
}

func run(ctx context.Context, args []string, log io.Writer) error {
	flags := flag.NewFlagSet("production", flag.ContinueOnError)
	var o options
	flags.StringVar(&o.only, "only", "", "`names` of measurements, separated by commas; all where empty")
	flags.StringVar(&o.one, "one", "", "carry out this `measurement` in this process, and print it as JSON")
	flags.StringVar(&o.beside, "beside", "", "an older `build` of this command, which takes turns with this one")
	flags.IntVar(&o.rounds, "rounds", 3, "how often each measurement is made; its median counts")
	flags.StringVar(&o.original, "original", "", "the original `model` of a pair of one's own")
	flags.StringVar(&o.compressed, "compressed", "", "the compressed `model`")
	flags.StringVar(&o.images, "images", "", "its images, of the size that it takes: a `folder` or an array (NPY)")
	flags.Float64Var(&o.mean, "mean", 0, "with -std, what its models get: (x-`mean`)/std; as for ImageNet where neither is given")
	flags.Float64Var(&o.std, "std", 0, "see -mean")
	flags.StringVar(&o.photos, "photos", "", "a folder or ZIP `file` of photos whose names begin with the index of a class of ImageNet, for EfficientNet-Lite0 and its 8-bit version, which are downloaded and made once")
	flags.IntVar(&o.skip, "skip", 0, "how many of these photos are left out first")
	flags.IntVar(&o.seeds, "seeds", 60, "how many of these images or photos are searched")
	flags.StringVar(&o.data, "data", "", "the `folder` of CIFAR-10, for the pair of two classes")
	flags.StringVar(&o.profile, "cpuprofile", "", "with -one, a `file` for a profile of the processor's time")
	if err := command.Parse(flags, args, usage, log); err != nil {
		return err
	}
	if o.photos != "" {
		if o.images != "" || o.original != "" || o.compressed != "" {
			return errors.New("-photos: expected neither -original, -compressed nor -images beside it")
		}
		folder, err := os.MkdirTemp("", "production")
		if err != nil {
			return err
		}
		defer os.RemoveAll(folder)
		if err := efficientNet(ctx, &o, folder); err != nil {
			return err
		}
	}
	if own := o.images != ""; own != (o.original != "") || own != (o.compressed != "") {
		return errors.New("expected -original, -compressed and -images together, found only some of them")
	}
	if o.one != "" {
		return alone(ctx, o)
	}
	return sideBySide(ctx, o, log)
}

// alone prints one measurement.
func alone(ctx context.Context, o options) error {
	if o.profile != "" {
		f, err := os.Create(o.profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	for _, m := range measurements(o) {
		if m.name == o.one {
			f, err := m.measure(ctx)
			if err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
			return json.NewEncoder(os.Stdout).Encode(f)
		}
	}
	return fmt.Errorf("-one: expected the name of a measurement, found %q", o.one)
}

// sideBySide prints all of them, of this build and an older one.
func sideBySide(ctx context.Context, o options, log io.Writer) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	builds, columns := []string{self}, []string{"measurement", "figure", "this build"}
	if o.beside != "" {
		builds, columns = []string{o.beside, self}, []string{"measurement", "figure", "before", "now", "ratio"}
	}
	t := page.Table{Columns: columns, Labels: 2}
	only := command.Names(o.only)
	for _, m := range measurements(o) {
		if len(only) > 0 && !slices.Contains(only, m.name) {
			continue
		}
		found := make([][]figures, len(builds))
		for range o.rounds {
			for i, build := range builds {
				f, err := inProcess(ctx, build, m.name, o)
				if err != nil {
					return fmt.Errorf("%s: %w", m.name, err)
				}
				found[i] = append(found[i], f)
				fmt.Fprintln(log, m.name, f)
			}
		}
		for _, of := range m.shows {
			row := []string{m.about, of.name}
			var values []float64
			for _, f := range found {
				values = append(values, median(f, of.key))
				row = append(row, page.Number(values[len(values)-1], of.decimals))
			}
			if len(values) == 2 {
				row = append(row, page.Number(values[1]/values[0], 2))
			}
			t.Rows = append(t.Rows, row)
		}
	}
	fmt.Printf("%s, %s, median of %d:\n\n%s", time.Now().Format(time.DateOnly), page.Machine(), o.rounds, t.Markdown())
	return nil
}

func inProcess(ctx context.Context, build, name string, o options) (f figures, err error) {
	args := []string{"-one", name, "-seeds", strconv.Itoa(o.seeds)}
	if o.data != "" {
		args = append(args, "-data", o.data)
	}
	if o.images != "" {
		args = append(args, "-original", o.original, "-compressed", o.compressed, "-images", o.images, "-mean", fmt.Sprint(o.mean), "-std", fmt.Sprint(o.std))
	}
	c := exec.CommandContext(ctx, build, args...)
	c.Stderr = os.Stderr
	out, err := c.Output()
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(out, &f)
}

func median(all []figures, key string) float64 {
	var values []float64
	for _, f := range all {
		values = append(values, f[key])
	}
	slices.Sort(values)
	return values[len(values)/2]
}
