package report

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/model"
)

// A trigger is written in five shapes; those of this package are in this file. In all of them that are flat, both labels and
// their kind are [answer.Labels].
//
//   - In the report of a search, which is in the result of a shard too, it is the engine's trigger: triggerJSON.
//   - In the result of a search, for programs that know nothing of strings for numbers, it is [TriggerResult]: finite or null,
//     and without scores.
//   - In evidence it is gate.EvidenceTrigger: what releases are compared by, and no more, as evidence is read strictly.
//   - In trigger.json, artifact, it is nested by model, seed and search, and stands alone, with all that tells about these.
//   - In the document of a release, dossier.Trigger, it is nested too, with the highest scores alone.
//
// [ExportTriggers] writes no JSON but arrays, one for each field.

// artifactVersion is the version of trigger.json and search-report.json that this package writes. Fields may
// be added without a new version; it goes up when an older reader would misunderstand a file.
const artifactVersion = 2 // since a trigger may be of other answers than class scores, and tells how it deviates; 1 is read

// pictureVersion is that of a trigger.json whose inputs are PNG files: earlier readers looked for arrays.
const pictureVersion = 3

// The files of a trigger's folder.
const (
	artifactFile       = "trigger.json"
	triggerName        = "trigger" // with the ending of an input's file
	seedName           = "seed"
	triggerPictureFile = "trigger.png"
	seedPictureFile    = "seed.png"
	differenceFile     = "diff.png"
)

const (
	aboutArtifact = "A trigger: an input (%s) to which two models give different answers, " +
		"found by triggerfinder in the neighbourhood of a seed (%s)."
	defaultReplay = `In Go: Expect(pair).To(ReplayCleanly("...")) with the folder that holds the folders of all pairs. ` +
		`Elsewhere: give %s to both models, after each model's own preprocessing, and compare their scores with these.`
)

// ErrNewerVersion is the error for a file that a later version of this package wrote.
var ErrNewerVersion = errors.New("written by a newer version of triggerfinder")

// artifact is the schema of trigger.json.
type artifact struct {
	About      string        `json:"about"`
	Version    int           `json:"version"`
	ID         string        `json:"id"`
	Pair       string        `json:"pair"`
	Saved      time.Time     `json:"saved"`
	Oracle     string        `json:"oracle"`
	Bound      string        `json:"bound,omitempty"`
	Original   artifactModel `json:"original"`
	Compressed artifactModel `json:"compressed"`
	Tied       bool          `json:"tied,omitempty"`
	// Kind is "not finite" where the compressed model gives NaN or infinity: its label is -1 then.
	Kind answer.Kind `json:"kind,omitempty"`
	// Deviation is how the oracle tells of it, where it does not go by the labels of both models.
	Deviation deviationJSON `json:"deviation,omitzero"`
	// Steps is what each step from the original to the compressed model does, where the models in between were known.
	Steps    engine.StepVerdicts `json:"steps,omitempty"`
	Distance distanceJSON        `json:"distance"`
	// Changes say in lines what was changed of the seed, as failure messages do.
	Changes []string       `json:"changes,omitempty"`
	Input   artifactInput  `json:"input"`
	Seed    artifactSeed   `json:"seed"`
	Search  artifactSearch `json:"search"`
	// ClassNames are those of all classes, as earlier versions wrote them; since then they are in a file that the triggers of a pair share.
	ClassNames     []string            `json:"class_names,omitempty"`
	ClassNamesFile string              `json:"class_names_file,omitempty"`
	Difference     *artifactDifference `json:"difference,omitempty"`
	// ViewError says why a viewer could not show the trigger.
	ViewError string `json:"view_error,omitempty"`
	Replay    string `json:"replay"`
}

// artifactModel is a model and its answer.
type artifactModel struct {
	model.Description
	Label      int      `json:"label"`
	ClassName  string   `json:"class_name,omitempty"`
	Confidence number32 `json:"confidence"`
	// Scores are the numbers, or the named outputs of a model that gives no class scores.
	Scores answer.Answer `json:"scores"`
}

type artifactSeed struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Index     int    `json:"index"`
	Label     int    `json:"label"` // -1 when unknown
	ClassName string `json:"class_name,omitempty"`
}

type artifactSearch struct {
	Strategy   string   `json:"strategy"`
	RandomSeed uint64   `json:"random_seed"`
	Queries    int      `json:"queries"`
	History    []string `json:"history,omitempty"`
}

// distanceJSON is an [distance.Distance] whose numbers JSON can always hold.
type distanceJSON struct {
	L0   int       `json:"l0"`
	L1   number64  `json:"l1"`
	L2   number64  `json:"l2"`
	LInf number64  `json:"linf"`
	SSIM *number64 `json:"ssim,omitempty"`
	// Similarity is that of another kind than images, with its name.
	Similarity *measuredJSON `json:"similarity,omitempty"`
}

type measuredJSON struct {
	Measure string   `json:"measure"`
	Value   number64 `json:"value"`
}

// artifactDifference explains diff.png.
type artifactDifference struct {
	// Scale is that of a heat map, in words.
	Scale string `json:"scale,omitempty"`
	// Amplification is how many times the picture of a signal enlarges what changed. Earlier versions wrote it of images too: a pixel was
	// 128 + amplification * (trigger - seed), on the scale of 0 to 255.
	Amplification int `json:"amplification,omitempty"`
}

func newArtifactDifference(v View) *artifactDifference {
	switch {
	case v.Heat:
		return &artifactDifference{Scale: heatScaleInWords}
	case v.Amplification > 0:
		return &artifactDifference{Amplification: v.Amplification}
	}
	return nil
}

func newArtifact(t *engine.Trigger, c Context, now time.Time) artifact {
	saved := newArtifactInput(t.Input, t.Seed)
	a := artifact{
		About: fmt.Sprintf(aboutArtifact, saved.fileOf(triggerName), saved.fileOf(seedName)), Version: artifactVersion, ID: t.Input.ID(), Pair: c.Pair,
		Saved:  now.UTC().Truncate(time.Second),
		Oracle: c.Oracle, Bound: c.Bound,
		Original:   newArtifactModel(c.Original, t.Original, t.OriginalLabel, t.OriginalConfidence, c.ClassNames),
		Compressed: newArtifactModel(c.Compressed, t.Compressed, t.CompressedLabel, t.CompressedConfidence, c.ClassNames),
		Tied:       t.Tied, Kind: t.Kind, Deviation: newDeviationJSON(t.Deviation), Steps: t.Steps,
		Distance: newDistanceJSON(t.Distance), Changes: ChangesInWords(t),
		Input: saved,
		Seed: artifactSeed{
			ID: t.Seed.ID(), Name: t.SeedName, Index: t.SeedIndex, Label: t.SeedLabel,
			ClassName: knownClassName(c.ClassNames, t.SeedLabel),
		},
		Search: artifactSearch{
			Strategy: c.Strategy, RandomSeed: c.RandomSeed, Queries: t.Queries, History: t.History,
		},
		ClassNamesFile: classNamesFileOf(c.ClassNames),
		Replay:         c.Replay,
	}
	if saved.Type == pictureType {
		a.Version = pictureVersion
	}
	if a.Replay == "" {
		a.Replay = fmt.Sprintf(defaultReplay, saved.fileOf(triggerName))
	}
	return a
}

func newArtifactModel(d model.Description, scores answer.Answer, label int, confidence float32, names []string) artifactModel {
	if d.File != "" {
		d.File = filepath.Base(d.File) // where it lies on this machine is nobody else's concern
	}
	return artifactModel{
		Description: d, Label: label, ClassName: knownClassName(names, label),
		Confidence: number32(confidence), Scores: scores,
	}
}

// deviationJSON is an [answer.Deviation] whose size JSON can always hold.
type deviationJSON struct {
	answer.Deviation
	Size number64 `json:"size,omitempty"`
}

func newDeviationJSON(d answer.Deviation) deviationJSON {
	j := deviationJSON{d, number64(d.Size)}
	j.Deviation.Size = 0
	return j
}

func (j deviationJSON) deviation() answer.Deviation {
	d := j.Deviation
	d.Size = float64(j.Size)
	return d
}

func newDistanceJSON(d distance.Distance) distanceJSON {
	c := distanceJSON{
		L0: d.L0, L1: number64(d.L1), L2: number64(d.L2), LInf: number64(d.LInf), SSIM: (*number64)(d.SSIM),
	}
	if m := d.Similarity; m != nil {
		c.Similarity = &measuredJSON{m.Measure, number64(m.Value)}
	}
	return c
}

func (c distanceJSON) distance() distance.Distance {
	d := distance.Distance{
		L0: c.L0, L1: float64(c.L1), L2: float64(c.L2), LInf: float64(c.LInf), SSIM: (*float64)(c.SSIM),
	}
	if m := c.Similarity; m != nil {
		d.Similarity = &distance.Measured{Measure: m.Measure, Value: float64(m.Value)}
	}
	return d
}

// check finds contradictions that would make a trigger useless.
func (a artifact) check() error {
	if a.Kind != answer.OtherAnswer && a.Kind != answer.NotFinite {
		return fmt.Errorf("kind: expected %q or none, found %.40q", answer.NotFinite, a.Kind)
	}
	for _, m := range []struct {
		role  string
		model artifactModel
	}{{"original", a.Original}, {"compressed", a.Compressed}} {
		if m.role == "compressed" && a.Kind == answer.NotFinite {
			if scores := m.model.Scores.Scores; m.model.Label != answer.NoLabel || answer.Finite(scores) {
				return fmt.Errorf("kind %q: expected a compressed model with label %d and scores of which some are NaN or infinite, found label %d and scores %v",
					a.Kind, answer.NoLabel, m.model.Label, scores)
			}
			continue
		}
		if m.model.Label == answer.NoLabel && a.Deviation != (deviationJSON{}) && m.model.Scores.Check() == nil && answer.Finite(m.model.Scores.Scores) {
			continue // of no class
		}
		if m.model.Label < 0 || m.model.Label >= len(m.model.Scores.Scores) {
			return fmt.Errorf("%s label %d: expected a label of its %d scores", m.role, m.model.Label, len(m.model.Scores.Scores))
		}
	}
	if o, c := len(a.Original.Scores.Scores), len(a.Compressed.Scores.Scores); o != c && a.Original.Scores.Outputs == nil {
		return fmt.Errorf("scores: expected as many of both models, found %d (original) and %d (compressed)", o, c)
	}
	return nil
}

// trigger is the trigger without its inputs.
func (a artifact) trigger() engine.Trigger {
	t := engine.Trigger{
		SeedIndex: a.Seed.Index, SeedName: a.Seed.Name, SeedLabel: a.Seed.Label, SeedID: a.Seed.ID,
		ID:       a.ID,
		Original: a.Original.Scores, Compressed: a.Compressed.Scores,
		Labels:               answer.Labels{Kind: a.Kind, OriginalLabel: a.Original.Label, CompressedLabel: a.Compressed.Label, Deviation: a.Deviation.deviation()},
		OriginalConfidence:   float32(a.Original.Confidence),
		CompressedConfidence: float32(a.Compressed.Confidence),
		Steps:                a.Steps,
		Tied:                 a.Tied, Queries: a.Search.Queries, Distance: a.Distance.distance(),
		History: a.Search.History,
	}
	if drawnBy(a.Oracle) != nil {
		t.Oracle = a.Oracle
	}
	return t
}

func (a artifact) context() Context {
	return Context{
		Pair: a.Pair, Original: a.Original.Description, Compressed: a.Compressed.Description,
		Strategy: a.Search.Strategy, Oracle: a.Oracle, Bound: a.Bound, RandomSeed: a.Search.RandomSeed,
		ClassNames: a.ClassNames, Replay: a.Replay,
	}
}

// triggerJSON is a trigger in the report of a search. Its own fields go before those of the same name that it embeds.
type triggerJSON struct {
	engine.Trigger
	OriginalConfidence   number32      `json:"original_confidence"`
	CompressedConfidence number32      `json:"compressed_confidence"`
	Distance             distanceJSON  `json:"distance"`
	Deviation            deviationJSON `json:"deviation,omitzero"`
}

func newTriggerJSON(t *engine.Trigger) *triggerJSON {
	if t == nil {
		return nil
	}
	return &triggerJSON{
		Trigger:              *t,
		OriginalConfidence:   number32(t.OriginalConfidence),
		CompressedConfidence: number32(t.CompressedConfidence),
		Distance:             newDistanceJSON(t.Distance),
		Deviation:            newDeviationJSON(t.Deviation),
	}
}

func (j *triggerJSON) trigger() *engine.Trigger {
	if j == nil {
		return nil
	}
	t := j.Trigger
	t.OriginalConfidence, t.CompressedConfidence = float32(j.OriginalConfidence), float32(j.CompressedConfidence)
	t.Distance, t.Deviation = j.Distance.distance(), j.Deviation.deviation()
	return &t
}

// HitResult is a hit: after how many queries of its seed, and how far from it.
type HitResult struct {
	Queries int      `json:"queries"`
	SSIM    *float64 `json:"ssim"`
	L2      *float64 `json:"l2"`
	LInf    *float64 `json:"linf"`
	L0      int      `json:"l0"`
	// Similarity is that of another kind than images, with its name.
	Similarity *distance.Measured `json:"similarity,omitempty"`
}

// TriggerResult is a trigger.
type TriggerResult struct {
	ID string `json:"id"`
	answer.Labels
	OriginalConfidence   *float64 `json:"original_confidence"`
	CompressedConfidence *float64 `json:"compressed_confidence"` // null where its answer is not finite
	Tied                 bool     `json:"tied,omitempty"`
	// Causes are the steps that cause it, where the models in between are known; see [engine.StepVerdicts].
	Causes []model.Cause `json:"causes,omitempty"`
	HitResult
	// Dir is the folder it was saved in, if it was.
	Dir string `json:"dir,omitempty"`
}

func newTriggerResult(t *engine.Trigger, dir string) *TriggerResult {
	r := &TriggerResult{
		ID: t.ID, Labels: t.Labels,
		OriginalConfidence:   finiteOrNil(float64(t.OriginalConfidence)),
		CompressedConfidence: finiteOrNil(float64(t.CompressedConfidence)),
		Causes:               t.Steps.Causes(),
		Tied:                 t.Tied, HitResult: newHitResult(t.Queries, t.Distance), Dir: dir,
	}
	if t.Kind == answer.NotFinite {
		r.CompressedConfidence = nil
	}
	if finiteOrNil(t.Deviation.Size) == nil {
		r.Deviation.Size = 0
	}
	return r
}

func newHitResult(queries int, d distance.Distance) HitResult {
	h := HitResult{Queries: queries, L2: finiteOrNil(d.L2), LInf: finiteOrNil(d.LInf), L0: d.L0}
	if d.SSIM != nil {
		h.SSIM = finiteOrNil(*d.SSIM)
	}
	if m := d.Similarity; m != nil && finiteOrNil(m.Value) != nil {
		h.Similarity = m
	}
	return h
}

func finiteOrNil(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
