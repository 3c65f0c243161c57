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
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/report"
)

const usage = `triggerfinder-beam --original MODEL.onnx --compressed MODEL.onnx --seeds PATHS --folder FOLDER [flags]

Searches all seeds on the runner of Apache Beam that --runner names: prism, in this process, or universal (a job service), dataflow, flink.
FOLDER gets the report, evidence and results; run the same command again to go on where a job ended. It and PATHS may be gs:// or s3://.
Ends with 0 when nothing was found, or the rates are below, with 1 when triggers were found, or a rate is not below, and with 2 on an error or undecided.

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
  --rate-below R         measures the rate of deviations instead: is it below R?
  --draws N              for the rate, at most (default 10000); --fixed-draws makes all of them and decides once
  --severity LOW,HIGH    of what is done to the seeds that are drawn (default 0.1,1); --as-they-are does nothing to them
  --flips-below R        counts labelled seeds that go from right to wrong instead: are they less than R of all?
  --confidence C         of either (default 0.95)
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
	flips  float64
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
	var rate onnxplan.Rate
	set.Func("rate-below", "", func(text string) (err error) {
		d.Rate = &rate
		rate.Below, err = strconv.ParseFloat(text, 64)
		return err
	})
	set.IntVar(&rate.Draws, "draws", 0, "")
	set.BoolVar(&rate.Fixed, "fixed-draws", false, "")
	set.BoolVar(&rate.AsTheyAre, "as-they-are", false, "")
	set.Float64Var(&s.flips, "flips-below", 0, "")
	set.Float64Var(&d.Confidence, "confidence", 0, "")
	for name, to := range map[string]*[]float64{"scale": &d.Scale, "mean": &d.Mean, "std": &d.Std, "severity": &rate.Severity} {
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
	if d.Rate != nil || s.flips != 0 {
		return measure(ctx, job, d, s)
	}
	r, err := beam.Run(ctx, job)
	if r != nil {
		fmt.Println(report.Summary(r))
	}
	switch {
	case errors.Is(err, context.Canceled):
		return 2, errInterrupted
	case err != nil:
		return 2, err
	case len(r.Triggers()) > 0:
		folder := strings.TrimRight(s.folder, "/")
		fmt.Printf("Report: %s/search-report.json\nPage: %s/report.html\nTriggers: %s/triggers\n", folder, folder, folder)
		return 1, nil
	}
	fmt.Println("Nothing was found. That is no proof that there is nothing.")
	return 0, nil
}

var errInterrupted = errors.New("interrupted: what is done stays in the folder; run the same command again to go on")

// measure measures the rates that are asked for.
func measure(ctx context.Context, job beam.Job, d *onnxplan.Description, s *settings) (code int, err error) {
	tell := func(what string, decision gate.Decision, of string, n, all int, lower, upper, limit float64) {
		fmt.Printf("%s: %d of %d %s, so at least %s and at most %s: %s the limit of %s\n", what, n, all, of, gate.Percent(lower), gate.Percent(upper),
			map[gate.Decision]string{gate.Below: "below", gate.NotBelow: "not below", gate.Undecided: "undecided about"}[decision], gate.Percent(limit))
		switch decision {
		case gate.NotBelow:
			code = max(code, 1)
		case gate.Undecided:
			code = 2
		}
	}
	if d.Rate != nil {
		r, err := beam.RunRate(ctx, job)
		switch {
		case errors.Is(err, context.Canceled):
			return 2, errInterrupted
		case err != nil:
			return 2, err
		}
		tell("Deviation rate", r.Decision, "draws deviate", r.Deviations, r.Drawn, r.Lower, r.Upper, r.Limit)
	}
	if s.flips != 0 {
		f, err := beam.RunFlips(ctx, job)
		if errors.Is(err, context.Canceled) {
			return 2, errInterrupted
		}
		if err != nil {
			return 2, err
		}
		decision, claims, err := f.Judge(gate.FlipLimits{Overall: s.flips})
		if err != nil {
			return 2, err
		}
		tell("Negative flips", decision, "labelled seeds", f.RightToWrong, f.Inputs, claims[0].Lower, claims[0].Upper, s.flips)
	}
	return code, nil
}
