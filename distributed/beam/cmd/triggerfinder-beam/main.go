// Command triggerfinder-beam searches a whole data set for inputs on which an ONNX model and its compressed version deviate, on Apache Beam.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/triggerfinder/triggerfinder/distributed/beam"
	"github.com/triggerfinder/triggerfinder/distributed/beam/onnxplan"
	"github.com/triggerfinder/triggerfinder/report"
)

const usage = `triggerfinder-beam --original MODEL.onnx --compressed MODEL.onnx --seeds PATHS --folder FOLDER [flags]

Searches all seeds on the runner of Apache Beam that --runner names: prism, in this process, or universal (a job service), dataflow, flink.
FOLDER gets the report, evidence and results; run the same command again to go on where a job ended. It and PATHS may be gs:// or s3://.
Ends with 0 when nothing was found, with 1 when triggers were, and with 2 on an error.

  --format F             images (default), npy, npz, parquet, tfrecord or jsonl
  --seeds PATHS          a folder of images, or files and globs by comma
  --key K, --label K     names of what holds seeds and classes in files
  --shape H,W,C          of bytes that are pixels; without it they are image files
  --channels grey|rgb    of images
  --scale, --mean, --std numbers by comma
  --layout NCHW|NHWC
  --oracle O, --bound B  as in triggerfinder search
  --budget N             queries a seed (default 500)
  --closing N            queries a seed to bring its trigger nearer (default 0)
  --random-seed N
  --skip-misread
  --workers N            batches at once in each process (default: one a processor)
  --at-once N            seeds of a piece of work (default 256)
  --quiet                no progress
  --log                  what Beam logs

Flags of Beam: --runner, --endpoint, --environment_type, --project, and so on.
`

func main() {
	flag.Usage = func() { fmt.Fprint(flag.CommandLine.Output(), usage) }
	d, options := define(flag.CommandLine)
	flag.Parse()
	sdk.Init() // a worker does its work in here, and does not come back
	if !options.log {
		slog.SetDefault(slog.New(slog.DiscardHandler))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code, err := run(ctx, d, options)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "triggerfinder-beam:", strings.TrimPrefix(err.Error(), "beam: "))
	}
	os.Exit(code)
}

// settings are what is not about the search itself.
type settings struct {
	folder string
	atOnce int
	quiet  bool
	log    bool
}

func define(set *flag.FlagSet) (*onnxplan.Description, *settings) {
	d, s := &onnxplan.Description{}, &settings{}
	set.StringVar(&d.Original, "original", "", "")
	set.StringVar(&d.Compressed, "compressed", "", "")
	set.StringVar(&d.Layout, "layout", "", "")
	set.StringVar(&d.Oracle, "oracle", "", "")
	set.StringVar(&d.Bound, "bound", "", "")
	set.IntVar(&d.QueriesPerSeed, "budget", 500, "")
	set.IntVar(&d.ClosingQueriesPerSeed, "closing", 0, "")
	set.Uint64Var(&d.RandomSeed, "random-seed", 0, "")
	set.BoolVar(&d.SkipMisread, "skip-misread", false, "")
	set.IntVar(&d.Workers, "workers", 0, "")
	set.StringVar(&d.Seeds.Format, "format", "", "")
	set.StringVar(&d.Seeds.Key, "key", "", "")
	set.StringVar(&d.Seeds.Label, "label", "", "")
	set.StringVar(&d.Seeds.Channels, "channels", "", "")
	set.Func("seeds", "", func(text string) error {
		d.Seeds.Paths = append(d.Seeds.Paths, strings.Split(text, ",")...)
		return nil
	})
	set.Func("shape", "", func(text string) error {
		d.Seeds.Shape = nil
		for number := range strings.SplitSeq(text, ",") {
			n, err := strconv.Atoi(number)
			if err != nil {
				return errors.New("expected height, width and channels, such as 32,32,3")
			}
			d.Seeds.Shape = append(d.Seeds.Shape, n)
		}
		return nil
	})
	for name, to := range map[string]*[]float64{"scale": &d.Scale, "mean": &d.Mean, "std": &d.Std} {
		set.Func(name, "", func(text string) error {
			*to = nil
			for number := range strings.SplitSeq(text, ",") {
				v, err := strconv.ParseFloat(number, 64)
				if err != nil {
					return errors.New("expected numbers by comma, such as 0.485,0.456,0.406")
				}
				*to = append(*to, v)
			}
			return nil
		})
	}
	set.StringVar(&s.folder, "folder", "", "")
	set.IntVar(&s.atOnce, "at-once", 0, "")
	set.BoolVar(&s.quiet, "quiet", false, "")
	set.BoolVar(&s.log, "log", false, "")
	return d, s
}

func run(ctx context.Context, d *onnxplan.Description, s *settings) (code int, err error) {
	if flag.NArg() > 0 {
		return 2, fmt.Errorf("expected flags alone, found %q", flag.Args())
	}
	job, err := d.Job(s.folder)
	if err != nil {
		return 2, err
	}
	job.SeedsAtOnce = s.atOnce
	if !s.quiet {
		job.OnProgress = func(p beam.Progress) { fmt.Fprintln(os.Stderr, p) }
	}
	r, err := beam.Run(ctx, job)
	if r != nil {
		fmt.Println(report.Summary(r))
	}
	switch {
	case errors.Is(err, context.Canceled):
		return 2, fmt.Errorf("interrupted: run it again with the same folder to go on")
	case err != nil:
		return 2, err
	case len(r.Triggers()) > 0:
		fmt.Printf("Report: %s/search-report.json\n", strings.TrimRight(s.folder, "/"))
		return 1, nil
	}
	fmt.Println("Nothing was found. That is no proof that there is nothing.")
	return 0, nil
}
