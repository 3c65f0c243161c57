package dossier

import (
	_ "embed"
	"iter"
	"slices"
	"time"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/gate"
	"github.com/triggerfinder/triggerfinder/model"
	"github.com/triggerfinder/triggerfinder/report"
)

const (
	// Format is the value of "format" in report.json.
	Format = "triggerfinder-release"
	// Version is the version of it that this package writes; it reads version 1 too, which did not tell which checks were
	// left out. It goes up with every change of a field that belongs to this package.
	Version = 2
)

// Document is what report.json holds. All its numbers are finite.
type Document struct {
	Schema  string `json:"$schema"` // the file beside it
	Format  string `json:"format"`  // [Format]
	Version int    `json:"version"` // [Version]

	Release string `json:"release"`
	// Created is what [Options] say, or when the latest search started; nil when there was none.
	Created *time.Time `json:"created,omitempty"`
	Verdict Verdict    `json:"verdict"`
	// Headline says the verdict in a sentence.
	Headline string `json:"headline"`
	Counts   Counts `json:"counts"`
	// Run is which checks were left out.
	Run    Run     `json:"run"`
	Checks []Check `json:"checks"` // by name

	Pairs    []Pair   `json:"pairs"`
	Searches []Search `json:"searches,omitempty"`
	// TriggersFound counts the different triggers of all checks; Triggers are those that report.html shows.
	TriggersFound int          `json:"triggers_found"`
	NotFinite     int          `json:"not_finite,omitempty"` // for how many of these the compressed model gives NaN or infinity
	Triggers      []Trigger    `json:"triggers,omitempty"`
	Clusters      []Cluster    `json:"clusters,omitempty"`
	Minimized     []Minimized  `json:"minimized,omitempty"`
	Rates         []Rate       `json:"rates,omitempty"`
	Flips         []Flips      `json:"flips,omitempty"`
	Comparisons   []Comparison `json:"comparisons,omitempty"`
	Canaries      []Canary     `json:"canaries,omitempty"`
	Noise         []Noise      `json:"noise,omitempty"`

	ClassNames []string          `json:"class_names,omitempty"`
	Options    map[string]string `json:"options,omitempty"`
	Versions   map[string]string `json:"versions"`
	Replay     string            `json:"replay,omitempty"` // the command that runs the checks again
}

// Counts are checks by their verdict.
type Counts struct {
	Passed    int `json:"passed"`
	Failed    int `json:"failed"`
	Error     int `json:"error"`
	Undecided int `json:"undecided"`
	// NotRun counts the checks that are known to belong to the release and were not run.
	NotRun int `json:"not_run"`
}

// Total is the number of checks that were run.
func (c Counts) Total() int { return c.Passed + c.Failed + c.Error + c.Undecided }

// Pair is two models.
type Pair struct {
	Name       string            `json:"name"`
	Original   model.Description `json:"original"`
	Compressed model.Description `json:"compressed"`
	// ClassNames are those of this pair, by label, where not all pairs have the same.
	ClassNames []string `json:"class_names,omitempty"`
}

// Search is a search, and what it is about: the name of a check, or what the caller says.
type Search struct {
	About string `json:"about,omitempty"`
	report.SearchResult

	of *engine.Report // whose seeds PerSeed would hold; nil where it does
}

// seeds are what became of each seed.
func (s Search) seeds() iter.Seq[report.SeedResult] {
	if s.of != nil {
		return report.SeedResults(s.of, nil)
	}
	return slices.Values(s.PerSeed)
}

// Origin is where a trigger comes from.
type Origin string

// The origins.
const (
	FromSearch    Origin = "search"
	FromDraw      Origin = "draw"  // a draw from a distribution; Queries is its number
	FromFlips     Origin = "flips" // a labelled input as it is
	FromElsewhere Origin = "other" // such as a replayed one
)

// Trigger is a trigger that the document shows.
type Trigger struct {
	Pair      string `json:"pair,omitempty"`
	Origin    Origin `json:"origin"`
	ID        string `json:"id"`
	SeedIndex int    `json:"seed_index"`
	SeedName  string `json:"seed_name"`
	SeedLabel int    `json:"seed_label"` // true class, or -1

	// Kind is "not finite" where the compressed model gives NaN or infinity.
	Kind answer.Kind `json:"kind,omitempty"`
	// Deviation is how the oracle tells of it, where it does not go by the labels of both models.
	Deviation answer.Deviation `json:"deviation,omitzero"`

	// Input says what an input that is no image is: "row [8], 0..1".
	Input string `json:"input,omitempty"`

	Original   Answer `json:"original"`
	Compressed Answer `json:"compressed"`

	Queries  int               `json:"queries"`
	Distance distance.Distance `json:"distance"`
	// Far is how far it is from its seed in the measures of its kind, and Changes say what was changed, a line each, where a viewer
	// of its kind tells it.
	Far     string   `json:"far,omitempty"`
	Changes []string `json:"changes,omitempty"`
	History []string `json:"history,omitempty"`
	// Oracle is the one that judged it; "" where that is not known.
	Oracle string `json:"oracle,omitempty"`
	// Causes are the steps that cause it, where the models in between are known; see [engine.StepVerdicts].
	Causes []model.Cause `json:"causes,omitempty"`
	// Cluster is the ID of the exemplar of its cluster.
	Cluster string `json:"cluster,omitempty"`
	// Replay is the command that gives it, and nothing else, to both models again; "" where it was not saved.
	Replay string `json:"replay,omitempty"`
	// Cause is what the noise floor says about it.
	Cause gate.Cause `json:"cause,omitempty"`
}

// Answer is what a model says.
type Answer struct {
	Label int `json:"label"` // -1 where it is not finite, and where it is no class
	// Says is what the model says, where that is no class. Top is empty then.
	Says string  `json:"says,omitempty"`
	Top  []Score `json:"top"` // the labels with the highest scores, at most 5, the highest first
	// NotFinite says what is not: "NaN for 3 of 10 scores". Top is empty then.
	NotFinite string `json:"not_finite,omitempty"`
}

// Score is that of a label.
type Score struct {
	Label int     `json:"label"`
	Score float64 `json:"score"`
}

// Cluster is a group of triggers that show the same.
type Cluster struct {
	Pair string `json:"pair,omitempty"`
	// Labels are what all of them show. For the triggers to which the compressed model gives NaN or infinity, whatever the
	// original says, both labels are -1; and so they are where the oracle does not go by labels, with the sort of deviation instead.
	answer.Labels
	Family   string `json:"family"` // how they came about, such as "blur"
	Count    int    `json:"count"`
	Exemplar string `json:"exemplar"` // ID of a trigger; report.html shows these first
}

// Minimized is a trigger before and after it was minimised.
type Minimized = gate.Minimized

// Rate is a [gate.Rate], and what it is about.
type Rate struct {
	About string `json:"about,omitempty"`
	gate.Rate
}

// Flips are [gate.Flips], and what they are about.
type Flips struct {
	About string `json:"about,omitempty"`
	gate.Flips
}

// Comparison is a [gate.Comparison], and what it is about.
type Comparison struct {
	About string `json:"about,omitempty"`
	gate.Comparison
}

// Canary is a [gate.Canary], and what it is about.
type Canary struct {
	About string `json:"about,omitempty"`
	gate.Canary
}

// Noise is a [gate.Noise], and what it is about.
type Noise struct {
	About string `json:"about,omitempty"`
	gate.Noise
}

//go:embed report.schema.json
var schema []byte

// Schema is the JSON schema of report.json, of draft 2020-12.
func Schema() []byte { return slices.Clone(schema) }
