package specs

import (
	"fmt"
	"strings"

	"github.com/onsi/ginkgo/v2"

	"github.com/triggerfinder/triggerfinder/engine"
)

// EntriesByClass are table entries, one for each true class of the seeds, whose parameter is the
// [engine.Seeds] of that class. Names name the classes, by label; the default are those that the seeds carry. Seeds without a label, or that cannot be read, have
// entries of their own.
//
//	DescribeTable("agrees on", func(ctx SpecContext, seeds engine.Seeds) {
//		Expect(pair).NotTo(specs.Tracked(ctx, HaveDeviationFrom(seeds)))
//	}, specs.EntriesByClass(seeds, classNames...))
//
// Strategies that look at other seeds, such as [engine.Boundary], see those of the class only.
func EntriesByClass(seeds engine.Seeds, names ...string) []ginkgo.TableEntry {
	if seeds == nil || seeds.Len() == 0 {
		return noSeeds()
	}
	if len(names) == 0 {
		names = engine.ClassNamesOf(seeds)
	}
	const unreadable = engine.Unlabelled - 1
	classes := map[int]*some{}
	highest := engine.Unlabelled
	for i := range seeds.Len() {
		seed, err := seeds.Seed(i)
		label := seed.Label
		switch {
		case err != nil:
			label = unreadable
		case label < 0:
			label = engine.Unlabelled
		}
		if classes[label] == nil {
			classes[label] = &some{from: seeds}
		}
		classes[label].indices = append(classes[label].indices, i)
		highest = max(highest, label)
	}
	var entries []ginkgo.TableEntry
	for label := unreadable; label <= highest; label++ {
		class := classes[label]
		if class == nil {
			continue
		}
		name := engine.ClassName(names, label)
		switch label {
		case unreadable:
			name = "seeds that cannot be read"
		case engine.Unlabelled:
			name = "seeds without a label"
		}
		entries = append(entries, ginkgo.Entry(name, engine.Seeds(class)))
	}
	return entries
}

// EntriesBySlice are table entries for slices of at most n seeds, in their order; n counts as at least 1.
func EntriesBySlice(seeds engine.Seeds, n int) []ginkgo.TableEntry {
	if seeds == nil || seeds.Len() == 0 {
		return noSeeds()
	}
	n = max(n, 1)
	var entries []ginkgo.TableEntry
	for from := 0; from < seeds.Len(); from += n {
		to := min(from+n, seeds.Len())
		slice := &some{from: seeds}
		for i := from; i < to; i++ {
			slice.indices = append(slice.indices, i)
		}
		entries = append(entries, ginkgo.Entry(fmt.Sprintf("seeds %d to %d", from, to-1), engine.Seeds(slice)))
	}
	return entries
}

// noSeeds is an entry whose search says that there are none.
func noSeeds() []ginkgo.TableEntry {
	return []ginkgo.TableEntry{ginkgo.Entry("no seeds", engine.Seeds(engine.SeedList{}))}
}

// some is some of the seeds.
type some struct {
	from    engine.Seeds
	indices []int
}

// Len implements [engine.Seeds].
func (s *some) Len() int { return len(s.indices) }

// Seed implements [engine.Seeds].
func (s *some) Seed(i int) (engine.Seed, error) {
	if i < 0 || i >= len(s.indices) {
		return engine.Seed{}, fmt.Errorf("specs: seed %d: expected an index below %d", i, len(s.indices))
	}
	return s.from.Seed(s.indices[i])
}

// ClassNames implements [engine.ClassNamer].
func (s *some) ClassNames() []string { return engine.ClassNamesOf(s.from) }

// Notes implements [engine.Noted].
func (s *some) Notes() []string { return engine.NotesOf(s.from) }

// LabelOf is the Ginkgo label "pair:NAME" of a pair's name, by which --label-filter chooses its specs. What Ginkgo
// does not take in a label becomes "-".
func LabelOf(pairName string) ginkgo.Labels {
	name := strings.TrimSpace(strings.NewReplacer("&", "-", "|", "-", "!", "-", ",", "-", "(", "-", ")", "-", "/", "-").Replace(pairName))
	if name == "" {
		name = "-"
	}
	return ginkgo.Label("pair:" + name)
}
