package engine

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/model"
)

// This file holds what keeps a search that could not find anything from saying "nothing found".

// checkDistinct refuses a pair that can never deviate: of the same file, in the same runtime, under the same settings. One model that was
// saved twice is let through where identical scores are what is to be shown; the same bytes are not, as that shows nothing.
func checkDistinct(pair *model.Pair, allowIdentical bool) error {
	if err := checkDistinctModels(pair.Original(), pair.Compressed(), allowIdentical); err != nil {
		return fmt.Errorf("pair %s: %w", pair.Name(), err)
	}
	return checkSteps(pair)
}

func checkDistinctModels(original, compressed model.Predictor, allowIdentical bool) error {
	o, c := model.Describe(original, "original"), model.Describe(compressed, "compressed")
	if o.SHA256 != "" && o.SHA256 == c.SHA256 && maps.Equal(o.Settings, c.Settings) {
		return fmt.Errorf("%w: %s and %s have the same content (SHA-256 %.12s), and run under the same settings",
			ErrSameModel, fileOrName(o), fileOrName(c), o.SHA256)
	}
	if o.Content != "" && o.Content == c.Content && o.SHA256 != c.SHA256 && o.RunsLike(c) && !allowIdentical {
		return fmt.Errorf("%w: %s and %s have the same weights and compute the same (content %.12s); one was saved again, by another program, under other names or with its weights in another place; %s",
			ErrSameModel, fileOrName(o), fileOrName(c), o.Content, howToAllow)
	}
	if reflect.ValueOf(original).Comparable() && reflect.ValueOf(compressed).Comparable() && original == compressed {
		return fmt.Errorf("%w: both are predictor %q", ErrSameModel, o.Name)
	}
	return nil
}

// howToAllow ends the errors about models that do not differ.
const howToAllow = "if that is what is to be shown, as of a graph optimiser, set AllowIdentical (AllowingIdenticalScores() of a matcher)"

// enoughAlike is how many inputs it takes before equal scores of both models say something of the models.
const enoughAlike = 20

// likeness tells whether both models have given the same scores, to the last bit, for everything. Answers that are labels alone
// prove nothing: they are mostly equal.
type likeness struct {
	differed atomic.Bool
	alike    atomic.Int64 // inputs with equal scores that are more than a label, until they differed
}

// see compares the answers of both models to one input.
func (l *likeness) see(original, compressed answer.Answer) {
	switch {
	case l.differed.Load():
	case !answer.Finite(original.Scores) && !answer.Finite(compressed.Scores): // neither answers
	case !original.Same(compressed):
		l.differed.Store(true)
	case !labelAlone(original):
		l.alike.Add(1)
	}
}

// labelAlone reports whether an answer says no more than a label: all but one of its scores, two or more, are 0.
func labelAlone(a answer.Answer) bool {
	others := 0
	for _, score := range a.Scores {
		if score != 0 {
			others++
		}
	}
	return others <= 1 && a.Outputs == nil && len(a.Scores) > 1
}

// inputs is how many of the inputs that were evaluated have identical scores: all of them, or 0.
func (l *likeness) inputs(evaluated int) int {
	if l.differed.Load() || l.alike.Load() == 0 {
		return 0
	}
	return evaluated
}

// checkIdentical finds models that gave the same scores for all of many inputs.
func checkIdentical(inputs int, allowed bool) error {
	if allowed || inputs < enoughAlike {
		return nil
	}
	return fmt.Errorf("%w: to the last bit, for all of %d inputs; either nothing was compressed, or the transformation is exact (then there is nothing to find); %s",
		ErrIdenticalScores, inputs, howToAllow)
}

func fileOrName(d model.Description) string {
	if d.File != "" {
		return d.File
	}
	return d.Name
}

// conclude turns a search that found nothing because it could not into an error.
func (s *search) conclude(ctx context.Context) error {
	r := s.report
	if s.own == 0 {
		return nil // of a search with more shards than seeds
	}
	if r.Usable() == 0 && s.narrow == s.own {
		return s.noRoom()
	}
	if r.Usable() == 0 {
		if err := s.sides.original.neverFinite(); err != nil {
			return fmt.Errorf("%w: %w", ErrNoUsableSeeds, err)
		}
		return r.noUsableSeeds()
	}
	// One seed that deviates itself is asked twice: that is one input.
	several := r.Ledger.Screened+r.Ledger.Queries > 1
	err := s.sides.constant(2, s.triggers == 0)
	if err == nil && several {
		err = s.checkFinite(ctx)
	}
	if err != nil && several {
		if s.settings.Shard.Total > 1 {
			r.Status = Failed // the other shards cannot find that out again
		}
		return err
	}
	if err := r.tooManySkipped(); err != nil {
		if s.narrow > 0 && r.Ledger.Queries == 0 {
			return s.noRoom()
		}
		return err
	}
	if s.triggers > 0 {
		return nil
	}
	if r.Status == Cancelled {
		return fmt.Errorf("%w: cancelled after %d queries, nothing found until then: %w",
			ErrInconclusive, r.Ledger.Queries, context.Cause(ctx))
	}
	if err := checkIdentical(r.IdenticalScores, s.settings.AllowIdentical); err != nil {
		return err
	}
	if err := r.oneAnswer(); err != nil && s.settings.Shard.Total <= 1 { // the other shards may have seen another one
		return err
	}
	return r.tooShort()
}

// blankSeeds counts the seeds in which the original sees nothing, as [answer.Blank] says.
type blankSeeds struct {
	seeds atomic.Int64
	why   atomic.Value // of one of them
}

func (b *blankSeeds) see(oracle answer.Oracle, original answer.Answer) {
	if why := answer.Blank(oracle, original); why != "" {
		b.seeds.Add(1)
		b.why.Store(why)
	}
}

// all says why, where the original saw nothing in any of the seeds.
func (b *blankSeeds) all(usable int) string {
	if blank := int(b.seeds.Load()); blank == 0 || blank < usable {
		return ""
	}
	return b.why.Load().(string)
}

// oneAnswer finds a search that found nothing, in which the original said one and the same throughout: saw nothing, decided alike, or gave one label.
func (r *Report) oneAnswer() error {
	if r.Usable() < enoughToJudge {
		return nil
	}
	if r.SeesNothing != "" {
		return fmt.Errorf("%w: expected an original that finds something in a seed, found %s in all of %d seeds, and no deviation: do the seeds and the preprocessing fit the model? "+
			"If there is nothing to see in them, set Empty of the oracle", ErrInconclusive, r.SeesNothing, r.Usable())
	}
	if r.OneDecision {
		if err := checkOneDecision(r.Oracle, r.Ledger.Screened+r.Ledger.Queries); err != nil {
			return err
		}
	}
	return r.oneLabel()
}

// onlyLabel is the label that the original gave to everything that was evaluated, where the oracle asks for labels; nil otherwise.
func (s *search) onlyLabel() *int {
	saw := s.sides.original.saw()
	label, only := saw.onlyLabel()
	if !only || s.byScores || !s.sides.ofClasses(saw.first) {
		return nil
	}
	return &label
}

// oneLabel finds a search that found nothing, in which the original gave one and the same label to every seed, of enough seeds, and to all that
// became of them: what it is shown may not fit it, and then there was no boundary that a compressed model could have moved.
func (r *Report) oneLabel() error {
	if r.OnlyLabel == nil || r.Ledger.Screened+r.Ledger.Queries < enoughOfOneLabel {
		return nil
	}
	classes := map[int]bool{}
	for _, o := range r.Seeds {
		if o.Status != OtherShard && o.Status != Skipped && o.SeedID != "" {
			classes[o.Label] = true
		}
	}
	return CheckOneLabel(*r.OnlyLabel, r.Ledger.Screened+r.Ledger.Queries, classes, r.ClassNames)
}

// enoughOfOneLabel is how many inputs that were searched or drawn it takes before one label for all of them says something.
const enoughOfOneLabel = 200

// CheckOneLabel is an error, [ErrInconclusive], about an original that gave one label to all of many inputs, 20 or more, where that shows no more than
// that the inputs, or their preprocessing, do not fit it: unless the true classes of the seeds, [input.Unlabelled] among them where one
// is not known, are that label alone. It is for measurements that found no deviation. Names are those of the classes, nil where they are not known.
func CheckOneLabel(label, inputs int, classes map[int]bool, names []string) error {
	if inputs < enoughAlike || len(classes) == 0 || len(classes) == 1 && classes[label] {
		return nil
	}
	of := "of which not all true classes are known"
	if !classes[input.Unlabelled] {
		of = fmt.Sprintf("of %d true classes", len(classes))
		if len(classes) == 1 {
			of = "none of which is of that class"
		}
	}
	return fmt.Errorf("%w: expected an original that gives several labels, found %s for all of %d inputs, %s, and no deviation: do the seeds and the preprocessing fit the model? "+
		"If all seeds belong to one class, give them labels",
		ErrInconclusive, answer.ClassName(names, label), inputs, of)
}

// checkFinite finds a compressed model that gives NaN or infinity for everything, as one does that is broken or is given
// wrong inputs. That all seeds had such answers may be by chance, so that it is shown plain inputs too.
func (s *search) checkFinite(ctx context.Context) error {
	if s.sides.compressed.neverFinite() == nil || ctx.Err() != nil {
		return nil
	}
	if s.plain != nil {
		return s.plain(ctx)
	}
	return s.seePlain(ctx)
}

// seePlain shows plain inputs, in the shape of the first seed that can be used, to a compressed model that gave no finite answer so
// far, and tells whether it still has not.
func (s *search) seePlain(ctx context.Context) error {
	i := slices.IndexFunc(s.report.Seeds, func(o Outcome) bool { return o.SeedID != "" })
	if i < 0 {
		return nil
	}
	seed, err := s.seeds.Seed(i)
	if err != nil {
		return nil
	}
	var plain []input.Input
	for _, share := range [...]float32{0, 0.5, 1} {
		in := seed.Input.Clone()
		for j := range in.Data {
			d := in.DomainAt(j)
			in.Data[j] = d.Snap(d.Min + share*d.Range())
		}
		plain = append(plain, in)
	}
	var dst answered
	dst.grow(len(plain), s.sides.compressed)
	if err := s.sides.compressed.predict(ctx, plain, dst); err != nil {
		return nil // what was found stands
	}
	return s.sides.compressed.neverFinite()
}

// noRoom is the error for a bound within which no seed could be searched.
func (s *search) noRoom() error {
	reasons := s.report.SkipReasons()
	about := max(0, slices.IndexFunc(reasons, func(r SkipReason) bool { return strings.HasPrefix(r.Reason, distance.ErrNoRoom.Error()) }))
	reason := strings.TrimPrefix(reasons[about].Reason, distance.ErrNoRoom.Error()+": ")
	return fmt.Errorf("%w around %d of %d seeds: %s", distance.ErrNoRoom, s.narrow, s.own, reason)
}

// tooShort finds seeds that were not searched enough to say that nothing was found.
func (r *Report) tooShort() error {
	minimum, short := r.Budget.minimum(), 0
	for _, o := range r.Seeds {
		if o.Status != Skipped && o.Status != GaveUp && o.Status != OtherShard && o.Queries < minimum {
			short++
		}
	}
	if short > 0 {
		return fmt.Errorf("%w: %s ended the search with %d of %d usable seeds at fewer than %d queries, nothing found until then; raise the budget or take fewer seeds",
			ErrInconclusive, r.Status, short, r.Usable(), minimum)
	}
	return nil
}

func (r *Report) noUsableSeeds() error {
	for _, o := range r.Seeds {
		if o.Status == Skipped {
			return fmt.Errorf("%w: all %d were skipped, the first because: %s",
				ErrNoUsableSeeds, r.Own(), o.Reason)
		}
	}
	return ErrNoUsableSeeds
}
