package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/bench/page"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/report"
	"github.com/triggerfinder/triggerfinder/stats"
)

// exampleStrategies are those whose triggers are shown, in this order.
var exampleStrategies = []string{published, boundary, closedIn}

// mostPicture bounds the pictures of a store, in bytes and in pixels a side.
const (
	mostPicture = 1 << 20
	mostSide    = 512
)

// example is a seed of a pair with the triggers that were found from it.
type example struct {
	identity                  // without a strategy
	Original   string         `json:"original"` // SHA-256 of the model
	Compressed string         `json:"compressed"`
	SeedIndex  int            `json:"seed_index"`
	SeedName   string         `json:"seed_name"`
	Label      int            `json:"label"`   // true class, or -1
	Picture    []byte         `json:"picture"` // PNG
	Triggers   []shownTrigger `json:"triggers"`
}

// shownTrigger is one of its triggers.
type shownTrigger struct {
	Strategy       string  `json:"strategy"`
	Queries        int     `json:"queries"` // those of closing in included
	SSIM           float64 `json:"ssim"`
	OriginalSays   int     `json:"original_label"`
	CompressedSays int     `json:"compressed_label"`
	Picture        []byte  `json:"picture"`
}

func (e *example) validate() error {
	if e.Pair == "" || e.Dataset == "" || e.Strategy != "" {
		return errors.New("expected a pair, a dataset and no strategy")
	}
	pictures := [][]byte{e.Picture}
	for _, t := range e.Triggers {
		pictures = append(pictures, t.Picture)
	}
	for _, p := range pictures {
		if len(p) > mostPicture {
			return fmt.Errorf("expected a picture of at most %d bytes, found %d", mostPicture, len(p))
		}
		c, err := png.DecodeConfig(bytes.NewReader(p))
		if err != nil {
			return fmt.Errorf("expected a picture: %w", err)
		}
		if c.Width > mostSide || c.Height > mostSide {
			return fmt.Errorf("expected a picture of at most %d pixels a side, found %dx%d", mostSide, c.Width, c.Height)
		}
	}
	return nil
}

// examples keeps a seed of the pair with its triggers: the one on which TriggerFinder took the median of queries, so
// that it is neither the easiest nor the hardest. The searches are repeated for this seed alone, which gives the same
// triggers.
func (w *work) examples(ctx context.Context, p opened) error {
	known, err := load(w.options.out)
	if err != nil {
		return err
	}
	of := map[string]*search{}
	for _, name := range exampleStrategies {
		s := known.search(identity{Pair: p.Name, Dataset: p.Dataset, Strategy: name})
		if s == nil || !s.complete() {
			return nil
		}
		of[name] = s
	}
	index, ok := typicalSeed(of)
	if !ok {
		return nil
	}
	e := example{identity: identity{Pair: p.Name, Dataset: p.Dataset}, SeedIndex: index}
	e.Original, e.Compressed = of[published].Original, of[published].Compressed
	for _, c := range contenders() {
		s := of[c.name]
		if s == nil {
			continue
		}
		t, queries, err := again(ctx, p, c, s, index, w.options.workers)
		if err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		pictures, ok := report.PicturesOf(t, mostSide)
		if !ok {
			return nil
		}
		e.SeedName, e.Label, e.Picture = t.SeedName, t.SeedLabel, pictures.Panels[0].PNG
		e.Triggers = append(e.Triggers, shownTrigger{
			Strategy: c.name, Queries: queries, SSIM: page.Significant(*t.Distance.SSIM, 3),
			OriginalSays: t.OriginalLabel, CompressedSays: t.CompressedLabel, Picture: pictures.Panels[1].PNG,
		})
	}
	slices.SortFunc(e.Triggers, func(a, b shownTrigger) int {
		return slices.Index(exampleStrategies, a.Strategy) - slices.Index(exampleStrategies, b.Strategy)
	})
	return change(w.options.out, func(s *store) {
		s.Examples = slices.DeleteFunc(s.Examples, func(old example) bool { return old.identity == e.identity })
		s.Examples = append(s.Examples, e)
	})
}

// typicalSeed is the seed on which TriggerFinder came the nearest to its median, of those with a trigger from all.
func typicalSeed(of map[string]*search) (index int, ok bool) {
	var queries []float64
	for _, q := range of[published].Queries {
		if q > 0 {
			queries = append(queries, float64(q))
		}
	}
	middle, least := stats.Median(queries), math.Inf(1)
	for i, q := range of[published].Queries {
		found := true
		for _, s := range of {
			found = found && i < len(s.Queries) && s.Queries[i] > 0
		}
		if off := math.Abs(float64(q) - middle); found && off < least {
			index, least, ok = i, off, true
		}
	}
	return index, ok
}

// again repeats a search for one seed.
func again(ctx context.Context, p opened, c contender, s *search, index, workers int) (t *engine.Trigger, queries int, err error) {
	j := job{contender: c, limit: s.Limit}
	r, err := engine.Search(ctx, p.pair, generators.First(p.seeds, s.Seeds), engine.Settings{
		Strategy: c.strategy, Budget: j.budget(), Workers: workers, Strict: true, Shard: engine.Shard{Index: index, Total: s.Seeds},
	})
	if err != nil {
		return nil, 0, err
	}
	o := r.Seeds[index]
	if o.Trigger == nil || o.FirstHit == nil || o.FirstHit.Queries != s.Queries[index] {
		return nil, 0, fmt.Errorf("expected a trigger of seed %d after %d queries, as when it was searched before, found another outcome; measure anew with -again",
			index, s.Queries[index])
	}
	return o.Trigger, o.Queries, nil
}
