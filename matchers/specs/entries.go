package specs

import (
	"fmt"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/triggerfinder/triggerfinder/answer"
	"github.com/triggerfinder/triggerfinder/input"
)

// EntriesByClass are table entries, one for each true class of the seeds, whose parameter is the [input.Seeds] of that class.
// Names name the classes, by label; the default are those that the seeds carry. Seeds without a label, or that cannot be read,
// have entries of their own.
//
//	DescribeTable("agrees on", func(ctx SpecContext, seeds input.Seeds) {
//		Expect(pair).NotTo(specs.Tracked(ctx, HaveDeviationFrom(seeds)))
//	}, specs.EntriesByClass(seeds, classNames...))
//
// Strategies that look at other seeds, such as strategies.BoundarySearch, see those of the class only.
func EntriesByClass(seeds input.Seeds, names ...string) []ginkgo.TableEntry {
	if seeds == nil || seeds.Len() == 0 {
		return noSeeds()
	}
	if len(names) == 0 {
		names = input.ClassNamesOf(seeds)
	}
	const unreadable = input.Unlabelled - 1
	classes := map[int]*some{}
	highest := input.Unlabelled
	for i := range seeds.Len() {
		seed, err := seeds.Seed(i)
		label := seed.Label
		switch {
		case err != nil:
			label = unreadable
		case label < 0:
			label = input.Unlabelled
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
		name := answer.ClassName(names, label)
		switch label {
		case unreadable:
			name = "seeds that cannot be read"
		case input.Unlabelled:
			name = "seeds without a label"
		}
		entries = append(entries, ginkgo.Entry(name, input.Seeds(class)))
	}
	return entries
}

// EntriesBySlice are table entries for slices of at most n seeds, in their order; n counts as at least 1.
func EntriesBySlice(seeds input.Seeds, n int) []ginkgo.TableEntry {
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
		entries = append(entries, ginkgo.Entry(fmt.Sprintf("seeds %d to %d", from, to-1), input.Seeds(slice)))
	}
	return entries
}

// noSeeds is an entry whose search says that there are none.
func noSeeds() []ginkgo.TableEntry {
	return []ginkgo.TableEntry{ginkgo.Entry("no seeds", input.Seeds(input.SeedList{}))}
}

// some is some of the seeds.
type some struct {
	from    input.Seeds
	indices []int
}

// Len implements [input.Seeds].
func (s *some) Len() int { return len(s.indices) }

// Seed implements [input.Seeds].
func (s *some) Seed(i int) (input.Seed, error) {
	if i < 0 || i >= len(s.indices) {
		return input.Seed{}, fmt.Errorf("specs: seed %d: expected an index below %d", i, len(s.indices))
	}
	return s.from.Seed(s.indices[i])
}

// ClassNames implements [input.ClassNamer].
func (s *some) ClassNames() []string { return input.ClassNamesOf(s.from) }

// Notes implements [input.Noted].
func (s *some) Notes() []string { return input.NotesOf(s.from) }

// LabelOf is the Ginkgo label "pair:NAME" of a pair's name, by which --label-filter chooses its specs. What Ginkgo
// does not take in a label becomes "-".
func LabelOf(pairName string) ginkgo.Labels {
	name := strings.TrimSpace(strings.NewReplacer("&", "-", "|", "-", "!", "-", ",", "-", "(", "-", ")", "-", "/", "-").Replace(pairName))
	if name == "" {
		name = "-"
	}
	return ginkgo.Label("pair:" + name)
}
