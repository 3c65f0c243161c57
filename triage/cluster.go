// Package triage sorts triggers: which of them show the same deviation, and which to look at first.
//
// A search finds a trigger for nearly every seed, but often for the same reason. Two triggers show
// the same deviation when they agree in three things:
//
//   - the class pair: the label of the original and that of the compressed model; or, if the oracle does not compare labels, the
//     sort of deviation that it names, such as "price higher";
//   - the mutation family (see [Family]): the kind of change that led to them;
//   - the output difference: the vector of the compressed model's scores minus the original's, whose
//     direction must be similar, by their cosine.
//
// Triggers for which the compressed model gives NaN or infinity are one deviation of their own, since these three do not
// apply to them.
//
// The difference of the outputs reflects what goes wrong inside the compressed model. The difference of the inputs does
// not: it depends on where in the image an object is.
package triage

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/engine"
)

// DefaultSimilarity is the least cosine of two output differences that are held to be the same. Of 100
// triggers that Boundary finds for each embedded pair, it makes 31 to 38 clusters, where the class
// pairs alone make 28 to 35, and 0.95 makes 33 to 51.
const DefaultSimilarity = 0.8

// Options say how triggers are clustered. The zero value is valid.
type Options struct {
	// Similarity is the least cosine of the output differences of triggers in one cluster, from -1 to 1. 0
	// means [DefaultSimilarity]; -1 makes no difference between them.
	Similarity float64
	// AnyFamily clusters triggers of different mutation families too.
	AnyFamily bool
}

// Cluster is a group of triggers that show the same deviation.
type Cluster struct {
	// Labels are what all triggers have in common; see [answer.Labels.Sort]. Those to which the compressed model gives NaN or
	// infinity are one cluster, whatever the original says, with [answer.NoLabel] for both models and no family.
	answer.Labels
	Family   string            // "" with Options.AnyFamily
	Triggers []*engine.Trigger // at least one, the nearest to its seed first
}

// Exemplar is the trigger to look at: the nearest to its seed.
func (c Cluster) Exemplar() *engine.Trigger { return c.Triggers[0] }

// Clusters groups triggers. What is not finite comes first, then those with most triggers, among equals that with the
// nearest exemplar.
//
// Triggers are taken from the nearest on; each joins the most similar cluster of its class pair and
// family, compared with that cluster's exemplar, or else begins one (leader clustering; Hartigan, "Clustering
// Algorithms", 1975, chapter 3). Their order does not matter. Triggers without scores, such as abridged
// ones, are alike to all; those with differing numbers of scores, or with scores that are no
// numbers, to none. What is nil is left out.
func Clusters(triggers []*engine.Trigger, o Options) []Cluster {
	least := o.Similarity
	if least == 0 {
		least = DefaultSimilarity
	}
	var clusters []Cluster
	for _, t := range sorted(triggers) {
		own := Cluster{Labels: t.Sort()}
		if t.Kind != answer.NotFinite && !o.AnyFamily {
			own.Family = Family(t)
		}
		best, most := -1, least
		for i, c := range clusters {
			if c.Labels != own.Labels || c.Family != own.Family {
				continue
			}
			if s := similarity(c.Exemplar(), t); s >= most && (best < 0 || s > most) {
				best, most = i, s
			}
		}
		if best < 0 {
			clusters = append(clusters, own)
			best = len(clusters) - 1
		}
		clusters[best].Triggers = append(clusters[best].Triggers, t)
	}
	slices.SortStableFunc(clusters, func(a, b Cluster) int {
		return cmp.Or(-strings.Compare(string(a.Kind), string(b.Kind)), cmp.Compare(len(b.Triggers), len(a.Triggers)))
	})
	return clusters
}

// Distinct is how many different deviations the triggers show: the number of their clusters, with the default
// options.
func Distinct(triggers []*engine.Trigger) int { return len(Clusters(triggers, Options{})) }

// ExemplarsFirst lists the exemplars of all clusters, then the other triggers, cluster by cluster.
func ExemplarsFirst(clusters []Cluster) []*engine.Trigger {
	var first, others []*engine.Trigger
	for _, c := range clusters {
		first, others = append(first, c.Exemplar()), append(others, c.Triggers[1:]...)
	}
	return append(first, others...)
}

// sorted are the triggers from the nearest to their seeds on.
func sorted(triggers []*engine.Trigger) []*engine.Trigger {
	all := slices.DeleteFunc(slices.Clone(triggers), func(t *engine.Trigger) bool { return t == nil })
	slices.SortStableFunc(all, engine.CompareTriggers)
	return all
}

// similarity is the cosine of both output differences.
func similarity(a, b *engine.Trigger) float64 {
	if a.Kind == answer.NotFinite || !a.Told().OfLabels() || len(a.Original.Scores) == 0 && len(a.Compressed.Scores) == 0 || len(b.Original.Scores) == 0 && len(b.Compressed.Scores) == 0 {
		return 1
	}
	n := len(a.Original.Scores)
	if len(a.Compressed.Scores) != n || len(b.Original.Scores) != n || len(b.Compressed.Scores) != n {
		return math.Inf(-1)
	}
	var product, squaresA, squaresB float64
	for i := range n {
		x := float64(a.Compressed.Scores[i]) - float64(a.Original.Scores[i])
		y := float64(b.Compressed.Scores[i]) - float64(b.Original.Scores[i])
		product += float64(x * y)
		squaresA += float64(x * x)
		squaresB += float64(y * y)
	}
	switch size := math.Sqrt(squaresA) * math.Sqrt(squaresB); {
	case squaresA == 0 && squaresB == 0:
		return 1
	case size == 0:
		return math.Inf(-1)
	default:
		return product / size
	}
}

// The families of triggers without a single operator to their name.
const (
	SeedItself = "the seed itself"
	Mutations  = "mutations" // by several operators
	Unrecorded = "an unrecorded change"
)

// refinements are the steps of a history that made the trigger nearer, and tell nothing of how it was found.
var refinements = map[string]bool{"closing in": true, "minimized": true}

// Family is the kind of change that led from the seed to the trigger: the operator in its history, without
// severity and other details, such as "blend" or "gaussian-noise"; [Mutations] where several operators took
// part, [SeedItself] where nothing was changed, and [Unrecorded] without a history.
func Family(t *engine.Trigger) string {
	if t.Distance.L0 == 0 {
		return SeedItself
	}
	family := ""
	for _, step := range t.History {
		if refinements[step] {
			continue
		}
		operator, _, _ := strings.Cut(strings.TrimSpace(step), " ")
		switch {
		case operator == "":
		case family == "":
			family = operator
		case family != operator:
			return Mutations
		}
	}
	if family == "" {
		return Unrecorded
	}
	return family
}
