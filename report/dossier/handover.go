package dossier

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/report"
)

// handedOver is what one of several processes recorded.
type handedOver struct {
	Checks      []Check
	Pairs       []Pair
	Searches    []handedSearch
	Triggers    []handedTrigger
	Clusters    []Cluster
	Minimized   []Minimized
	Rates       []Rate
	Flips       []Flips
	Comparisons []Comparison
	Canaries    []Canary
	Noise       []Noise
	ClassNames  []pairNames
	Replays     []replay
	Declared    []string // those that recorded something
	Incomplete  []string
}

type handedSearch struct {
	About  string
	Report *engine.Report
}

type handedTrigger struct {
	Pair    string
	Origin  Origin
	Oracle  string
	Trigger *engine.Trigger
}

// HandOver writes what was recorded so far for another process, which puts the dossiers of several together by
// [Dossier.TakeOver]: a file in the folder dir, one a process, by its number.
func (d *Dossier) HandOver(dir string, process int) error {
	r := d.snapshot()
	h := handedOver{
		Checks: slices.Clone(r.checks), Pairs: r.pairs, Clusters: r.clusters, Minimized: r.minimized, Rates: r.rates, Flips: r.flips,
		Comparisons: r.comparisons, Canaries: r.canaries, Noise: r.noise, ClassNames: r.classNames, Replays: r.replays,
	}
	for i := range h.Checks {
		h.Checks[i].Evidence.Models = nil
	}
	for _, s := range r.searches {
		h.Searches = append(h.Searches, handedSearch{s.about, s.report})
	}
	for _, t := range r.triggers {
		h.Triggers = append(h.Triggers, handedTrigger{t.pair, t.origin, t.oracle, t.trigger})
	}
	d.mu.Lock()
	for _, c := range d.declared {
		if c.recorded {
			h.Declared = append(h.Declared, c.name)
		}
	}
	h.Incomplete = slices.Clone(d.incomplete)
	d.mu.Unlock()
	data, err := encodeFaithfully(h)
	if err == nil {
		_, err = report.WriteFiles(dir, report.File{Name: fmt.Sprintf("%s%d%s", handedPrefix, process, handedSuffix), Data: data})
	}
	if err != nil {
		return fmt.Errorf("dossier: hand over: %w", err)
	}
	return nil
}

const handedPrefix, handedSuffix = "process-", ".handover.json"

// TakeOver adds what other processes handed over in the folder dir, and removes their files.
func (d *Dossier) TakeOver(dir string) error {
	files, err := handedOverIn(dir)
	if err != nil {
		return err
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("dossier: take over: %w", err)
		}
		var h handedOver
		if err := decodeFaithfully(data, &h); err != nil {
			return fmt.Errorf("dossier: take over: %s: %w", file, err)
		}
		d.take(h)
	}
	return removeHandedOver(dir)
}

func (d *Dossier) take(h handedOver) {
	d.add(func(r *recorded) {
		r.checks, r.pairs, r.clusters, r.minimized = append(r.checks, h.Checks...), append(r.pairs, h.Pairs...), append(r.clusters, h.Clusters...), append(r.minimized, h.Minimized...)
		r.rates, r.flips, r.comparisons = append(r.rates, h.Rates...), append(r.flips, h.Flips...), append(r.comparisons, h.Comparisons...)
		r.canaries, r.noise = append(r.canaries, h.Canaries...), append(r.noise, h.Noise...)
		r.classNames, r.replays = append(r.classNames, h.ClassNames...), append(r.replays, h.Replays...)
		for _, s := range h.Searches {
			r.searches = append(r.searches, searched{s.About, s.Report})
		}
		for _, t := range h.Triggers {
			r.triggers = append(r.triggers, shown{t.Pair, t.Origin, t.Oracle, t.Trigger})
		}
		for _, c := range d.declared {
			c.recorded = c.recorded || slices.Contains(h.Declared, c.name)
		}
		d.incomplete = append(d.incomplete, h.Incomplete...)
	})
}

func handedOverIn(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("dossier: %w", err)
	}
	var files []string
	for _, e := range entries {
		if ok, _ := filepath.Match(handedPrefix+"*"+handedSuffix, e.Name()); ok {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	return files, nil
}

func removeHandedOver(dir string) error {
	files, err := handedOverIn(dir)
	for _, file := range files {
		err = errors.Join(err, os.Remove(file))
	}
	return err
}
