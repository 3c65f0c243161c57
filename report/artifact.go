package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/triggerfinder/triggerfinder/engine"
)

// artifactVersion is the version of trigger.json and search-report.json that this package writes. Fields may
// be added without a new version; it goes up when an older reader would misunderstand a file.
const artifactVersion = 1

// The files of a trigger's folder.
const (
	artifactFile       = "trigger.json"
	triggerFile        = "trigger.npy"
	seedFile           = "seed.npy"
	triggerPictureFile = "trigger.png"
	seedPictureFile    = "seed.png"
	differenceFile     = "diff.png"
)

const (
	aboutArtifact = "A trigger: an input (trigger.npy) to which two models give different answers, " +
		"found by triggerfinder in the neighbourhood of a seed (seed.npy)."
	defaultReplay = `In Go: Expect(pair).To(ReplayCleanly("...")) with the folder that holds the folders of all pairs. ` +
		`Elsewhere: give trigger.npy to both models, after each model's own preprocessing, and compare their scores with these.`
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
	Kind       engine.Kind     `json:"kind,omitempty"`
	Distance   artifactChange  `json:"distance"`
	Input      artifactInput   `json:"input"`
	Seed       artifactSeed    `json:"seed"`
	Search     artifactSearch  `json:"search"`
	ClassNames []string        `json:"class_names,omitempty"`
	Difference *artifactPixels `json:"difference,omitempty"`
	Replay     string          `json:"replay"`
}

// artifactModel is a model and its answer.
type artifactModel struct {
	engine.Description
	Label      int        `json:"label"`
	ClassName  string     `json:"class_name,omitempty"`
	Confidence number32   `json:"confidence"`
	Scores     []number32 `json:"scores"`
}

type artifactInput struct {
	Shape  []int         `json:"shape"`
	Domain engine.Domain `json:"domain"`
	Type   string        `json:"type"` // NumPy's name
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

// artifactChange is an [engine.Distance] whose numbers JSON can always hold.
type artifactChange struct {
	L0   int       `json:"l0"`
	L1   number64  `json:"l1"`
	L2   number64  `json:"l2"`
	LInf number64  `json:"linf"`
	SSIM *number64 `json:"ssim,omitempty"`
}

// artifactPixels explains diff.png: grey is no difference, and a pixel is
// 128 + amplification * (trigger - seed), on the scale of 0 to 255.
type artifactPixels struct {
	Amplification int `json:"amplification"`
}

func newArtifact(t *engine.Trigger, c Context, saved time.Time) artifact {
	a := artifact{
		About: aboutArtifact, Version: artifactVersion, ID: t.Input.ID(), Pair: c.Pair,
		Saved:  saved.UTC().Truncate(time.Second),
		Oracle: c.Oracle, Bound: c.Bound,
		Original:   newArtifactModel(c.Original, t.Original, t.OriginalLabel, t.OriginalConfidence, c.ClassNames),
		Compressed: newArtifactModel(c.Compressed, t.Compressed, t.CompressedLabel, t.CompressedConfidence, c.ClassNames),
		Tied:       t.Tied, Kind: t.Kind,
		Distance: newArtifactChange(t.Distance),
		Input:    artifactInput{Shape: t.Input.Shape, Domain: t.Input.Domain, Type: npyType(t.Input)},
		Seed: artifactSeed{
			ID: t.Seed.ID(), Name: t.SeedName, Index: t.SeedIndex, Label: t.SeedLabel,
			ClassName: knownClassName(c.ClassNames, t.SeedLabel),
		},
		Search: artifactSearch{
			Strategy: c.Strategy, RandomSeed: c.RandomSeed, Queries: t.Queries, History: t.History,
		},
		ClassNames: c.ClassNames,
		Replay:     c.Replay,
	}
	if a.Replay == "" {
		a.Replay = defaultReplay
	}
	return a
}

func newArtifactModel(d engine.Description, scores []float32, label int, confidence float32, names []string) artifactModel {
	if d.File != "" {
		d.File = filepath.Base(d.File) // where it lies on this machine is nobody else's concern
	}
	return artifactModel{
		Description: d, Label: label, ClassName: knownClassName(names, label),
		Confidence: number32(confidence), Scores: numbers32(scores),
	}
}

func newArtifactChange(d engine.Distance) artifactChange {
	return artifactChange{
		L0: d.L0, L1: number64(d.L1), L2: number64(d.L2), LInf: number64(d.LInf), SSIM: (*number64)(d.SSIM),
	}
}

func (c artifactChange) distance() engine.Distance {
	return engine.Distance{
		L0: c.L0, L1: float64(c.L1), L2: float64(c.L2), LInf: float64(c.LInf), SSIM: (*float64)(c.SSIM),
	}
}

// check finds contradictions that would make a trigger useless.
func (a artifact) check() error {
	if a.Kind != engine.OtherAnswer && a.Kind != engine.NotFinite {
		return fmt.Errorf("kind: expected %q or none, found %.40q", engine.NotFinite, a.Kind)
	}
	for _, m := range []struct {
		role  string
		model artifactModel
	}{{"original", a.Original}, {"compressed", a.Compressed}} {
		if m.role == "compressed" && a.Kind == engine.NotFinite {
			if scores := floats32(m.model.Scores); m.model.Label != engine.NoLabel || engine.Finite(scores) {
				return fmt.Errorf("kind %q: expected a compressed model with label %d and scores of which some are NaN or infinite, found label %d and scores %v",
					a.Kind, engine.NoLabel, m.model.Label, scores)
			}
			continue
		}
		if m.model.Label < 0 || m.model.Label >= len(m.model.Scores) {
			return fmt.Errorf("%s label %d: expected a label of its %d scores", m.role, m.model.Label, len(m.model.Scores))
		}
	}
	if o, c := len(a.Original.Scores), len(a.Compressed.Scores); o != c {
		return fmt.Errorf("scores: expected as many of both models, found %d (original) and %d (compressed)", o, c)
	}
	return nil
}

// trigger is the trigger without its inputs.
func (a artifact) trigger() engine.Trigger {
	return engine.Trigger{
		SeedIndex: a.Seed.Index, SeedName: a.Seed.Name, SeedLabel: a.Seed.Label, SeedID: a.Seed.ID,
		ID:       a.ID,
		Original: floats32(a.Original.Scores), Compressed: floats32(a.Compressed.Scores),
		Labels:               engine.Labels{Kind: a.Kind, OriginalLabel: a.Original.Label, CompressedLabel: a.Compressed.Label},
		OriginalConfidence:   float32(a.Original.Confidence),
		CompressedConfidence: float32(a.Compressed.Confidence),
		Tied:                 a.Tied, Queries: a.Search.Queries, Distance: a.Distance.distance(),
		History: a.Search.History,
	}
}

func (a artifact) context() Context {
	return Context{
		Pair: a.Pair, Original: a.Original.Description, Compressed: a.Compressed.Description,
		Strategy: a.Search.Strategy, Oracle: a.Oracle, Bound: a.Bound, RandomSeed: a.Search.RandomSeed,
		ClassNames: a.ClassNames, Replay: a.Replay,
	}
}

// encodeJSON is JSON that people can read and diff.
func encodeJSON(v any) ([]byte, error) {
	var buf bytes.Buffer
	e := json.NewEncoder(&buf)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	err := e.Encode(v)
	return buf.Bytes(), err
}

// decodeVersioned reads a versioned file into v, and refuses the versions that it cannot.
func decodeVersioned(data []byte, v any) error {
	var head struct {
		Version *int `json:"version"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return fmt.Errorf("expected a JSON object: %w", err)
	}
	switch {
	case head.Version == nil:
		return fmt.Errorf("version: expected %d, found none", artifactVersion)
	case *head.Version > artifactVersion:
		return fmt.Errorf("version %d: expected at most %d: %w; upgrade to read it", *head.Version, artifactVersion, ErrNewerVersion)
	case *head.Version < 1:
		return fmt.Errorf("version %d: expected 1 to %d", *head.Version, artifactVersion)
	}
	return json.Unmarshal(data, v)
}

// ResolveClassNames chooses the names of classes: those given by an option or, where that is nil, those that the seeds
// carry ([engine.ClassNamesOf]). Classes is how many the models have, 0 where that is not known. Given names of another
// number are an error. So are the seeds' own in another order, since labels follow the seeds' order. Given ones that
// differ otherwise are taken, and the note tells.
func ResolveClassNames(given, carried []string, classes int) (names []string, note string, err error) {
	if given == nil {
		return carried, "", nil
	}
	if classes > 0 && len(given) != classes {
		return nil, "", fmt.Errorf("report: class names: expected %d, one a class of the models, found %d", classes, len(given))
	}
	if len(carried) != len(given) {
		return given, "", nil
	}
	labels := map[string]int{}
	for label, name := range carried {
		labels[spelling(name)] = label
	}
	differs, inOtherOrder := -1, true
	for label, name := range given {
		at, known := labels[spelling(name)]
		if inOtherOrder = inOtherOrder && known; known && at == label {
			continue
		}
		if differs < 0 {
			differs = label
		}
	}
	switch {
	case differs < 0:
		return given, "", nil
	case inOtherOrder && len(labels) == len(given):
		return nil, "", fmt.Errorf("report: class names: label %d is %q by the names given, and %q by the seeds, which have the same classes in another order; "+
			"generators.MapClasses gives the seeds the labels of the names", differs, given[differs], carried[differs])
	}
	return given, fmt.Sprintf("classes are called by the names given, not by those of the seeds: class %d is %q, not %q",
		differs, given[differs], carried[differs]), nil
}

// spelling is a name without what two spellings of it differ in.
func spelling(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == ' ' || r == '_' || r == '-' }), " ")
}

// knownClassName is the name of a class, "" where there is none: what is written down is no stand-in.
func knownClassName(names []string, label int) string {
	if label < 0 || label >= len(names) {
		return ""
	}
	return names[label]
}
