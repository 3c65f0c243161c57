package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/generators"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/repair"
	"github.com/triggerfinder/triggerfinder/zoo"
)

// mendedEntry is what was measured about a compressed model that was made again with triggers.
type mendedEntry struct {
	Name   string      `json:"name"` // of the folder, such as with-triggers
	Date   string      `json:"date"`
	Budget int         `json:"budget"`
	Rows   []mendedRow `json:"rows"`
	// Clean counts the test images, those on which each model agrees with the original, and those whose class it gives.
	Clean          int `json:"clean"`
	AgreeingBefore int `json:"agreeing_before"`
	AgreeingAfter  int `json:"agreeing_after"`
	RightOriginal  int `json:"right_original"`
	RightBefore    int `json:"right_before"`
	RightAfter     int `json:"right_after"`
}

// mendedRow is about the triggers of one strategy.
type mendedRow struct {
	Strategy string `json:"strategy"`
	// Old triggers, of the model as it was, and those of them on which the new one agrees with the original. Training
	// are those that it was made with, HeldOut the others.
	Training       int `json:"training"`
	TrainingHealed int `json:"training_healed"`
	HeldOut        int `json:"held_out"`
	HeldOutHealed  int `json:"held_out_healed"`
	// The same search of the first held-out seeds, with the model as it was and with the new one.
	Seeds         int     `json:"seeds"`
	FoundBefore   int     `json:"found_before"`
	FoundAfter    int     `json:"found_after"`
	QueriesBefore float64 `json:"mean_queries_before"`
	QueriesAfter  float64 `json:"mean_queries_after"`
}

func measureMended(ctx context.Context, p zoo.Pair, pair *model.Pair, file string, i images, s settings) (*mendedEntry, error) {
	mended, err := openMended(p, file)
	if err != nil {
		return nil, err
	}
	defer func() { _ = mended.Close() }()
	_, held, err := repair.Split(nil, i.seeds)
	if err != nil {
		return nil, err
	}
	seeds := generators.First(held.Clean, s.again)
	among, err := ids(seeds)
	if err != nil {
		return nil, err
	}
	e := &mendedEntry{Name: filepath.Base(s.mended), Date: time.Now().Format(time.DateOnly), Budget: s.budget}
	for _, by := range searchers() {
		before, err := search(ctx, pair, by, i.seeds, s.budget)
		if err != nil {
			return nil, err
		}
		after, err := search(ctx, mended, by, seeds, s.budget)
		if err != nil {
			return nil, err
		}
		training, heldOut, err := repair.Split(before.Triggers(), nil)
		if err != nil {
			return nil, err
		}
		var same []*engine.Trigger // of the seeds that are searched again
		for _, t := range heldOut.Triggers {
			if among[t.SeedID] {
				same = append(same, t)
			}
		}
		n := seeds.Len()
		row := mendedRow{
			Strategy: by.name, Training: len(training.Triggers), HeldOut: len(heldOut.Triggers), Seeds: n,
			FoundBefore: len(same), FoundAfter: len(after.Triggers()),
			QueriesBefore: meanQueries(same, n, s.budget), QueriesAfter: meanQueries(after.Triggers(), n, s.budget),
		}
		if row.TrainingHealed, err = healed(ctx, mended, training.Triggers); err != nil {
			return nil, err
		}
		if row.HeldOutHealed, err = healed(ctx, mended, heldOut.Triggers); err != nil {
			return nil, err
		}
		e.Rows = append(e.Rows, row)
		fmt.Fprintf(s.log, "  %s: healed %d of %d held-out triggers, found for %d of %d seeds\n", by.name, row.HeldOutHealed, row.HeldOut, row.FoundAfter, n)
	}
	return e, e.clean(ctx, pair, mended, i.test)
}

func healed(ctx context.Context, pair *model.Pair, triggers []*engine.Trigger) (int, error) {
	var inputs []input.Input
	for _, t := range triggers {
		inputs = append(inputs, t.Input)
	}
	evaluations, err := engine.Replay(ctx, pair, inputs, nil)
	n := 0
	for _, e := range evaluations {
		if !e.Verdict.Deviates {
			n++
		}
	}
	return n, err
}

// clean compares both models on the test set.
func (e *mendedEntry) clean(ctx context.Context, pair, mended *model.Pair, test input.Seeds) error {
	before, err := repair.AnswersTo(ctx, pair, test)
	if err != nil {
		return err
	}
	after, err := repair.AnswersTo(ctx, mended, test)
	if err != nil {
		return err
	}
	add := func(n *int, yes bool) {
		if yes {
			*n++
		}
	}
	for i, b := range before {
		original, was, is := answer.Label(b.Original), answer.Label(b.Compressed), answer.Label(after[i].Compressed)
		e.Clean++
		add(&e.AgreeingBefore, was == original)
		add(&e.AgreeingAfter, is == original)
		add(&e.RightOriginal, original == b.Label)
		add(&e.RightBefore, was == b.Label)
		add(&e.RightAfter, is == b.Label)
	}
	return nil
}
