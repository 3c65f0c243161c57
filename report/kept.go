package report

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
)

// KeepSearch writes what a search found into the folder dir, which is laid out as a [Store]: at most n of the triggers, which are those of the report
// or some of them, and the report with its contact sheet. It is for a folder that a failed test leaves behind; several searches may be kept in
// one. Triggers whose inputs the report no longer holds are left out.
func KeepSearch(dir string, r *engine.Report, triggers []*engine.Trigger, c Context, n int) error {
	store, err := OpenStore(dir)
	if err != nil {
		return err
	}
	for _, t := range triggers {
		if n == 0 || t.Abridged() {
			break
		}
		if _, err := store.Save(t, c); err != nil {
			return err
		}
		n--
	}
	sum := sha256.Sum256(fmt.Append(nil, r.Strategy, "\n", r.Oracle, "\n", r.Bound, "\n", r.Aim, "\n", r.RandomSeed, "\n", r.StopAfter, "\n", r.Budget, "\n", r.Shard))
	_, err = store.SaveReport(hex.EncodeToString(sum[:4]), r, Options{ClassNames: c.ClassNames})
	return err
}
