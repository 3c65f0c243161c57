package engine

import "fmt"

// readsWrongly notes a seed whose true class is known and is not among those that the original's scores put
// first, and reports whether it is one.
func (w *worker) readsWrongly(r *run, original []float32) bool {
	label := r.outcome.Label
	if label < 0 || original[label] == original[Label(original)] {
		return false
	}
	said := Label(original)
	r.outcome.MisreadAs = &said
	return true
}

// Misread lists the seeds that the original itself misreads, of those whose true class is known and that it
// was shown. A deviation from such a seed is no loss of a right answer, and a seed set that has many of
// them fits the model badly.
func (r *Report) Misread() []*Outcome {
	var misread []*Outcome
	for i := range r.Seeds {
		if r.Seeds[i].MisreadAs != nil {
			misread = append(misread, &r.Seeds[i])
		}
	}
	return misread
}

// labelled is the number of the shard's seeds with a known true class that the original was shown.
func (r *Report) labelled() int {
	n := 0
	for _, o := range r.Seeds {
		if o.Label >= 0 && o.SeedID != "" && o.Status != OtherShard && (o.Status != Skipped || o.MisreadAs != nil) {
			n++
		}
	}
	return n
}

// labelWarning doubts the labels, or the preprocessing, when the original misreads most of the seeds.
func labelWarning(r *Report) string {
	misread, labelled := len(r.Misread()), r.labelled()
	if misread < enoughToJudge || 2*misread <= labelled {
		return ""
	}
	return fmt.Sprintf("the original misreads %d of %d labelled seeds: do the labels, their order and the preprocessing fit the model?", misread, labelled)
}
