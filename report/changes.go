package report

import (
	"fmt"

	"github.com/triggerfinder/triggerfinder/engine"
)

// ChangesSince tells which models of the pair are not those that saved triggers were found with, a sentence each, with the
// beginnings of both hashes; none where nothing has changed. A model that was saved again is the same. It is no error that a
// model has changed: a compressed model that was mended has, and an original that was trained again.
func ChangesSince(pair *engine.Pair, saved []SavedTrigger) (sentences []string) {
	original, compressed := pair.Describe()
	for _, side := range []struct {
		role string
		now  engine.Identity
		then func(SavedTrigger) engine.Identity
	}{
		{"original", original.Identity(), func(s SavedTrigger) engine.Identity { return s.Context.Original.Identity() }},
		{"compressed", compressed.Identity(), func(s SavedTrigger) engine.Identity { return s.Context.Compressed.Identity() }},
	} {
		changed, unknown := 0, 0
		var first engine.Identity
		for _, s := range saved {
			then := side.then(s)
			if then.SHA256 == "" || side.now.SHA256 == "" {
				continue // a function has no bytes
			}
			switch then.Compare(side.now) {
			case engine.Different:
				if changed++; changed == 1 {
					first = then
				}
			case engine.GraphAlone:
				unknown++
			}
		}
		since := func(n int) string {
			if n == len(saved) {
				return Plural(n, "saved trigger")
			}
			return fmt.Sprintf("%d of %s", n, Plural(len(saved), "saved trigger"))
		}
		if changed > 0 {
			sentences = append(sentences, fmt.Sprintf("The %s model has changed since %s %s found: it was %s, and is %s now.", side.role, since(changed), Verb(changed, "were"), first, side.now))
		}
		if unknown > 0 {
			sentences = append(sentences, fmt.Sprintf("Of the %s model, %s of an earlier version %s the graph's file alone, which is the same; whether its weights in other files are cannot be told.",
				side.role, since(unknown), Verb(unknown, "know")))
		}
	}
	return sentences
}

// SamePreprocessing is an error where a model of the pair is the one that saved triggers were found with, but is given
// other values than then: the same file with another preprocessing is another model, and its answers heal nothing.
func SamePreprocessing(pair *engine.Pair, saved []SavedTrigger) error {
	original, compressed := pair.Describe()
	for _, s := range saved {
		for _, side := range []struct {
			role      string
			then, now engine.Description
		}{{"original", s.Context.Original, original}, {"compressed", s.Context.Compressed, compressed}} {
			was, is := side.then.Settings["preprocess"], side.now.Settings["preprocess"]
			if was == "" || was == is || side.then.SHA256 == "" || side.then.Identity().Compare(side.now.Identity()) == engine.Different {
				continue
			}
			return fmt.Errorf("%s model %s: expected the preprocessing that %s records, %q, found %q", side.role, modelName(side.now), s.Dir, was, is)
		}
	}
	return nil
}
