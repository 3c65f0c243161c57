package beam_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
)

func init() {
	register.DoFn2x0[[]byte, func([]byte)](&poolFn{})
	register.DoFn2x0[[]byte, func(int)](&piecesFn{})
	register.DoFn4x1[context.Context, int, []byte, func(int), error](&besidePoolFn{})
	register.DoFn3x1[context.Context, int, func(int), error](&fromFolderFn{})
	register.Emitter1[[]byte]()
	register.Emitter1[int]()
}

// poolFn is a pool of so many bytes.
type poolFn struct{ Bytes int }

func (f *poolFn) ProcessElement(_ []byte, emit func([]byte)) { emit(make([]byte, f.Bytes)) }

type piecesFn struct{ N int }

func (f *piecesFn) ProcessElement(_ []byte, emit func(int)) {
	for i := range f.N {
		emit(i)
	}
}

// besidePoolFn has it as a side input.
type besidePoolFn struct{}

func (*besidePoolFn) ProcessElement(_ context.Context, _ int, pool []byte, emit func(int)) error {
	emit(len(pool))
	return nil
}

// fromFolderFn reads it from a file, once a process.
type fromFolderFn struct{ File string }

var pools sync.Map // by file

func (f *fromFolderFn) ProcessElement(_ context.Context, _ int, emit func(int)) error {
	read, _ := pools.LoadOrStore(f.File, sync.OnceValues(func() ([]byte, error) { return os.ReadFile(f.File) }))
	pool, err := read.(func() ([]byte, error))()
	emit(len(pool))
	return err
}

// BenchmarkPoolAsASideInput hands a pool of 1.5 MB, or of as many bytes as TRIGGERFINDER_BENCH_POOL says, to 40 pieces of work on prism, by a side input and by a file.
func BenchmarkPoolAsASideInput(b *testing.B) {
	size := 1500000
	if text := os.Getenv("TRIGGERFINDER_BENCH_POOL"); text != "" {
		var err error
		if size, err = strconv.Atoi(text); err != nil {
			b.Fatal(err)
		}
	}
	run := func(p *sdk.Pipeline) float64 {
		start := time.Now()
		if _, err := sdk.Run(b.Context(), "prism", p); err != nil {
			b.Fatal(err)
		}
		return time.Since(start).Seconds()
	}
	for b.Loop() {
		p, s := sdk.NewPipelineWithRoot()
		work := sdk.Reshuffle(s, sdk.ParDo(s, &piecesFn{40}, sdk.Impulse(s)))
		sdk.ParDo(s, &besidePoolFn{}, work, sdk.SideInput{Input: sdk.ParDo(s, &poolFn{size}, sdk.Impulse(s))})
		b.ReportMetric(run(p), "side-input-s")

		file := filepath.Join(b.TempDir(), "pool")
		if err := os.WriteFile(file, make([]byte, size), 0o666); err != nil {
			b.Fatal(err)
		}
		p, s = sdk.NewPipelineWithRoot()
		sdk.ParDo(s, &fromFolderFn{file}, sdk.Reshuffle(s, sdk.ParDo(s, &piecesFn{40}, sdk.Impulse(s))))
		b.ReportMetric(run(p), "folder-s")
	}
}
