package matchers

import (
	"fmt"
	"slices"

	"github.com/triggerfinder/triggerfinder/distance"
	"github.com/triggerfinder/triggerfinder/engine"
	"github.com/triggerfinder/triggerfinder/input"
	"github.com/triggerfinder/triggerfinder/shards"
)

// fork implements [forked].
func (m *HaveDeviationMatcher) fork() (*HaveDeviationMatcher, *options) {
	c := *m
	c.options, c.changes, c.inspect, c.found = m.options.clone(), slices.Clone(m.changes), slices.Clone(m.inspect), findings{}
	c.assertion.of, c.judged.of, c.severe.of, c.bounded.of, c.traced.of, c.alike.of, c.skipping.of, c.waiving.of, c.watched.of = &c, &c, &c, &c, &c, &c, &c, &c, &c
	return &c, &c.options
}

// Using sets the strategy.
func (m *HaveDeviationMatcher) Using(strategy engine.Strategy) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) { c.settings.Strategy = strategy })
}

// MinGap counts wide deviations only: those in which the scores that the two models give the original's label
// differ by at least gap, above 0 and at most 1.
func (m *HaveDeviationMatcher) MinGap(gap float64) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) {
		c.severity.gap, c.severity.gapSet = gap, true
	})
}

// WithBudget replaces the whole budget. It is an error beside WithQueriesPerSeed.
func (m *HaveDeviationMatcher) WithBudget(budget engine.Budget) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) { c.given, c.budget = c.given.with("WithBudget"), &budget })
}

// WithQueriesPerSeed searches every seed with at most n queries, however many seeds there are. It
// replaces the whole budget. It is an error beside WithBudget.
func (m *HaveDeviationMatcher) WithQueriesPerSeed(n int) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) {
		c.given, c.budget = c.given.with("WithQueriesPerSeed"), &engine.Budget{QueriesPerSeed: n}
	})
}

// ClosingIn spends up to n further queries on each seed with a trigger, to bring it nearer to the seed, whatever the
// budget says of that; one that replaces the default has none. 0 ends the search of a seed at its first trigger.
func (m *HaveDeviationMatcher) ClosingIn(n int) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) { c.closing = &n })
}

// AimingAt sets the distance by which closing in prefers one trigger over another. The default is
// [distance.MostAlike].
func (m *HaveDeviationMatcher) AimingAt(aim distance.Aim) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) { c.settings.Aim = aim })
}

// WithRandomSeed sets the source of all randomness. The same one gives the same result.
func (m *HaveDeviationMatcher) WithRandomSeed(randomSeed uint64) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) { c.settings.RandomSeed = randomSeed })
}

// WithPool gives inputs like the seeds that are not searched themselves: paths may lead to them. Where all seeds have one label, as the photos of
// one class, inputs of another class find the nearest triggers with few queries; messages tell where they are missing. They need no labels. It
// is an error beside SavingEvidence.
func (m *HaveDeviationMatcher) WithPool(pool input.Seeds) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) {
		if c.expect(pool != nil, "WithPool(nil): expected inputs such as those of another class") {
			c.settings.Pool = pool
		}
	})
}

// WithMemory sets about how many bytes the seeds that are searched side by side may take; see [engine.Settings].Memory. Large inputs are
// searched fewer at a time. The default is 512 MiB, which images of 224 x 224 pixels fit into, 64 at a time.
func (m *HaveDeviationMatcher) WithMemory(bytes int) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) {
		if c.expect(bytes >= 1, "WithMemory(%d): expected a number of bytes of at least 1", bytes) {
			c.settings.Memory = bytes
		}
	})
}

// StoppingAfter ends the search when n triggers were found. The default, 0, is to search every seed.
func (m *HaveDeviationMatcher) StoppingAfter(n int) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) { c.settings.StopAfter = n })
}

// Strictly makes a seed that cannot be used an error. By default such seeds are counted and named,
// and the others run.
func (m *HaveDeviationMatcher) Strictly() *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) { c.settings.Strict = true })
}

// LeavingOutMisreadSeeds searches only from seeds that the original itself reads rightly, and from those
// without a label. By default the others are searched too, and named.
func (m *HaveDeviationMatcher) LeavingOutMisreadSeeds() *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) { c.settings.SkipMisread = true })
}

// InShard searches only the seeds of one of several shards, which run in other processes; see
// [engine.Shard]. In the negative, all shards pass exactly when the whole search would; in the positive a
// shard cannot speak for the others. Each shard judges the share of its own seeds that were skipped.
//
// A limit of the whole search is an error. Only those of the default budget, Queries and Time, are left out
// instead: a shard has its limits a seed.
func (m *HaveDeviationMatcher) InShard(shard engine.Shard) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) { c.given, c.settings.Shard = c.given.with("InShard"), shard })
}

// InShardOfEnvironment is [HaveDeviationMatcher.InShard] with the shard that the process was started as, by
// Bazel, Kubernetes or hand; see [shards.Detect]. Without one it searches everything.
func (m *HaveDeviationMatcher) InShardOfEnvironment() *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) {
		shard, err := shards.Detect()
		c.expect(err == nil, "InShardOfEnvironment: %w", err)
		c.given, c.settings.Shard = c.given.with("InShardOfEnvironment"), shard
	})
}

// SavingTo saves triggers, with a folder for the pair, in the folder root. The default is what the
// environment variable TRIGGERFINDER_TRIGGERS says, or else testdata/triggers.
func (m *HaveDeviationMatcher) SavingTo(root string) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) { c.saving.root = root })
}

// SavingAtMost saves at most n triggers of a search, in the order in which they are found. The default
// is 20. The report counts all of them.
func (m *HaveDeviationMatcher) SavingAtMost(n int) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) {
		if c.expect(n >= 1, "SavingAtMost(%d): expected at least 1; WithoutSaving saves none", n) {
			c.saving.atMost = n
		}
	})
}

// WithoutSaving writes no files.
func (m *HaveDeviationMatcher) WithoutSaving() *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) { c.saving.off = true })
}

// KeepingArtifactsOf keeps what a failed test found in the folder of artifacts of that test, where go test is given -artifacts: the report of
// the search, its pictures, and as many triggers as SavingAtMost says; see [testing.T.ArtifactDir]. Saved triggers that still deviate are kept as
// well. Triggers are saved in testdata/triggers all the same. Where the test passes, or without -artifacts, it keeps nothing.
// In Ginkgo, package specs has KeepingArtifacts.
func (m *HaveDeviationMatcher) KeepingArtifactsOf(t Keeping) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) {
		if c.expect(t != nil, "KeepingArtifactsOf(nil): expected the t of a test") {
			c.artifacts.test = t
		}
	})
}

// Minimizing spends up to n queries on each trigger to be saved, and saves what [minimize.Trigger] makes of it: as
// few changed values, and as near to the seed, as the deviation allows. Messages and the report show the
// minimised triggers too. These queries come on top of the budget; what is found, and whether the
// assertion passes, stays the same. 0, the default, saves triggers as they were found.
func (m *HaveDeviationMatcher) Minimizing(n int) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) {
		if c.expect(n >= 0, "Minimizing(%d): expected a number of queries of at least 0", n) {
			c.minimizing = n
		}
	})
}

// WithoutReplay does not replay saved triggers: it always searches.
func (m *HaveDeviationMatcher) WithoutReplay() *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) { c.given = c.given.with("WithoutReplay") })
}

// WithReplay replays saved triggers, as is the default, also where the search is counted by [HaveAtMost], where it is
// not.
func (m *HaveDeviationMatcher) WithReplay() *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) { c.given = c.given.with("WithReplay") })
}

// replays reports whether saved triggers are replayed.
func (m *HaveDeviationMatcher) replays() bool {
	return slices.Contains(m.given, "WithReplay") || !m.counted && !m.replaysNot()
}

func (m *HaveDeviationMatcher) replaysNot() bool { return slices.Contains(m.given, "WithoutReplay") }

// SavingEvidence writes what the search came to into an evidence file, in place of an earlier one, for
// [DeviateNoMoreThan] to compare later releases with. It searches even where saved triggers would answer. A search
// that ended early is an error: it is no evidence. It is of triggers as they are found, without Minimizing.
func (m *HaveDeviationMatcher) SavingEvidence(file string) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) {
		c.expect(file != "", `SavingEvidence(""): expected the name of a file`)
		c.evidence = file
	})
}

// Inspecting calls fn with the report of the search, also when it ended in an error.
func (m *HaveDeviationMatcher) Inspecting(fn func(*engine.Report)) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) {
		if c.expect(fn != nil, "Inspecting(nil): expected a function") {
			c.inspect = append(c.inspect, fn)
		}
	})
}

// WithSettings changes any setting of the search that has no method of its own, such as the number
// of workers or the batch size. It sees what all methods have set, whatever their order, but for MinConfidence, MinGap
// and ClosingIn, which add to what it leaves. It is called when the matcher matches.
func (m *HaveDeviationMatcher) WithSettings(change func(*engine.Settings)) *HaveDeviationMatcher {
	return with(m, func(c *HaveDeviationMatcher) {
		if c.expect(change != nil, "WithSettings(nil): expected a function") {
			c.changes = append(c.changes, change)
		}
	})
}

// resolve makes the settings of the search. What they are worth despite an error is for records alone.
func (m *HaveDeviationMatcher) resolve() (engine.Settings, error) {
	s, asked := m.settings, m.given
	s.CausedBy = m.causes
	s.Oracle, s.Bound, s.AllowIdentical, s.SkippedAtMost = m.oracle, m.bound, m.identical, m.skippedAtMost
	misuse := append(slices.Clone(m.misuse),
		asked.both("WithBudget", "WithQueriesPerSeed", "each is a whole budget"),
		asked.both("InShard", "InShardOfEnvironment", "each says which seeds to search"),
		asked.both("WithReplay", "WithoutReplay", "each says whether to replay saved triggers"))
	if m.evidence != "" && m.minimizing > 0 {
		misuse = append(misuse, fmt.Errorf("SavingEvidence(%q): expected it without Minimizing: evidence is of triggers as they are found", m.evidence))
	}
	if m.evidence != "" && m.settings.Pool != nil {
		misuse = append(misuse, fmt.Errorf("SavingEvidence(%q): expected it without WithPool: evidence is of a search that the seeds alone repeat", m.evidence))
	}
	if m.evidence != "" && len(m.causes) > 0 {
		misuse = append(misuse, fmt.Errorf("SavingEvidence(%q): expected it without CausedBy: evidence is of deviations of any cause", m.evidence))
	}
	if m.budget != nil {
		s.Budget = *m.budget
	}
	for _, change := range m.changes {
		change(&s)
	}
	if b := m.settings.Budget; m.budget == nil && s.Shard.Total > 1 && s.Budget.Queries == b.Queries && s.Budget.Time == b.Time {
		s.Budget.Queries, s.Budget.Time = 0, 0 // limits that a shard cannot have and nobody asked for
	}
	if m.closing != nil {
		s.Budget.ClosingQueriesPerSeed = *m.closing
	}
	oracle, err := m.severity.restrict(s.Oracle)
	s.Oracle = oracle
	misuse = append(misuse, err, m.canaries.misuse())
	return s, misused(misuse...)
}
