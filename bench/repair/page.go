package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/triggerfinder/triggerfinder/bench/page"
)

// papersShare is what the authors mended at most, in per cent of the deviations.
const papersShare = 48.48

// write writes the page, its tables and its picture.
func (r *results) write(dir string) error {
	if len(r.Entries) == 0 {
		return nil
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Repair: what triggers can be used for\n\n%s\n", r.header())
	picture, err := r.plot()
	if err != nil {
		return err
	}
	if picture != nil {
		if err := page.WriteFile(filepath.Join(dir, "images", "repair.png"), picture); err != nil {
			return err
		}
	}
	for _, t := range []page.Table{r.mendedTable(), r.baselineTable(), r.otherTable(), r.cleanTable(), r.againTable(), r.madeAgainTable(), r.madeAgainCleanTable()} {
		if len(t.Rows) == 0 {
			continue
		}
		t.Labels = len(t.Columns)
		fmt.Fprintf(&b, "\n%s", t.Section())
		if t.File == "repair-baselines.csv" && picture != nil {
			b.WriteString("\n![Share of held-out deviations mended against share of clean inputs asked for](images/repair.png)\n\n" +
				"The whole trade-off, on held-out triggers and clean inputs, over what is asked for really: so without the error of the threshold, which the tables have.\n")
		}
		if err := page.WriteFile(filepath.Join(dir, t.File), t.CSV()); err != nil {
			return err
		}
	}
	return page.WriteFile(filepath.Join(dir, "repair.md"), b.Bytes())
}

func (r *results) header() string {
	var dates, runtimes, budgets []string
	for _, e := range r.Entries {
		runtimes = append(runtimes, e.Runtime)
		if e.Selector != nil {
			dates = append(dates, e.Selector.Date)
			budgets = append(budgets, strconv.Itoa(e.Selector.Budget))
		}
		for _, m := range e.Mended {
			dates = append(dates, m.Date)
			budgets = append(budgets, strconv.Itoa(m.Budget))
		}
	}
	return fmt.Sprintf("Written by the command `repair` in `bench/`; measured on %s, with Go %s and %s. DIR is a folder as `go run ./repair -help` describes it.\n\n"+
		"```\n%s\n```\n\n"+
		"The pairs of the zoo are searched from 500 seeds, by TriggerFinder (published) and by Boundary (first triggers), with at most %s queries a seed, random seed 0. "+
		"Triggers and the 10,000 test images are split in two halves by what the SHA-256 of the seed or image says, so that no seed is in both. "+
		"Selectors are trained on one half; everything in the tables is of the other, unless it says otherwise. A selector sees the compressed model's probabilities alone, and "+
		"asks the original for at most a given share of clean inputs. That is a promise about inputs like those that its threshold was set with, about 2,500 here: so a limit of 1 %% may turn out as 0.6 %% or 1.4 %%. "+
		"A deviation is mended when the original is asked. Asking always would mend all of them, so look at the share together with its cost. "+
		"The authors of TriggerFinder (TOSEM 2023) repaired up to %.2f %% of the deviations of their models; theirs is another method, on other models, whose cost is not compared here.\n%s",
		strings.Join(page.Distinct(dates), ", "), strings.TrimPrefix(runtime.Version(), "go"), strings.Join(page.Distinct(runtimes), ", "), strings.Join(r.commands(), "\n"), strings.Join(page.Distinct(budgets), " or "), papersShare, r.verdict())
}

// commands are the command lines that repeat the page.
func (r *results) commands() []string {
	lines := []string{"go run ./repair -data DIR -export TRIGGERS"}
	var names []string
	for _, e := range r.Entries {
		for _, m := range e.Mended {
			names = append(names, m.Name)
		}
	}
	for _, name := range page.Distinct(names) {
		more := ""
		if strings.HasPrefix(name, "without") {
			more = " --without-triggers"
		}
		lines = append(lines, fmt.Sprintf("(cd ../zoo/training && python mend.py --data DIR/data --triggers TRIGGERS --out %s%s)", name, more),
			"go run ./repair -data DIR -mended ../zoo/training/"+name)
	}
	return lines
}

// verdict compares with the paper's share, for the smallest limit and the default one.
func (r *results) verdict() string {
	var b strings.Builder
	for _, limit := range limits {
		least, most, missed := 101.0, -1.0, 0
		for _, e := range r.Entries {
			for _, row := range e.selectors(both, limit) {
				share := 100 * row.MendedShare()
				least, most = min(least, share), max(most, share)
				if share < papersShare {
					missed++
				}
			}
		}
		if most < 0 {
			continue
		}
		fmt.Fprintf(&b, "\n- At most %s asked: %.1f %% to %.1f %% of the held-out deviations are mended, by pair and strategy; below %.2f %% in %d cases.", share(limit), least, most, papersShare, missed)
	}
	return b.String()
}

// selectors are the rows of the selectors trained on one kind of triggers, with one limit.
func (e *entry) selectors(trainedOn string, limit float64) []selectorRow {
	if e.Selector == nil {
		return nil
	}
	var rows []selectorRow
	for _, row := range e.Selector.Selectors {
		if row.TrainedOn == trainedOn && row.Limit == limit {
			rows = append(rows, row)
		}
	}
	return rows
}

// on is the row about the triggers of a strategy.
func on(rows []selectorRow, strategy string) selectorRow {
	return rows[slices.IndexFunc(rows, func(r selectorRow) bool { return r.TestedOn == strategy })]
}

func (e *entry) baseline(method, strategy string, limit float64) baselineRow {
	rows := e.Selector.Baselines
	return rows[slices.IndexFunc(rows, func(r baselineRow) bool {
		return r.Method == method && r.TestedOn == strategy && r.Limit == limit
	})]
}

// share is a limit in words.
func share(limit float64) string { return strconv.FormatFloat(100*limit, 'g', 4, 64) + " %" }

func inPercent(n, of int) string { return decimals(n, of, 1) }
func precise(n, of int) string   { return decimals(n, of, 2) }

// decimals is a share in per cent with so many decimals; of none it is a dash.
func decimals(n, of, digits int) string {
	if of == 0 {
		return "-"
	}
	return strconv.FormatFloat(100*float64(n)/float64(of), 'f', digits, 64)
}

func (r *results) mendedTable() page.Table {
	t := page.Table{Title: "Held-out deviations mended, in per cent, by limit of cost", File: "repair-selector.csv",
		Text:    "The selector is trained on the training half's triggers of both strategies. Columns: the most clean inputs for which the original may be asked.",
		Columns: []string{"pair", "triggers by", "found for seeds", "trained on", "held out"}}
	for _, limit := range limits {
		t.Columns = append(t.Columns, share(limit))
	}
	for _, e := range r.Entries {
		if e.Selector == nil {
			continue
		}
		trained := 0
		for _, s := range e.Selector.Searches {
			trained += s.Training
		}
		for _, s := range e.Selector.Searches {
			cells := []any{e.Pair, s.Strategy, fmt.Sprintf("%d/%d", s.Found, s.Seeds), trained, s.HeldOut}
			for _, limit := range limits {
				row := on(e.selectors(both, limit), s.Strategy)
				cells = append(cells, inPercent(row.Mended, row.Triggers))
			}
			t.Add(cells...)
		}
	}
	return t
}

func (r *results) baselineTable() page.Table {
	t := page.Table{Title: "Beside the obvious baselines", File: "repair-baselines.csv",
		Text: "Held-out deviations mended, in per cent, and in brackets the per cent of held-out clean inputs really asked for. " +
			"The baselines ask where the top probability, or the margin over the second, is low, and need no triggers.",
		Columns: []string{"pair", "triggers by"}}
	methods := []string{"selector"}
	for _, b := range baselines {
		methods = append(methods, b.name)
	}
	for _, limit := range limits[:2] {
		for _, m := range methods {
			t.Columns = append(t.Columns, m+", "+share(limit))
		}
	}
	for _, e := range r.Entries {
		if e.Selector == nil {
			continue
		}
		for _, s := range e.Selector.Searches {
			cells := []any{e.Pair, s.Strategy}
			for _, limit := range limits[:2] {
				row := on(e.selectors(both, limit), s.Strategy)
				cells = append(cells, fmt.Sprintf("%s (%s)", inPercent(row.Mended, row.Measured.Triggers), inPercent(row.Asked, row.Clean)))
				for _, m := range methods[1:] {
					b := e.baseline(m, s.Strategy, limit)
					cells = append(cells, fmt.Sprintf("%s (%s)", inPercent(b.Mended, b.Triggers), inPercent(b.Asked, b.Clean)))
				}
			}
			t.Add(cells...)
		}
	}
	return t
}

func (r *results) otherTable() page.Table {
	t := page.Table{Title: "Triggers of another strategy", File: "repair-other.csv",
		Text: "Held-out deviations mended, in per cent, by a selector that was trained on the triggers of one strategy alone.", Columns: []string{"pair", "tested on"}}
	for _, limit := range []float64{limits[0], limits[2]} {
		for _, by := range searchers() {
			t.Columns = append(t.Columns, fmt.Sprintf("trained on %s, %s", by.name, share(limit)))
		}
	}
	for _, e := range r.Entries {
		if e.Selector == nil {
			continue
		}
		for _, s := range e.Selector.Searches {
			cells := []any{e.Pair, s.Strategy}
			for _, limit := range []float64{limits[0], limits[2]} {
				for _, by := range searchers() {
					row := on(e.selectors(by.name, limit), s.Strategy)
					cells = append(cells, inPercent(row.Mended, row.Triggers))
				}
			}
			t.Add(cells...)
		}
	}
	return t
}

func (r *results) cleanTable() page.Table {
	t := page.Table{Title: "What it does to clean inputs", File: "repair-clean.csv",
		Text: "The held-out half of the test set, in per cent. Coverage is what the compressed model answers alone; for the rest, both models run. " +
			"Agreement is that with the original.",
		Columns: []string{"pair", "limit", "asked", "coverage", "agreement before", "agreement after", "accuracy of the original", "accuracy before", "accuracy after"}}
	for _, e := range r.Entries {
		for _, limit := range limits {
			rows := e.selectors(both, limit)
			if len(rows) == 0 {
				continue
			}
			m := rows[0].Measured // clean inputs are the same for all
			t.Add(e.Pair, share(limit), precise(m.Asked, m.Clean), precise(m.Clean-m.Asked, m.Clean), precise(m.AgreeingBefore, m.Clean), precise(m.AgreeingAfter, m.Clean),
				precise(m.RightOriginal, m.Labelled), precise(m.RightBefore, m.Labelled), precise(m.RightAfter, m.Labelled))
		}
	}
	return t
}

func (r *results) againTable() page.Table {
	t := page.Table{Title: "Searched again", File: "repair-again.csv",
		Text: "The same search, from held-out seeds, of the pair and of the repaired system, which is another model to the search: it looks for inputs on which the " +
			"compressed model is wrong and sure. Queries are means a seed; a seed without a trigger took the limit. Where nothing was found at a limit of cost, larger ones were not tried.",
		Columns: []string{"pair", "strategy", "seeds", "found before", "queries before"}}
	for _, limit := range searchedAgain {
		t.Columns = append(t.Columns, "found, "+share(limit), "queries, "+share(limit))
	}
	for _, e := range r.Entries {
		if e.Selector == nil {
			continue
		}
		for _, by := range searchers() {
			var cells []any
			for _, limit := range searchedAgain {
				i := slices.IndexFunc(e.Selector.Again, func(a againRow) bool { return a.Strategy == by.name && a.Limit == limit })
				if i < 0 {
					cells = append(cells, "-", "-")
					continue
				}
				a := e.Selector.Again[i]
				if len(cells) == 0 {
					cells = append(cells, e.Pair, by.name, a.Seeds, a.FoundBefore, a.QueriesBefore)
				}
				cells = append(cells, a.Found, a.Queries)
			}
			t.Add(cells...)
		}
	}
	return t
}

func (r *results) madeAgainTable() page.Table {
	t := page.Table{Title: "Compressed models made again with triggers", File: "repair-mended.csv",
		Text: "`zoo/training/mend.py` put the training half's triggers of both strategies into the calibration data of models with static scales (by a percentile; the zoo's own are min-max), and into the fine-tuning data of pruned ones, labelled " +
			"by the original; without them, it did the same otherwise. Healed: old triggers on which the new model does not deviate from the original (an answer within a tie for the top score is no deviation, and 8-bit logits tie often), of those that it was made with and of the others. Found: the same search from the same held-out seeds finds new triggers.",
		Columns: []string{"pair", "made", "strategy", "healed, used", "healed, held out", "seeds", "found before", "found after", "queries before", "queries after"}}
	var dates []string
	for _, e := range r.Entries {
		for _, made := range e.Mended {
			dates = append(dates, made.Date)
			for _, m := range made.Rows {
				t.Add(e.Pair, made.Name, m.Strategy, of(m.TrainingHealed, m.Training), of(m.HeldOutHealed, m.HeldOut), m.Seeds, m.FoundBefore, m.FoundAfter, m.QueriesBefore, m.QueriesAfter)
			}
		}
	}
	t.Text += " Measured on " + strings.Join(page.Distinct(dates), ", ") + ", by the searches of that time."
	return t
}

func of(n, all int) string { return fmt.Sprintf("%d of %d (%s %%)", n, all, inPercent(n, all)) }

func (r *results) madeAgainCleanTable() page.Table {
	t := page.Table{Title: "The same models on clean inputs", File: "repair-mended-clean.csv", Text: "All of the test set, in per cent.",
		Columns: []string{"pair", "made", "agreement before", "agreement after", "accuracy of the original", "accuracy before", "accuracy after"}}
	for _, e := range r.Entries {
		for _, m := range e.Mended {
			t.Add(e.Pair, m.Name, precise(m.AgreeingBefore, m.Clean), precise(m.AgreeingAfter, m.Clean), precise(m.RightOriginal, m.Clean), precise(m.RightBefore, m.Clean), precise(m.RightAfter, m.Clean))
		}
	}
	return t
}
