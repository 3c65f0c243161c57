package beam

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	sdk "github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/report/dossier"
)

// Summary is what a job came to.
type Summary struct {
	Key                               string
	Seeds, Skipped, Triggers, Queries int
	// Error is why the search says nothing, as that of [engine.Search]; "" where it does.
	Error string
	Files []string // that were written
}

func init() {
	register.DoFn4x1[context.Context, int, func(*resultFile) bool, func(Summary), error](&combineFn{})
	register.DoFn2x0[Outcome, func(resultFile)](&fileFn{})
	register.Emitter1[Summary]()
	register.Emitter1[resultFile]()
	register.Iter1[resultFile]()
}

// Combine makes the report of all outcomes of a job, and writes it into the job's folder: search-report.json and report.html, with the contact sheet of the triggers,
// evidence.json for [gate.Compare], and the folder triggers of those whose inputs the report holds, as a [report.Store]. The collection has one [Summary]. [Load] reads the report itself.
func Combine(s sdk.Scope, job Job, outcomes sdk.PCollection) sdk.PCollection {
	s = s.Scope("triggerfinder.Combine")
	files := sdk.ParDo(s, &fileFn{}, outcomes)
	return sdk.ParDo(s, &combineFn{job.carried()}, sdk.GroupByKey(s, sdk.AddFixedKey(s, files)))
}

// resultFile is a file with results.
type resultFile struct{ Key, File string }

// fileFn names the file of each piece of work, once: results do not travel.
type fileFn struct{}

// ProcessElement passes on the files of first outcomes.
func (*fileFn) ProcessElement(o Outcome, emit func(resultFile)) {
	if o.First {
		emit(resultFile{o.Key, o.File})
	}
}

// combineFn makes the report.
type combineFn struct{ Job carried }

// ProcessElement is called once, with all files.
func (f *combineFn) ProcessElement(ctx context.Context, _ int, next func(*resultFile) bool, emit func(Summary)) error {
	defer sparing.begin()()
	job := f.Job.job()
	ctx, end := job.running(ctx)
	defer end()
	var files []string
	key := ""
	for {
		var r resultFile
		if !next(&r) {
			break
		}
		if key != "" && r.Key != key {
			return fmt.Errorf("beam: Combine: expected outcomes of one search, found %s and %s", key, r.Key)
		}
		key, files = r.Key, append(files, r.File)
	}
	r, err := job.combine(ctx, key, files)
	if r == nil {
		return err
	}
	s := Summary{Key: key, Seeds: len(r.Seeds), Skipped: r.Ledger.Skipped, Triggers: len(r.Triggers()), Queries: r.Ledger.Queries}
	if err != nil {
		s.Error = err.Error()
	}
	if s.Files, err = job.write(ctx, r, err); err != nil {
		return err
	}
	emit(s)
	return nil
}

// combine makes the report of the results in files, of which each may be named several times. They are read in the order of their seeds.
func (j Job) combine(ctx context.Context, key string, files []string) (*engine.Report, error) {
	screening, err := j.screening(ctx, key)
	if err != nil {
		return nil, err
	}
	combiner, err := engine.NewCombiner(screening)
	if err != nil {
		return nil, err
	}
	files = slices.Compact(slices.Sorted(slices.Values(files)))
	first := make([]int, len(files)) // seeds
	for i, file := range files {
		first[i] = -1
		if err := EachResult(ctx, file, func(r *engine.SeedResult) error {
			if first[i] < 0 || r.Outcome.Index < first[i] {
				first[i] = r.Outcome.Index
			}
			return combiner.Add(r.Abridge())
		}); err != nil {
			return nil, err
		}
	}
	last := -1
	whole := map[int]*engine.SeedResult{} // of the last file
	return combiner.Report(func(seed int) (*engine.SeedResult, error) {
		if whole[seed] != nil {
			return whole[seed], nil
		}
		// Files of pieces begin with their first seeds; those of other divisions, in an earlier run, may overlap with them.
		for at := len(files) - 1; at >= 0; at-- {
			if first[at] < 0 || first[at] > seed || at == last {
				continue
			}
			clear(whole)
			last = at
			if err := EachResult(ctx, files[at], func(r *engine.SeedResult) error {
				if r.Abridge().Abridged() {
					whole[r.Outcome.Index] = r
				}
				return nil
			}); err != nil {
				return nil, err
			}
			if whole[seed] != nil {
				break
			}
		}
		return whole[seed], nil
	})
}

// write writes what is read by people and by later runs. A search that says nothing leaves no evidence.
func (j Job) write(ctx context.Context, r *engine.Report, failure error) (files []string, err error) {
	dir := j.Folder
	if !isLocal(j.Folder) {
		if dir, err = os.MkdirTemp("", "triggerfinder-"); err != nil {
			return nil, err
		}
		defer os.RemoveAll(dir)
	}
	if err := j.saveTriggers(ctx, r); err != nil {
		return nil, err
	}
	files, err = report.SaveReport(dir, r, report.Options{})
	if err != nil {
		return nil, err
	}
	page := filepath.Join(dir, dossier.PageFile)
	if err := writePage(page, r, failure); err != nil {
		return nil, err
	}
	files = append(files, page)
	if failure == nil {
		e, err := gate.EvidenceOf(r)
		if err != nil {
			return nil, err
		}
		file := filepath.Join(dir, "evidence.json")
		if err := report.SaveEvidence(file, e); err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	if isLocal(j.Folder) {
		return files, nil
	}
	for i, file := range files {
		name, err := filepath.Rel(dir, file)
		if err != nil {
			return nil, err
		}
		files[i] = j.place(filepath.ToSlash(name))
		if err := copyFile(ctx, file, files[i]); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func copyFile(ctx context.Context, from, to string) error {
	r, err := os.Open(from)
	if err != nil {
		return err
	}
	defer r.Close()
	return writeFile(ctx, to, func(w io.Writer) error {
		_, err := io.Copy(w, r)
		return err
	})
}

// noted is what the folder says of the search that it holds.
type noted struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Job     Job    `json:"job"`
	Key     string `json:"key"`
	ID      string `json:"id,omitempty"` // of a rate, or a count of flips
	Seeds   int    `json:"seeds"`        // or draws
}

const (
	jobFormat  = "triggerfinder distributed job"
	jobVersion = 1
)

// searchKind tells searches from what is measured.
const searchKind = "search"

// noteFile says what the folder holds of a kind.
func (j Job) noteFile(kind string) string {
	if kind == searchKind {
		return j.place("job.json")
	}
	return j.place(kind + "-job.json")
}

// pieces are the files of the pieces of work.
func (n noted) pieces(j Job, kind string) string {
	if kind == searchKind {
		return j.place("search-"+n.Key, "results", "[0-9]*")
	}
	return j.place("search-"+n.Key, kind+"-"+n.ID, "[0-9]*")
}

func (j Job) note(ctx context.Context, kind string, n noted) error {
	n.Format, n.Version, n.Job = jobFormat, jobVersion, j
	data, err := json.MarshalIndent(n, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(ctx, j.noteFile(kind), func(w io.Writer) error {
		_, err := w.Write(append(data, '\n'))
		return err
	})
}

// noted reads what the folder says.
func (j Job) noted(ctx context.Context, kind string) (n noted, err error) {
	file := j.noteFile(kind)
	data, err := readFile(ctx, file)
	if err != nil {
		return n, err
	}
	if err := report.DecodeStrict(data, jobFormat, jobVersion, &n); err != nil {
		return n, fmt.Errorf("beam: %s: %w", file, err)
	}
	return n, nil
}

// ErrUnfinished says that a folder does not hold the results of all seeds yet: the job has to be run again, and goes on where it was.
var ErrUnfinished = errors.New("the job has not come to its end")

// Load makes the report of what a job left in its folder. The report, and the error beside it, are those of [engine.Search] with the same pair, seeds and
// settings, so that a test asserts on it as on a search of its own:
//
//	report, err := beam.Load(ctx, "gs://bucket/release-17")
//	Expect(err).NotTo(HaveOccurred())
//	Expect(report).To(matchers.DeviateNoMoreThan(evidence))
func Load(ctx context.Context, folder string) (*engine.Report, error) {
	defer sparing.begin()()
	j := Job{Folder: folder}
	n, err := j.noted(ctx, searchKind)
	if err != nil {
		return nil, err
	}
	files, err := list(ctx, n.pieces(j, searchKind))
	if err != nil {
		return nil, err
	}
	r, err := j.combine(ctx, n.Key, files)
	if errors.Is(err, engine.ErrSeedsMissing) {
		return nil, unfinished(folder, err)
	}
	return r, err
}
