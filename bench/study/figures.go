package main

import (
	"math"
	"slices"

	"github.com/triggerfinder/triggerfinder/bench/sample"
	"github.com/triggerfinder/triggerfinder/bench/subjects"
	"github.com/triggerfinder/triggerfinder/stats"
)

// datasets are in the order of the page.
var datasets = []string{subjects.MNIST, subjects.CIFAR10, subjects.Fashion}

// titles are the names of data sets for readers.
var titles = map[string]string{subjects.MNIST: "MNIST", subjects.CIFAR10: "CIFAR-10", subjects.Fashion: "Fashion-MNIST"}

// pairOrder is the order of pairs in tables.
func pairOrder() []string {
	var names []string
	for _, s := range subjects.OfStudy("DIR") {
		names = append(names, s.Name)
	}
	return names
}

// subject is a pair with the seeds of a data set, and its complete searches.
type subject struct {
	pair, dataset string
	searches      map[string]*search // by strategy
}

// subjects are those with a complete search, in the order of the store.
func (s *store) subjects() []subject {
	var list []subject
	for i := range s.Searches {
		one := &s.Searches[i]
		if !one.complete() {
			continue
		}
		at := slices.IndexFunc(list, func(x subject) bool { return x.pair == one.Pair && x.dataset == one.Dataset })
		if at < 0 {
			at = len(list)
			list = append(list, subject{one.Pair, one.Dataset, map[string]*search{}})
		}
		list[at].searches[one.Strategy] = one
	}
	return list
}

// ofDataset are the subjects with seeds of a data set.
func ofDataset(list []subject, dataset string) []subject {
	var chosen []subject
	for _, s := range list {
		if s.dataset == dataset {
			chosen = append(chosen, s)
		}
	}
	return chosen
}

// figures are about the seeds that are no triggers themselves.
type figures struct {
	seeds, found int
	queries      []float64 // to the first trigger; the limit for a seed without one
	seconds      []float64
	ssim         []float64 // of the triggers
	limit        int
}

// figures are those of the first seeds.
func (s *search) figures(first int) figures {
	f := figures{limit: s.Limit}
	for i, q := range s.Queries[:min(first, len(s.Queries))] {
		if q == 0 {
			continue
		}
		f.seeds++
		f.seconds = append(f.seconds, float64(s.Micros[i])/1e6)
		if q == notFound {
			f.queries = append(f.queries, float64(s.Limit))
			continue
		}
		f.found++
		f.queries = append(f.queries, float64(q))
		f.ssim = append(f.ssim, s.SSIM[i])
	}
	return f
}

// all are the figures of all seeds.
func (s *search) all() figures { return s.figures(len(s.Queries)) }

func (f figures) complete() bool { return f.found == f.seeds }

// ratio is how many times as much the one took as the other.
type ratio struct {
	value float64
	bound string // "≥ " or "≤ " where limits make it one, "~ " where they leave it open
}

// ratioOf divides what two searches of the same seeds took, of which seeds without a trigger count as their limit.
func ratioOf(more, less figures, of func(figures) float64) ratio {
	r := ratio{value: of(more) / of(less)}
	switch {
	case !more.complete() && !less.complete():
		r.bound = "~ "
	case !more.complete():
		r.bound = "≥ "
	case !less.complete():
		r.bound = "≤ "
	}
	return r
}

func meanQueries(f figures) float64   { return sample.Mean(f.queries) }
func medianQueries(f figures) float64 { return stats.Median(f.queries) }
func meanSeconds(f figures) float64   { return sample.Mean(f.seconds) }

// exact reports whether a percentile is one of queries that led to a trigger, and not, or half, of a limit.
func (f figures) exact(p float64) bool {
	return int(math.Ceil(p/100*float64(f.seeds-1))) < f.found
}

// medianRatio is one of medians, which limits do not change while more than half of the seeds have a trigger.
func medianRatio(more, less figures) ratio {
	r := ratioOf(more, less, medianQueries)
	switch above, below := more.exact(50), less.exact(50); {
	case above && below:
		r.bound = ""
	case below:
		r.bound = "≥ "
	case above:
		r.bound = "≤ "
	default:
		r.bound = "~ "
	}
	return r
}

// both are the figures of two searches over the seeds that both had.
func (s subject) both(a, b string) (figures, figures, bool) {
	x, y := s.searches[a], s.searches[b]
	if x == nil || y == nil {
		return figures{}, figures{}, false
	}
	n := min(x.Seeds, y.Seeds)
	return x.figures(n), y.figures(n), true
}

// DiffChaser's population, and how many it asks at once; see strategies.DiffChaserSearch.
const (
	population  = 1000
	askedAtOnce = 32
)

// wholeGenerations is the mean of queries if each search went on to the end of the generation in which it found its
// trigger.
func wholeGenerations(f figures) float64 {
	var sum float64
	for _, q := range f.queries {
		sum += math.Ceil(q/population) * population
	}
	return sum / float64(len(f.queries))
}

// shareWithin is the share of seeds with a trigger within so many queries.
func shareWithin(f figures, most float64) float64 {
	n := 0
	for _, q := range f.queries {
		if q <= most && q < float64(f.limit) {
			n++
		}
	}
	return float64(n) / float64(max(f.seeds, 1))
}
