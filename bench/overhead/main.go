// Overhead measures what each runtime's package adds to a query: the same network for images of 32x32x3 by the bare runtime, with tensors that
// are ready, and by the package, which preprocesses raw images and makes probabilities of what comes back, one image at a time and 64
// together. The ways take turns, so that what else the machine does falls on all of them.
//
//	go run ./overhead
//	go run ./overhead -network rescnn -only litert -calls 20000
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/triggerfinder/triggerfinder/bench/command"
	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

func main() {
	command.Main("overhead", run)
}

// together is how many images a batch has.
const together = 64

// settings are what the flags say.
type settings struct {
	network network
	library string
	only    []string
	calls   int
	limit   time.Duration
	log     io.Writer
}

func run(ctx context.Context, args []string, log io.Writer) error {
	if len(args) == 2 && args[0] == serving {
		return serve(ctx, args[1], os.Stdin, os.Stdout)
	}
	flags := flag.NewFlagSet("overhead", flag.ContinueOnError)
	flags.SetOutput(log)
	name := flags.String("network", "resnet20", "the network: resnet20 of the zoo (32x32x3) or rescnn of the fixtures (28x28x1)")
	library := flags.String("library", "", "path of libLiteRt.so; by default that of TRIGGERFINDER_LITERT, or the one that was installed")
	only := flags.String("only", "onnx,litert,process,oip", "which packages")
	calls := flags.Int("calls", 3000, "how many images each way gets one by one; a third as many go in batches")
	limit := flags.Duration("limit", 3*time.Minute, "how long the ways of a model take turns at most")
	if err := flags.Parse(args); err != nil {
		return err
	}
	n, ok := networks[*name]
	if !ok {
		return fmt.Errorf("-network: expected resnet20 or rescnn, found %q", *name)
	}
	s := settings{network: n, library: *library, only: strings.Split(*only, ","), calls: *calls, limit: *limit, log: log}
	for _, one := range s.only {
		if !slices.Contains([]string{"onnx", "litert", "process", "oip"}, one) {
			return fmt.Errorf("-only: expected onnx, litert, process and oip, found %q", one)
		}
	}
	if *calls < 1 {
		return fmt.Errorf("-calls: expected at least 1, found %d", *calls)
	}
	testing.Init() // the server of oiptest is started for a test, or a benchmark
	folder, err := os.MkdirTemp("", "overhead-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	table := page.Table{Labels: 2, Columns: []string{"package", "model", "bare, batch 1", "package, batch 1", "more", "bare, batch 64", "package, batch 64", "more"}}
	var versions []string
	for _, file := range n.files {
		rows, runtimes, err := s.measure(ctx, folder, file)
		if err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, r := range rows {
			table.Add(r...)
		}
		for _, v := range runtimes {
			if !slices.Contains(versions, v) {
				versions = append(versions, v)
			}
		}
	}
	fmt.Printf("%s, %s; %s. Microseconds an image, of the fastest fiftieth of all turns.\n\n%s", time.Now().Format(time.DateOnly), page.Machine(), strings.Join(versions, ", "), table.Markdown())
	return nil
}

// way is one way to run a network on the images.
type way struct {
	run   func(ctx context.Context, images int) (time.Duration, error)
	took  [2][]float64 // of one image, and of an image in a batch, in microseconds
	bare  *way         // what it is held against; nil for one that is bare itself
	title string       // of the package
}

// measure lets all ways to run a model take turns.
func (s settings) measure(ctx context.Context, folder, file string) (rows [][]any, runtimes []string, err error) {
	images := s.network.images(together)
	var ways []*way
	var closers []io.Closer
	defer func() {
		for _, c := range closers {
			_ = c.Close()
		}
	}()
	add := func(title string, bare *way, m model.BufferedPredictor) {
		ways = append(ways, &way{run: asked(m, images), bare: bare, title: title})
		closers = append(closers, m.(io.Closer))
		if r := m.(model.Describer).Describe().Settings["runtime"]; r != "" {
			runtimes = append(runtimes, r)
		}
	}
	var bareONNX *way
	for _, title := range s.only {
		if title == "litert" {
			path, err := s.network.write(folder, file+".tflite")
			if err != nil {
				return nil, nil, err
			}
			library, err := litertLibrary(s.library)
			if err != nil {
				return nil, nil, err
			}
			m, err := s.network.litert(path, library)
			if err != nil {
				return nil, nil, err
			}
			run, err := bareLiteRT(library, path, images)
			if err != nil {
				return nil, nil, err
			}
			bare := &way{run: run}
			ways = append(ways, bare)
			add(title, bare, m)
			continue
		}
		path, err := s.network.write(folder, file+".onnx")
		if err != nil {
			return nil, nil, err
		}
		if bareONNX == nil {
			run, done, err := bareORT(s.network, path)
			if err != nil {
				return nil, nil, err
			}
			closers = append(closers, done)
			bareONNX = &way{run: run}
			ways = append(ways, bareONNX)
		}
		var m model.BufferedPredictor
		switch title {
		case "onnx":
			m, err = s.network.onnx(path)
		case "process":
			m, err = program(path)
		case "oip":
			m, err = s.endpoint(path)
		}
		if err != nil {
			return nil, nil, err
		}
		add(title, bareONNX, m)
	}
	if err := s.turns(ctx, ways); err != nil {
		return nil, nil, err
	}
	for _, w := range ways {
		if w.bare == nil {
			continue
		}
		row := []any{w.title, file}
		for i := range w.took {
			bare, adapter := quick(w.bare.took[i]), quick(w.took[i])
			row = append(row, fmt.Sprintf("%.1f", bare), fmt.Sprintf("%.1f", adapter), fmt.Sprintf("%+.1f (%+.1f %%)", adapter-bare, 100*(adapter/bare-1)))
		}
		rows = append(rows, row)
	}
	return rows, runtimes, nil
}

// turns runs each way on a few single images and on a batch, again and again. Two rounds warm up.
func (s settings) turns(ctx context.Context, ways []*way) error {
	const singles = 24
	began := time.Now()
	for round := range s.calls/singles + 3 {
		if round > 12 && time.Since(began) > s.limit {
			fmt.Fprintf(s.log, "the time was up after %d rounds\n", round)
			return nil
		}
		for _, w := range ways {
			for i := range singles {
				took, err := w.run(ctx, 1)
				if err != nil {
					return err
				}
				if round > 1 && i > 0 { // what another way left in the caches is not this one's
					w.took[0] = append(w.took[0], float64(took.Nanoseconds())/1000)
				}
			}
			if round%3 != 2 && round > 1 {
				continue
			}
			took, err := w.run(ctx, together)
			if err != nil {
				return err
			}
			if round > 1 {
				w.took[1] = append(w.took[1], float64(took.Nanoseconds())/1000/together)
			}
		}
	}
	return nil
}

// quick is the slowest of the fastest fiftieth: what a way takes where little else has the processor.
func quick(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/50]
}

// asked runs a model by its package.
func asked(m model.BufferedPredictor, images []input.Input) func(context.Context, int) (time.Duration, error) {
	var one, all [][]float32
	next := 0
	return func(ctx context.Context, count int) (took time.Duration, err error) {
		rows, batch := &all, images
		if count == 1 {
			next = (next + 1) % len(images)
			rows, batch = &one, images[next:next+1]
		}
		start := time.Now()
		*rows, err = m.PredictInto(ctx, batch, *rows)
		return time.Since(start), err
	}
}

// litertLibrary finds LiteRT's library where its package does, but for an installation.
func litertLibrary(said string) (string, error) {
	if said == "" {
		said = os.Getenv("TRIGGERFINDER_LITERT")
	}
	if said != "" {
		return said, nil
	}
	if cache, err := os.UserCacheDir(); err == nil {
		if found, _ := filepath.Glob(filepath.Join(cache, "triggerfinder", "litert", "*", "libLiteRt.*")); len(found) > 0 {
			return found[len(found)-1], nil
		}
	}
	return "", fmt.Errorf("expected the path of libLiteRt.so in -library or TRIGGERFINDER_LITERT, or one that package litert has installed, found none")
}
