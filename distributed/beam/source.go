package beam

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"sync"

	"github.com/triggerfinder/triggerfinder/input"
)

// Source is where seeds come from. They lie in parts, such as files, of which each holds one seed or many. A source is safe for concurrent use. [Files] is one.
type Source interface {
	// List finds the parts, in the order that numbers the seeds. It is called once a job, on one worker, and reads as little as it can.
	List(ctx context.Context) (Listing, error)
	// Open reads the seeds of a part, on the worker that searches them. An error ends the job, which another run goes on with, but for one that wraps
	// fs.ErrNotExist or fs.ErrPermission: then its seeds are skipped, as one is for which Seed has an error.
	Open(ctx context.Context, part Part) (input.Seeds, error)
}

// Listing is what a source consists of.
type Listing struct {
	Parts []Part `json:"parts"`
	// ClassNames are those of the labels, and Notes what a reader of the report should know about the seeds.
	ClassNames []string `json:"class_names,omitempty"`
	Notes      []string `json:"notes,omitempty"`
}

// Part is a part of a source: a file, or some of it.
type Part struct {
	Path  string `json:"path"`            // of its file
	Name  string `json:"name,omitempty"`  // that of its seed, where it has one of its own
	Label int    `json:"label,omitempty"` // likewise
	Seeds int    `json:"seeds"`           // how many it holds
	// A part of a file is so many bytes from an offset on, behind whatever packs the file as a whole. First is the number of its first line, example or row in
	// the file, from 0 on.
	Offset int64  `json:"offset,omitempty"`
	Bytes  int64  `json:"bytes,omitempty"`
	First  int    `json:"first,omitempty"`
	Packed string `json:"packed,omitempty"` // "gzip", "zlib" or "zstd"
}

// Seeds is the number of seeds of all parts.
func (l Listing) Seeds() int {
	n := 0
	for _, p := range l.Parts {
		n += p.Seeds
	}
	return n
}

func (l Listing) check() error {
	for i, p := range l.Parts {
		if p.Seeds < 0 {
			return fmt.Errorf("beam: part %d (%s): expected 0 seeds or more, found %d", i+1, p.Path, p.Seeds)
		}
	}
	return nil
}

// OpenSeeds lists a source and reads its seeds one by one, in this process: for a search in one piece.
func OpenSeeds(ctx context.Context, s Source) (input.Seeds, error) {
	l, err := s.List(ctx)
	if err == nil {
		err = l.check()
	}
	if err != nil {
		return nil, err
	}
	return newPartSeeds(ctx, s, l), nil
}

// partSeeds are the seeds of parts, of which the last few stay open.
type partSeeds struct {
	ctx     context.Context
	source  Source
	listing Listing
	ends    []int       // behind each part
	failed  func(error) // is told of parts that another attempt may open; nil for nobody

	mu   sync.Mutex
	open []*openPart // the last one used comes last
}

// mostOpen is how many parts stay open in a process.
const mostOpen = 4

type openPart struct {
	index int
	once  sync.Once
	seeds input.Seeds
	err   error
}

func newPartSeeds(ctx context.Context, s Source, l Listing) *partSeeds {
	p := &partSeeds{ctx: ctx, source: s, listing: l, ends: make([]int, len(l.Parts))}
	end := 0
	for i, part := range l.Parts {
		end += part.Seeds
		p.ends[i] = end
	}
	return p
}

// Len implements [input.Seeds].
func (p *partSeeds) Len() int {
	if len(p.ends) == 0 {
		return 0
	}
	return p.ends[len(p.ends)-1]
}

// ClassNames implements [input.ClassNamer].
func (p *partSeeds) ClassNames() []string { return slices.Clone(p.listing.ClassNames) }

// Notes implements [input.Noted].
func (p *partSeeds) Notes() []string { return slices.Clone(p.listing.Notes) }

// Seed implements [input.Seeds]. A panic of the source is an error of the seed.
func (p *partSeeds) Seed(i int) (seed input.Seed, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("beam: seed %d: panic: %v", i, cause)
		}
	}()
	if i < 0 || i >= p.Len() {
		return input.Seed{}, fmt.Errorf("beam: seed %d: expected one of 0 to %d", i, p.Len()-1)
	}
	index := sort.SearchInts(p.ends, i+1)
	part := p.listing.Parts[index]
	seeds, err := p.part(index)
	if err != nil {
		return input.Seed{}, err
	}
	return seeds.Seed(i - (p.ends[index] - part.Seeds))
}

// part opens a part, or finds it open.
func (p *partSeeds) part(index int) (input.Seeds, error) {
	p.mu.Lock()
	at := slices.IndexFunc(p.open, func(o *openPart) bool { return o.index == index })
	var o *openPart
	if at >= 0 {
		o = p.open[at]
		p.open = append(slices.Delete(p.open, at, at+1), o)
	} else {
		o = &openPart{index: index}
		if p.open = append(p.open, o); len(p.open) > mostOpen {
			p.open = slices.Delete(p.open, 0, 1)
		}
	}
	p.mu.Unlock()
	o.once.Do(func() {
		part := p.listing.Parts[index]
		o.seeds, o.err = p.source.Open(p.ctx, part)
		if o.err == nil && (o.seeds == nil || o.seeds.Len() != part.Seeds) {
			found := 0
			if o.seeds != nil {
				found = o.seeds.Len()
			}
			o.err = fmt.Errorf("beam: %s: expected %d seeds, as when it was listed, found %d", part.Path, part.Seeds, found)
		}
	})
	if o.err != nil {
		if p.failed != nil && !isMissing(o.err) {
			p.failed(o.err)
		}
		p.mu.Lock() // another attempt may succeed
		p.open = slices.DeleteFunc(p.open, func(other *openPart) bool { return other == o })
		p.mu.Unlock()
	}
	return o.seeds, o.err
}

// InMemory is a source of seeds that every process of the program has by itself, such as embedded ones, as one part.
func InMemory(seeds input.Seeds) Source { return inMemory{seeds} }

type inMemory struct{ seeds input.Seeds }

func (m inMemory) List(context.Context) (Listing, error) {
	if m.seeds == nil {
		return Listing{}, errors.New("beam: InMemory: seeds are nil")
	}
	return Listing{
		Parts: []Part{{Path: "memory", Seeds: m.seeds.Len()}}, ClassNames: input.ClassNamesOf(m.seeds), Notes: input.NotesOf(m.seeds),
	}, nil
}

func (m inMemory) Open(context.Context, Part) (input.Seeds, error) { return m.seeds, nil }
