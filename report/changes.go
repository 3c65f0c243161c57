package report

import (
	"cmp"
	"fmt"
	"path/filepath"

	"github.com/triggerfinder/triggerfinder/model"
)

// ChangesSince tells which models of the pair are not those that saved triggers were found with, a sentence each, with the
// beginnings of both hashes; none where nothing has changed. A model that was saved again is the same. It is no error that a
// model has changed: a compressed model that was mended has, and an original that was trained again.
func ChangesSince(pair *model.Pair, saved []SavedTrigger) (sentences []string) {
	original, compressed := pair.Describe()
	for _, side := range []struct {
		role string
		now  model.Identity
		then func(SavedTrigger) model.Identity
	}{
		{"original", original.Identity(), func(s SavedTrigger) model.Identity { return s.Context.Original.Identity() }},
		{"compressed", compressed.Identity(), func(s SavedTrigger) model.Identity { return s.Context.Compressed.Identity() }},
	} {
		changed, unknown := 0, 0
		var first model.Identity
		for _, s := range saved {
			then := side.then(s)
			if then.SHA256 == "" || side.now.SHA256 == "" {
				continue // a function has no bytes
			}
			switch then.Compare(side.now) {
			case model.Different:
				if changed++; changed == 1 {
					first = then
				}
			case model.GraphAlone:
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

// OtherPreprocessing is that a model of a pair is given other values than when a saved trigger was found.
type OtherPreprocessing struct {
	Role    string // "original" or "compressed"
	Model   string // its file, or its name where it has none
	Dir     string // of the trigger
	Was, Is string // the preprocessing, in words
	// SameModel says that the trigger was found with this very model. The same file with another preprocessing is another
	// model, and its answers heal nothing; a model that has changed may want another.
	SameModel bool
}

// Error implements error.
func (o OtherPreprocessing) Error() string {
	return fmt.Sprintf("%s model %s: expected the preprocessing that %s records, %q, found %q", o.Role, filepath.Base(o.Model), o.Dir, o.Was, o.Is)
}

// PreprocessingSince tells which models of the pair are given other values than when the saved triggers were found, at most
// one a model, the original first: of a trigger that was found with this very model, or else of any.
func PreprocessingSince(pair *model.Pair, saved []SavedTrigger) []OtherPreprocessing {
	original, compressed := pair.Describe()
	var others []OtherPreprocessing
	for _, side := range []struct {
		role string
		now  model.Description
		then func(SavedTrigger) model.Description
	}{
		{"original", original, func(s SavedTrigger) model.Description { return s.Context.Original }},
		{"compressed", compressed, func(s SavedTrigger) model.Description { return s.Context.Compressed }},
	} {
		var found *OtherPreprocessing
		for _, s := range saved {
			then := side.then(s)
			was, is := then.Settings["preprocess"], side.now.Settings["preprocess"]
			same := then.SHA256 != "" && then.Identity().Compare(side.now.Identity()) != model.Different
			if was == "" || was == is || found != nil && (found.SameModel || !same) {
				continue
			}
			found = &OtherPreprocessing{Role: side.role, Model: cmp.Or(side.now.File, side.now.Name), Dir: s.Dir, Was: was, Is: is, SameModel: same}
		}
		if found != nil {
			others = append(others, *found)
		}
	}
	return others
}

// SamePreprocessing is an error, an [OtherPreprocessing], where a model of the pair is the one that saved triggers were found
// with, but is given other values than then.
func SamePreprocessing(pair *model.Pair, saved []SavedTrigger) error {
	for _, other := range PreprocessingSince(pair, saved) {
		if other.SameModel {
			return other
		}
	}
	return nil
}
